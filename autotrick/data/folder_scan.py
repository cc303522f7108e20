"""Scan a folder at any depth: its images, and what is left out, with the reason."""

import hashlib
import os
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from autotrick.data.dataset import EXAMPLES, Note
from autotrick.data.files import escaped
from autotrick.errors import DataError

IMAGE_SUFFIXES = frozenset(
    {
        *(".apng", ".avif", ".bmp", ".dib", ".gif", ".j2k", ".jfif", ".jp2", ".jpe", ".jpeg"),
        *(".jpg", ".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tga", ".tif", ".tiff", ".webp"),
    }
)
"""Endings of files that are images, in any case; .avif where Pillow was built with it."""

UNREAD_SUFFIXES = {
    "photographs of telephones": (".heic", ".heif", ".hif"),
    "raw photographs": (".arw", ".cr2", ".cr3", ".dng", ".nef", ".nrw", ".orf", ".raf", ".rw2"),
    "other pictures": (
        *(".avifs", ".cur", ".dcm", ".dds", ".eps", ".exr", ".fits", ".hdr", ".icns", ".ico"),
        *(".jxl", ".jxr", ".mat", ".npy", ".npz", ".pcx", ".pfm", ".psd", ".qoi", ".sgi", ".svg"),
        *(".svgz", ".xbm", ".xcf", ".xpm"),
    ),
    "videos": (".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".webm", ".wmv"),
}
"""Endings of files that hold pictures and are not read; a class of nothing else is refused."""

DROPPINGS = {
    "#recycle": "Synology",
    "#snapshot": "Synology",
    "$recycle.bin": "Windows",
    "@__thumb": "QNAP",
    "@eadir": "Synology",
    "@recycle": "QNAP",
    "__macosx": "macOS",
    "__pycache__": "Python",
    "desktop.ini": "Windows",
    "ehthumbs.db": "Windows",
    "ehthumbs_vista.db": "Windows",
    "icon\r": "macOS",
    "lost+found": "Linux",
    "network trash folder": "macOS",
    "picasa.ini": "Picasa",
    "system volume information": "Windows",
    "temporary items": "macOS",
    "thumbs.db": "Windows",
    "thumbs.db:encryptable": "Windows",
}
"""Names that systems and tools make, in any case, and who makes them; a dot in front hides too."""

REASONS = {
    "format": (
        "{} files of pictures in formats that are not read were left out",
        "1 file of a picture in a format that is not read was left out",
    ),
    "misnamed": (
        "{} files hold pictures, but do not end like images, and were left out",
        "1 file holds a picture, but does not end like an image, and was left out",
    ),
    "empty": (
        "{} files of images have 0 bytes and were left out",
        "1 file of an image has 0 bytes and was left out",
    ),
    "dead_link": (
        "{} links lead nowhere and were left out",
        "1 link leads nowhere and was left out",
    ),
    "link_loop": (
        "{} links lead back to a folder above and were left out",
        "1 link leads back to a folder above and was left out",
    ),
    "special": (
        "{} files are pipes, sockets or devices and were left out",
        "1 file is a pipe, socket or device and was left out",
    ),
    "hidden": (
        "{} files are hidden or made by systems and tools, and were left out",
        "1 file is hidden or made by systems and tools, and was left out",
    ),
    "other": (
        "{} files are not images and were left out",
        "1 file is not an image and was left out",
    ),
}
"""Why files are left out, the gravest first, and what is said of several and of one."""

_BEGINNINGS = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")
_TEXTS = frozenset({".csv", ".html", ".json", ".md", ".tsv", ".txt", ".xml", ".yaml", ".yml"})
_LINKS = 8
"""Links to folders on the way from the root to a file, at most."""
_FOLDERS = 1_000_000


@dataclass(slots=True)
class Folder:
    """A folder that was scanned.

    Attributes:
        images: Files directly in it.
        unusable: Images at any depth that were left out: unread formats, empty files, dead links.
        count: Images at any depth.
        files: Number of files at any depth, without hidden ones.
    """

    path: Path
    folders: list["Folder"] = field(default_factory=list)
    images: list[Path] = field(default_factory=list)
    unusable: int = 0
    count: int = 0
    files: int = 0

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def filled(self) -> list["Folder"]:
        """Its folders that have images at any depth, also unusable ones."""
        return [folder for folder in self.folders if folder.count + folder.unusable]

    def every(self) -> list[Path]:
        """Return the images at any depth, sorted."""
        found: list[Path] = []
        waiting = [self]
        while waiting:
            folder = waiting.pop()
            found += folder.images
            waiting += folder.folders
        return sorted(found)


class LeftOut:
    """Counts what is left out of a folder, by reason and by the ending of the names."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._counts: dict[str, Counter[str]] = {reason: Counter() for reason in REASONS}
        self._examples: dict[str, list[str]] = {reason: [] for reason in REASONS}
        self._digest = hashlib.sha256()

    def add(self, reason: str, path: Path, count: int = 1) -> None:
        """Count a file, or a folder with its number of files."""
        self._counts[reason][path.suffix.lower()] += count
        if len(self._examples[reason]) < EXAMPLES:
            self._examples[reason].append(escaped(path.relative_to(self._root)))
        self._digest.update(reason.encode() + b"\0" + os.fsencode(path) + b"\0%d\n" % count)

    def digest(self) -> str:
        """Return 64 hex digits that change when the set of files left out changes."""
        return self._digest.hexdigest()

    def notes(self) -> tuple[Note, ...]:
        """Return a note for each reason that occurred."""
        return tuple(
            Note(reason, counts.total(), self._sentence(reason, counts), tuple(examples))
            for reason, counts in self._counts.items()
            if counts and (examples := self._examples[reason]) is not None
        )

    def _sentence(self, reason: str, counts: Counter[str]) -> str:
        many, one = REASONS[reason]
        count = counts.total()
        said = one if count == 1 else many.format(f"{count:,}")
        if reason not in ("format", "misnamed", "other"):
            return said
        convert = "; convert to PNG or JPEG" if reason == "format" else ""
        return f"{said} ({endings(counts)}){convert}"


def endings(counts: Counter[str]) -> str:
    """Return `12 .txt, 1 .mp4`, the most frequent first and at most five."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{count:,} {escaped(suffix) or 'without an ending'}" for suffix, count in ranked]
    more = f", {len(shown) - 5} other endings" if len(shown) > 5 else ""
    return ", ".join(shown[:5]) + more


