"""`model.json`: all that prediction with an exported model needs, and what is known of it."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

import autotrick
from autotrick.errors import TrainingError
from autotrick.export import files
from autotrick.export.programs import IMAGES, LOGITS
from autotrick.models.describe import describe
from autotrick.own_code import CodeRecord
from autotrick.recipe import Recipe
from autotrick.train.model_inputs import ModelInputs
from autotrick.tricks import assemble
from autotrick.trusted_code import recorded_code
from autotrick.user_files import read_json

if TYPE_CHECKING:
    from autotrick.export.trial_facts import TrialFacts
    from autotrick.train.trained_model import TrainedModel

AVERAGE = "average"
"""Slot of the tricks whose averaged weights predict."""


@dataclass(frozen=True, slots=True)
class ReadDescription:
    """The part of a `model.json` from which the network is built again.

    Attributes:
        recipe: As of the network's last epoch.
        epoch: Number of epochs that it was trained for.
        weights: Digest of the weights.
        study: Name of its study; None if it comes from a file alone.
        trial: Its number; None likewise.
        code: What it says of the user's own code, which it does not hold.
    """

    recipe: Recipe
    inputs: ModelInputs
    epoch: int
    weights: str
    study: str | None
    trial: int | None
    code: CodeRecord


def description_of(model: TrainedModel, facts: TrialFacts | None) -> dict[str, Any]:
    """Return what is known of a network, as plain JSON.

    Args:
        facts: What is on record of its trial; None if it comes from a file alone.
    """
    recipe, inputs = model.recipe, model.inputs
    height, width, channels = inputs.shape
    cost = describe(model.network, (channels, *seen_size(model)))
    classes = len(inputs.classes) or None
    return {
        "format": files.FORMAT,
        "version": files.VERSION,
        "study": model.source.study,
        "trial": model.source.trial,
        "task": recipe.task,
        "architecture": {
            "name": recipe.architecture,
            "settings": recipe.architecture_settings,
            "parameters": sum(weight.numel() for weight in model.network.parameters()),
            "multiply_adds": cost.multiply_adds,
        },
        "classes": list(inputs.classes),
        "input": {
            "name": IMAGES,
            "dtype": "float32",
            "layout": "NCHW",
            "shape": ["batch", channels, height, width],
            "seen": list(seen_size(model)),
            "colour": "grey" if channels == 1 else "RGB",
            "resize": recipe.data.resize,
            "interpolation": "bilinear, with antialiasing (Pillow's Image.resize)",
            "value": "(pixel / 255 - mean) / std",
            "mean": inputs.to_json()["mean"],
            "std": inputs.to_json()["std"],
        },
        "output": {
            "name": LOGITS,
            "dtype": "float32",
            "shape": ["batch", classes] if classes else ["batch", "..."],
            "probabilities": "softmax" if classes else None,
        },
        "evaluation": evaluation_of(recipe),
        "trained": {
            "epochs": model.source.epoch,
            "of_epochs": recipe.epochs,
            "precision": recipe.precision,
            "weights": model.source.digest,
            "recipe_digest": facts.row.digest if facts else recipe.digest(),
            "data": recipe.data.model_dump(mode="json"),
            "state": facts.row.state if facts else None,
            "seconds": facts.row.seconds if facts else None,
        },
        "metrics": _metrics(facts),
        "class_counts": _counts(facts),
        "recipe": recipe.model_dump(mode="json"),
        **({"code": facts.study.space["code"]} if facts and facts.study.space.get("code") else {}),
        "environment": dict(facts.environment) if facts else {},
        "exported_with": versions(),
    }


def seen_size(model: TrainedModel) -> tuple[int, int]:
    """Return height and width of what the network sees of images."""
    height, width, channels = model.inputs.shape
    seen = model.prepared(torch.zeros(1, channels, height, width, device=model.device)).shape
    return seen[2], seen[3]


def evaluation_of(recipe: Recipe) -> dict[str, Any]:
    """Return which tricks act when the recipe's network predicts."""
    tricks = assemble(recipe)
    averages = [trick.name for trick in tricks if trick.slot == AVERAGE]
    views = [trick for trick in tricks if type(trick).on_predict is not _base().on_predict]
    return {
        "average": averages[0] if averages else None,
        "predict": {trick.name: trick.values() for trick in views},
    }


def _base() -> Any:
    from autotrick.tricks import Trick

    return Trick


def _metrics(facts: TrialFacts | None) -> dict[str, Any]:
    if facts is None or not facts.reports:
        return {}
    last = facts.reports[-1]
    found: dict[str, Any] = {
        "split": "validation",
        "images": facts.images,
        "objective": facts.row.metric,
        **last.metrics,
        "loss": last.loss,
    }
    if facts.interval:
        found["interval"] = list(facts.interval)
    measured = {"latency_ms": facts.row.latency_ms, "robustness": facts.row.robustness}
    return found | {name: value for name, value in measured.items() if value is not None}


def _counts(facts: TrialFacts | None) -> dict[str, Any]:
    data = facts.data if facts else None
    return {name: list(counts) for name, counts in data.counts.items()} if data else {}


def versions() -> dict[str, str]:
    """Return the versions of what writes an exported model."""
    from autotrick.train import environment

    known = environment()
    return {
        "autotrick": autotrick.__version__,
        "python": platform.python_version(),
        **{name: str(known[name]) for name in ("torch", "torchvision", "timm", "numpy")},
    }


def write_description(description: Mapping[str, Any], folder: Path) -> None:
    """Write `model.json` into a folder."""
    text = json.dumps(description, indent=2, allow_nan=False)
    (folder / files.DESCRIPTION).write_text(text + "\n", encoding="utf-8")


def read_description(path: Path) -> ReadDescription:
    """Return the description of an exported model.

    Raises:
        TrainingError: The file is missing, damaged, or of another version.
    """
    content = read_json(path, TrainingError)
    if not isinstance(content, dict) or content.get("format") != files.FORMAT:
        message = f"{path.absolute()} does not describe an exported model. Give a folder that `autotrick export-model` wrote."
        raise TrainingError(message, reason="not_a_model")
    if content.get("version") != files.VERSION:
        message = (
            f"{path.absolute()} has version {content.get('version')!r} of the format, and this autotrick "
            f"reads {files.VERSION}. Use the version that wrote it: {_writer(content)}."
        )
        raise TrainingError(message, reason="other_version")
    try:
        shape = content["input"]["shape"]
        inputs = {
            "classes": content["classes"],
            "shape": [shape[2], shape[3], shape[1]],
            "mean": content["input"]["mean"],
            "std": content["input"]["std"],
        }
        trained = content["trained"]
        return ReadDescription(
            Recipe.model_validate(content["recipe"]),
            ModelInputs.from_json(inputs),
            int(trained["epochs"]),
            str(trained["weights"]),
            None if content.get("study") is None else str(content["study"]),
            None if content.get("trial") is None else int(content["trial"]),
            recorded_code({"code": content.get("code", {})}),
        )
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError) as error:
        message = f"{path.absolute()} is damaged: {_first_line(error)}. Export the model again."
        raise TrainingError(message, reason="damaged_model") from None


def _writer(content: Mapping[str, Any]) -> str:
    made = content.get("exported_with")
    return str(made.get("autotrick")) if isinstance(made, Mapping) else "unknown"


def _first_line(error: Exception) -> str:
    parts: Sequence[str] = str(error).splitlines() or ("",)
    said = f"it has no {error}" if isinstance(error, KeyError) else " ".join(parts[:3])
    return said.rstrip(".")
