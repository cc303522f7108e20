"""What a training takes of memory, measured in processes of their own."""

import subprocess
import sys
from collections.abc import Callable
from math import inf
from typing import Any

import pytest

from autotrick.data import Dataset
from autotrick.errors import RecipeError, TrainingError
from autotrick.recipe import DataRef, Recipe
from autotrick.train import memory_probe
from autotrick.train.cost import occupying
from autotrick.train.loop import rehearse
from autotrick.train.memory_probe import Answer, Question, memory
from autotrick.tricks import TRICKS

DIGITS = DataRef(name="digits", image_size=32, validation=0.2)


def recipe(batch_size: int, **changes: Any) -> Recipe:
    fields: dict[str, Any] = {"architecture": "fastnet", "architecture_settings": {"width": 0.25}}
    return Recipe(
        **fields | {"epochs": 2, "base_lr": 0.1} | changes, data=DIGITS, batch_size=batch_size
    )


@pytest.mark.slow
def test_large_batch_takes_more_than_a_small_one_by_what_it_holds(tmp_path: Any) -> None:
    small, large = (
        memory(Question(recipe=recipe(size), cache=tmp_path))["memory"] for size in (128, 1024)
    )

    # The first layer alone has 16 channels of 32x32 numbers an image, and its gradient as many.
    assert large - small > 896 * 16 * 32 * 32 * 4
    assert large > 2 * small
    assert large < 4e9


@pytest.mark.slow
def test_wrong_recipe_is_refused_as_training_it_would_be(tmp_path: Any) -> None:
    gone = recipe(8, architecture="no_such_net", architecture_settings={})
    other = recipe(8).model_copy(update={"data": DIGITS.model_copy(update={"fingerprint": "f00d"})})

    with pytest.raises(RecipeError, match="no_such_net"):
        memory(Question(recipe=gone, cache=tmp_path))
    with pytest.raises(TrainingError, match="f00d"):
        memory(Question(recipe=other, cache=tmp_path))


SCARCE = """
import sys
from autotrick.train import memory_probe
memory_probe.memory_left = lambda: 1
print(memory_probe.measured(memory_probe.Question.model_validate_json(sys.stdin.read())).model_dump_json())
"""


@pytest.mark.slow
def test_probe_runs_out_of_memory_before_the_machine_does(tmp_path: Any) -> None:
    asked = Question(recipe=recipe(1024), cache=tmp_path).model_dump_json()
    command = [sys.executable, "-c", SCARCE]

    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=True)

    answer = Answer.model_validate_json(done.stdout)
    assert (answer.reason, answer.bytes) == ("out_of_memory", 0)


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import os; os.kill(os.getpid(), 9)", inf),
        ("""print('{"reason": "out_of_memory", "message": "it ran out"}')""", inf),
        ("""print("noise"); print('{"bytes": 7}')""", 7),
    ],
)
def test_memory_that_runs_out_in_the_process_is_more_than_any_bound(
    monkeypatch: pytest.MonkeyPatch, code: str, found: float
) -> None:
    monkeypatch.setattr(memory_probe, "COMMAND", (sys.executable, "-c", code))

    assert memory(Question(recipe=recipe(8))) == {"memory": found}


@pytest.mark.parametrize("name", list(TRICKS))
def test_every_trick_can_be_rehearsed(
    digits: Dataset, make_recipe: Callable[..., Recipe], name: str
) -> None:
    needed: dict[str, dict[str, Any]] = {other: {} for other in TRICKS[name].needs}

    try:
        rehearse(make_recipe(tricks={**needed, name: {}}), digits)
    except RecipeError as error:
        pytest.skip(str(error))


def test_what_changes_no_size_needs_no_further_probe(make_recipe: Callable[..., Recipe]) -> None:
    plain = make_recipe()
    same = make_recipe(base_lr=0.7, seed=9, tricks={"cosine_decay": {}, "label_smoothing": {}})
    others = [
        make_recipe(batch_size=64),
        make_recipe(accumulation=2),
        make_recipe(architecture_settings={"width": 0.5}),
        make_recipe(tricks={"ema": {}}),
        make_recipe(tricks={"sam": {}}),
        make_recipe(tricks={"adamw": {}}),
        make_recipe(tricks={"squeeze_excite": {}}),
        make_recipe(precision="bf16"),
    ]

    assert occupying(plain) == occupying(same)
    assert len({occupying(found) for found in (plain, *others)}) == 1 + len(others)
    first, second = (make_recipe(tricks={"ema": {"half_life": life}}) for life in (0.02, 0.05))
    assert occupying(first) == occupying(second)
