"""The docstring of a program: where it comes from, the recipe, and what it came to."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from autotrick import __version__
from autotrick.errors import NotFoundError
from autotrick.recipe import Recipe
from autotrick.records import TrialRow
from autotrick.tasks import ACCURACY
from autotrick.tricks import Trick

_WIDTH = 96


@dataclass(frozen=True, slots=True)
class Story:
    """Where a recipe comes from, and what its trial came to.

    Attributes:
        epochs: Epochs that were trained.
        weights: Digest of the weights afterwards.
        accuracy: On the validation images, in [0, 1]; None if it is not known.
        study: Name of the study; empty if there is none.
        trial: Number of the trial in it.
        versions: Of the libraries that it was trained with, by name.
    """

    epochs: int
    weights: str
    accuracy: float | None = None
    study: str = ""
    trial: int | None = None
    versions: tuple[tuple[str, str], ...] = ()


def recorded_story(row: TrialRow) -> Story:
    """Return the story of a recorded trial.

    Raises:
        NotFoundError: It has no epoch on record.
    """
    if not row.epochs or not row.weights:
        raise NotFoundError(
            f"trial {row.number} of study {row.study!r} has no epoch on record, so there are no weights "
            "that a program could end with."
        )
    accuracy = row.value if row.metric == ACCURACY.name else None
    return Story(row.epochs, row.weights, accuracy, row.study, row.number)


def docstring(recipe: Recipe, story: Story, tricks: Sequence[Trick]) -> str:
    """Return the docstring, without quotes."""
    title = f"Train {recipe.architecture} on {recipe.data.name.partition(':')[0]} again"
    lines = [f"{title}, as a trial of autotrick did.", ""]
    whence = f"trial {story.trial} of the study {story.study}" if story.study else "a recipe"
    lines += _wrapped(
        f"Written by autotrick {__version__} from {whence} (recipe {recipe.digest()}); it does not need "
        "autotrick."
    )
    came = f"{100 * story.accuracy:.2f} % of the validation images" if story.accuracy else ""
    pruned = "" if story.epochs == recipe.epochs else f" of the {recipe.epochs} of its schedule"
    lines += _wrapped(
        f"After {story.epochs} epochs{pruned} the trial had the weights {story.weights}"
        + (f" and found {came}." if came else ".")
        + " On the same machine with the same versions this program ends with them, bit for bit"
        + (f" ({', '.join(f'{n} {v}' for n, v in story.versions)})." if story.versions else ".")
    )
    lines += ["", "The recipe:", *_recipe(recipe, tricks), ""]
    return "\n".join(lines)


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, subsequent_indent=indent, break_on_hyphens=False)


def _recipe(recipe: Recipe, tricks: Sequence[Trick]) -> list[str]:
    settings = ", ".join(f"{k}={v!r}" for k, v in recipe.architecture_settings.items())
    network = f"{recipe.architecture}({settings})" if settings else recipe.architecture
    lines = _wrapped(
        f"- {network}, {recipe.epochs} epochs, batches of {recipe.batch_size}, "
        f"base_lr={recipe.base_lr!r}, momentum={recipe.momentum!r}, "
        f"weight_decay={recipe.weight_decay!r}",
        "  ",
    )
    called = []
    for trick in sorted(tricks, key=lambda trick: trick.name):
        given = recipe.tricks[trick.name].items()
        values = [f"{k}={v!r}" for k, v in given if not isinstance(v, list)]
        called.append(f"{trick.name}({', '.join(values)})" if values else trick.name)
    return lines + (_wrapped(f"- tricks: {', '.join(called)}", "  ") if called else [])
