"""What a path or a name on the command line means as a space's `[data] name`."""

import os
import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from autotrick.data.catalogue import DATASETS, find, sources
from autotrick.data.files import escaped
from autotrick.data.shards import find_files
from autotrick.errors import DataError

_SUFFIX = ".parquet"
_MAGIC = b"PAR1"


def source_of(words: Sequence[str]) -> str:
    """Return the name by which a space reads a folder, Parquet files, or a data set of the catalogue.

    Args:
        words: A folder, the files of one Parquet data set, or a name such as `cifar10`; a folder or file
            comes first. Relative paths start in the working folder.

    Raises:
        DataError: There is nothing of that name, or it is neither images nor Parquet.
    """
    if len(words) > 1:
        return _named("parquet", _common(words))
    word = words[0]
    path = Path(word).expanduser()
    if os.path.isdir(path):  # noqa: PTH112 -- never raises
        return _named("parquet" if _holds_parquet(path) else "folder", word)
    if os.path.exists(path):  # noqa: PTH110
        _expect_parquet(path)
        return _named("parquet", word)
    kind = word.partition(":")[0]
    if kind in sources() and (":" in word or not sources()[kind].path):
        find(word)
        return word
    raise DataError(_missing(word, path))


def _named(kind: str, word: str) -> str:
    """Return KIND:PATH.

    Raises:
        DataError: The path cannot be written into a TOML file.
    """
    try:
        word.encode()
    except UnicodeEncodeError:
        raise DataError(
            f"{escaped(word)} has bytes in its name that are not UTF-8, which a space cannot name. Rename it."
        ) from None
    return f"{kind}:{word.rstrip('/') or '/'}"


def _holds_parquet(folder: Path) -> bool:
    """Return whether a folder is a data set of Parquet files rather than of images."""
    try:
        return any(name.endswith(_SUFFIX) for name in os.listdir(folder)) or bool(  # noqa: PTH208
            (folder / "data").is_dir() and find_files(folder)[0]
        )
    except OSError:
        return False


def _expect_parquet(path: Path) -> None:
    """Raise a DataError unless a file begins as Parquet files do."""
    where = escaped(path.absolute())
    try:
        with path.open("rb") as file:
            begins = file.read(len(_MAGIC))
    except OSError as error:
        raise DataError(f"{where} cannot be read: {error.strerror}.") from None
    if begins != _MAGIC:
        raise DataError(
            f"{where} is not a Parquet file. Give a folder of images, Parquet files with image bytes and "
            "labels, or the name of a data set."
        )


def _common(words: Sequence[str]) -> str:
    """Return the prefix by which all these files are found, and no others.

    Raises:
        DataError: A file is missing, or they do not go together.
    """
    paths = [Path(word).expanduser() for word in words]
    for path in paths:
        if not os.path.isfile(path):  # noqa: PTH113
            what = "is a folder" if os.path.isdir(path) else "does not exist"  # noqa: PTH112
            raise DataError(
                f"{escaped(path.absolute())} {what}. Give one folder, or the Parquet files of one data set."
            )
        _expect_parquet(path)
    wanted = {path.resolve() for path in paths}
    stem = os.path.commonprefix([str(path) for path in paths])  # noqa: RUF071 -- of names too
    # `set_train` and `set_test` share `set_t`: only whole words count.
    whole = re.sub(r"[^/_. -]*$", "", stem).rstrip("_. -")
    for prefix in (whole, str(paths[0].parent)):
        if not prefix:
            continue
        found = {file.resolve() for group in find_files(Path(prefix))[0].values() for file in group}
        if found == wanted:
            return prefix
    raise DataError(
        f"{', '.join(escaped(path.name) for path in paths[:4])} are not the files of one data set. Call "
        "them NAME_train.parquet and NAME_test.parquet, or put them alone into a folder as train.parquet "
        "and test.parquet."
    )


def _missing(word: str, path: Path) -> str:
    near = get_close_matches(word, DATASETS, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    names = ", ".join(name for name, source in DATASETS.items() if not source.path)
    return (
        f"there is no file or folder {escaped(path.absolute())}, and no data set is called "
        f"{escaped(word)!r}.{hint} Data sets: {names}."
    )
