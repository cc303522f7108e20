"""Write a trained network as a folder that others use with or without autotrick, and read it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from autotrick import trusted_code
from autotrick.analysis.calibration import calibration
from autotrick.bounded_file import is_regular
from autotrick.errors import AutotrickError, NotFoundError, TrainingError
from autotrick.export import card, checking, description, files
from autotrick.export.checking import Pictures
from autotrick.export.programs import (
    Network,
    Program,
    missing_for_onnx,
    write_onnx,
    write_program,
)
from autotrick.export.script import write_script
from autotrick.export.weights import read_weights, write_weights
from autotrick.train.trained_model import TrainedModel

if TYPE_CHECKING:
    from torch import Tensor

    from autotrick.data import Split
    from autotrick.export.trial_facts import TrialFacts

_ONNX_TEXTS = ("classes", "input", "output")
"""Keys of model.json that ONNX files have as metadata, so that they can be used alone."""


@dataclass(frozen=True, slots=True)
class Exported:
    """An exported model.

    Attributes:
        files: Name, size, SHA-256 and check of each file, in the order of `files.ABOUT`.
        missing: Why files are not there, by name.
        description: The content of `model.json`.
    """

    folder: Path
    files: dict[str, dict[str, Any]]
    missing: dict[str, str]
    description: dict[str, Any]


def export_model(
    model: TrainedModel,
    folder: Path | str,
    *,
    facts: TrialFacts | None = None,
    validation: Split | None = None,
    replace_earlier: bool = False,
    on_step: Callable[[str], None] = lambda _: None,
) -> Exported:
    """Write a network into a folder: weights, programs, `model.json` and a model card.

    The folder appears when everything is written and checked. A program that cannot be made, or that
    gives other logits than the network, is left out, and the result says why.

    Args:
        facts: What is on record of its trial; None if it comes from a file alone.
        validation: Images to check programs on; None checks on random pixels.
        replace_earlier: Whether to replace an exported model that is there.
        on_step: Called with what is done next, in words.

    Raises:
        ResourceError: The folder is there already, or cannot be written.
        TrainingError: The weights are not finite.
    """
    folder = Path(folder)
    model = model.to("cpu").eval()
    _expect_finite(model)
    with files.whole_folder(folder, replace=replace_earlier) as partial:
        on_step("weights")
        write_weights(model.network, partial)
        described = description.description_of(model, facts)
        pictures = checking.pictures_of(validation, model.inputs.shape)
        described["checked_on"] = {"images": len(pictures.images), "what": pictures.what}
        checks, missing = _programs(model, pictures, partial, described, on_step)
        described["evaluation"]["checked"] = _evaluated(model, pictures)
        described["evaluation"]["calibration"] = _calibrated(model, pictures)
        if facts is not None:
            on_step(files.SCRIPT)
            missing |= _script(model, facts, partial)
        described["files"] = _files(partial, checks)
        described["not_written"] = missing
        on_step("model card")
        text = card.card(described, facts)
        (partial / files.CARD).write_text(text, encoding="utf-8")
        description.write_description(described, partial)
        listed = _files(partial, checks)
    return Exported(folder, listed, missing, described)


def load_exported(path: Path, *, device: str = "cpu") -> TrainedModel:
    """Return the network of an exported model.

    Args:
        path: The folder, or a file in it, such as `model.safetensors`.

    Raises:
        CodeError: It names code of the user's own that the user has not searched with here.
        NotFoundError: There is no such folder or file.
        RecipeError: A name or a setting is unknown here.
        TrainingError: A file is missing or damaged, or the weights are not those that it describes.
    """
    folder = path if path.is_dir() else path.parent
    about = folder / files.DESCRIPTION
    if not is_regular(about):
        raise NotFoundError(
            f"{folder.absolute()} has no {files.DESCRIPTION}, which `autotrick export-model` writes "
            "beside the weights. Give the whole folder."
        )
    read = description.read_description(about)
    trusted_code.bring(read.code, study=read.study or folder.name)
    weights = folder / files.SAFETENSORS
    found = TrainedModel.of_weights(
        read.recipe,
        read.inputs,
        read_weights(weights),
        epoch=read.epoch,
        device=device,
        path=weights,
    )
    if found.source.digest != read.weights:
        message = (
            f"{weights.absolute()} holds weights {found.source.digest}, but {files.DESCRIPTION} names "
            f"{read.weights}. Export the model again."
        )
        raise TrainingError(message, reason="wrong_weights")
    found.source = replace(found.source, study=read.study, trial=read.trial)
    return found


def _expect_finite(model: TrainedModel) -> None:
    for name, tensor in model.network.state_dict().items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            message = (
                f"the weights {name} are not finite: the training diverged. Choose another trial."
            )
            raise TrainingError(message, reason="nan_weights")


def _programs(
    model: TrainedModel,
    pictures: Pictures,
    folder: Path,
    described: dict[str, Any],
    on_step: Callable[[str], None],
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Write and check the programs; return what was found by file, and why others are missing."""
    height, width, channels = model.inputs.shape
    shape = (channels, height, width)
    inner = copy.deepcopy(model.network).to(memory_format=torch.contiguous_format)
    network = Network(inner, model.prepared).eval()
    texts = {name: json.dumps(described[name]) for name in _ONNX_TEXTS}
    expected = checking.outputs(network, model.preprocess, pictures)
    if model.recipe.precision != "fp32":
        trained = checking.outputs(model, model.preprocess, pictures)
        check = checking.compare(trained, expected)
        described["evaluation"]["in_float32"] = {**check.to_json(), "sentence": str(check)}
    checks: dict[str, dict[str, Any]] = {}
    missing: dict[str, str] = {}
    on_step("torch.export program")
    program = write_program(network, shape, folder)
    on_step("ONNX")
    made = {files.PROGRAM: program, files.ONNX: _onnx(program, folder, texts)}
    for asked, program in made.items():
        if isinstance(program, str):
            missing[asked] = program
            continue
        if program.file != asked:
            missing[asked] = program.note
        on_step(f"checking {program.file} on {len(pictures.images):,} {pictures.what}")
        found = _checked(program, model, pictures, expected)
        if isinstance(found, str):
            (folder / program.file).unlink()
            missing[program.file] = found
        else:
            checks[program.file] = found
    return checks, missing


