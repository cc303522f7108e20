"""What every kind shares: an input is tried in a folder of its own, with a limit on its time."""

import atexit
import hashlib
import os
import re
import resource
import shutil
import signal
import tempfile
import time
import traceback
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any, Literal, Protocol

from click.testing import CliRunner

from autotrick.cli import main
from autotrick.errors import AutotrickError

_TEMPORARY = tempfile.gettempdir()
"""Outside of every input's own folder."""
LIMIT_S, WALL_S = 20.0, 120.0
"""Seconds of processors that one input may take, and seconds that it may wait."""
MEMORY_B = 1 << 30
"""Bytes by which one input may raise the most memory that the process ever had."""
_DECODED = re.compile(r"cache/autotrick(/sources.*|/[0-9a-f]{16}(/[\w.]+)?)?$")
_IGNORED = re.compile(r"-wal$|-shm$|^torchinductor_")
LONGEST = 4000
"""Characters of a sentence."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an input.

    Attributes:
        said: The sentence of a refusal; the traceback, or what stayed behind, of a fault.
    """

    verdict: Literal["accepted", "refused", "fault"]
    said: str = ""


class Kind(Protocol):
    """A module of inputs."""

    @staticmethod
    def inputs(rng: Random, /) -> Iterator[Any]: ...

    @staticmethod
    def tried(given: Any, folder: Path, /) -> Outcome: ...


class _HangError(BaseException):
    """An input takes too long. Not an Exception, so that nothing on the way catches it."""


def called(function: Callable[[], object]) -> Outcome:
    """Return what becomes of a call of the API."""
    try:
        function()
    except AutotrickError as error:
        return refused(str(error))
    except Exception:
        return Outcome("fault", traceback.format_exc())
    return Outcome("accepted")


def command(*words: str) -> Outcome:
    """Return what becomes of an `autotrick` command."""
    result = CliRunner().invoke(main, words)
    if result.exception and not isinstance(result.exception, SystemExit):
        return Outcome("fault", "".join(traceback.format_exception(result.exception)))
    if result.exit_code == 0:
        return Outcome("accepted")
    lines = result.stderr.rstrip("\n").split("\n")
    usage = result.exit_code == 2 and lines[0].startswith("Usage: ")
    if result.exit_code not in (1, 2) or not lines[-1].startswith("Error: "):
        return Outcome("fault", f"exit code {result.exit_code}: {result.output[-2000:]}")
    if len(lines) > 1 and not usage:
        return Outcome("fault", f"{len(lines)} lines: {result.stderr[-2000:]}")
    return refused(lines[-1].removeprefix("Error: "))


def refused(sentence: str) -> Outcome:
    """Return the outcome of a refusal; one that is not a line of text is a fault."""
    odd = sorted({c for c in sentence if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")})
    if odd:
        return Outcome("fault", f"the sentence holds {odd}: {sentence!r}")
    if not sentence.strip() or len(sentence) > LONGEST:
        return Outcome("fault", f"a sentence of {len(sentence)} characters: {sentence[:200]!r}")
    return Outcome("refused", sentence)


def tried(kind: Kind, given: Any, *, prepare: Callable[[Path], None] | None = None) -> Outcome:
    """Try an input in a new folder.

    Args:
        prepare: Puts into the folder what is there before; it is to stay as it is.
    """
    with tempfile.TemporaryDirectory(prefix="autotrick-fuzz-") as name:
        folder = Path(name)
        for part in ("given", "work", "tmp", "cache"):
            (folder / part).mkdir()
        if prepare:
            prepare(folder)
        before, memory = contents(folder), _most_memory()
        with _inside(folder):
            outcome = _within_time(lambda: kind.tried(given, folder))
        if outcome.verdict == "fault":
            return outcome
        if (grown := _most_memory() - memory) > MEMORY_B:
            return Outcome("fault", f"took {grown >> 20} MiB of memory: {outcome.said}")
        left = _left_behind(before, contents(folder), outcome)
        return Outcome("fault", f"left behind: {left}: {outcome.said}") if left else outcome


def _left_behind(
    before: Mapping[str, str], after: Mapping[str, str], outcome: Outcome
) -> list[str]:
    """Return what differs; whoever is accepted may write, but not leave temporary files."""
    changed = sorted(
        path for path in before.keys() | after.keys() if before.get(path) != after.get(path)
    )
    if outcome.verdict == "accepted":
        return [path for path in changed if path.startswith("tmp/") or ".partial" in path]
    # A data set that was decoded before another rule was broken is there for the next time.
    return [path for path in changed if not _DECODED.match(path)]


def contents(folder: Path) -> dict[str, str]:
    """Return what is in a folder beside the input: every path, and the digest of every file."""
    return {
        str(path.relative_to(folder)): _digest(path)
        for path in sorted(folder.rglob("*"))
        if not path.is_relative_to(folder / "given") and not _IGNORED.search(path.name)
    }


def _digest(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        return "folder"
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """Work in a folder, with temporary files and the cache in it too."""
    kept, here = dict(os.environ), Path.cwd()
    os.environ |= {"TMPDIR": str(folder / "tmp"), "XDG_CACHE_HOME": str(folder / "cache")}
    os.environ.pop("AUTOTRICK_DATABASE", None)
    tempfile.tempdir = None
    os.chdir(folder / "work")
    try:
        yield
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(kept)
        tempfile.tempdir = None


def _within_time(function: Callable[[], Outcome]) -> Outcome:
    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise _HangError

    timers = {
        signal.ITIMER_REAL: (signal.SIGALRM, WALL_S),
        signal.ITIMER_PROF: (signal.SIGPROF, LIMIT_S),
    }
    before = {number: signal.signal(number, ring) for number, _ in timers.values()}
    for timer, (_, seconds) in timers.items():
        signal.setitimer(timer, seconds)
    try:
        return function()
    except _HangError:
        return Outcome("fault", f"over {LIMIT_S:g} s: {traceback.format_exc()[-3000:]}")
    except Exception:
        return Outcome("fault", traceback.format_exc())
    finally:
        for timer, (number, _) in timers.items():
            signal.setitimer(timer, 0)
            signal.signal(number, before[number])


def _most_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


@dataclass
class Tally:
    """What became of the inputs of a kind."""

    inputs: int = 0
    accepted: int = 0
    refused: int = 0
    faults: int = 0
    seconds: float = 0.0


def ran(
    kind: Kind,
    count: int,
    seed: int,
    *,
    tell: Callable[[int, Any, Outcome], None] | None = None,
    note: Callable[[int, Any], None] | None = None,
) -> Tally:
    """Try so many inputs.

    Args:
        tell: Is told of every outcome.
        note: Is told of every input before it is tried: a crash leaves no outcome.
    """
    tally, begun = Tally(), time.monotonic()
    generator = kind.inputs(Random(seed))
    prepare = getattr(kind, "prepare", None)
    for i in range(count):
        given = next(generator)
        if note:
            note(i, given)
        outcome = tried(kind, given, prepare=prepare)
        tally.inputs += 1
        tally.accepted += outcome.verdict == "accepted"
        tally.refused += outcome.verdict == "refused"
        tally.faults += outcome.verdict == "fault"
        if tell:
            tell(i, given, outcome)
    tally.seconds = time.monotonic() - begun
    return tally


def scratch(name: str) -> Path:
    """Return a new folder for what all inputs of a kind share; the process's end removes it."""
    folder = Path(tempfile.mkdtemp(prefix=f"autotrick-fuzz-{name}-", dir=_TEMPORARY))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
