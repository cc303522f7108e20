from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from autotrick.errors import TrickError
from autotrick.tricks import Batch, Run
from autotrick.tricks.cutmix import Cutmix, box, paste


def test_pastes_the_box_and_shares_the_label_by_area() -> None:
    images = torch.arange(2.0).reshape(2, 1, 1, 1).expand(2, 1, 4, 5)

    mixed, targets = paste(images, torch.eye(2), torch.tensor([1, 0]), slice(1, 3), slice(0, 2))

    expected = torch.zeros(4, 5)
    expected[1:3, :2] = 1
    assert torch.equal(mixed[0, 0], expected)
    assert torch.equal(mixed[1, 0], 1 - expected)
    torch.testing.assert_close(targets, torch.tensor([[0.8, 0.2], [0.2, 0.8]]))


@pytest.mark.parametrize(
    ("share", "centre", "expected"),
    [
        (0.75, (0.5, 0.5), (8, 24, 16, 48)),  # half of each side, in the middle
        (0.75, (0.0, 1.0), (0, 8, 48, 64)),  # clipped at a corner
        (0.0, (0.5, 0.5), (0, 32, 0, 64)),  # all of the image
        (1.0, (0.3, 0.3), (10, 10, 19, 19)),  # nothing
    ],
)
def test_box_keeps_proportions_and_is_clipped(
    share: float, centre: tuple[float, float], expected: tuple[int, ...]
) -> None:
    rows, columns = box(32, 64, share, np.array(centre))

    assert (rows.start, rows.stop, columns.start, columns.stop) == expected


@given(
    share=st.floats(0, 1),
    centre=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    size=st.tuples(st.integers(1, 64), st.integers(1, 64)),
)
def test_box_lies_in_the_image_and_is_as_large_as_asked(
    share: float, centre: tuple[float, float], size: tuple[int, int]
) -> None:
    found = box(*size, share, np.array(centre))

    for axis in (0, 1):
        length, low = size[axis] * np.sqrt(1 - share), centre[axis] * size[axis]
        exact = np.clip([low - length / 2, low + length / 2], 0, size[axis])
        np.testing.assert_allclose((found[axis].start, found[axis].stop), exact, atol=0.5 + 1e-9)


def draws(run: Run, trick: Cutmix, count: int, side: int) -> np.ndarray:
    """Return the area that each of many updates pasted, 0 where it did not mix."""
    areas = []
    for update in range(count):
        run.update = update
        images = torch.arange(2.0).reshape(2, 1, 1, 1).expand(2, 1, side, side)
        batch = Batch(images, torch.eye(2), torch.arange(2), np.arange(2))
        mixed = trick.on_batch(batch, run)
        assert mixed.targets[0, 1].item() == pytest.approx(mixed.images[0].mean().item(), abs=1e-6)
        areas.append(mixed.targets[0, 1].item())
    return np.array(areas)


@pytest.mark.slow
def test_draws_have_the_published_statistics(make_run: Callable[..., Run]) -> None:
    count, side = 20_000, 256
    run = make_run(channels=1, classes=2, size=(side, side))

    areas = draws(run, Cutmix(), count, side)

    # Half of the updates mix, and half of these meet a partner other than the image itself.
    mixed = areas[areas > 0]
    rate = 0.25
    assert len(mixed) / count == pytest.approx(rate, abs=4 * np.sqrt(rate * (1 - rate) / count))
    # A box of side s = sqrt(1 - share), share ~ U(0, 1), shows s - s^2 / 4 of a side on average
    # when its centre is uniform; so its area is E[s^2 - s^3 / 2 + s^4 / 16].
    expected = 1 / 2 - 1 / 2 * (2 / 5) + 1 / 16 * (1 / 3)
    assert mixed.mean() == pytest.approx(expected, abs=4 * mixed.std() / np.sqrt(len(mixed)))


def test_probability_moves_no_other_draw(
    make_run: Callable[..., Run], make_batch: Callable[..., Batch]
) -> None:
    always = [Cutmix(probability=1.0).on_batch(make_batch(), make_run(update=u)) for u in range(20)]
    half = [Cutmix(probability=0.5).on_batch(make_batch(), make_run(update=u)) for u in range(20)]

    plain = make_batch().images
    acted = [not torch.equal(batch.images, plain) for batch in half]
    assert 3 < sum(acted) < 17
    assert all(
        torch.equal(a.images, h.images) for a, h, on in zip(always, half, acted, strict=True) if on
    )


@pytest.mark.parametrize("settings", [{"alpha": 0.0}, {"probability": 1.5}])
def test_settings_out_of_range_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(TrickError, match=r"cutmix: `.*` must hold, but got"):
        Cutmix(**settings)
