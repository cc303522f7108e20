import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from PIL import Image

from autotrick.report.pictures import PictureRow, draw

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

    text = (folder / "trial.html").read_text()
    assert done.exit_code == 0 and "trial 1 of digits: " in text and "in update " in text


def test_every_row_says_its_settings(command: Command, space: Space, folder: Path) -> None:
    command(
        *("preview", space(), "-o", "some.html", "--policy", "svhn", "--policy", "3a"),
        *("--trick", "mixup", "--trick", "rotate:degrees=40,border=wrap", "--operation", "Rotate"),
    )

    text = (folder / "some.html").read_text()
    notes = dict(re.findall(r"<td>([^<]*)<small>([^<]*)</small>", text))
    assert notes.pop("as they are") == ""
    assert notes["svhn"].startswith("searched_policy (policy of 25, border constant")
    assert notes["3a"] == "three_augment (probability 1, jitter 0)"
    assert re.fullmatch(r"alpha 0.2; target of the first image: \d+% \d \+ \d+% \d", notes["mixup"])
    assert notes["rotate:degrees=40,border=wrap"].startswith("degrees 40, border wrap, inter")
    assert notes["Rotate"].endswith("either way by turns; 1 is 30 degrees")


def test_five_borders_side_by_side_are_five_rows(
    command: Command, space: Space, folder: Path
) -> None:
    borders = ("constant", "edge", "reflect", "symmetric", "wrap")
    words = [word for b in borders for word in ("--trick", f"rotate:degrees=40,border={b}")]

    done = command("preview", space(), "-o", "borders.html", *words)

    assert done.stdout == "borders.html: 6 rows\n"
    shown = re.findall(r'src="(data:image[^"]+)"', (folder / "borders.html").read_text())
    assert len(set(shown)) == 6


def test_all_operations_are_shown_by_their_strength(command: Command, space: Space) -> None:
    assert command("preview", space(), "-o", "a.png", "--operation", "all").stdout == (
        "a.png: 17 rows\n"
    )


def test_what_changes_no_pixel_is_said(command: Command, space: Space, folder: Path) -> None:
    command("preview", space(), "-o", "a.html", "--trick", "rotate:degrees=0")

    assert "; changes no pixel here" in (folder / "a.html").read_text()


@pytest.mark.parametrize("name", ["random_order", "augmentation_curriculum", "cutmix", "resizemix"])
def test_what_acts_on_other_tricks_or_by_chance_shows(
    command: Command, space: Space, folder: Path, name: str
) -> None:
    command("preview", space(), "-o", "a.html", "--trick", name)

    assert "changes no pixel here" not in (folder / "a.html").read_text()


def test_a_long_note_makes_its_row_higher() -> None:
    images = np.zeros((2, 8, 8, 1), np.uint8)

    short, long = (
        draw("t", [PictureRow("a", note, images)] * 3) for note in ("b", "many words " * 30)
    )

    assert long.height > short.height + 3 * 50


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("-o", "a.png", "--trick", "flip:chance=1"), "flip: unknown setting 'chance'."),
        (("-o", "a.png", "--trick", "flip:probability=x"), "must be a number, but got 'x'."),
        (("-o", "a.png", "--trick", "flip:probability=2"), "`0 <= probability <= 1` must hold"),
        (("-o", "a.png", "--operation", "Rotat"), "unknown operation 'Rotat'. Did you mean 'Rot"),
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
