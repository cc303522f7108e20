"""Lists images that belong to no data set: files, folders at any depth, and Parquet files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autotrick.bounded_file import is_regular
from autotrick.data.files import escaped
from autotrick.data.folder_scan import REASONS, LeftOut, scan
from autotrick.data.parquet_file import ParquetFile
from autotrick.errors import DataError

PARQUET = ".parquet"

_WHY = {
    "format": "is a picture in a format that is not read. Convert it to PNG or JPEG",
    "misnamed": "holds a picture, but does not end like an image. Name it after its format",
    "empty": "has 0 bytes",
    "dead_link": "is a link that leads nowhere",
    "link_loop": "is a link back to a folder above",
    "special": "is a pipe, socket or device",
    "other": "is not an image",
}
assert {*_WHY, "hidden"} == {*REASONS}


@dataclass(frozen=True, slots=True)
class Listed:
    """One image, or one file that is none.

    Attributes:
        name: As output names it; printable.
        content: The file, the encoded image, or why there is none.
    """

    name: str
    content: Path | bytes | DataError


@dataclass(slots=True)
class ImageList:
    """Images in order, and what was found in their place.

    Attributes:
        count: How many `Listed` there are.
        hidden: Hidden files and those of systems and tools, which are left out.
    """

    count: int = 0
    hidden: int = 0
    _sources: list["Iterator[Listed]"] = field(default_factory=list)

    def __iter__(self) -> Iterator[Listed]:
        """Yield them, once; Parquet files are read meanwhile."""
        for source in self._sources:
            yield from source

    def add(self, count: int, source: Iterator[Listed]) -> None:
        """Append images."""
        self.count += count
        self._sources.append(source)


def list_images(paths: Sequence[Path]) -> ImageList:
    """Return the images of files, folders at any depth and Parquet files, in the order given.

    Names of images are relative to their folder if that is the only path; otherwise they begin with
    the path that was given. An image of a Parquet file has the file's name and the number of its row.
    Files in a folder that are not images are listed too, with the reason, apart from hidden ones.

    Raises:
        DataError: A folder cannot be read.
    """
    found = ImageList()
    for path in paths:
        if path.is_dir():
            _add_folder(found, path, prefix=path if len(paths) > 1 else Path())
        elif path.suffix.lower() == PARQUET and is_regular(path):
            _add_parquet(found, path)
        else:
            found.add(1, iter([Listed(escaped(path), _file(path))]))
    return found


def _file(path: Path) -> Path | DataError:
    if is_regular(path):
        return path
    kind = "is not a regular file" if path.exists() else "is not there"
    return DataError(f"{escaped(path.absolute())} {kind}.")


def _add_folder(found: ImageList, folder: Path, prefix: Path) -> None:
    left = _EveryLeftOut(folder)
    top, _ = scan(folder, left)
    every: list[tuple[Path, Path | DataError]] = [(file, file) for file in top.every()]
    every += [(file, DataError(f"{escaped(file)} {_WHY[reason]}.")) for reason, file in left.every]
    every.sort(key=lambda pair: pair[0])
    found.hidden += left.hidden
    listed = (
        Listed(escaped(prefix / file.relative_to(folder)), content) for file, content in every
    )
    found.add(len(every), listed)


class _EveryLeftOut(LeftOut):
    """Keeps every file that is left out, not only examples.

    Attributes:
        every: Reason and path of each that is not hidden.
        hidden: Number of hidden ones.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.every: list[tuple[str, Path]] = []
        self.hidden = 0

    def add(self, reason: str, path: Path, count: int = 1) -> None:
        super().add(reason, path, count)
        if reason == "hidden":
            self.hidden += count
        else:
            self.every.append((reason, path))


def _add_parquet(found: ImageList, file: Path) -> None:
    try:
        table = ParquetFile.open(file)
        found.add(table.count(), _rows(table, escaped(file)))
    except DataError as error:
        found.add(1, iter([Listed(escaped(file), error)]))


def _rows(table: ParquetFile, name: str) -> Iterator[Listed]:
    row = 0
    try:
        for _, content in table.rows():
            yield Listed(f"{name}:{row}", content)
            row += 1
    except DataError as error:  # the file ends here
        yield Listed(f"{name}:{row}", error)
