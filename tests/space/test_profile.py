import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from autotrick.augment.files import PolicyFile, write
from autotrick.domain import PolicyDomain
from autotrick.errors import SpaceError
from autotrick.space import SearchSpace, load
from autotrick.tricks import TRICKS

Make = Callable[[Mapping[str, Any]], SearchSpace]

SPACE = """
question = "Does a policy from elsewhere help?"
[data]
name = "digits"
[fixed]
architecture = "lenet5"
epochs = 2
batch_size = 64
base_lr = 0.1
[tricks.searched_policy]
policy = "file:found.json"
"""


def operations(space: SearchSpace) -> tuple[str, ...]:
    domain = space.tricks["searched_policy"].settings["policy"]
    assert isinstance(domain, PolicyDomain)
    return domain.operations


def test_forbidden_operations_leave_the_searched_policy(space_with: Make) -> None:
    tricks = {"searched_policy": {"policy": "search"}}

    space = space_with({"tricks": tricks, "augmentation": {"forbidden": ["rotate", "invert"]}})

    assert len(operations(space)) == 13
    assert not {"Rotate", "Invert"} & {*operations(space)}


def test_only_allowed_operations_stay(space_with: Make) -> None:
    tricks = {"searched_policy": {"policy": {"sub_policies": 3}}}

    space = space_with({"tricks": tricks, "augmentation": {"allowed": ["translate", "shear"]}})

    kept = ("Identity", "ShearX", "ShearY", "TranslateX", "TranslateY")
    assert operations(space) == kept


def test_a_profile_survives_the_database(space_with: Make) -> None:
    tricks = {"searched_policy": {"policy": "search"}, "pad_crop": {}}
    space = space_with({"tricks": tricks, "augmentation": {"forbidden": ["rotate"]}})

    again = SearchSpace.model_validate(json.loads(space.model_dump_json()))

    assert again == space and again.digest() == space.digest()


@pytest.mark.parametrize(
    ("trick", "settings", "message"),
    [
        ("flip", {}, r"tricks.flip: does flip, which \[augmentation\] bars. Leave it out"),
        ("alternating_flip", {}, r"tricks.alternating_flip: does flip, which"),
        (
            "auto_augment",
            {"policy": "svhn"},
            r"auto_augment: policy 'svhn' does invert, rotate, wh",
        ),
        ("auto_augment", {"policy": ["cifar10", "svhn"]}, r"policy 'cifar10' does invert, rotate"),
        ("trivial_augment", {}, r"does rotate, which .* or list searched_policy"),
        ("timm_rand_augment", {}, r"timm_rand_augment: does invert, rotate"),
        (
            "searched_policy",
            {"policy": {"names": ["Rotate", "Color"]}},
            r"policy: names Rotate, wh",
        ),
        (
            "searched_policy",
            {"policy": [[["Invert", 1, 1], ["Color", 1, 1], ["Rotate", 1, 1]]]},
            r"searched_policy: does invert, rotate \(Invert, Rotate\), which .* search the policy",
        ),
    ],
)
def test_what_breaks_the_profile_is_refused_by_name(
    space_with: Make, trick: str, settings: dict[str, Any], message: str
) -> None:
    augmentation = {"forbidden": ["flip", "rotate", "invert"]}

    with pytest.raises(SpaceError, match=message):
        space_with({"tricks": {trick: settings}, "augmentation": augmentation})


@pytest.mark.parametrize(
    ("augmentation", "message"),
    [
        ({"forbidden": ["flips"]}, r"augmentation.forbidden: .*'flips'\. Did you mean 'flip'"),
        ({"allowed": ["flip"], "forbidden": ["rotate"]}, r"`allowed` or `forbidden`, not both"),
        ({"banned": []}, r"augmentation: unknown key 'banned'"),
    ],
)
def test_a_faulty_profile_says_what_is_wrong(
    space_with: Make, augmentation: dict[str, Any], message: str
) -> None:
    with pytest.raises(SpaceError, match=message):
        space_with({"augmentation": augmentation})


def test_mirrored_digits_are_doubted_until_the_space_speaks(space_with: Make) -> None:
    tricks: dict[str, Any] = {"flip": {}, "right_angle": {}, "rotate": {}}

    silent = space_with({"tricks": tricks})
    meant = space_with({"tricks": tricks, "augmentation": {"forbidden": ["jpeg"]}})

    assert [warning.split()[0] for warning in silent.warnings()] == ["flip", "right_angle"]
    assert meant.warnings() == []


