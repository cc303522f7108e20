"""What is on record, as people and programs see it: typed values, their JSON, and their table columns.

The command line, exported files, the report and the dashboard turn rows of the database into these
views (`study`, `trial`, `trick`). A view's `to_json` gives one set of keys; `deprecated_json` gives
the names that some of them had before, which the command line still prints. `columns` declares every
column of a table once, and `text` formats every kind of number once.
"""
