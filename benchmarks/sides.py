"""Two ways of doing the same work, each in a process of its own, measured in turns.

A process of its own, because the trainer changes how its process keeps memory, and because peak
memory is a matter of a whole process. Processor time is counted: the machine may be busy.
"""

import multiprocessing
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

Work = Callable[[], int]
"""Does some work and returns how many images that were."""

Works = Mapping[str, Work]
"""All that is measured, by name."""

_CLEAR_PEAK = "5"  # as proc(5) says of clear_refs


@dataclass(frozen=True, slots=True)
class Measured:
    """What one turn came to.

    Attributes:
        rate: Images in a second of processor time.
        memory_mb: Peak of resident memory so far, above what libraries and images take.
    """

    rate: float
    memory_mb: float


class Side:
    """A process that works when it is told to.

    Args:
        make: A module's function that returns the works; it is called in the process.
        arguments: What it is called with.
    """

    def __init__(self, make: Callable[..., Works], *arguments: Any) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._ours, theirs = spawn.Pipe()
        self._process = spawn.Process(target=_serve, args=(theirs, make, arguments), daemon=True)
        self._process.start()
        theirs.close()

    def measure(self, name: str) -> Measured:
        """Let it do the named work once.

        Raises:
            RuntimeError: The process ended; it has said why.
        """
        try:
            self._ours.send(name)
            found: Measured = self._ours.recv()
        except (EOFError, ConnectionError) as error:
            raise RuntimeError("the measured process ended; see its traceback above.") from error
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ours.close()
        self._process.join()


def in_turns(sides: Sequence[Side], name: str, runs: int) -> list[list[Measured]]:
    """Return each side's measurements of a work, after one turn of each that is not counted."""
    for side in sides:
        side.measure(name)
    turns = [[side.measure(name) for side in sides] for _ in range(runs)]
    return [list(series) for series in zip(*turns, strict=True)]


def _serve(link: Any, make: Callable[..., Works], arguments: tuple[Any, ...]) -> None:
    import torch

    torch.set_num_threads(1)
    works = make(*arguments)
    before_mb = _resident("VmRSS")
    Path("/proc/self/clear_refs").write_text(_CLEAR_PEAK)
    while True:
        try:
            work = works[link.recv()]
        except EOFError:
            return
        start = time.process_time()
        images = work()
        seconds = time.process_time() - start
        link.send(Measured(images / seconds, _resident("VmHWM") - before_mb))


def _resident(field: str) -> float:
    """Return a field of the process's status in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{field}:"))
