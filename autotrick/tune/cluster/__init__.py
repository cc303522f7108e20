"""Ray: starting it, running trials on it, and leaving it in order."""
