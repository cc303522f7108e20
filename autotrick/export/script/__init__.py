"""Write a recorded trial as `train.py`: one file that trains it again without autotrick.

The file needs PyTorch, NumPy and what its data need, and ends with the recorded weights, bit for bit, on
the same machine with the same versions. It is put together from hand-written functions (`parts`), of which
it has only those that the recipe uses. What cannot be expressed is refused by name.
"""

from __future__ import annotations

from pathlib import Path

from autotrick.atomic_file import whole_file
from autotrick.errors import RecipeError
from autotrick.export.script.architectures import write_architecture
from autotrick.export.script.literal import literal
from autotrick.export.script.network import Network
from autotrick.export.script.program import Program
from autotrick.export.script.refusals import refuse
from autotrick.export.script.sources import classes_of, shape_of, write_source
from autotrick.export.script.story import Story, docstring, recorded_story
from autotrick.export.script.tricks import WRITERS
from autotrick.export.script.writing import text_of
from autotrick.recipe import Recipe
from autotrick.records import TrialRow
from autotrick.tricks import Trick, assemble

__all__ = ["LINES", "Story", "recorded_story", "script_of", "write_script"]

LINES = 400
"""Lines of a file that are not blank, at most."""


def script_of(
    recipe: Recipe,
    story: Story,
    *,
    shape: tuple[int, int, int] | None = None,
    classes: int | None = None,
) -> str:
    """Return the text of a program that trains a recipe.

    Args:
        recipe: With the fingerprint of its data.
        story: Where it comes from and what it came to.
        shape: Height, width and channels of the images, where the name of the data does not say it.
        classes: How many there are, likewise.

    Raises:
        RecipeError: The recipe has something that a program cannot express.
    """
    refuse(recipe)
    height, width, channels = shape_of(recipe.data, shape)
    tricks = assemble(recipe)
    for trick in tricks:
        height, width = trick.input_size((height, width))
    seen = (height, width, channels)
    known = classes_of(recipe.data, classes)
    network = Network(recipe, seen, known)
    program = Program(recipe=recipe, shape=seen, classes=known, network=network)
    _constants(program, story)
    write_source(program)
    write_architecture(program)
    _optimizer(program)
    for trick in _by_stage(tricks):
        WRITERS[trick.name](program, trick)
        if type(trick).on_model is not Trick.on_model and trick.name != "whitening":
            network.change(trick)
    for change in program.last_groups:
        change()
    program.constants["RATE"] = program.rate
    text = text_of(program, docstring(recipe, story, tricks))
    lines = sum(bool(line.strip()) for line in text.split("\n"))
    if lines > LINES:
        raise RecipeError(
            f"train.py of this recipe would have {lines} lines, and {LINES} are the most."
        )
    return text


def write_script(
    trial: TrialRow | Recipe,
    path: Path | str,
    story: Story | None = None,
    *,
    shape: tuple[int, int, int] | None = None,
    classes: int | None = None,
) -> Path:
    """Write the program of a trial, or of a recipe, into a file; return its path.

    Args:
        trial: A trial that has an epoch on record; or a recipe, with its story.
        path: Of the file; it is replaced if it is there.
        story: What a recipe came to; that of a trial is on record.
        shape: As `script_of` takes it.
        classes: Likewise.

    Raises:
        RecipeError: The recipe has something that a program cannot express.
        NotFoundError: The trial has no epoch on record.
    """
    if isinstance(trial, Recipe):
        recipe = trial
    else:
        recipe, story = trial.recipe, story or recorded_story(trial)
    assert story is not None, "a recipe comes with its story"
    target = Path(path)
    text = script_of(recipe, story, shape=shape, classes=classes)
    with whole_file(target) as partial:
        partial.write_text(text, "utf-8")
    return target


def _by_stage(tricks: list[Trick]) -> list[Trick]:
    """Return tricks so that those that average weights come before those that keep the best."""
    return sorted(tricks, key=lambda trick: trick.name == "early_stopping")


def _constants(program: Program, story: Story) -> None:
    recipe = program.recipe
    program.constants |= {
        "SEED": repr(recipe.seed),
        "EPOCHS": f"{recipe.epochs}",
        "TRAINED": f"{story.epochs}",
        "BATCH_SIZE": repr(recipe.batch_size),
        "RATE": "",
        "THREADS": repr(recipe.threads),
        "LAYOUT": f"torch.{'channels_last' if recipe.channels_last else 'contiguous_format'}",
        "WEIGHTS": literal(story.weights),
    }


def _optimizer(program: Program) -> None:
    """Set rate, decay and the optimizer as they are without a trick."""
    recipe, tricks = program.recipe, assemble(program.recipe)
    own = [decay for trick in tricks if (decay := trick.base_decay()) is not None]
    program.weight_decay = repr(own[0] if own else recipe.weight_decay)
    program.rate = repr(recipe.lr)
    settings = ["lr=RATE", f"momentum={recipe.momentum!r}", f"nesterov={recipe.momentum > 0}"]
    program.optimizer = "torch.optim.SGD", settings
