"""Files of Fast AutoAugment and of PBA, made up here in the forms that they are published in."""

import json
from pathlib import Path
from typing import Any

import pytest

from autotrick.augment.published_files import LISTED, read_published
from autotrick.errors import TrickError
from autotrick.tricks import build

FAST: Any = [
    [("Contrast", 0.5, 0.25), ("Rotate", 0.25, 0.9)],
    [("TranslateY", 0.75, 0.0), ("Posterize", 1.0, 0.5)],
    [("Solarize", 0.125, 0.75), ("Cutout", 0.5, 0.5)],
    [("TranslateXAbs", 1.0, 0.5), ("Invert", 0.0, 0.7)],
]


def numbers(**operations: tuple[int, int]) -> list[int]:
    """Return PBA's list: two entries for each operation, of which the first may be used here."""
    flat: list[int] = []
    for name in LISTED:
        flat += operations.get(name, (0, 0))
    return flat + [0] * len(flat)


def line(target: str, source: str, epochs: int, old: list[int], new: list[int]) -> list[Any]:
    return [target, source, epochs, epochs, {"hp_policy": old}, {"hp_policy": new}]


@pytest.mark.parametrize("written", [repr, json.dumps, lambda policy: repr(policy) + "\n\n"])
def test_a_list_of_fast_auto_augment_becomes_a_policy(tmp_path: Path, written: Any) -> None:
    (tmp_path / "fa.txt").write_text(written(FAST))

    found = read_published(tmp_path / "fa.txt", None)

    assert found.trick == "searched_policy"
    policy: Any = found.settings["policy"]
    # Levels run between the ends of their ranges: a rotation at 0.9 is 24 degrees, a contrast at 1/4
    # a factor of 0.55, a translation at 0 is 45 percent of the side.
    assert policy[0] == [["Contrast", 0.5, 0.5], ["Rotate", 0.25, pytest.approx(0.8)]]
    assert policy[1] == [["TranslateY", 0.75, pytest.approx(0.993)], ["Posterize", 1.0, 0.5]]
    assert policy[2] == [["Solarize", 0.125, pytest.approx(1 - 192 / 255)]]
    assert policy[3] == [
        ["TranslateX", 1.0, pytest.approx(5 / 32 / (150 / 331))],
        ["Invert", 0, 0.7],
    ]
    assert build(found.trick, found.settings).values()["policy"] == policy
    assert "cutout" in str(found.provenance["differences"])


def test_a_log_of_pba_becomes_a_schedule(tmp_path: Path) -> None:
    first, second = numbers(Rotate=(3, 5)), numbers(Rotate=(4, 10), Cutout=(1, 1))
    third = numbers(ShearX=(10, 2), Solarize=(5, 5))
    lines = [
        line("7", "9", 5, first, third),  # of another line of ancestors
        line("1", "0", 40, first, second),
        line("2", "1", 120, second, third),
    ]
    (tmp_path / "pba.txt").write_text("\n".join(map(repr, lines)) + "\n")

    found = read_published(tmp_path / "pba.txt", 160)

    assert found.trick == "policy_schedule"
    assert found.settings["starts"] == [0.0, 0.25, 0.75]
    assert found.settings["policy"] == [
        [["Rotate", 0.3, 0.5]],
        [["Rotate", 0.4, 1.0]],
        [["Solarize", 0.5, pytest.approx(128 / 255, abs=0.005)], ["ShearX", 1.0, 0.2]],
    ]
    assert build(found.trick, found.settings).name == "policy_schedule"


def test_operations_by_epoch_are_a_schedule_too(tmp_path: Path) -> None:
    content = {"0": [["Rotate", 0.3, 5]], "10": [["Color", 0.2, 0], ["Equalize", 1.0, 10]]}
    (tmp_path / "epochs.json").write_text(json.dumps(content))

    found = read_published(tmp_path / "epochs.json", 20)

    assert found.settings == {
        "starts": [0.0, 0.5],
        "policy": [[["Rotate", 0.3, 0.5]], [["Color", 0.2, 1.0], ["Equalize", 1.0, 1.0]]],
    }


@pytest.mark.parametrize(
    ("text", "epochs", "message"),
    [
        ("{", None, r"is not a list in Python or JSON"),
        ("3", None, r"holds neither a list of sub-policies .* nor a schedule"),
        ("[]", None, r"holds neither"),
        ("[[['Rotate', 1]]]", None, r"holds neither"),
        ("[[['Rotat', 1, 1]]]", None, r"unknown operation 'Rotat'. Did you mean 'Rotate'"),
        ("[[['Rotate', 2, 1]]]", None, r"`0 <= probability <= 1` must hold, but got 2"),
        ("{'0': [['Rotate', 0.3, 5]]}", None, r"Say for how many epochs .*: --epochs"),
        ("{'5': [['Rotate', 0.3, 5]]}", 9, r"must begin in epoch 0 .* but begin in 5"),
        ("{'0': [], '12': []}", 9, r"before 9, but begin in 0, 12"),
        (repr(["1", "0", 4, 4, {"hp_policy": [1]}, {"hp_policy": [1]}]), 9, r"holds neither"),
    ],
)
def test_what_cannot_be_read_is_said(
    tmp_path: Path, text: str, epochs: int | None, message: str
) -> None:
    (tmp_path / "p.txt").write_text(text)

    with pytest.raises(TrickError, match=message):
        read_published(tmp_path / "p.txt", epochs)
