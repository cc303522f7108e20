"""Where checkpoints are stored, and which of them are kept."""