def scan(root: Path, left: LeftOut | None = None) -> tuple[Folder, LeftOut]:
    """Scan a folder at any depth, in the order of names; links are followed.

    Args:
        left: Gets what is left out; None makes a new one.

    Raises:
        DataError: A folder cannot be read.
    """
    left = left or LeftOut(root)
    top = Folder(root)
    waiting = [_Waiting(top, (_identity(root),), 0)]
    order = []
    while waiting:
        here = waiting.pop()
        order.append(here.folder)
        if len(order) > _FOLDERS:
            raise DataError(f"{escaped(root)} has more than {_FOLDERS:,} folders below it.")
        below = list(_look_into(here, left))
        here.folder.folders = [found.folder for found in below]
        waiting += reversed(below)
    _add_up(order)
    return top, left


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A folder to look into.

    Attributes:
        above: Device and number of the folders on the way to it, and its own.
        links: How many of them were links.
    """

    folder: Folder
    above: tuple[tuple[int, int], ...]
    links: int


def _look_into(here: _Waiting, left: LeftOut) -> Iterator[_Waiting]:
    """Classify the entries of a folder; yield the folders among them."""
    for entry in _entries(here.folder.path):
        below = _take(entry, here.folder, left, here.above)
        if below is None:
            continue
        links = here.links + entry.is_symlink()
        if links > _LINKS:
            raise DataError(
                f"{escaped(entry.path)} is behind more than {_LINKS} links to folders. Remove some "
                "of them."
            )
        yield _Waiting(below, (*here.above, _identity(below.path)), links)


def _take(
    entry: os.DirEntry[str], folder: Folder, left: LeftOut, above: tuple[tuple[int, int], ...]
) -> Folder | None:
    """Classify an entry; return the folder to scan if it is one."""
    path = Path(entry.path)
    if entry.name.startswith(".") or entry.name.casefold() in DROPPINGS:
        left.add("hidden", path, _files_in(entry))
        return None
    reason, is_folder = _judge(entry, above)
    if is_folder and not reason:
        return Folder(path)
    folder.files += 1
    if not reason:
        folder.images.append(path)
        return None
    left.add(reason, path)
    picture = reason in ("format", "misnamed", "empty")
    folder.unusable += picture or (reason == "dead_link" and is_image(path))
    return None


def _judge(entry: os.DirEntry[str], above: tuple[tuple[int, int], ...]) -> tuple[str, bool]:
    """Return why an entry is left out, empty if it is not, and whether it is a folder."""
    try:
        status = entry.stat()
    except FileNotFoundError:
        return "dead_link", False
    except OSError as error:
        if entry.is_symlink():  # a link to itself, or through too many others
            return "dead_link", False
        raise _unreadable(Path(entry.path), error) from None
    if stat.S_ISDIR(status.st_mode):
        return "link_loop" if (status.st_dev, status.st_ino) in above else "", True
    if not stat.S_ISREG(status.st_mode):
        return "special", False
    path = Path(entry.name)
    if is_image(path):
        return "" if status.st_size else "empty", False
    if path.suffix.lower() in unread():
        return "format", False
    return "misnamed" if _holds_picture(Path(entry.path)) else "other", False


def _holds_picture(file: Path) -> bool:
    """Return whether a file's content begins like an image's; text files are not opened."""
    if file.suffix.lower() in _TEXTS:
        return False
    try:
        with file.open("rb") as opened:
            head = opened.read(12)
    except OSError:
        return False
    return head.startswith(_BEGINNINGS) or (head[:4] == b"RIFF" and head[8:] == b"WEBP")


def is_image(path: Path) -> bool:
    """Return whether a file's name has the ending of a readable image."""
    return path.suffix.lower() in readable()


