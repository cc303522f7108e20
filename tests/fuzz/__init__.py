"""Generated inputs, each of which must be accepted or refused in one sentence.

A module is a kind of input. It has two functions, and nothing else is asked of it:

    inputs(rng)            give inputs without end, decided by `rng` alone
    tried(given, folder)   take one in as a user would, and return its Outcome

`folder` is empty at first. It may hold what `tried` writes for the input itself: everything in
`folder/given` is left out when the harness looks for what stayed behind. The working folder is
`folder/work`, temporary files go to `folder/tmp`, and the cache is `folder/cache`. `python -m
tests.fuzz` runs each kind in a process of its own with a bound on its memory.
"""
