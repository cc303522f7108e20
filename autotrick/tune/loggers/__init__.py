"""Reports a search to other tools while it runs."""
