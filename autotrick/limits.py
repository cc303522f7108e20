"""The table of limits: what is refused because no machine could do it.

No sensible use reaches these numbers. They turn a typing mistake or a hostile file into one line at
once, instead of an hour, all of the memory, or a crash. The documentation prints this table.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """An upper limit.

    Attributes:
        about: What is counted, as a phrase.
        why: What would happen beyond it.
    """

    most: int
    about: str
    why: str

    def __str__(self) -> str:
        return f"{self.most:,}"


_MIB = 1 << 20

LIMITS = {
    "space_bytes": Limit(_MIB, "bytes of a search space's file", "to read it takes minutes"),
    "json_bytes": Limit(16 * _MIB, "bytes of a policy's or a recipe's file", "it fills the memory"),
    "nesting": Limit(64, "levels of tables and lists in a file", "it exhausts Python's stack"),
    "text": Limit(10_000, "characters of a text in a space or a recipe", "nobody can read it"),
    "entries": Limit(1_000, "entries of a table or a list in a space", "to check it takes minutes"),
    "options": Limit(5_000, "options of a choice", "a sampler asks about each"),
    "epochs": Limit(1_000_000, "epochs of a trial", "every epoch is a row of the database"),
    "batch_size": Limit(1_000_000, "images of a batch", "a batch is in memory"),
    "accumulation": Limit(1_000_000, "batches of an update", "an update takes days"),
    "threads": Limit(512, "threads of a trial", "the process dies of them"),
    "trials": Limit(1_000_000, "trials of a study", "each is a row that the sampler reads"),
    "image_size": Limit(4_096, "pixels of an image's side", "an image is in memory, as is a batch"),
    "sub_policies": Limit(1_000, "sub-policies of a policy", "each is several decisions"),
    "operations": Limit(100, "operations of a sub-policy", "each is several decisions"),
    "decisions": Limit(10_000, "decisions of a recipe", "a sampler models each"),
    "count": Limit(1_000_000, "any other whole number of a space", "it counts what is in memory"),
    "minutes": Limit(52_560_000, "minutes of a time budget, a hundred years", "clocks end"),
    "parameters": Limit(2_000_000_000, "weights of a network", "they are in memory several times"),
    "code_files": Limit(5_000, "Python files of a package of your own", "each is read and sent"),
    "code_bytes": Limit(64 * _MIB, "bytes of source of your own code", "every worker gets them"),
    "name": Limit(
        200, "bytes of the name of a study or a file", "file systems have no longer ones"
    ),
}
"""By name, in the order of the documentation."""


def most(name: str) -> int:
    """Return the maximum of a limit."""
    return LIMITS[name].most


def beyond(name: str, found: int | float) -> str:
    """Return a clause on a number that exceeds a limit."""
    limit = LIMITS[name]
    return f"there may be {limit} {limit.about} at most, but got {counted(found)}"


def counted(number: int | float) -> str:
    """Return a number for a sentence; a very long one by its number of digits."""
    if isinstance(number, int) and abs(number) >= 10**15:
        return f"{number:.3g}" if abs(number) < 10**300 else "a number of hundreds of digits"
    return f"{number:,}" if isinstance(number, int) else f"{number:g}"
