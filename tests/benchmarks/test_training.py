import pytest

from benchmarks.training import BATCH, images, ours, theirs


def test_the_images_are_a_data_set() -> None:
    data = images(3 * BATCH)
    assert data.train.images.shape == (3 * BATCH, 32, 32, 3)
    assert len(data.validation) == BATCH
    assert set(data.train.labels.tolist()) == set(range(len(data.classes)))


@pytest.mark.slow
def test_both_sides_train_an_epoch() -> None:
    data = images(2 * BATCH)
    for side in (ours, theirs):
        side("lenet5", {"width": 1.0})(data)
