from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from autotrick import models
from autotrick.tricks import Run
from autotrick.tricks.graph import Waist, branches, waists
from autotrick.tricks.surgery import head, replace_norms

MakeRun = Callable[..., Run]


def network(name: str) -> nn.Module:
    return models.build(name, {}, classes=10, channels=3, image_size=(32, 32), seed=0)


@pytest.mark.parametrize(
    ("name", "count", "last"),
    [
        ("resnet20", 9, "11.bn2"),
        ("torchvision/resnet18", 8, "layer4.1.bn2"),
        ("torchvision/mobilenet_v3_small", 6, "features.11.block.3.1"),
        ("timm/mobilenetv3_small_050", 7, "blocks.4.2.bn3"),
    ],
)
@pytest.mark.slow
def test_residual_branches_of_known_networks(
    make_run: MakeRun, name: str, count: int, last: str
) -> None:
    found = branches(network(name), make_run(size=(32, 32)))

    assert len(found) == count
    assert found[-1].end == found[-1].norm == last


class Block(nn.Module):
    """A block whose shortcut has a convolution and a norm of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.short = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))
        self.one, self.two = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.norm = nn.GroupNorm(2, 4)
        self.gate = nn.Conv2d(4, 4, 1)
        self.shift = nn.Parameter(torch.ones(4, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        inside: Tensor = self.norm(self.two(self.one(images).relu()))
        inside = inside * self.gate(inside.mean((2, 3), keepdim=True)).sigmoid()
        added: Tensor = inside + self.short(images)
        return (added + self.shift).mean((2, 3))


def test_the_longer_way_is_the_branch_and_constants_are_no_shortcut(make_run: MakeRun) -> None:
    (found,) = branches(Block(), make_run())

    assert found.norm == "norm"


def test_a_chain_has_no_branches_and_looking_changes_nothing(make_run: MakeRun) -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(144, 10))
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}

    assert branches(model, make_run()) == []

    assert model.training and not model[0]._forward_hooks
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())


def test_fused_norms_keep_their_activation() -> None:
    from timm.layers import BatchNormAct2d

    model = nn.Sequential(nn.Conv2d(3, 4, 1), BatchNormAct2d(4))

    assert replace_norms(model, lambda _: nn.Identity()) == 1

    assert (model(torch.randn(2, 3, 4, 4)) >= 0).all()


def test_head_is_the_last_layer_with_a_logit_a_class() -> None:
    model = nn.Sequential(nn.Linear(5, 7), nn.Linear(7, 7), nn.ReLU())

    assert head(model, 7) is model[1]
    assert head(model, 8) is None


def test_waists_are_the_parts_that_no_shortcut_leads_around(make_run: MakeRun) -> None:
    model = nn.Sequential(Block(), nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 10))

    found = waists(model, make_run())

    assert found == [
        Waist("0", 4, (4,)),
        Waist("1", 5, (5,)),
        Waist("2", 5, (5,)),
        Waist("3", 6, (10,)),
    ]


def test_waists_of_a_residual_network_are_the_ends_of_its_blocks(make_run: MakeRun) -> None:
    last = {waist.layers: waist.path for waist in waists(network("resnet20"), make_run())}

    assert list(last.values()) == ["2", *(f"{i}.relu2" for i in range(3, 11)), "13", "14"]
