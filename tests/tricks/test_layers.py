import timm
from torch import nn

from autotrick.tricks.layers import head, layers, parameters


def test_a_layer_is_a_weight_and_the_normalisation_after_it() -> None:
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.BatchNorm2d(4), nn.Sequential(nn.Linear(4, 2), nn.PReLU())
    )

    found = [list(parameters(layer)) for layer in layers(model)]

    first = ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert found == [first, ["3.0.weight", "3.0.bias", "3.1.weight"]]


def test_layers_hold_every_parameter_once() -> None:
    model = timm.create_model("resnet18", num_classes=7)

    found = [name for layer in layers(model) for name in parameters(layer)]

    assert found == [name for name, _ in model.named_parameters()]
    assert list(head(model)) == ["fc.weight", "fc.bias"]
