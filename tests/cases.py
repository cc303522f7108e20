"""Many cases in one test: what fails says in which of them."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def case(*words: object) -> Iterator[None]:
    """Add the words, which name the case, to whatever fails inside.

    pytest's own subtests go on after a failure, but cost a millisecond each, which is more than most
    of the cases here take, and fill the list of the slowest.
    """
    try:
        yield
    except BaseException as error:
        error.add_note(f"case: {' '.join(map(str, words))}")
        raise
