"""Python code of the user's own: networks, data sets and tricks that a space names.

`references` reads names such as `python:nets.py:Net`, `files` finds the source files behind one and
digests them, `importing` imports them with errors that say file and line, `record` is what a study
keeps of them, and `registry` knows what this process has imported. Importing runs the code, so it
happens only with a space that the user gives, never while somebody reads a database.
"""

from autotrick.own_code.record import CodeRecord, Entry
from autotrick.own_code.references import PREFIX, Reference, parse

__all__ = ["PREFIX", "CodeRecord", "Entry", "Reference", "parse"]
