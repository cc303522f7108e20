"""Where checkpoints are kept: a folder that every node reaches, or any place that fsspec knows.

A worker writes checkpoints into a folder. If the study's storage is a URL, that folder is a temporary
one on the node, and each checkpoint is uploaded under another name and renamed when it is complete;
reading it checks the checksum of its header. An attempt downloads what it needs when it begins.
"""

from __future__ import annotations

import tempfile
import time
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autotrick.checkpoint_names import SUFFIX, epoch_of
from autotrick.checkpoint_names import Place as Place
from autotrick.checkpoint_names import place_of as place_of
from autotrick.errors import ResourceError, TrainingError
from autotrick.observing import EVENTS, SMOOTHED_LOSS
from autotrick.redaction import has_secret, redacted, redacted_url

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

KEPT_CHECKPOINTS = 2
_PARTIAL = ".partial-"


def rooted(place: Place) -> Place:
    """Return a place that does not depend on the working folder."""
    return place.absolute() if isinstance(place, Path) else place


def inside(place: Place, name: str) -> Place:
    """Return a folder of that name in a place."""
    return place / name if isinstance(place, Path) else f"{place}/{name}"


def check(place: Place) -> None:
    """Check that a place can be used, without leaving anything there.

    Raises:
        ResourceError: The URL's scheme is unknown, a package is missing, the place cannot be written
            to, or its URL holds a secret.
    """
    if isinstance(place, str):
        if has_secret(place):
            raise ResourceError(
                f"the storage {redacted_url(place)} must not have a password or key in its URL, which is "
                "recorded with every checkpoint and sent to every worker. Set credentials where the "
                "workers run: in fsspec's configuration, in variables such as FSSPEC_FTP_PASSWORD, or "
                "as the storage's own tools read them."
            )
        with _sentences(place) as (system, path):
            system.makedirs(path, exist_ok=True)
        return
    try:
        with tempfile.TemporaryFile(dir=_existing(place.absolute())):
            return
    except OSError as error:
        raise ResourceError(
            f"checkpoints cannot be kept in {place}: {error.strerror or error}. Choose a folder that "
            "can be written to: --storage"
        ) from error


def _existing(folder: Path) -> Path:
    """Return a folder, or the nearest existing one above it.

    Raises:
        OSError: There is none.
    """
    try:
        folder.stat()
    except FileNotFoundError:
        if folder.parent == folder:
            raise
        return _existing(folder.parent)
    return folder


@dataclass(frozen=True, slots=True)
class TrialCheckpoints:
    """The checkpoints of one trial during one attempt.

    Attributes:
        place: Where they are kept.
        folder: Where the attempt writes them; the same, unless the place is a URL.
        keep_epoch: An epoch whose checkpoint is never deleted as old.
    """

    place: Place
    folder: Path
    keep_epoch: int | None = None

    def start(self, begins_with: tuple[str, int] | None) -> Path:
        """Return what an attempt goes on from: its own checkpoints, or that of another trial.

        Args:
            begins_with: The other trial's folder and an epoch; used only before the first own checkpoint.
        """
        from autotrick.train.checkpoint import at, load

        # The suffix excludes what an interrupted write has left.
        if begins_with is None or any(self.folder.glob(f"*{SUFFIX}")):
            return self.folder
        other, copied = place_of(begins_with[0]), at(Path(begins_with[0]), begins_with[1])
        if isinstance(other, str):
            copied = self.folder / "inherited" / copied.name
            _fetch(f"{other}/{copied.name}", copied)
        # If it is lost or damaged, its epochs are trained again.
        with suppress(TrainingError):
            load(copied)
            return copied
        return self.folder

    def keep(self, path: Path) -> str:
        """Store a checkpoint of the folder, and delete old ones; return its address."""
        from autotrick.train.checkpoint import prune

        if isinstance(self.place, str):
            _upload(path, self.place, self.keep_epoch)
        prune(self.folder, keep=KEPT_CHECKPOINTS, spared=self.keep_epoch)
        return self.address(path)

    @property
    def uploads(self) -> bool:
        """Whether they are kept elsewhere than where the attempt writes them."""
        return isinstance(self.place, str)

    def keep_events(self) -> None:
        """Store what an observer has written and closed, if the place is elsewhere."""
        if not isinstance(self.place, str):
            return
        with _sentences(self.place) as (system, path):
            for file in sorted(self.folder.glob(f"{EVENTS}.*")):
                system.makedirs(path, exist_ok=True)
                system.put_file(str(file), f"{path}/{file.name}")
                file.unlink()
            if (means := self.folder / SMOOTHED_LOSS).exists():
                system.put_file(str(means), f"{path}/{means.name}")

    def address(self, path: Path) -> str:
        """Return the address of a checkpoint of the folder."""
        return str(path) if isinstance(self.place, Path) else f"{self.place}/{path.name}"


