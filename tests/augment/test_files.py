import json
from pathlib import Path
from typing import Any

import pytest
from timm.data.auto_augment import auto_augment_policy

from autotrick.augment.files import PolicyFile, read, write
from autotrick.augment.library_policies import EXAMPLES, library_policy
from autotrick.augment.policies import AUTO_AUGMENT, fault
from autotrick.errors import TrickError
from autotrick.tricks import build


def test_a_policy_survives_its_file(tmp_path: Path) -> None:
    policy: Any = AUTO_AUGMENT["svhn"]
    found = PolicyFile("searched_policy", {"policy": policy}, {"study": "s", "trial": 3})

    write(found, tmp_path / "p.json")

    assert read(tmp_path / "p.json") == found
    assert len((tmp_path / "p.json").read_text().splitlines()) < 40


def test_an_empty_policy_survives_too(tmp_path: Path) -> None:
    found = PolicyFile("searched_policy", {"policy": []})

    write(found, tmp_path / "p.json")

    assert read(tmp_path / "p.json") == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"p.json is not JSON"),
        ("[]", r"is not a policy file: `format` must be 'autotrick policy 1'"),
        (
            json.dumps({"format": "autotrick policy 1"}),
            r"`trick`, `settings` and `provenance` must",
        ),
        (
            json.dumps(
                {
                    "format": "autotrick policy 1",
                    "trick": "searched_policy",
                    "settings": {"policy": [[["Rotat", 1, 1]]]},
                }
            ),
            r"sub-policy 0: unknown operation 'Rotat'. Did you mean 'Rotate'",
        ),
    ],
)
def test_a_faulty_file_says_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "p.json").write_text(text)

    with pytest.raises(TrickError, match=message):
        read(tmp_path / "p.json")


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_can_be_built(name: str) -> None:
    found = library_policy(name)

    build(found.trick, found.settings)
    assert "made_from" in found.provenance


def test_torchvisions_names_are_its_policies() -> None:
    assert (
        library_policy("AutoAugmentPolicy.IMAGENET").settings["policy"] == AUTO_AUGMENT["imagenet"]
    )


def test_timms_strings_say_their_settings() -> None:
    assert library_policy("rand-m9-n2-mstd0.5-inc1").settings == {
        "num_ops": 2,
        "magnitude": 9.0,
        "magnitude_std": 0.5,
        "probability": 0.5,
        "increasing": True,
    }
    assert library_policy("augmix-m5-w4-d2").settings == {
        "severity": 5,
        "width": 4,
        "depth": 2,
        "all_operations": True,
        "interpolation": "bilinear",
    }


@pytest.mark.parametrize("name", ["original", "originalr", "v0", "v0r"])
def test_timms_policies_keep_their_operations_and_chances(name: str) -> None:
    ours: Any = library_policy(name).settings["policy"]

    theirs = auto_augment_policy(name)
    assert fault(ours) is None and len(ours) == len(theirs) == 25
    for own, their in zip(ours, theirs, strict=True):
        assert [step[1] for step in own] == [step.prob for step in their]
        for (operation, _, _), step in zip(own, their, strict=True):
            assert step.name.startswith(operation)


def test_timms_first_sub_policy_has_its_strengths() -> None:
    ours: Any = library_policy("original").settings["policy"]

    # Posterize at level 8 leaves 7 of 8 bits, Rotate at 9 is 27 degrees.
    assert ours[0] == [["Posterize", 0.4, 0.25], ["Rotate", 0.6, 0.9]]
    # Solarize at level 5 has its threshold at 128.
    assert ours[1][0] == ["Solarize", 0.6, pytest.approx(1 - 128 / 255)]
    # Color at level 4 is a factor of 0.82.
    assert ours[14][0] == ["Color", 0.6, pytest.approx(0.2)]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("rnad-m9", r"unknown policy 'rnad-m9'\. Policies: 3a, augmix-m5-w4-d2, cifar10"),
        ("rand-m9-q3", r"unknown section 'q'"),
        ("rand-tweights", r"the section 'tweights' is not a word and a number"),
        ("rand-m9-mmax30", r"magnitudes end at 10"),
        ("augmix-b1", r"not blended one by one"),
        ("3a-m4", r"unknown section 'm'"),
    ],
)
def test_what_cannot_be_done_is_said(name: str, message: str) -> None:
    with pytest.raises(TrickError, match=message):
        library_policy(name)
