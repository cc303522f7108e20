"""How much memory a recipe's training takes, measured in a process of its own before it is trained.

    python -m autotrick.train.memory_probe < question.json

The process trains a few updates as at the beginning and at the end of the recipe, evaluates once, and
says by how much its memory has grown at most: on a CPU the resident memory, on a GPU what torch had
allocated there. What is loaded and compiled once, whatever is trained, is not counted: the same
updates with a small batch come first. The network is not compiled.
"""

from __future__ import annotations

import gc
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import inf
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from autotrick.errors import AutotrickError, RecipeError, ResourceError, TrainingError
from autotrick.machine import memory_left
from autotrick.recipe import Recipe
from autotrick.redaction import public_environment

_BEGIN = (
    "import runpy, sys; sys.path.append(sys.argv[1]); "
    "runpy.run_module(sys.argv[2], run_name='__main__', alter_sys=True)"
)
COMMAND = (
    *(sys.executable, "-P", "-c", _BEGIN),
    *(str(Path(__file__).resolve().parents[2]), "autotrick.train.memory_probe"),
)
"""As `python -m` does it, with the modules of the working folder left out."""

_SMALL = 8
"""Examples of the batches that load what training needs."""

_SPARED = 2**28
"""Bytes of the machine's free memory that a probe leaves alone."""

_STATUS = Path("/proc/self/status")


class Question(BaseModel):
    """What is asked of the process.

    Attributes:
        data_dir: Where the data's files are.
        cache: Where decoded data are; None for the user's cache.
        device: `cpu` or `cuda`.
    """

    model_config = ConfigDict(frozen=True)

    recipe: Recipe
    data_dir: Path | None = None
    cache: Path | None = None
    device: str = "cpu"


class Answer(BaseModel):
    """What it says.

    Attributes:
        bytes: Of memory at most, beyond what the process began with.
        reason: Why there is no number: `out_of_memory` or another reason of a failed trial.
        message: The same in a sentence.
    """

    model_config = ConfigDict(frozen=True)

    bytes: int = 0
    reason: str = ""
    message: str = ""


def memory(question: Question) -> dict[str, float]:
    """Return `memory` in bytes as a trial of the recipe would take it; infinite where it ran out.

    Raises:
        RecipeError: The recipe breaks a rule.
        ResourceError: The device is not there, or the process cannot be run.
        TrainingError: The recipe cannot be trained for another reason.
    """
    asked = question.model_dump_json()
    done = subprocess.run(
        COMMAND,
        input=asked,
        capture_output=True,
        text=True,
        check=False,
        env=public_environment(),
    )
    if done.returncode == -signal.SIGKILL:  # the system's way to say that memory ran out
        return {"memory": inf}
    said = done.stdout.splitlines()
    if done.returncode or not said:
        last = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise ResourceError(f"the memory of a recipe cannot be measured: {last[0]}.")
    answer = Answer.model_validate_json(said[-1])
    if answer.reason == "out_of_memory":
        return {"memory": inf}
    if answer.reason in ("RecipeError", "ResourceError"):
        raise {"RecipeError": RecipeError, "ResourceError": ResourceError}[answer.reason](
            answer.message
        )
    if answer.reason:
        raise TrainingError(answer.message, reason=answer.reason)
    return {"memory": float(answer.bytes)}


def measured(question: Question) -> Answer:
    """Return by how much this process grows."""
    from autotrick.data import load
    from autotrick.train.loop import rehearse

    recipe = question.recipe.at(0).model_copy(update={"compiled": False})
    few = recipe.model_copy(update={"batch_size": min(_SMALL, recipe.batch_size)})
    try:
        data = load(recipe.data, data_dir=question.data_dir, cache_dir=question.cache)
        with suppress(RecipeError, TrainingError):
            rehearse(few, data, device=question.device)
        gc.collect()
        with _limited(question.device):
            start = _begun(question.device)
            rehearse(recipe, data, device=question.device)
            return Answer(bytes=max(0, _most(question.device) - start))
    except AutotrickError as error:
        reason = error.reason if isinstance(error, TrainingError) else type(error).__name__
        return Answer(reason=reason, message=str(error))


@contextmanager
def _limited(device: str) -> Iterator[None]:
    """Let memory run out in this process before it does for all others."""
    before = resource.getrlimit(resource.RLIMIT_DATA)
    if device == "cpu" and (free := memory_left()) is not None:
        most, hard = _status("VmData") + max(free - _SPARED, _SPARED), before[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def _begun(device: str) -> int:
    """Return the bytes that are taken now, and count the most from here on."""
    if device == "cpu":
        # Where the kernel cannot forget its peak, that of loading counts too.
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")
        return _status("VmRSS")
    import torch

    torch.cuda.reset_peak_memory_stats()
    return torch.cuda.memory_allocated()


def _most(device: str) -> int:
    """Return the bytes that were taken at most."""
    if device == "cpu":
        return _status("VmHWM")
    import torch

    return torch.cuda.max_memory_allocated()


def _status(name: str) -> int:
    try:
        return _kilobytes(_STATUS, name)
    except (OSError, ValueError) as error:
        raise ResourceError(
            f"constraints.memory needs {_STATUS}, which this system has not. Leave it out."
        ) from error


def _kilobytes(path: Path, name: str) -> int:
    for line in path.read_text().splitlines():
        key, _, rest = line.partition(":")
        if key == name:
            return 1024 * int(rest.split()[0])
    raise ValueError(f"{path} does not tell {name}")


if __name__ == "__main__":
    print(measured(Question.model_validate_json(sys.stdin.read())).model_dump_json())  # noqa: T201
