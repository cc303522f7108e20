"""Report all damaged images of a source in one message."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice

from autotrick.data.dataset import EXAMPLES
from autotrick.errors import DataError

Check = tuple[str, Callable[[], object]]
"""The name of an image, and what raises a DataError if it is damaged."""

_ENOUGH = 1000


class DamagedError(DataError):
    """Images cannot be decoded.

    Attributes:
        damaged: Name and what is wrong, of each; at most a thousand.
    """

    def __init__(self, message: str, damaged: Sequence[tuple[str, str]]) -> None:
        super().__init__(message)
        self.damaged = tuple(damaged)


@contextmanager
def reported_at_once(checks: Callable[[], Iterable[Check]], where: str) -> Iterator[None]:
    """Turn the error of one damaged image into one that counts and names all of them.

    Args:
        checks: Every image of the source; called only when one is damaged.
        where: The source's name.

    Raises:
        DataError: An image is damaged.
    """
    try:
        yield
    except DataError as first:
        raise _all_of(first, checks(), where) from None


def _all_of(first: DataError, checks: Iterable[Check], where: str) -> DataError:
    damaged = list(islice(_damaged(checks), _ENOUGH))
    names = [name for name, _ in damaged]
    if not names:
        return first
    if len(names) == 1:
        return DamagedError(str(first), damaged)
    shown = ", ".join(names[:EXAMPLES])
    more = f" and {len(names) - EXAMPLES:,} more" if len(names) > EXAMPLES else ""
    count = f"{len(names):,}" + (" or more" if len(names) == _ENOUGH else "")
    said = f"{count} images of {where} cannot be used: {shown}{more}. The first: {first}"
    return DamagedError(said, damaged)


def _damaged(checks: Iterable[Check]) -> Iterator[tuple[str, str]]:
    with suppress(DataError):  # a source that cannot be read to its end
        for name, check in checks:
            try:
                check()
            except DataError as error:
                yield name, str(error)
