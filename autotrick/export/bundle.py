"""A bundle: one zip file from which another machine trains a trial again and compares.

It holds the recipe with its digest, the environment of every attempt, the fingerprint and facts of
the data, every epoch's metrics and weights digest, and the last checkpoint if asked. Images are not
in it.

A bundle may come from anybody, so nothing in it is believed or unpacked: only members with the three
known names are read, up to a limit each, into memory or a temporary file of this program's choice;
every field is checked as `autotrick import` does, and a checkpoint is read without executing code.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import autotrick
from autotrick import records
from autotrick.atomic_file import whole_file
from autotrick.bounded_file import is_regular, local_file
from autotrick.checkpoint_names import MAGIC, SUFFIX
from autotrick.data import Facts, recorded
from autotrick.errors import NotFoundError, RecordsError
from autotrick.exchange.json_form import read_trial, trial_json
from autotrick.limits import most
from autotrick.own_code import CodeRecord
from autotrick.records import Database, TrialRecord
from autotrick.trusted_code import recorded_code
from autotrick.user_files import parse_json

CONTENT = "bundle.json"
ABOUT = "README.txt"
CHECKPOINT = f"last{SUFFIX}"
FORMAT = "autotrick bundle"
VERSION = 1
LARGEST = 2**35
"""Bytes of a checkpoint that is read, 32 GiB, as elsewhere."""
_LIMITS = {CONTENT: most("json_bytes"), ABOUT: 100_000, CHECKPOINT: LARGEST}
_ZIP = b"PK\x03\x04"
_MOMENT = (1980, 1, 1, 0, 0, 0)
"""Date of all members, so that equal bundles are equal byte by byte."""
_DAMAGED = (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What `zipfile` raises over damaged, encrypted and unusual files."""

_TEXT = """\
This bundle holds what another machine needs to train one trial of an autotrick study again and to
compare the weights: bundle.json with the recipe, the environment, facts on the data and the metrics
of every epoch{checkpoint}. It does not hold images.

    autotrick reproduce {name} --data-dir DIR

Study {study}, trial {trial}, recipe {recipe}, data {data} ({fingerprint}),
weights {weights}. Written by autotrick {version}.
"""


@dataclass(frozen=True, slots=True)
class Bundle:
    """An opened bundle.

    Attributes:
        path: Its file.
        study: Name of the study that the trial comes from.
        metric: Name of the metric of the trial's value.
        record: The trial with its epochs and attempts, checked.
        facts: Facts on the data set; None if they were not recorded.
        code: What it says of the user's own code, which it does not hold.
        checksum: Checksum of its checkpoint, in hex; None if it has none.
    """

    path: Path
    study: str
    metric: str
    record: TrialRecord
    facts: Facts | None
    code: CodeRecord
    checksum: str | None
    _zip: zipfile.ZipFile

    @contextmanager
    def checkpoint(self) -> Iterator[Path]:
        """Give the path of a copy of the checkpoint, which is deleted at the end.

        Raises:
            NotFoundError: The bundle has none.
            RecordsError: It is damaged.
        """
        if self.checksum is None:
            raise NotFoundError(
                f"{self.path.absolute()} has no checkpoint, so it has no network. Write the bundle with "
                "--checkpoint, or train it here with `autotrick reproduce`."
            )
        with tempfile.TemporaryDirectory(prefix="autotrick-bundle-") as folder:
            copy = Path(folder) / f"epoch-{self.record.trial.epochs}{SUFFIX}"
            with self._zip.open(CHECKPOINT) as inside, copy.open("wb") as file:
                begins = inside.read(len(MAGIC))
                if begins != MAGIC:
                    raise _wrong(self.path, "its checkpoint is not one")
                file.write(begins)
                _copy(inside, file, self.path)
            yield copy


