import copy
import subprocess
import sys
from typing import Any

import pytest
import torch
from torch import nn

from autotrick.errors import RecipeError
from autotrick.models import ARCHITECTURES, build, complete, describe, find
from autotrick.tricks.base import Setting


def make(name: str, side: int = 32, channels: int = 3, seed: int = 0, **settings: Any) -> nn.Module:
    return build(name, settings, classes=10, channels=channels, image_size=(side, side), seed=seed)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    ("name", "side"),
    [(name, side) for name in ("lenet5", "resnet20", "fastnet") for side in (28, 32, 64)]
    + [("lenet5", 12), ("resnet20", 8), ("fastnet", 8), ("fastnet", 16), ("fastnet", 27)],
)
def test_gives_a_logit_for_each_class(name: str, side: int, channels: int) -> None:
    model = make(name, side, channels, width=0.5)

    assert model(torch.rand(2, channels, side, side)).shape == (2, 10)


@pytest.mark.parametrize("name", ["lenet5", "resnet20", "fastnet"])
def test_takes_images_that_are_not_square(name: str) -> None:
    model = build(name, {}, classes=3, channels=1, image_size=(24, 40), seed=0)

    assert model(torch.rand(2, 1, 24, 40)).shape == (2, 3)


@pytest.mark.parametrize(
    ("name", "side", "channels", "parameters", "multiply_adds"),
    [
        # LeNet-5: 156 + 2,416 + 48,120 + 10,164 + 850.
        ("lenet5", 28, 1, 61_706, 117_600 + 240_000 + 48_000 + 10_080 + 840),
        # ResNet-20: 0.27 million in table 6 of the paper; 40.6 million multiply-adds.
        ("resnet20", 32, 3, 269_722, 40_551_040),
        ("fastnet", 32, 3, 1_973_152, 146_942_464),
    ],
)
def test_cost_is_as_counted_by_hand(
    name: str, side: int, channels: int, parameters: int, multiply_adds: int
) -> None:
    cost = describe(make(name, side, channels), (channels, side, side))

    assert cost == (parameters, multiply_adds)


@pytest.mark.parametrize("name", ["lenet5", "resnet20", "fastnet"])
def test_seed_alone_decides_the_weights(name: str) -> None:
    first = make(name, seed=1).state_dict()
    torch.rand(7)
    again = make(name, seed=1).state_dict()
    other = make(name, seed=2).state_dict()

    assert all(torch.equal(first[key], again[key]) for key in first)
    assert not all(torch.equal(first[key], other[key]) for key in first)


@pytest.mark.parametrize("name", ["lenet5", "timm/resnet18"])
def test_global_generator_is_left_alone(name: str) -> None:
    torch.manual_seed(3)
    before = torch.get_rng_state()

    make(name)

    assert torch.equal(torch.get_rng_state(), before)
    assert torch.initial_seed() == 3


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lenet5", "resnet20", "fastnet"])
def test_learns_a_handful_of_images(name: str) -> None:
    torch.manual_seed(0)
    images, labels = torch.randn(16, 1, 16, 16), torch.arange(16) % 4
    model = build(name, {"width": 0.5}, classes=4, channels=1, image_size=(16, 16), seed=0)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)

    for _ in range(60):
        loss = nn.functional.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call, unused-ignore]
        optimizer.step()

    assert loss.item() < 0.2


@pytest.mark.parametrize("name", ["resnet20", "fastnet"])
def test_can_be_copied_for_averaging(name: str) -> None:
    model = make(name).eval()
    image = torch.rand(1, 3, 32, 32)

    assert torch.equal(copy.deepcopy(model)(image), model(image))


def test_describing_keeps_mode_and_statistics() -> None:
    model = make("fastnet", width=0.25)
    before = copy.deepcopy(model.state_dict())

    describe(model, (3, 32, 32))

    assert model.training
    assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())


@pytest.mark.parametrize(
    ("name", "spec", "end"),
    [
        (architecture.name, spec, end)
        for architecture in ARCHITECTURES.values()
        for spec in architecture.settings
        if spec.domain
        for end in spec.domain.ends()
    ],
)
def test_builds_at_both_ends_of_every_setting(name: str, spec: Setting, end: Any) -> None:
    assert make(name, **{spec.name: end})(torch.rand(2, 3, 32, 32)).shape == (2, 10)


@pytest.mark.parametrize("architecture", ARCHITECTURES.values(), ids=ARCHITECTURES)
def test_declaration_is_whole(architecture: Any) -> None:
    assert all(paper.link.startswith("https://") for paper in architecture.papers)
    assert architecture.summary
    for spec in architecture.settings:
        assert spec.about.endswith(".")


def test_settings_are_completed_with_defaults() -> None:
    assert complete("fastnet", {}) == {"width": 1.0}
    assert complete("fastnet", {"width": 2}) == {"width": 2.0}


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("lenet", {}, r"unknown architecture 'lenet'\. Did you mean 'lenet5'\?"),
        (
            "keras/vgg",
            {},
            r"Architectures: fastnet, lenet5, pyramidnet, resnet20, shake_shake, timm/NAME, torchvision/NAME",
        ),
        ("timm/", {}, "unknown architecture 'timm/'"),
        ("lenet5", {"depth": 3}, r"lenet5: unknown setting 'depth'\. .*Settings: width"),
        ("lenet5", {"width": 0.0}, r"`0 < width <= 16` must hold, but got width=0\.0"),
        ("lenet5", {"width": True}, "width must be a float, but got True"),
        ("lenet5", {"width": "wide"}, "width must be a float, but got 'wide'"),
        ("timm/resnet18", {"small_stem": "maybe"}, "small_stem is one of auto, yes, no"),
    ],
)
def test_bad_names_and_settings_are_refused(
    name: str, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(RecipeError, match=message):
        complete(name, settings)


def test_images_that_are_too_small_are_refused() -> None:
    with pytest.raises(RecipeError, match="needs images of at least 12 pixels a side, but got 8x8"):
        make("lenet5", 8)


def test_declarations_load_no_heavy_library() -> None:
    code = (
        "import sys; from autotrick.models import find; find('timm/resnet18').settings;"
        "sys.exit(bool({'torch', 'torchvision', 'timm'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_library_names_are_declared_alike() -> None:
    settings = find("torchvision/resnet18").settings

    assert settings == find("timm/resnet18").settings
    assert {spec.name: spec.default for spec in settings} == {
        "small_stem": "auto",
        "pretrained": False,
        "freeze": "none",
    }
