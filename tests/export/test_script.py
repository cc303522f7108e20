"""`train.py` trains a recipe again without autotrick, to the same weights."""

import ast
import contextlib
import gzip
import io
import json
import struct
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from autotrick.data import Dataset, load
from autotrick.domain import Float, Integer, Scalar
from autotrick.errors import RecipeError
from autotrick.export.script import LINES, Story, script_of, write_script
from autotrick.export.script.refusals import missing_tricks
from autotrick.export.script.tricks import WRITERS
from autotrick.recipe import DataRef, Fidelity, Leg, Recipe
from autotrick.space import load as load_space
from autotrick.train import train
from autotrick.tricks import TRICKS, assemble

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "data"
SPACES = sorted((ROOT / "search_spaces").glob("*.toml"))

WITHOUT_AUTOTRICK = """
import runpy, sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "autotrick":
            raise ModuleNotFoundError("autotrick is not here")

sys.meta_path.insert(0, Blocker())
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
assert not any(name.startswith("autotrick") for name in sys.modules)
"""

RUFF = [
    *(sys.executable, "-m", "ruff", "check", "--isolated", "--line-length", "100"),
    *("--select", "E,F,W,I,B,UP,C4,SIM,RET"),
]
"""The linter as somebody without autotrick's settings may call it."""

SMALL: dict[str, dict[str, Any]] = {
    "fastnet": {"width": 0.125},
    "resnet20": {"width": 0.25},
    "pyramidnet": {"depth": 11, "widening": 8},
    "shake_shake": {"base_channels": 4},
}
"""Settings that make each network quick to train."""


class Dice:
    """A chooser that throws dice."""

    def __init__(self, seed: object) -> None:
        self.dice = Random(str(seed))

    def number(self, name: str, domain: Float) -> float:
        return self.dice.uniform(domain.low, domain.high)

    def integer(self, name: str, domain: Integer) -> int:
        return self.dice.randrange(domain.low, domain.high + 1, domain.step)

    def choice(self, name: str, options: tuple[Scalar, ...]) -> Scalar:
        return self.dice.choice(options)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def digits(cache: Path) -> Dataset:
    """Digits of 16 pixels, most of them for validation, so that an epoch takes a blink."""
    ref = DataRef(name="digits", image_size=16, validation=0.8)
    return load(ref, cache_dir=cache)


@pytest.fixture(scope="session")
def photographs(cache: Path) -> Dataset:
    """The sample of CIFAR-10 that the tests come with."""
    return load(DataRef(name="cifar10", validation=0.3), data_dir=SAMPLE, cache_dir=cache)


def recipe_for(data: Dataset, /, **changes: Any) -> Recipe:
    """Return a small recipe for the data; keywords replace its fields."""
    colour = data.name == "cifar10"
    ref = DataRef(name="cifar10", validation=0.3)
    if not colour:
        ref = DataRef(name="digits", image_size=16, validation=0.8)
    architecture = changes.get("architecture", "fastnet" if colour else "lenet5")
    fields: dict[str, Any] = {
        "data": data.resolve(ref),
        "architecture": architecture,
        "architecture_settings": SMALL.get(architecture, {}),
        "epochs": 2,
        "batch_size": 32,
        "base_lr": 0.2,
        "seed": 11,
    }
    return Recipe(**fields | changes)


def story_of(recipe: Recipe, data: Dataset, *, until: int | None = None) -> Story:
    """Train a recipe with autotrick, and return what it came to."""
    result = train(recipe, data, until=until)
    return Story(len(result.reports), result.weights, result.accuracy, "study", 3)


