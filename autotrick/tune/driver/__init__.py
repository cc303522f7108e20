"""One driver at work on a study: what it decides, records and notices."""