def _onnx(program: Program | str, folder: Path, texts: dict[str, str]) -> Program | str:
    if isinstance(program, Program) and program.exported is not None:
        return write_onnx(program.exported, folder, texts)
    why = program.note if isinstance(program, Program) else program
    return missing_for_onnx() or f"ONNX is made from the torch.export program, and {why}"


def _checked(
    program: Program, model: TrainedModel, pictures: Pictures, expected: Tensor
) -> dict[str, Any] | str:
    """Return the kind and the check of a program; why it is not one of this network otherwise."""
    if program.run is None:
        return {"kind": program.kind, "note": program.note}
    try:
        check = checking.compare(
            expected, checking.outputs(program.run, model.preprocess, pictures)
        )
    except Exception as error:  # a runtime's own, such as an operation that it lacks
        return f"{program.kind} cannot run it ({' '.join(str(error).split())[:300]})"
    if not check.agrees:
        return f"{program.kind} gives other logits than the network: {check}"
    return {"kind": program.kind, "check": check.to_json(), "sentence": str(check)}


def _evaluated(model: TrainedModel, pictures: Pictures) -> dict[str, Any] | None:
    """Return the accuracy of the network alone and with the tricks that predict, on the pictures.

    None where they are the same, or where there are no classes to compare with.
    """
    if not evaluation_tricks(model) or pictures.labels is None or pictures.labels.ndim != 1:
        return None
    alone = checking.outputs(model, model.preprocess, pictures).argmax(1).numpy()
    together = model.logits(pictures.images).argmax(1)
    right = pictures.labels
    return {
        "images": len(right),
        "alone": float((alone == right).mean()),
        "with_tricks": float((together == right).mean()),
    }


def _calibrated(model: TrainedModel, pictures: Pictures) -> dict[str, Any] | None:
    """Return how well probabilities can be believed on the pictures; None where there are no classes."""
    if not model.classes or pictures.labels is None or pictures.labels.ndim != 1:
        return None
    found = calibration(model.probabilities(pictures.images), pictures.labels)
    return {
        "images": len(pictures.labels),
        "ece": found.ece,
        "ece_by_chance": found.ece_by_chance,
        "confidence": found.confidence,
    }


def evaluation_tricks(model: TrainedModel) -> list[str]:
    """Return the names of the tricks that change predictions, which programs do without."""
    return list(description.evaluation_of(model.recipe)["predict"])


def _script(model: TrainedModel, facts: TrialFacts, folder: Path) -> dict[str, str]:
    """Write `train.py`; return why not, by name, where it cannot express the recipe."""
    try:
        write_script(
            facts.row,
            folder / files.SCRIPT,
            shape=model.inputs.shape,
            classes=len(model.inputs.classes),
        )
    except AutotrickError as error:
        (folder / files.SCRIPT).unlink(missing_ok=True)
        return {files.SCRIPT: str(error)}
    return {}


def _files(folder: Path, checks: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the files of a folder by name, in the order of lists."""
    return {
        name: {**files.facts_of(folder / name), **checks.get(name, {})}
        for name in files.ABOUT
        if (folder / name).exists()
    }
