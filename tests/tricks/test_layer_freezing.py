from itertools import islice

import numpy as np
import pytest
import torch

from autotrick.train import train
from autotrick.train.loop import losses
from autotrick.tricks.layer_freezing import LayerFreezing
from autotrick.tricks.layers import layers
from tests.optimizing import make_data, make_recipe, ready


@pytest.mark.parametrize(("start", "level"), [(0.5, 1.0), (0.0, 0.6), (0.9, 1.0)])
def test_the_share_climbs_along_a_line(start: float, level: float) -> None:
    trick = LayerFreezing(start=start, level=level)
    done = np.linspace(0, 1, 41)

    shares = [trick.share(float(x)) for x in done]

    np.testing.assert_allclose(shares, np.interp(done, [start, 1], [0, level]), atol=1e-12)


def test_frozen_layers_stay_bit_for_bit_and_the_others_move() -> None:
    asked = make_recipe({"layer_freezing": {"start": 0.25}}, weight_decay=0.1)
    run, stages = ready(asked)
    training, deepest = losses(run, stages), 0
    list(islice(training, 8))

    for _ in range(run.updates - 8):
        before = {name: x.clone() for name, x in run.model.state_dict().items()}
        next(training)
        depth = int(run.metrics["frozen_layers"])
        after = run.model.state_dict()
        for i, layer in enumerate(layers(run.model)):
            for name, module in layer:
                same = [
                    torch.equal(before[f"{name}.{key}"], after[f"{name}.{key}"])
                    for key in module.state_dict()
                ]
                assert all(same) if i < depth else not all(same), (name, depth)
        deepest = max(deepest, depth)
    assert deepest == 6  # of 7: the share before the last update is below 1


def test_the_number_of_weights_does_not_change_and_the_last_layer_trains() -> None:
    plain = train(make_recipe({}, epochs=4), make_data())
    frozen = train(make_recipe({"layer_freezing": {"start": 0.0}}, epochs=4), make_data())

    assert frozen.parameters == plain.parameters
    assert len({report.weights for report in frozen.reports}) == 4
    assert [report.extra["frozen_layers"] for report in frozen.reports] == [1, 3, 4, 6]


@pytest.mark.parametrize("other", ["sam", "clip_norm", "adaptive_clip", "lookahead", "adabound"])
def test_goes_with_what_reads_gradients(other: str) -> None:
    asked = make_recipe({"layer_freezing": {"start": 0.0}, other: {}}, epochs=3)

    result = train(asked, make_data())

    assert np.isfinite(result.reports[-1].train_loss)