def test_every_image_trick_says_what_it_does() -> None:
    silent = {
        name
        for name, trick in TRICKS.items()
        if "on_images" in vars(trick)
        and name != "augmentation_curriculum"
        and not trick().transformations()
    }

    assert silent == set()


def test_a_policy_file_is_resolved_when_the_space_is_loaded(tmp_path: Path) -> None:
    policy: Any = [[["Rotate", 0.5, 0.25]], []]
    write(PolicyFile("searched_policy", {"policy": policy}), tmp_path / "found.json")
    (tmp_path / "space.toml").write_text(SPACE)

    space = load(tmp_path / "space.toml")

    domain = space.tricks["searched_policy"].settings["policy"]
    assert domain.ends() == (policy,)


def test_a_space_keeps_where_its_policy_was_found(tmp_path: Path) -> None:
    known: Any = {"study": "fashion", "trial": 3, "data": "fashion_mnist", "accuracy": 0.8412}
    known["recipe"] = "0123456789abcdef"
    found = PolicyFile("searched_policy", {"policy": [[["Rotate", 0.5, 0.25]]]}, known)
    write(found, tmp_path / "found.json")
    (tmp_path / "other.toml").write_text(SPACE)

    space = load(tmp_path / "other.toml")

    where = (
        "found.json: trial 3 of study fashion on fashion_mnist, 84.12 % there "
        "(recipe 0123456789abcdef)"
    )
    assert space.origins == {"searched_policy": where}
    assert SearchSpace.model_validate(space.model_dump(mode="json")) == space


def test_a_policy_file_brings_its_other_settings_and_the_space_has_the_last_word(
    tmp_path: Path,
) -> None:
    settings: Any = {"policy": [[]], "border": "wrap", "interpolation": "bicubic"}
    write(PolicyFile("searched_policy", settings), tmp_path / "found.json")
    (tmp_path / "other.toml").write_text(SPACE + 'border = "edge"\n')

    domains = load(tmp_path / "other.toml").tricks["searched_policy"].settings

    assert domains["interpolation"].ends() == ("bicubic",)
    assert domains["border"].ends() == ("edge",)


def test_origins_are_not_written_by_hand(tmp_path: Path) -> None:
    write(PolicyFile("searched_policy", {"policy": []}), tmp_path / "found.json")
    (tmp_path / "other.toml").write_text(SPACE + "[origins]\nflip = 'me'\n")

    with pytest.raises(SpaceError, match=r"origins: autotrick fills it in"):
        load(tmp_path / "other.toml")


def test_a_policy_file_of_another_trick_says_how_to_use_it(tmp_path: Path) -> None:
    write(PolicyFile("augmix", {"width": 4}), tmp_path / "found.json")
    (tmp_path / "space.toml").write_text(SPACE)

    with pytest.raises(SpaceError, match=r"is of augmix. List that trick with its settings"):
        load(tmp_path / "space.toml")


def test_a_missing_policy_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "space.toml").write_text(SPACE)

    with pytest.raises(SpaceError, match=r"found.json: cannot be read: No such file"):
        load(tmp_path / "space.toml")


def test_a_schedule_comes_from_a_file_too_and_keeps_to_the_profile(tmp_path: Path) -> None:
    settings: Any = {"policy": [[["Rotate", 0.5, 0.25]], []], "starts": [0.0, 0.5]}
    write(PolicyFile("policy_schedule", settings, {"made_from": "PBA"}), tmp_path / "found.json")
    text = SPACE.replace("searched_policy", "policy_schedule")
    (tmp_path / "a.toml").write_text(text)
    (tmp_path / "b.toml").write_text(text + "[augmentation]\nforbidden = ['rotate']\n")

    space = load(tmp_path / "a.toml")

    assert space.tricks["policy_schedule"].settings["starts"].ends() == ([0.0, 0.5],)
    assert space.origins == {"policy_schedule": "found.json: PBA"}
    with pytest.raises(SpaceError, match=r"does rotate \(Rotate\), which \[augmentation\] bars"):
        load(tmp_path / "b.toml")
