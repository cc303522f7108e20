"""What a screen will tell is said before it begins."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Command = Callable[..., Result]
SPACE = """
question = "Which tricks help?"

[data]
name = "digits"
image_size = 16
validation = 0.2

[fixed]
architecture = "lenet5"
batch_size = 64
epochs = 3

[search]
base_lr = { low = 0.03, high = 0.6, log = true }

[tricks.linear_warmup]
[tricks.cosine_decay]
[tricks.label_smoothing]
[tricks.mixup]
[tricks.cutout]
[tricks.ema]
"""


@pytest.fixture
def space(folder: Path) -> Path:
    path = folder / "six.toml"
    path.write_text(SPACE)
    return path


def test_a_dry_run_shows_plan_design_and_precision(command: Command, space: Path) -> None:
    done = command("search", space.name, "--trials", "40", "--dry-run")

    assert done.exit_code == 0, done.output
    assert "Base: 5 trials to choose the base from, one of them without tricks" in done.stdout
    line = next(line for line in done.stdout.splitlines() if line.startswith("Screen: "))
    said = r"Screen: 24 trials of 3 epochs: ±\d[\d.]* points for each of 6 tricks, about \d+ "
    assert re.match(said, line)
    assert "(a guess: 90 % accuracy on 287 validation images)" in line
    table = done.stdout.split("The screen: which tricks are on in which trial")[1]
    assert all(re.search(rf"\b{number} +.? *[12] ", table) for number in range(5, 29))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--trials", "6"), "the smallest screen of 6 tricks has 12 trials, and the study has 6"),
        (("--precision", "-1"), "-1"),
    ],
)
def test_a_screen_that_cannot_be_is_refused(
    command: Command, space: Path, words: tuple[str, ...], says: str
) -> None:
    done = command("screen", space.name, *words, "--dry-run")

    assert done.exit_code != 0 and says in done.stderr.replace("\n", " ")


def test_a_base_outside_its_space_is_refused(refused: Callable[..., str], space: Path) -> None:
    space.write_text(SPACE + "\n[study.base]\nbase_lr = 7.0\nmixup = true\n")

    said = refused("search", space.name)

    assert "study.base: base_lr=7.0 is not in 0.03 to 0.6 (log)" in said
    assert "study.base: the base has no tricks, but got mixup" in said
