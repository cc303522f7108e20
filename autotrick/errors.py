"""The exceptions that a user can do something about.

AutotrickError
    RecipeError      a recipe breaks a rule (range, slot, unknown name)
        TrickError       one trick's settings break a rule
    SpaceError       a search space cannot be read or breaks a rule
    CodeError        Python code of the user's own cannot be imported, or breaks its contract
    DataError        a data set is missing, damaged, or not what was recorded
    RecordsError     the database cannot be reached, is too new, or lacks what was asked for
        NotFoundError    no study, trial or name like that
        FilterError      a `--where` expression breaks a rule
        OutageError      the database's server is gone; it may come back
    ResourceError    the machine lacks what was asked for (GPU, disk, cluster)
    TrainingError    a trial cannot go on (loss is NaN, checkpoint is damaged)

A message is a sentence: the rule, what was seen, what to do. Any other exception is a bug.
"""

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 2000
"""Characters of a message: whoever reads it sees a line, not a file."""


class AutotrickError(Exception):
    """Base of all of them; the command line prints it as one line and exits with 1."""

    def __str__(self) -> str:
        return one_line(super().__str__())


def one_line(text: str) -> str:
    """Return a text as one line of bounded length, without control characters.

    Messages quote users and files.
    """
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST - 300]} ... {text[-250:]}"
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spelled(letter) for letter in text)


def _spelled(letter: str) -> str:
    if letter in "\n\r\t\x0b\x0c\x85\u2028\u2029":
        return " "
    if unicodedata.category(letter) in ("Cc", "Cs", "Cf"):
        return letter.encode("unicode_escape").decode()
    return letter


class RecipeError(AutotrickError):
    """A recipe breaks a rule."""


class TrickError(RecipeError):
    """A trick's settings break a rule."""


class SpaceError(AutotrickError):
    """A search space cannot be read or breaks a rule."""


class CodeError(AutotrickError):
    """Python code of the user's own cannot be imported, or breaks its contract."""


class DataError(AutotrickError):
    """A data set is missing, damaged, or not the one that was recorded."""


class RecordsError(AutotrickError):
    """The results database cannot be used."""


class NotFoundError(RecordsError):
    """No study, trial or name like that."""


class FilterError(RecordsError):
    """A `--where` expression breaks a rule."""


class OutageError(RecordsError):
    """The database's server is gone; it may come back."""


class ResourceError(AutotrickError):
    """The machine or the cluster lacks what was asked for."""


class TrainingError(AutotrickError):
    """A trial cannot go on.

    Attributes:
        reason: One word for the record, such as `nan_loss` or `out_of_memory`.
    """

    def __init__(self, message: str, *, reason: str = "error") -> None:
        super().__init__(message)
        self.reason = reason


_LISTED = 40
"""Names that a message lists at most; of more it gives the nearest."""


def unknown(kind: str, name: str, known: Iterable[str], *, plural: str | None = None) -> str:
    """Return "unknown trick 'mixpu'. Did you mean 'mixup'? Tricks: cutmix, mixup."."""
    names, name = sorted(known), f"{name[:60]}..." if len(name) > 80 else name
    guess = get_close_matches(name, names, n=1)
    hint = f" Did you mean {guess[0]!r}?" if guess else ""
    title = (plural or f"{kind}s").capitalize()
    if len(names) > _LISTED:
        near = get_close_matches(name, names, n=8, cutoff=0.3) or names[:8]
        return f"unknown {kind} {name!r}.{hint} {title}: {len(names)}, such as {', '.join(near)}."
    return f"unknown {kind} {name!r}.{hint} {title}: {', '.join(names) or 'none'}."
