"""The network as programs that need no autotrick: `torch.export`, TorchScript and ONNX.

All take (N, C, H, W) float32, normalised as `model.json` says, with any N, and return (N, K) float32
logits. They compute in float32, whatever precision the recipe trains with. Paths and stack traces of
this machine, which torch writes into programs, are left out.
"""

from __future__ import annotations

import importlib.util
import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from autotrick.errors import one_line
from autotrick.export import files

Run = Callable[[Tensor], Tensor]
"""Runs a program that was read back from its file: (N, C, H, W) images to (N, K) logits."""

IMAGES, LOGITS = "images", "logits"
_TRACED = 2
"""Images of the example that a program is recorded with: torch takes 1 for a fixed size."""
_SENTENCE = 300


@dataclass(frozen=True, slots=True)
class Program:
    """A program that was written.

    Attributes:
        file: Its name.
        kind: Which form it has, such as `torch.export`.
        run: Runs it as read back from its file; None if nothing here can run it.
        note: Why it is not in the form that was asked for, or is not checked; empty otherwise.
        exported: The `torch.export` program, from which ONNX is made; None of other kinds.
    """

    file: str
    kind: str
    run: Run | None
    note: str = ""
    exported: Any = None


class Network(nn.Module):
    """A network with what its model does to normalised images before it, in float32."""

    def __init__(self, network: nn.Module, prepared: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.network = network
        self.prepared = prepared

    def forward(self, images: Tensor) -> Tensor:
        """Return (N, K) logits of (N, C, H, W) images."""
        logits: Tensor = self.network(self.prepared(images))
        return logits.float()


def write_program(network: nn.Module, shape: tuple[int, int, int], folder: Path) -> Program | str:
    """Write a `torch.export` program; TorchScript where that fails; return why if both do.

    Args:
        shape: (C, H, W) of the images.
    """
    try:
        exported = exported_program(network, shape)
    except Exception as error:  # torch raises many kinds on code that it cannot record
        why = _sentence(error)
    else:
        path = folder / files.PROGRAM
        with _quietly():
            torch.export.save(exported, path)
            run = torch.export.load(path).module()
        return Program(files.PROGRAM, "torch.export", run, exported=exported)
    note = f"torch.export cannot record the network ({why})"
    try:
        path = folder / files.TORCHSCRIPT
        with _quietly(), torch.no_grad():
            traced = torch.jit.trace(  # type: ignore[no-untyped-call]
                network, _example(shape), check_trace=False
            )
            torch.jit.save(traced, path)
            return Program(files.TORCHSCRIPT, "TorchScript", torch.jit.load(path), note)  # type: ignore[no-untyped-call]
    except Exception as error:
        return f"{note}, and neither can TorchScript ({_sentence(error)})"


def exported_program(network: nn.Module, shape: tuple[int, int, int]) -> Any:
    """Return the `torch.export` program of a network, for any number of images."""
    batch = torch.export.Dim("batch", min=1)
    with _quietly(), torch.no_grad():
        exported = torch.export.export(
            network, (_example(shape),), dynamic_shapes={IMAGES: {0: batch}}, strict=False
        )
    for module in exported.graph_module.modules():
        if isinstance(module, torch.fx.GraphModule):
            for node in module.graph.nodes:
                node.meta.pop("stack_trace", None)
    return exported


def missing_for_onnx() -> str | None:
    """Return which packages ONNX needs that are not here, with what to do; None if all are."""
    wanted = [name for name in ("onnx", "onnxscript") if importlib.util.find_spec(name) is None]
    if not wanted:
        return None
    verb = "is" if len(wanted) == 1 else "are"
    return f"{' and '.join(wanted)} {verb} not installed: pip install 'autotrick[export]'"


def write_onnx(exported: Any, folder: Path, facts: dict[str, str]) -> Program | str:
    """Write an ONNX model; return why not where that fails.

    Args:
        exported: The network's `torch.export` program.
        facts: Texts for the file's own metadata.
    """
    if missing := missing_for_onnx():
        return missing
    path = folder / files.ONNX
    try:
        with _quietly(), torch.no_grad():
            made = torch.onnx.export(
                exported,
                dynamo=True,
                input_names=[IMAGES],
                output_names=[LOGITS],
                verbose=False,
            )
            assert made is not None
            _without_traces(made.model)
            made.model.metadata_props.update(facts)
            made.save(path, external_data=False)
    except OSError:  # no space, for example, which says nothing of the network
        raise
    except Exception as error:
        path.unlink(missing_ok=True)
        return f"ONNX cannot express the network ({_sentence(error)})"
    if importlib.util.find_spec("onnxruntime") is None:
        note = "not checked: onnxruntime is not installed: pip install 'autotrick[export]'"
        return Program(files.ONNX, "ONNX", None, note)
    return Program(files.ONNX, "ONNX", _onnx_session(path))


def _onnx_session(path: Path) -> Run:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(
        str(path), sess_options=options, providers=["CPUExecutionProvider"]
    )

    def run(images: Tensor) -> Tensor:
        given: NDArray[np.float32] = images.contiguous().numpy()
        return torch.from_numpy(session.run([LOGITS], {IMAGES: given})[0])

    return run


def _without_traces(model: Any) -> None:
    """Delete the paths and stack traces that torch writes into an ONNX model."""
    for part in (model.graph, *model.functions.values()):
        part.metadata_props.clear()
        for node in part.all_nodes():
            node.metadata_props.clear()
        for value in (*part.inputs, *part.outputs):
            value.metadata_props.clear()


def _example(shape: tuple[int, int, int]) -> Tensor:
    return torch.zeros(_TRACED, *shape)


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep torch's warnings and logs about what it records to itself: what fails, raises."""
    logs = [logging.getLogger(name) for name in ("torch.onnx", "torch.export", "onnxscript")]
    levels = [log.level for log in logs]
    try:
        for log in logs:
            log.setLevel(logging.CRITICAL)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for log, level in zip(logs, levels, strict=True):
            log.setLevel(level)


def _sentence(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = one_line(lines[0]) if lines else "no reason given"
    return f"{type(error).__name__}: {said[:_SENTENCE].rstrip('.')}"
