"""Tricks that decide which samples an epoch visits."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotrick.tricks import Run
from autotrick.tricks.class_balance import ClassBalance, shares
from autotrick.tricks.curriculum import Curriculum, distances, ranks
from autotrick.tricks.repeated_augmentation import RepeatedAugmentation
from autotrick.tricks.subset import Subset, chosen

MakeRun = Callable[..., Run]
COUNTS = (600, 60, 6, 34)
LABELS = np.repeat(np.arange(4), COUNTS)


@pytest.fixture
def run(make_run: MakeRun) -> Run:
    made = make_run(classes=4)
    made.labels = np.random.default_rng(0).permutation(LABELS)
    return made


def an_epoch(run: Run) -> np.ndarray:
    return run.stream("order").generator(run.epoch).permutation(len(run.labels))


@pytest.mark.parametrize(("fraction", "kept"), [(0.1, [60, 6, 1, 3]), (0.5, [300, 30, 3, 17])])
def test_subset_is_stratified(run: Run, fraction: float, kept: list[int]) -> None:
    order = Subset(fraction=fraction).on_order(an_epoch(run), run)

    assert np.bincount(run.labels[order]).tolist() == kept
    assert len(np.unique(order)) == len(order)


def test_subset_is_the_same_in_every_epoch_in_another_order(run: Run) -> None:
    first = Subset().on_order(an_epoch(run), run)
    run.epoch = 1
    second = Subset().on_order(an_epoch(run), run)

    assert set(first) == set(second) and first.tolist() != second.tolist()


def test_every_sample_is_as_likely_to_stay() -> None:
    labels = np.repeat([0, 1], [40, 60])
    times = sum(
        chosen(labels, 0.25, np.random.default_rng(seed)).astype(int) for seed in range(2000)
    )

    # 2000 draws of a quarter each; 100 samples, so 4.5 deviations.
    assert (np.abs(np.asarray(times) - 500) < 4.5 * np.sqrt(2000 * 0.25 * 0.75)).all()


@pytest.mark.parametrize(("power", "expected"), [(0.0, [175, 175, 175, 175]), (1.0, list(COUNTS))])
def test_shares_of_classes(power: float, expected: list[int]) -> None:
    assert shares(np.array(COUNTS), power).tolist() == expected


@given(
    counts=st.lists(st.integers(0, 5000), min_size=2, max_size=20).filter(any),
    power=st.floats(0, 1),
)
def test_shares_add_up_and_follow_the_power(counts: list[int], power: float) -> None:
    sizes = np.array(counts)

    found = shares(sizes, power)

    exact = np.where(sizes > 0, sizes.astype(float) ** power, 0)
    exact *= sizes.sum() / exact.sum()
    assert found.sum() == sizes.sum()
    assert (np.abs(found - exact) < 1).all() and not found[sizes == 0].any()


def test_rare_classes_come_several_times_with_draws_of_their_own(run: Run) -> None:
    order = ClassBalance().on_order(an_epoch(run), run)

    size = len(run.labels)
    assert len(order) == size
    assert np.bincount(run.labels[order % size]).tolist() == [175] * 4
    assert len(np.unique(order)) == len(order)  # a further copy is another sample
    rare = np.bincount(order[run.labels[order % size] == 2] % size)
    assert set(rare[rare > 0]) == {29, 30}  # 175 visits of 6 images in turn


def test_frequent_images_take_turns(run: Run) -> None:
    first = ClassBalance().on_order(an_epoch(run), run)
    run.epoch = 1
    second = ClassBalance().on_order(an_epoch(run), run)

    def frequent(order: np.ndarray) -> set[int]:
        return set(order[run.labels[order % 700] == 0])

    assert frequent(first) != frequent(second)


@pytest.mark.parametrize("copies", [2, 3])
def test_copies_stand_side_by_side(run: Run, copies: int) -> None:
    plain = an_epoch(run)

    order = RepeatedAugmentation(copies=copies).on_order(plain, run)

    assert len(order) == len(plain) // copies * copies
    rows = order.reshape(-1, copies)
    assert (rows % 700 == plain[: len(rows), None]).all()
    assert (rows // 700 == np.arange(copies)).all()


@pytest.mark.parametrize(("epoch", "share"), [(0, 0.3), (2, 0.58), (4, 0.86), (5, 1.0), (9, 1.0)])
@pytest.mark.parametrize("first", ["easy", "hard", "random"])
def test_curriculum_widens(run: Run, first: str, epoch: int, share: float) -> None:
    run.images = np.random.default_rng(0).integers(0, 256, (700, 4, 4, 1), dtype=np.uint8)
    run.epoch = epoch  # of 10, half of which it grows in

    order = Curriculum(first=first).on_order(an_epoch(run), run)

    assert len(order) == 700
    shown = np.bincount(run.labels[np.unique(order % 700)])
    assert shown.tolist() == [int(np.ceil(share * n - 1e-9)) for n in COUNTS]
    assert len(np.unique(order)) == 700


def test_easy_images_lie_near_their_class(run: Run) -> None:
    labels = np.repeat([0, 1], 50)
    blend = np.tile(np.linspace(0, 1, 50), 2)  # from the own class to the other
    grey = np.where(labels == 0, 50 + 100 * blend, 150 - 100 * blend)
    images = np.broadcast_to(grey[:, None, None, None], (100, 4, 4, 1)).astype(np.uint8)

    found = ranks(distances(images, labels, 3), labels)

    np.testing.assert_allclose(found, np.tile(np.arange(50) / 50, 2))


def test_distances_equal_a_loop() -> None:
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (30, 3, 2, 3), dtype=np.uint8), np.arange(30) % 3

    found = distances(images, labels, 3)

    means = [images[labels == k].astype(float).mean(0) for k in range(3)]
    for i in range(30):
        far = [((images[i] - mean) ** 2).sum() for mean in means]
        own = far.pop(labels[i])
        assert found[i] == pytest.approx(own - min(far))
