"""Measure the memory that a recipe's training takes in a separate process beforehand.

    python -m autotrick.train.memory_probe < question.json

The process trains a few updates as at the start and at the end of the recipe, evaluates once, and
reports the peak growth of its memory: resident memory on a CPU, torch's allocations on a GPU. The
same updates run first with a small batch, so that what every training loads and compiles is not
counted. The network is not compiled.
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
from autotrick.own_code import CodeRecord
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
"Works like `python -m`, but without modules of the working folder."

_SMALL = 8
"Set the batch size of the updates that load what training needs."

_SPARED = 2**28
"Leave this many bytes of the machine's free memory to others."

_STATUS = Path("/proc/self/status")


class Question(BaseModel):
    """Hold the question to the process.

    Attributes:
        data_dir: Folder of the data's files.
        cache: Folder of decoded data; None for the user's cache.
        device: `cpu` or `cuda`.
        code: The user's own code, which the recipe needs.
        code_folder: Its folder; None takes the recorded one.
    """

    model_config = ConfigDict(frozen=True)

    recipe: Recipe
    data_dir: Path | None = None
    cache: Path | None = None
    device: str = "cpu"
    code: CodeRecord = CodeRecord()
    code_folder: Path | None = None


class Answer(BaseModel):
    """Hold the answer of the process.

    Attributes:
        bytes: Peak memory beyond what the process started with.
        reason: Why there is no number: `out_of_memory` or another reason for failed trials.
        message: The reason in a sentence.
    """

    model_config = ConfigDict(frozen=True)

    bytes: int = 0
    reason: str = ""
    message: str = ""


def memory(question: Question) -> dict[str, float]:
    """Return the `memory` in bytes that a trial of the recipe takes; infinite if it ran out.

    Raises:
        RecipeError: The recipe breaks a rule.
        ResourceError: The device is not available, or the process cannot run.
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
    if done.returncode == -signal.SIGKILL:  # how the system reports that memory ran out
        return {"memory": inf}
    said = done.stdout.splitlines()
    if done.returncode or not said:
        last = done.stderr.strip().splitlines()[-1:] or ["it printed nothing"]
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
    """Return the growth of this process's memory."""
    from autotrick.data import load
    from autotrick.space.own import bring
    from autotrick.train.loop import rehearse

    recipe = question.recipe.at(0).model_copy(update={"compiled": False})
    few = recipe.model_copy(update={"batch_size": min(_SMALL, recipe.batch_size)})
    try:
        bring(question.code, question.code_folder)
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
    """Limit this process so that it runs out of memory before other processes do."""
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
    """Return the bytes in use and start counting the peak."""
    if device == "cpu":
        # If the kernel cannot reset the peak, that of loading counts too.
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")
        return _status("VmRSS")
    import torch

    torch.cuda.reset_peak_memory_stats()
    return torch.cuda.memory_allocated()


def _most(device: str) -> int:
    """Return the peak bytes in use."""
    if device == "cpu":
        return _status("VmHWM")
    import torch

    return torch.cuda.max_memory_allocated()


def _status(name: str) -> int:
    try:
        return _kilobytes(_STATUS, name)
    except (OSError, ValueError) as error:
        raise ResourceError(
            f"constraints.memory needs {_STATUS}, which this system does not have. Leave it out."
        ) from error


def _kilobytes(path: Path, name: str) -> int:
    for line in path.read_text().splitlines():
        key, _, rest = line.partition(":")
        if key == name:
            return 1024 * int(rest.split()[0])
    raise ValueError(f"{path} does not contain {name}")


if __name__ == "__main__":
    print(measured(Question.model_validate_json(sys.stdin.read())).model_dump_json())  # noqa: T201
