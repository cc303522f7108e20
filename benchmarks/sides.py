"""Measure two implementations of the same work in alternation, each in its own process.

Separate processes are needed because the trainer changes how its process keeps memory, and because
peak memory is measured per process. Processor time is counted, because other processes may use the
machine.
"""

import multiprocessing
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

Work = Callable[[], int]
"Do some work and return the number of images processed."

Works = Mapping[str, Work]
"All measured work by name."

_CLEAR_PEAK = "5"  # see clear_refs in proc(5)


@dataclass(frozen=True, slots=True)
class Measured:
    """Hold the result of one turn.

    Attributes:
        rate: Images per second of processor time.
        memory_mb: Peak resident memory so far in MB, beyond libraries and images.
    """

    rate: float
    memory_mb: float


class Side:
    """Run work in a process on request.

    Args:
        make: A module-level function that returns the work by name; called in the process.
        arguments: Its arguments.
    """

    def __init__(self, make: Callable[..., Works], *arguments: Any) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._ours, theirs = spawn.Pipe()
        self._process = spawn.Process(target=_serve, args=(theirs, make, arguments), daemon=True)
        self._process.start()
        theirs.close()

    def measure(self, name: str) -> Measured:
        """Run the named work once and measure it.

        Raises:
            RuntimeError: The process ended; it has printed the reason.
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
    """Return each side's measurements of a work, after one discarded turn of each."""
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
