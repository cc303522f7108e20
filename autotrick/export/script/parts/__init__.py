"""The fragments that an exported `train.py` is put together from, one idea a file.

Each file is a piece of a hand-written training program: it is never run by autotrick, which copies the
functions that a recipe needs into one file (`autotrick.export.script.library`). They use torch and NumPy
alone, import each other by name, and have no settings of their own: the program passes them.
"""
