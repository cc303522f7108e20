from collections.abc import Callable

import numpy as np
import pytest
import torch

from autotrick import models
from autotrick.errors import RecipeError
from autotrick.tricks import Batch, Run
from autotrick.tricks.col_out import ColOut

MakeRun = Callable[..., Run]
MakeBatch = Callable[..., Batch]


def test_rows_and_columns_go_and_the_others_stay_in_order(
    make_run: MakeRun, make_batch: MakeBatch
) -> None:
    rows, columns = torch.meshgrid(torch.arange(20.0), torch.arange(32.0), indexing="ij")
    batch = make_batch(3, size=(20, 32))
    batch.images = (100 * rows + columns).expand(3, 3, 20, 32)

    after = ColOut(share=0.25).on_batch(batch, make_run(size=(20, 32))).images

    assert after.shape == (3, 3, 15, 24)  # as Composer: int((1 - share) * side)
    kept = after[0, 0]
    assert (kept[:, 0].diff() > 0).all() and (kept[0].diff() > 0).all()
    left, top = kept[0] % 100, kept[:, 0] // 100
    torch.testing.assert_close(kept, 100 * top[:, None] + left)
    assert torch.equal(after, kept.expand_as(after))


def test_every_row_goes_equally_often(make_run: MakeRun) -> None:
    trick, run, count, side = ColOut(share=0.25), make_run(), 20_000, 8
    kept = np.zeros(side)
    for update in range(count):
        run.update = update
        kept[trick.choose(run.generator("col_out"), side).numpy()] += 1

    band = 4 * np.sqrt(0.25 * 0.75 / count)
    np.testing.assert_allclose(kept / count, 0.75, atol=band)


def test_a_network_of_one_size_is_refused(make_run: MakeRun) -> None:
    run = make_run(size=(32, 32))
    run.model = models.build("lenet5", {}, classes=10, channels=3, image_size=(32, 32), seed=0)

    with pytest.raises(RecipeError, match=r"col_out: lenet5 cannot take images of 27x27 pixels"):
        ColOut().on_start(run)
