from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from PIL import Image

Command = Callable[..., Result]
Space = Callable[..., str]

TRICKS = ("[tricks.mixup]", "[tricks.flip]\n[tricks.pad_crop]\n[tricks.ema]\n[tricks.mixup]")


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


def test_the_same_seed_gives_the_same_picture(command: Command, space: Space, folder: Path) -> None:
    name = space(TRICKS)

    for output, seed in (("a.png", "0"), ("b.png", "0"), ("c.png", "1")):
        command("preview", name, "-o", output, "--seed", seed, "--count", "6")

    assert np.array_equal(pixels(folder / "a.png"), pixels(folder / "b.png"))
    assert not np.array_equal(pixels(folder / "a.png"), pixels(folder / "c.png"))


def test_without_names_the_tricks_that_change_images_are_shown(
    command: Command, space: Space, folder: Path
) -> None:
    done = command("preview", space(TRICKS), "-o", "tricks.html", "--count", "3")

    assert done.stdout == "tricks.html: 4 rows\n"
    text = (folder / "tricks.html").read_text()
    assert [text.index(f'alt="{n}"') for n in ("as they are", "pad_crop", "flip", "mixup")] == (
        sorted(text.index(f'alt="{n}"') for n in ("as they are", "pad_crop", "flip", "mixup"))
    )
    assert "ema" not in text and "http" not in text
    assert "flip does flip, which changes what images of digits show" in done.stderr


def test_any_trick_and_any_policy_can_be_shown(command: Command, space: Space) -> None:
    done = command(
        *("preview", space(), "-o", "some.png", "--trick", "rotate", "--trick", "augmix"),
        *("--policy", "3a", "--policy", "svhn"),
    )

    assert done.stdout == "some.png: 5 rows\n"


@pytest.mark.usefixtures("study")
def test_a_trial_of_a_study_can_be_shown(command: Command, space: Space, folder: Path) -> None:
    done = command("preview", space(), "-o", "trial.html", "--study", "digits", "--trial", "1")

    assert done.exit_code == 0 and "trial 1 of digits" in (folder / "trial.html").read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("-o", "a.png", "--trick", "flpi"), "unknown trick 'flpi'. Did you mean 'flip'?"),
        (("-o", "a.png", "--policy", "nope"), "unknown policy 'nope'."),
        (("-o", "no/such/a.png", "--trick", "flip"), "no/such/a.png cannot be written"),
    ],
)
def test_bad_input_is_refused(
    refused: Callable[..., str], space: Space, words: tuple[str, ...], message: str
) -> None:
    assert message in refused("preview", space(), *words)


@pytest.mark.parametrize("words", [("-o", "a.jpg"), ("-o", "a.png", "--trial", "1")])
def test_wrong_usage_is_said(
    refused: Callable[..., str], space: Space, words: tuple[str, ...]
) -> None:
    assert refused("preview", space(), *words, status=2)


def test_a_space_without_image_tricks_asks_for_names(
    refused: Callable[..., str], space: Space
) -> None:
    name = space(("[tricks.mixup]\nalpha = { low = 0.1, high = 1.0 }", "[tricks.ema]"))

    assert "lists no trick that changes images" in refused("preview", name, "-o", "a.png")
