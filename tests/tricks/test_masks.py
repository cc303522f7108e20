"""Every image trick moves masks with their images, or refuses them by name.

Tricks get pictures of a backend that only moves pixels: what each trick then makes of an image that
equals its own mask must still equal the mask.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from autotrick.augment import cpu
from autotrick.augment.pictures import Pictures
from autotrick.augment.policies import AUTO_AUGMENT, GEOMETRY, OPERATIONS
from autotrick.domain import Value
from autotrick.errors import TrickError
from autotrick.tricks import TRICKS, Run, Trick, build
from autotrick.tricks.image_stage import augment
from autotrick.tricks.random_order import RandomOrder

MakeRun = Callable[..., Run]

COUNT, SIZE = 60, (12, 12)
SAMPLES = np.arange(COUNT)
ON_IMAGES = [name for name, kind in TRICKS.items() if kind.on_images is not Trick.on_images]
REFUSING = {"augmix", "jsd_consistency"}
MOVING = {
    *("flip", "alternating_flip", "vertical_flip", "right_angle", "rotate", "scale", "shear"),
    *("translate", "pad_crop", "crop_resize", "random_crop"),
    *("auto_augment", "rand_augment", "trivial_augment", "timm_rand_augment"),
    *("searched_policy", "policy_schedule"),
}


class OnlyMoves:
    """The CPU backend without the operations that change values."""

    def __getattr__(self, name: str) -> Any:
        moving = ("copy", "to_numpy", "replace", "flip", "flip_vertical", "turn", "crop")
        if name in (*moving, "move", "warp", "enlarge"):
            return getattr(cpu, name)
        return lambda pixels, *_: pixels

    def apply(self, pixels: Any, operations: Any, *how: Any, **ignore: Any) -> Any:
        moves = np.isin(operations, [OPERATIONS.index(name) for name in GEOMETRY])
        apply: Any = cpu.apply
        return apply(pixels, np.where(moves, operations, 0), *how, **ignore)


class Opaque:
    """Pixels that nothing can be asked but their shape."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def __len__(self) -> int:
        return self.shape[0]


class Recorder:
    """A backend that notes the names of its operations and computes nothing."""

    def __init__(self) -> None:
        self.called: list[str] = []

    def __getattr__(self, name: str) -> Any:
        def operation(pixels: Opaque, *parameters: Any) -> Opaque:
            self.called.append(name)
            return pixels

        return operation


def cases() -> Iterator[Any]:
    for name in ON_IMAGES:
        if name not in REFUSING:
            yield pytest.param(name, {}, id=name)
    for name in AUTO_AUGMENT:
        yield pytest.param("auto_augment", {"policy": name}, id=f"auto_augment-{name}")
    everything = [[[name, 0.7, 0.6], ["Rotate", 0.5, 0.4]] for name in OPERATIONS]
    for name in ("searched_policy", "policy_schedule"):
        yield pytest.param(name, {"policy": everything}, id=f"{name}-all")


def nearest(name: str, settings: dict[str, Value]) -> Trick:
    """Return the trick so that its images are looked up as masks are."""
    names = {spec.name for spec in TRICKS[name].settings()}
    more: dict[str, Value] = {"interpolation": "nearest"} if "interpolation" in names else {}
    return build(name, settings | more)


@pytest.fixture
def run(make_run: MakeRun) -> Run:
    """A run in the middle of a trial, of images that equal their masks."""
    made = make_run(channels=1, size=SIZE, update=23)
    made.images = labels()[..., None]
    made.labels, made.masks = np.arange(COUNT), labels()
    return made


def labels() -> NDArray[np.uint8]:
    return np.random.default_rng(2).integers(1, 255, (COUNT, *SIZE), dtype=np.uint8)


def masks(pictures: Pictures) -> NDArray[np.uint8]:
    assert isinstance(pictures.masks, np.ndarray)
    return pictures.masks


def doubled() -> Pictures:
    backend: Any = OnlyMoves()
    return Pictures(labels()[..., None].copy(), labels(), 0, backend)


@pytest.mark.parametrize(("name", "settings"), [*cases()])
def test_an_image_that_equals_its_mask_still_does(
    run: Run, name: str, settings: dict[str, Value]
) -> None:
    run.update = 93

    pictures = augment(doubled(), [nearest(name, settings)], SAMPLES, run)

    np.testing.assert_array_equal(pictures.pixels[..., 0], masks(pictures))
    moved = masks(pictures).shape != (COUNT, *SIZE) or (masks(pictures) != labels()).any()
    assert moved == (name in MOVING)


def test_clean_images_of_a_curriculum_bring_their_masks(run: Run) -> None:
    tricks = [build("flip", {"probability": 1.0}), build("augmentation_curriculum", {})]

    pictures = augment(doubled(), tricks, SAMPLES, run)

    np.testing.assert_array_equal(pictures.pixels[..., 0], masks(pictures))
    clean = (masks(pictures) == labels()).all((1, 2))
    assert 0.3 < clean.mean() < 0.8


@pytest.mark.parametrize("update", [0, 7, 23])
def test_masks_follow_tricks_in_any_order(make_run: MakeRun, run: Run, update: int) -> None:
    run.update = update
    several = ("crop_resize", "pad_crop", "rotate", "flip", "rand_augment", "colour_jitter", "blur")
    tricks = [nearest(name, {}) for name in several]

    pictures = augment(doubled(), RandomOrder().order_image_tricks(tricks, run), SAMPLES, run)

    np.testing.assert_array_equal(pictures.pixels[..., 0], masks(pictures))
    assert (masks(pictures) != labels()).any()


@pytest.mark.parametrize(("name", "settings"), [*cases()])
def test_masks_change_no_pixel(make_run: MakeRun, name: str, settings: dict[str, Value]) -> None:
    made, trick = make_run(size=SIZE, update=23), build(name, settings)
    images = np.random.default_rng(1).integers(0, 256, (COUNT, *SIZE, 3), dtype=np.uint8)

    plain = augment(Pictures(images.copy()), [trick], SAMPLES, made)
    made.masks = np.zeros((len(made.labels), *SIZE), np.uint8)
    masked = augment(Pictures(images.copy(), labels()), [trick], SAMPLES, made)

    np.testing.assert_array_equal(plain.pixels, masked.pixels)
    assert masks(masked).shape == masked.pixels.shape[:3] and masks(masked).dtype == np.uint8


def test_tricks_without_masks_say_so() -> None:
    assert {name for name in ON_IMAGES if TRICKS[name].without_masks} == REFUSING


@pytest.mark.parametrize("name", sorted(REFUSING))
def test_a_trick_that_cannot_move_masks_refuses_them_by_name(run: Run, name: str) -> None:
    with pytest.raises(TrickError, match=f"^{name}: cannot act on images with masks: it blends"):
        augment(run.pictures(SAMPLES), [build(name, {})], SAMPLES, run)

    assert len(augment(Pictures(run.images.copy()), [build(name, {})], SAMPLES, run)) == COUNT


@pytest.mark.parametrize("name", [name for name in ON_IMAGES if name != "jsd_consistency"])
def test_a_trick_asks_the_backend_and_never_the_pixels(make_run: MakeRun, name: str) -> None:
    recorder: Any = Recorder()
    made, pictures = (
        make_run(size=SIZE, update=23),
        Pictures(Opaque((COUNT, *SIZE, 3)), backend=recorder),
    )

    build(name, {}).on_images(pictures, SAMPLES, made)

    assert recorder.called
