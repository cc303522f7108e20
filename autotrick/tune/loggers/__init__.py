"""What other tools are told of a search while it runs."""
