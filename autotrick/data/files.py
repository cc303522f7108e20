"""Find files, and tell whether they changed."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from autotrick.errors import DataError


def escaped(name: str | os.PathLike[str]) -> str:
    r"""Return a name with bytes that are not UTF-8 and control characters escaped, for messages and JSON.

    A file called `caf\xe9` in Latin-1 is shown as that, with the backslash.
    """
    try:
        text = os.fsencode(name).decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # half a pair of surrogates, which no file name has
        text = os.fspath(name).encode("utf-8", "backslashreplace").decode()
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text
    )


def stamp(files: Iterable[Path], besides: str = "") -> str:
    """Return 64 hex digits over the files' paths, sizes and times of change.

    Args:
        files: They must be there.
        besides: Other things that the data set depends on, such as a digest of the files left out.
    """
    digest = hashlib.sha256(besides.encode())
    for file in files:
        status = file.stat()
        times = f"\0{status.st_size}\0{status.st_mtime_ns}\n"
        digest.update(os.fsencode(file.resolve()) + times.encode())
    return digest.hexdigest()


def below(folder: Path) -> list[Path]:
    """Return all files at any depth, sorted; a file is returned as it is."""
    if folder.is_file():
        return [folder]
    walk = ((Path(top), names) for top, _, names in os.walk(folder))
    return sorted(top / name for top, names in walk for name in names)


def placed(path: str, data_dir: Path | None) -> Path:
    """Return the absolute path of a data reference; relative ones start in `data_dir`.

    Raises:
        DataError: It starts with a user's name, and that user is not there or has no home folder.
    """
    try:
        return (data_dir or Path()).absolute() / Path(path).expanduser()
    except RuntimeError:
        raise DataError(
            f"{escaped(path)} starts in the home folder of a user who is not there or has none. "
            "Write the whole path."
        ) from None


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return `1 image` or `1,200 images`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def missing(name: str, data_dir: Path, looked_for: Sequence[str]) -> DataError:
    """Return the error that names the files that were expected, and what to do."""
    if not data_dir.is_dir():
        return DataError(
            f"there is no folder {escaped(data_dir.absolute())}. Give the one with {escaped(name)} as "
            "--data-dir."
        )
    wanted = ", or ".join(escaped(each) for each in looked_for)
    return DataError(
        f"{escaped(name)} is not in {escaped(data_dir.absolute())}: looked for {wanted}. Put the files there, "
        "or give another folder as --data-dir."
    )


def missing_folder(root: Path) -> DataError:
    """Return the error for a folder of images that is not there; it shows the absolute path."""
    where = escaped(root.absolute())
    if root.is_file():
        hint = " Name Parquet files as parquet:PATH." if root.suffix == ".parquet" else ""
        return DataError(f"{where} is a file, but folder: takes a folder of images.{hint}")
    return DataError(f"there is no folder {where}. Relative paths start at --data-dir.")
