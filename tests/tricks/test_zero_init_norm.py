from collections.abc import Callable

import torch

from autotrick import models
from autotrick.tricks import Run
from autotrick.tricks.zero_init_norm import ZeroInitNorm


def test_every_block_starts_as_its_shortcut(make_run: Callable[..., Run]) -> None:
    model = models.build(
        "resnet20", {"width": 0.25}, classes=10, channels=3, image_size=(8, 8), seed=0
    )
    run = make_run()

    ZeroInitNorm().on_model(model, run)

    assert run.notes == {"zero_init_norm.layers": 9}
    block = model.get_submodule("4")
    maps = torch.rand(2, 4, 8, 8)
    assert torch.equal(block(maps), maps)
    zero = [name for name, p in model.named_parameters() if not p.any() and "weight" in name]
    assert zero == [f"{i}.bn2.weight" for i in range(3, 12)]
