"""Set numeric options for one run and restore them afterwards."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from autotrick.errors import ResourceError, TrainingError
from autotrick.recipe import Recipe
from autotrick.threads import check_threads
from autotrick.train import allocator


@contextmanager
def numerics(recipe: Recipe, device: str) -> Iterator[None]:
    """Set threads, determinism and memory options; turn running out of memory into TrainingError.

    Raises:
        ResourceError: The device or the threads are not available.
        TrainingError: Memory ran out (reason `out_of_memory`).
    """
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ResourceError(
            f"no GPU for device {device!r} on this machine. Set --gpus-per-trial to 0."
        )
    check_threads(recipe.threads)
    threads = torch.get_num_threads()
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    allocator.keep()
    try:
        torch.set_num_threads(recipe.threads)
        devices = [device] if device.startswith("cuda") else []
        with _deterministic(), torch.random.fork_rng(devices=devices):
            yield
    except (MemoryError, RuntimeError) as error:
        if not _of_memory(error):
            raise
        message = (
            f"memory ran out at batch size {recipe.batch_size}. "
            "Lower batch_size and raise accumulation by the same factor."
        )
        raise TrainingError(message, reason="out_of_memory") from error
    finally:
        allocator.hand_back()
        torch.set_num_threads(threads)


@contextmanager
def _deterministic() -> Iterator[None]:
    """Request deterministic operations."""
    filling: Any = torch.utils.deterministic
    cudnn = torch.backends.cudnn
    deterministic = torch.are_deterministic_algorithms_enabled()
    only_warn = torch.is_deterministic_algorithms_warn_only_enabled()
    before = filling.fill_uninitialized_memory, cudnn.benchmark, cudnn.deterministic
    try:
        torch.use_deterministic_algorithms(True, warn_only=True)
        # Otherwise every tensor would be filled with NaN before it is written.
        filling.fill_uninitialized_memory = False
        cudnn.benchmark, cudnn.deterministic = False, True
        yield
    finally:
        torch.use_deterministic_algorithms(deterministic, warn_only=only_warn)
        filling.fill_uninitialized_memory, cudnn.benchmark, cudnn.deterministic = before


_OF_MEMORY = re.compile(r"can't allocate memory|could not create a primitive$", re.MULTILINE)
"Match the messages of torch's CPU allocator and of oneDNN (for compiled code)."


def _of_memory(error: Exception) -> bool:
    """Return whether memory ran out, which torch reports on the CPU only by its message."""
    named = isinstance(error, MemoryError | torch.OutOfMemoryError)
    return named or _OF_MEMORY.search(str(error)) is not None


def device_of(name: str) -> torch.device:
    """Return the device of that name, for prediction.

    Raises:
        ResourceError: It is unknown, or not on this machine.
    """
    try:
        device = torch.device(name)
    except RuntimeError:
        device = torch.device("meta")
    if device.type not in ("cpu", "cuda"):
        raise ResourceError(f"unknown device {name!r}. Devices: cpu, cuda, cuda:1.")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ResourceError(f"no GPU for device {name!r} on this machine. Leave out the device.")
    return device


def compile_seconds(recipe: Recipe) -> float:
    """Return the seconds that torch.compile took in this process; 0 if the recipe does not use it."""
    if not recipe.compiled:
        return 0.0
    from torch._dynamo.utils import calculate_time_spent  # importing takes 1 s

    return float(calculate_time_spent()["total_wall_time"])


@contextmanager
def frozen_statistics(model: nn.Module) -> Iterator[None]:
    """Keep the running statistics of normalisation layers unchanged."""
    norms = [m for m in model.modules() if getattr(m, "track_running_stats", False)]
    saved = [
        (m, {name: buffer.clone() for name, buffer in m.named_buffers(recurse=False)})
        for m in norms
    ]
    try:
        yield
    finally:
        for module, buffers in saved:
            for name, buffer in buffers.items():
                getattr(module, name).copy_(buffer)