def run_alone(file: Path, *options: str) -> str:
    """Run a program where autotrick cannot be imported; return what it prints."""
    command = [sys.executable, "-I", "-c", WITHOUT_AUTOTRICK, str(file), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_here(text: str, *options: str) -> str:
    """Run a program in this process, which takes less time; return what it prints."""
    printed, before = io.StringIO(), sys.argv
    try:
        sys.argv = ["train.py", *options]
        with contextlib.redirect_stdout(printed):
            exec(compile(text, "train.py", "exec"), {"__name__": "__main__"})
    finally:
        sys.argv = before
    return printed.getvalue()


TRIALS: dict[str, tuple[str, dict[str, Any], int | None]] = {
    "quickstart": (
        "digits",
        {
            "tricks": {
                "initialisation": {},
                "cosine_decay": {},
                "label_smoothing": {"epsilon": 0.07},
                "ema": {"half_life": 0.02},
                "mixup": {"alpha": 0.4},
            }
        },
        None,
    ),
    "pruned": ("digits", {"epochs": 5, "tricks": {"cosine_decay": {}, "cutout": {}}}, 2),
    "searched policy": (
        "photographs",
        {"tricks": {"linear_warmup": {}, "cosine_decay": {}, "flip": {}, "searched_policy": {}}},
        None,
    ),
    "AutoAugment": (
        "photographs",
        {"tricks": {"flip": {}, "pad_crop": {"border": "reflect"}, "auto_augment": {}}},
        None,
    ),
    "RandAugment": (
        "photographs",
        {"tricks": {"step_decay": {}, "rand_augment": {}, "no_norm_decay": {}, "cutmix": {}}},
        None,
    ),
    "resnet20": ("photographs", {"architecture": "resnet20", "tricks": {"ricap": {}}}, None),
    "pyramidnet": (
        "photographs",
        {"architecture": "pyramidnet", "tricks": {"cosine_decay": {}, "cutout": {}}},
        None,
    ),
    "shake_shake": ("photographs", {"architecture": "shake_shake", "tricks": {"ricap": {}}}, None),
    "timm": ("digits", {"architecture": "timm/resnet10t", "epochs": 1}, None),
    "random erasing": (
        "photographs",
        {"tricks": {"random_erasing": {}, "trivial_augment": {}, "subset": {}}},
        None,
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", TRIALS)
def test_the_program_of_a_trial_ends_with_its_weights(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    source, changes, until = TRIALS[name]
    data = request.getfixturevalue(source)
    recipe = recipe_for(data, **changes)
    story = story_of(recipe, data, until=until)

    file = write_script(recipe, tmp_path / "train.py", story)
    printed = run_alone(file, "--data-dir", str(SAMPLE))

    assert f"weights {story.weights}: identical to {story.weights}" in printed
    assert printed.count("accuracy") == story.epochs
    check_text(file.read_text())


def check_text(text: str) -> None:
    """Fail unless a program is short, plain and free of lint."""
    assert sum(bool(line.strip()) for line in text.split("\n")) <= LINES
    assert text.isascii()
    done = subprocess.run(
        [*RUFF, "--stdin-filename", "train.py", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_the_program_of_every_trick_is_free_of_lint(photographs: Dataset, tmp_path: Path) -> None:
    for name in WRITERS:
        recipe = recipe_for(photographs, tricks={name: {}})
        write_script(recipe, tmp_path / f"{name}.py", Story(1, "0" * 16))

    done = subprocess.run([*RUFF, str(tmp_path)], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def small_one(space: Path, seed: int, data: Dataset) -> Recipe:
    """Return a recipe of a shipped space, its network and its training made small."""
    drawn = load_space(space).decide(Dice((space.stem, seed)))
    return recipe_for(
        data,
        architecture=drawn.architecture,
        tricks=drawn.tricks,
        momentum=drawn.momentum,
        weight_decay=drawn.weight_decay,
        scaling_exponent=drawn.scaling_exponent,
        seed=seed,
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("space", SPACES, ids=lambda path: path.stem)
def test_a_recipe_of_a_shipped_space_is_identical_or_refused_by_name(
    space: Path, seed: int, digits: Dataset, photographs: Dataset
) -> None:
    data = photographs if space.stem.startswith("cifar10") else digits
    recipe = small_one(space, seed, data)
    story = story_of(recipe, data)

    try:
        text = script_of(recipe, story)
    except RecipeError as error:
        message = str(error)
    else:
        assert "identical" in run_here(text, "--data-dir", str(SAMPLE)).split("not identical")[0]
        return

    named = [trick.name for trick in assemble(recipe) if trick.name not in WRITERS]
    assert message.startswith("train.py")
    assert all(name in message for name in named)
    assert named or "lines" in message


def test_a_program_can_be_cut_short_and_saves_its_weights(digits: Dataset, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    recipe = recipe_for(digits)
    text = script_of(recipe, story_of(recipe, digits))

    outs = [tmp_path / name for name in ("weights.safetensors", "weights.pt")]
    printed = [run_here(text, "--epochs", "1", "--out", str(out)) for out in outs]

    assert printed[0] == printed[1]
    assert "not identical" in printed[0]
    plain, safe = torch.load(outs[1], weights_only=True), load_file(outs[0])
    assert all(torch.equal(plain[name], tensor) for name, tensor in safe.items())
    assert plain.keys() == safe.keys()


def made_folder(root: Path, digits: Dataset, *, splits: tuple[str, ...] = ("",)) -> Path:
    """Write six digits of each class as PNG files of several sizes, a folder a class."""
    from PIL import Image

    rows = [np.flatnonzero(digits.train.labels == label)[:6] for label in range(10)]
    for split in splits:
        for i in np.concatenate(rows).tolist():
            folder = root / split / f"class {digits.train.labels[i]}"
            folder.mkdir(parents=True, exist_ok=True)
            image = Image.fromarray(digits.train.images[i, ..., 0])
            image.resize((16 + i % 3, 18)).save(folder / f"{i:03}.png")
    return root


@pytest.mark.parametrize("splits", [("",), ("train", "val", "test")], ids=["plain", "with splits"])
@pytest.mark.parametrize("resize", ["squash", "crop", "pad"])
def test_folders_are_read_as_they_were(
    splits: tuple[str, ...], resize: str, digits: Dataset, tmp_path: Path
) -> None:
    made_folder(tmp_path / "pictures", digits, splits=splits)
    ref = DataRef.model_validate(
        {"name": "folder:pictures", "image_size": 16, "resize": resize, "validation": 0.3}
    )
    data = load(ref, data_dir=tmp_path, cache_dir=tmp_path / "cache")
    recipe = recipe_for(digits, data=data.resolve(ref), epochs=1, batch_size=16)
    story = story_of(recipe, data)

    text = script_of(recipe, story, shape=data.shape, classes=len(data.classes))

    assert f": identical to {story.weights}" in run_here(text, "--data-dir", str(tmp_path))


@pytest.mark.parametrize("zipped", [False, True])
def test_idx_files_are_read_as_they_were(zipped: bool, tmp_path: Path) -> None:
    dice, opened = np.random.default_rng(0), gzip.open if zipped else open
    for stem, count in (("train", 80), ("t10k", 20)):
        for kind, values in (
            ("images-idx3", dice.integers(0, 256, (count, 28, 28))),
            ("labels-idx1", np.arange(count) % 10),
        ):
            head = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
            with opened(tmp_path / f"{stem}-{kind}-ubyte{'.gz' * zipped}", "wb") as file:
                file.write(head + values.astype(np.uint8).tobytes())
    ref = DataRef(name="fashion_mnist", validation=0.2)
    data = load(ref, data_dir=tmp_path, cache_dir=tmp_path / "cache")
    recipe = recipe_for(data, data=data.resolve(ref), epochs=1, batch_size=16)
    story = story_of(recipe, data)

    printed = run_here(script_of(recipe, story), "--data-dir", str(tmp_path))

    assert f": identical to {story.weights}" in printed


def test_other_data_are_refused(digits: Dataset) -> None:
    recipe = recipe_for(digits)
    text = script_of(recipe, Story(1, "0" * 16))

    other = text.replace(recipe.data.fingerprint, "f" * 16)

    with pytest.raises(
        SystemExit, match=r"These are other data: their fingerprint is [0-9a-f]{16}"
    ):
        run_here(other)


REFUSED: dict[str, dict[str, Any]] = {
    "accumulation": {"accumulation": 2},
    "a compiled network": {"compiled": True},
    "a course of changing settings": {"course": (Leg(after=1, fields={"base_lr": 0.1}),)},
    "epochs at reduced fidelity": {"fidelity": Fidelity(of="data", rungs=((1, 0.5),))},
    "the trick manifold_mixup": {"tricks": {"manifold_mixup": {}}},
    "the trick drop_block and the trick random_order": {
        "tricks": {"drop_block": {}, "random_order": {}}
    },
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_expressed_is_refused_by_name(what: str, digits: Dataset) -> None:
    recipe = recipe_for(digits, **REFUSED[what])

    with pytest.raises(RecipeError) as error:
        script_of(recipe, Story(1, "0" * 16))

    assert str(error.value) == f"train.py cannot express {what}."


def test_data_that_programs_do_not_read_are_refused(digits: Dataset) -> None:
    ref = DataRef(name="svhn", fingerprint="a" * 16)

    with pytest.raises(RecipeError, match=r"train\.py does not read data of svhn; it reads digits"):
        script_of(recipe_for(digits, data=ref), Story(1, "0" * 16), shape=(32, 32, 3))


def test_only_what_a_recipe_uses_is_in_its_program(digits: Dataset) -> None:
    text = script_of(recipe_for(digits), Story(1, "0" * 16))

    functions = {n.name for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)}

    assert functions.isdisjoint({"mixup", "cutout", "update_average", "fastnet", "rate"})


def test_every_trick_is_written_or_listed_as_missing() -> None:
    assert set(missing_tricks()) == set(TRICKS) - set(WRITERS)
    page = (ROOT / "docs" / "train_script.md").read_text()
    assert f"`{'`, `'.join(missing_tricks())}`" in page.replace("\n", " ")


def test_the_program_on_the_page_is_todays() -> None:
    page = (ROOT / "docs" / "train_script.md").read_text()
    shown = page.split("```python\n")[1].split("```")[0]
    recorded = json.loads(page.split("```json\n")[1].split("```")[0])

    recipe = Recipe.model_validate(recorded["recipe"])

    assert shown == script_of(recipe, Story(**recorded["story"]))