@contextmanager
def open_checkpoints(place: Place, *, keep_epoch: int | None = None) -> Iterator[TrialCheckpoints]:
    """Yield a trial's checkpoints for an attempt.

    Args:
        keep_epoch: An epoch whose checkpoint stays, however many follow.

    Raises:
        ResourceError: The place cannot be used.
    """
    if isinstance(place, Path):
        yield TrialCheckpoints(place, place, keep_epoch)
        return
    with tempfile.TemporaryDirectory(prefix="autotrick-files-") as folder:
        _download(place, Path(folder))
        yield TrialCheckpoints(place, Path(folder), keep_epoch)


def remove(address: str) -> bool:
    """Delete a checkpoint; return False if it was gone.

    Raises:
        ResourceError: The place cannot be used.
    """
    with _sentences(place_of(address)) as (system, path):
        if not system.exists(path):
            return False
        system.rm_file(path)
        return True


def sweep(place: Place, stay: Collection[str]) -> None:
    """Delete a trial's checkpoints, what interrupted writes have left, and the folder if it is empty.

    Args:
        stay: Names of checkpoints that stay.

    Raises:
        ResourceError: The place cannot be used.
    """
    with _sentences(place) as (system, path):
        system.invalidate_cache()
        if not system.exists(path):
            return
        for found in system.ls(path, detail=False):
            name = _name(found)
            if name not in stay and (name.endswith(SUFFIX) or _PARTIAL in name):
                _drop(system, found)
        with suppress(OSError):
            system.rmdir(path)


def _fetch(url: str, file: Path) -> None:
    """Download a checkpoint, if it exists."""
    with _sentences(url) as (system, path):
        if system.exists(path):
            file.parent.mkdir(exist_ok=True)
            system.get_file(path, str(file))


def _upload(file: Path, place: str, keep_epoch: int | None) -> None:
    with _sentences(place) as (system, path):
        system.makedirs(path, exist_ok=True)
        partial = f"{path}/{file.name}{_PARTIAL}{uuid.uuid4().hex}"
        system.put_file(str(file), partial)
        system.mv(partial, f"{path}/{file.name}")
        for old in _by_age(system, path)[KEPT_CHECKPOINTS:]:
            if keep_epoch is None or epoch_of(_name(old)) != keep_epoch:
                _drop(system, old)
        for partial in system.ls(path, detail=False):
            if _PARTIAL in partial and _abandoned(system, partial):
                _drop(system, partial)


def _abandoned(system: AbstractFileSystem, partial: str) -> bool:
    """Return whether an upload was interrupted; that of another process may still be running."""
    from autotrick.train.checkpoint import ABANDONED_S

    try:
        return float(time.time() - system.modified(partial).timestamp()) > ABANDONED_S
    except (FileNotFoundError, NotImplementedError):
        return False  # without a known age it is deleted when the trial ends


def _drop(system: AbstractFileSystem, path: str) -> None:
    with suppress(FileNotFoundError):  # another process may have been quicker
        system.rm_file(path)


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _download(place: str, folder: Path) -> None:
    with _sentences(place) as (system, path):
        if system.exists(path):
            for found in _by_age(system, path)[:KEPT_CHECKPOINTS]:
                system.get_file(found, str(folder / _name(found)))
            if system.exists(means := f"{path}/{SMOOTHED_LOSS}"):
                system.get_file(means, str(folder / SMOOTHED_LOSS))


def _by_age(system: AbstractFileSystem, path: str) -> list[str]:
    """Return the checkpoints in a place, the latest epoch first."""
    system.invalidate_cache()
    found = [(epoch_of(_name(name)), name) for name in system.ls(path, detail=False)]
    known = [(epoch, name) for epoch, name in found if epoch is not None]
    return [name for _, name in sorted(known, reverse=True)]


@contextmanager
def _sentences(place: Place) -> Iterator[tuple[AbstractFileSystem, str]]:
    from fsspec.core import url_to_fs
    from fsspec.implementations.local import LocalFileSystem

    try:
        local = isinstance(place, Path)
        system, path = (LocalFileSystem(), str(place)) if local else url_to_fs(place)
        yield system, path
    except (OSError, ImportError, ValueError) as error:
        first = str(error).strip().partition("\n")[0] or type(error).__name__
        url = str(place)
        raise ResourceError(
            f"the storage {redacted_url(url)} cannot be used: {redacted(first, url)}"
        ) from error
