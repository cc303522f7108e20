from typing import Any

import pytest
import torch
from torch import nn

from autotrick.errors import RecipeError
from autotrick.models import build, describe, verify


def make(name: str, side: int = 32, channels: int = 3, **settings: Any) -> nn.Module:
    return build(name, settings, classes=10, channels=channels, image_size=(side, side), seed=0)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["torchvision/mobilenet_v3_small", "timm/resnet18"])
def test_trains_a_step_on_small_grey_images(name: str) -> None:
    model = make(name, 28, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    images, labels = torch.rand(4, 1, 28, 28), torch.arange(4)
    before = [weight.clone() for weight in model.parameters()]

    loss = nn.functional.cross_entropy(model(images), labels)
    loss.backward()  # type: ignore[no-untyped-call, unused-ignore]
    optimizer.step()

    after = list(model.parameters())
    assert all(torch.isfinite(weight).all() for weight in after)
    assert not torch.equal(before[0], after[0])
    assert not torch.equal(before[-1], after[-1])


def test_resnet18_gets_the_stem_that_cifar_needs() -> None:
    model = make("timm/resnet18")

    # 11,173,962 weights and 0.56 thousand million multiply-adds: ResNet-18 as CIFAR papers have it.
    assert describe(model, (3, 32, 32)) == (11_173_962, 555_422_720)
    assert not any(isinstance(module, nn.MaxPool2d) for module in model.modules())


def test_stem_stays_when_asked() -> None:
    model: Any = make("torchvision/resnet18", small_stem="no")

    assert model.conv1.kernel_size == (7, 7)
    assert isinstance(model.maxpool, nn.MaxPool2d)


def test_large_images_keep_the_stem() -> None:
    model: Any = make("torchvision/resnet18", 96)

    assert model.conv1.stride == (2, 2)


def test_small_stem_is_the_middle_of_the_large_one() -> None:
    small: Any = make("torchvision/resnet18")
    large: Any = make("torchvision/resnet18", small_stem="no")

    middle = large.conv1.weight[:, :, 2:5, 2:5]
    torch.testing.assert_close(small.conv1.weight, middle * 7 / 3)
    torch.testing.assert_close(small.layer4[0].conv1.weight, large.layer4[0].conv1.weight)
    # Kaiming's deviation for 64 filters of 3x3, by fan out.
    assert small.conv1.weight.std().item() == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.1)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "torchvision/densenet121",
        "torchvision/efficientnet_b0",
        "torchvision/googlenet",
        "torchvision/mobilenet_v2",
        "torchvision/mobilenet_v3_small",
        "torchvision/regnet_y_400mf",
        "torchvision/shufflenet_v2_x0_5",
        "torchvision/squeezenet1_1",
        "timm/resnet18d",
        "timm/tf_efficientnet_b0",
    ],
)
def test_small_stem_keeps_the_side_of_the_image(name: str) -> None:
    cost = describe(make(name, small_stem="yes"), (3, 32, 32))
    shrunk = describe(make(name, small_stem="no"), (3, 32, 32))

    # Halved once less, convolutions have four times the work; linear layers have the same.
    assert cost.multiply_adds > 2.5 * shrunk.multiply_adds


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "first"), [("torchvision/vit_b_16", "16x16"), ("timm/convnext_atto", "4x4")]
)
def test_stem_of_patches_is_refused(name: str, first: str) -> None:
    message = rf"{name}: the stem cannot be made small .* {first} convolution .* small_stem to 'no'"
    with pytest.raises(RecipeError, match=message):
        make(name)


@pytest.mark.slow
def test_images_that_vanish_are_refused() -> None:
    with pytest.raises(RecipeError, match=r"vgg11_bn cannot take images of 28x28 pixels: \w+"):
        make("torchvision/vgg11_bn", 28)


@pytest.mark.parametrize(
    ("name", "near"),
    [("timm/resnet81", "timm/resnet18"), ("torchvision/mobilnet_v2", "torchvision/mobilenet_v2")],
)
def test_unknown_classifier_gets_near_names(name: str, near: str) -> None:
    with pytest.raises(
        RecipeError, match=f"has no such classifier. Similar names: .*{near}"
    ) as error:
        verify(name)

    assert str(error.value).count(",") <= 4


def test_known_classifier_passes() -> None:
    verify("torchvision/resnet18")
    verify("lenet5")
