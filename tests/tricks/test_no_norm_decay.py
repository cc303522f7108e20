from collections.abc import Callable

import pytest
import timm.optim
import torch
from torch import nn

from autotrick.tricks import Group, Run
from autotrick.tricks.no_norm_decay import NoNormDecay, split


@pytest.fixture
def model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.PReLU(4), nn.Flatten(), nn.Linear(4, 2)
    )


def whole(model: nn.Module) -> Group:
    names, parameters = zip(*model.named_parameters(), strict=True)
    return Group(list(names), list(parameters), weight_decay=0.01, lr_scale=0.5)


def test_convolutions_and_the_last_layer_keep_their_decay(model: nn.Module) -> None:
    decayed, exempt = split(whole(model))

    assert (decayed.names, decayed.weight_decay) == (["0.weight", "4.weight"], 0.01)
    assert exempt.names == ["0.bias", "1.weight", "1.bias", "2.weight", "4.bias"]
    assert exempt.weight_decay == 0.0
    assert (decayed.lr_scale, exempt.lr_scale) == (0.5, 0.5)


def test_equals_timm(model: nn.Module) -> None:
    theirs = timm.optim.param_groups_weight_decay(model, 0.01)

    ours = split(whole(model))

    by_decay = {group["weight_decay"]: {id(p) for p in group["params"]} for group in theirs}
    assert {g.weight_decay: {id(p) for p in g.parameters} for g in ours} == by_decay


def test_a_bias_of_more_dimensions_is_exempt() -> None:
    group = Group(["shift.bias", "shift.weight"], [nn.Parameter(torch.zeros(2, 2))] * 2, 0.01)

    decayed, exempt = split(group)

    assert (decayed.names, exempt.names) == (["shift.weight"], ["shift.bias"])


def test_every_group_is_split_and_none_is_empty(
    model: nn.Module, make_run: Callable[..., Run]
) -> None:
    everything = whole(model)
    first = Group(everything.names[:1], everything.parameters[:1], 0.1)
    rest = Group(everything.names[1:], everything.parameters[1:], 0.2)

    groups = NoNormDecay().on_groups([first, rest], make_run())

    assert [g.weight_decay for g in groups] == [0.1, 0.2, 0.0]
    assert sorted(name for g in groups for name in g.names) == sorted(everything.names)