def write_bundle(
    database: Database, study: str, number: int, path: Path, *, checkpoint: bool = False
) -> int:
    """Write a bundle of a trial; return its size in bytes. A partial file is never left behind.

    Args:
        checkpoint: Whether to include the checkpoint of the trial's last epoch.

    Raises:
        NotFoundError: There is no such trial, it has no epoch on record, or its checkpoint is gone.
        RecordsError: The file cannot be written.
    """
    row = records.trial(database, study, number)
    reports = tuple(records.reports(database, study, numbers=[number]).get(number, ()))
    if not reports:
        why = f" ({row.reason})" if row.reason else ""
        raise NotFoundError(
            f"trial {number} of study {study!r} is {row.state}{why} and has no epoch on record: there is "
            "nothing to reproduce."
        )
    if row.state not in records.FINAL_STATES:
        raise NotFoundError(
            f"trial {number} of study {study!r} is {row.state}. Bundle it when it has ended."
        )
    record = TrialRecord(row, reports, tuple(records.attempts(database, study, number)))
    kept = _kept(database, record) if checkpoint else None
    content = _content(database, record, kept)
    try:
        with whole_file(path) as partial:
            _write(partial, content, _about(record, path, kept), kept)
        return path.stat().st_size
    except OSError as error:
        raise RecordsError(
            f"{path.absolute()} cannot be written: {error.strerror or error}."
        ) from error


def is_bundle(path: Path) -> bool:
    """Return whether a file begins like a bundle; a checkpoint does not."""
    if not is_regular(path):
        return False
    try:
        with path.open("rb") as file:
            return file.read(len(_ZIP)) == _ZIP
    except OSError:
        return False


@contextmanager
def read_bundle(path: Path) -> Iterator[Bundle]:
    """Open a bundle, with every field checked.

    Raises:
        NotFoundError: There is no such file.
        RecordsError: It is not a bundle, is damaged, or comes from another version.
    """
    if not is_regular(path):
        raise NotFoundError(f"there is no bundle {path.absolute()}.")
    try:
        opened = zipfile.ZipFile(path)
    except _DAMAGED as error:
        raise _wrong(path, f"it is not a zip file ({error})") from None
    with opened:
        _expect_members(opened, path)
        yield _bundle(opened, path)


def _bundle(opened: zipfile.ZipFile, path: Path) -> Bundle:
    content = parse_json(_read(opened, CONTENT, path), f"{path}: {CONTENT}", RecordsError)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise _wrong(path, f"{CONTENT} does not say {FORMAT!r}")
    if content.get("version") != VERSION:
        raise RecordsError(
            f"{path.absolute()} has version {str(content.get('version'))[:20]!r} of the format, and this "
            f"autotrick reads {VERSION}. Use the version that wrote it."
        )
    record = read_trial(content.get("trial"), f"{path}: the trial")
    metric, study = content.get("metric"), content.get("study")
    if not isinstance(metric, str) or not isinstance(study, str):
        raise _wrong(path, "study and metric are texts")
    if not record.reports or metric not in record.reports[-1].metrics:
        raise _wrong(path, f"the last epoch has no {metric[:40]!r}")
    facts = content.get("data")
    checksum = content.get("checkpoint")
    there = CHECKPOINT in opened.namelist()
    if there != (checksum is not None) or not isinstance(checksum, str | None):
        raise _wrong(path, "it has a checkpoint exactly when it says so")
    return Bundle(
        path,
        study,
        metric,
        record,
        recorded(facts) if isinstance(facts, dict) else None,
        recorded_code({"code": content.get("code", {})}),
        checksum,
        opened,
    )