@cache
def readable() -> frozenset[str]:
    """Return the endings of images that this machine can read."""
    return IMAGE_SUFFIXES - unread()


@cache
def unread() -> frozenset[str]:
    """Return the endings of images that this machine cannot read."""
    from PIL import features

    known = {suffix for suffixes in UNREAD_SUFFIXES.values() for suffix in suffixes}
    return frozenset(known if features.check("avif") else known | {".avif"})


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise _unreadable(folder, error) from None


def _unreadable(path: Path, error: OSError) -> DataError:
    return DataError(f"{escaped(path)} cannot be read: {error.strerror}.")


def _identity(folder: Path) -> tuple[int, int]:
    try:
        status = folder.stat()
    except OSError as error:
        raise _unreadable(folder, error) from None
    return status.st_dev, status.st_ino


def _files_in(entry: os.DirEntry[str]) -> int:
    """Return the number of files, at least 1; what cannot be read is not counted."""
    if not entry.is_dir(follow_symlinks=False):
        return 1
    return max(1, sum(_file_counts(entry.path)))


def _file_counts(folder: str) -> Iterator[int]:
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as opened:
                entries = list(opened)
        except OSError:
            continue
        folders = [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
        waiting += folders
        yield len(entries) - len(folders)


def _add_up(order: list[Folder]) -> None:
    """Add up the counts at any depth; every folder comes after its parent."""
    for folder in reversed(order):
        folder.count = len(folder.images) + sum(below.count for below in folder.folders)
        folder.unusable += sum(below.unusable for below in folder.folders)
        folder.files += sum(below.files for below in folder.folders)
