"""Which trials go on, pause, end or are copied after an epoch."""