def _expect_members(opened: zipfile.ZipFile, path: Path) -> None:
    """Raise RecordsError unless a bundle has known members only, each once and within its limit."""
    members = opened.infolist()
    names = [member.filename for member in members]
    unknown = sorted(set(names) - _LIMITS.keys())
    if unknown:
        raise _wrong(path, f"it holds {unknown[0][:80]!r}")
    if len(set(names)) < len(names) or CONTENT not in names:
        raise _wrong(path, f"it holds each file once, and {CONTENT} among them")
    for member in members:
        if member.file_size > _LIMITS[member.filename]:
            raise _wrong(
                path,
                f"{member.filename} has {member.file_size:,} bytes, and at most "
                f"{_LIMITS[member.filename]:,} are read",
            )
        if member.filename == CHECKPOINT and member.compress_type != zipfile.ZIP_STORED:
            raise _wrong(path, f"{CHECKPOINT} is compressed")


def _read(opened: zipfile.ZipFile, name: str, path: Path) -> bytes:
    """Return a member's content; what the file says of its size is not believed."""
    try:
        with opened.open(name) as member:
            content = member.read(_LIMITS[name] + 1)
    except _DAMAGED as error:
        raise _wrong(path, f"{name} cannot be read ({error})") from None
    if len(content) > _LIMITS[name]:
        raise _wrong(path, f"{name} is larger than {_LIMITS[name]:,} bytes")
    return content


def _copy(inside: IO[bytes], file: IO[bytes], path: Path) -> None:
    try:
        shutil.copyfileobj(inside, file, 2**20)
    except zipfile.BadZipFile as error:
        raise _wrong(path, f"its checkpoint is damaged ({error})") from None


def _wrong(path: Path, why: str) -> RecordsError:
    return RecordsError(
        f"{path.absolute()} is not a bundle that `autotrick bundle` wrote: {why}. Write it again."
    )


def _kept(database: Database, record: TrialRecord) -> tuple[Path, str]:
    """Return path and checksum of the checkpoint of a trial's last epoch.

    Raises:
        NotFoundError: It is gone.
    """
    row = record.trial
    kept = records.last_checkpoint(database, row.id)
    file = local_file(kept.path) if kept is not None else None
    if kept is None or file is None or kept.epoch != row.epochs:
        raise NotFoundError(
            f"the last checkpoint of trial {row.number} of study {row.study!r} is not there (any more). "
            "Leave out --checkpoint: the other machine trains it again."
        )
    return file, kept.checksum


def _content(
    database: Database, record: TrialRecord, kept: tuple[Path, str] | None
) -> dict[str, Any]:
    study = records.study(database, record.trial.study)
    return {
        "format": FORMAT,
        "version": VERSION,
        "autotrick": autotrick.__version__,
        "study": study.name,
        "question": study.question,
        "space_digest": study.space_digest,
        "metric": record.trial.metric,
        "trial": trial_json(record),
        "data": study.data,
        **({"code": study.space["code"]} if study.space.get("code") else {}),
        "checkpoint": kept[1] if kept else None,
    }


def _about(record: TrialRecord, path: Path, kept: tuple[Path, str] | None) -> str:
    row = record.trial
    return _TEXT.format(
        checkpoint=f", and {CHECKPOINT}, the network after its last epoch" if kept else "",
        name=path.name,
        study=row.study,
        trial=row.number,
        recipe=row.digest,
        data=row.recipe.data.name,
        fingerprint=row.recipe.data.fingerprint,
        weights=row.weights or "unknown",
        version=autotrick.__version__,
    )


def _write(
    partial: Path, content: dict[str, Any], about: str, kept: tuple[Path, str] | None
) -> None:
    text = json.dumps(content, indent=1, allow_nan=False)
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as made:
        for name, written in ((CONTENT, text), (ABOUT, about)):
            made.writestr(_member(name), written, zipfile.ZIP_DEFLATED)
        if kept:
            # As it is: weights hardly shrink, and no reader has to bound what they grow to.
            member = _member(CHECKPOINT)
            member.file_size = kept[0].stat().st_size
            with kept[0].open("rb") as file, made.open(member, "w") as inside:
                shutil.copyfileobj(file, inside, 2**20)


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _MOMENT)
    member.external_attr = 0o644 << 16
    return member
