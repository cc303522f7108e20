"""What is decided from a survey, a time and a speed; and that the written space says the same."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from autotrick import space as spaces
from autotrick.begin import Proposal, Survey, propose, space_text
from autotrick.begin.proposal import Start, begin, forbidden_changes
from autotrick.begin.survey import Sizes
from autotrick.tune.plan import plan_for

PHOTOS = Survey(
    name="folder:photos",
    classes=("cat", "dog", "fox"),
    counts={"train": (200, 200, 200)},
    channels=3,
    sizes=Sizes(low=(480, 640), high=(768, 1024), side=480, aspect=1.33, one=False),
)
DIGITS = replace(PHOTOS, classes=tuple("0123456789"), counts={"train": (140,) * 10}, channels=1)
LARGE = replace(PHOTOS, counts={"train": (20_000,) * 3})
OWN = replace(PHOTOS, counts={"train": (200, 200, 200), "validation": (50, 50, 50)})
SMALL = replace(PHOTOS, sizes=Sizes(low=(28, 28), high=(28, 28), side=28, aspect=1.0, one=True))
TINY = replace(PHOTOS, sizes=Sizes(low=(8, 8), high=(8, 8), side=8, aspect=1.0, one=True))
LOPSIDED = replace(PHOTOS, counts={"train": (1000, 200, 20)})


def proposed(survey: Survey, *, minutes: float = 40, epoch_s: float = 0.5) -> Proposal:
    def speed(start: Start) -> float:
        side = start.image_size or survey.sizes.low[0]
        return epoch_s * side**2 / 64**2

    return propose(survey, budget_s=60 * minutes, slots=2, gpu=False, pretrained=(), speed=speed)


def written(found: Proposal, folder: Path) -> Path:
    path = folder / "photos.toml"
    path.write_text(space_text(found, made="autotrick init photos", device="2 processors"))
    return path


@pytest.mark.parametrize(
    "survey", [PHOTOS, DIGITS, LARGE, OWN, SMALL, TINY, LOPSIDED], ids=lambda s: str(s.counts)
)
@pytest.mark.parametrize(("minutes", "epoch_s"), [(40, 0.5), (5, 0.5), (600, 0.1), (1, 30)])
def test_every_space_loads_and_can_be_planned(
    survey: Survey, minutes: float, epoch_s: float, tmp_path: Path
) -> None:
    found = proposed(survey, minutes=minutes, epoch_s=epoch_s)

    space = spaces.load(written(found, tmp_path))

    assert space.study.trials == found.trials and space.study.time_budget_min == minutes
    assert space.most("epochs") == found.epochs
    assert list(space.tricks) == [trick.name for trick in found.tricks]
    assert space.data.validation == (found.validation or 0.1)
    assert not space.warnings()
    if not found.short:
        plan = plan_for(space, found.trials)
        assert (plan is not None) == (len(found.tricks) >= 5)
        assert found.seconds <= found.budget_s


def test_few_photos_get_small_images_much_validation_and_shifted_copies() -> None:
    found = proposed(PHOTOS)

    assert (found.image_size, found.resize, found.validation) == (64, "crop", 0.3)
    assert (found.trained, found.carved) == (420, 180)
    assert found.batch_sizes == (16, 32)
    assert {"flip", "pad_crop"} <= {trick.name for trick in found.tricks}


def test_small_images_of_one_size_stay_as_they_are() -> None:
    assert begin(SMALL, gpu=False).image_size is None
    assert begin(TINY, gpu=False).image_size == 16
    assert begin(SMALL, gpu=False).architectures == ("fastnet",)
    grey = replace(SMALL, channels=1)
    assert begin(grey, gpu=False).architectures == ("lenet5", "fastnet")


def test_a_validation_split_of_its_own_is_kept() -> None:
    assert proposed(OWN).validation is None


def test_less_time_means_fewer_epochs_trials_and_smaller_images() -> None:
    rich, poor = proposed(PHOTOS, minutes=120), proposed(PHOTOS, minutes=2, epoch_s=3)

    assert rich.trials > poor.trials and rich.epochs > poor.epochs
    assert (rich.image_size, poor.image_size) == (64, 32)
    assert len(poor.tricks) < len(rich.tricks)
    assert poor.short and not rich.short


def test_few_images_are_no_want_of_time() -> None:
    assert not proposed(replace(PHOTOS, counts={"train": (30, 30, 30)}), epoch_s=0.1).short


@pytest.mark.parametrize(
    ("classes", "channels", "barred"),
    [
        (tuple("0123456789"), 1, True),
        (tuple("0123456789"), 3, True),
        (("10", "11", "12"), 1, True),
        (("10", "11", "12"), 3, False),
        (("zero", "one", "two"), 3, True),
        (("letter_a", "letter_b"), 3, True),
        (("turn left", "turn right", "stop"), 3, True),
        (("cat", "dog", "bright"), 3, False),
        (("stone", "wood"), 3, False),
    ],
)
def test_characters_and_sides_are_not_mirrored(
    classes: tuple[str, ...], channels: int, barred: bool
) -> None:
    forbidden, guess = forbidden_changes(replace(PHOTOS, classes=classes, channels=channels))

    assert ("flip" in forbidden) is barred
    assert guess.startswith("A guess")


def test_what_is_forbidden_is_in_no_trick(tmp_path: Path) -> None:
    found = proposed(DIGITS, minutes=600)

    tables = tomllib.loads(written(found, tmp_path).read_text())

    assert tables["augmentation"] == {"forbidden": ["flip", "vertical_flip", "right_angle"]}
    assert not {"flip", "trivial_augment", "colour_jitter"} & tables["tricks"].keys()


def test_classes_of_very_different_sizes_may_be_balanced() -> None:
    assert "class_balance" in {trick.name for trick in proposed(LOPSIDED).tricks}
    assert "class_balance" not in {trick.name for trick in proposed(PHOTOS).tricks}


@pytest.mark.parametrize("name", ['a"b', "a\\b", "new\nline", "del\x7f", "\N{SNOWMAN}", "a#b", "'"])
def test_names_from_outside_stay_values(name: str, tmp_path: Path) -> None:
    survey = replace(PHOTOS, name=f"folder:{name}", classes=(name, "dog\n[study]\ntrials = 9", "c"))
    found = proposed(survey)

    space = spaces.load(written(found, tmp_path))

    assert space.data.name == f"folder:{name}" and space.study.trials == found.trials


def test_pretrained_networks_are_listed_where_their_weights_are(tmp_path: Path) -> None:
    def speed(start: Start) -> float:
        return 0.5

    here = ("torchvision/resnet18",)
    found = propose(PHOTOS, budget_s=3600, slots=2, gpu=False, pretrained=here, speed=speed)

    tables = tomllib.loads(written(found, tmp_path).read_text())

    assert tables["search"]["architecture"] == ["fastnet", "torchvision/resnet18"]
    assert tables["architectures"]["torchvision/resnet18"]["pretrained"] is True
    assert found.image_size == 128
    assert spaces.load(tmp_path / "photos.toml").architectures.keys() >= {*here}
    assert "None is listed" in written(proposed(PHOTOS), tmp_path).read_text()
