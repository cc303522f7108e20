"""Pretrained weights of timm and torchvision: real networks, written by timm itself, read back."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from autotrick.errors import AutotrickError, RecipeError, ResourceError
from autotrick.models import build, complete, normalisation
from autotrick.models.weights import absolute, find, pinned, published
from autotrick.recipe import Settings
from autotrick.tricks.freezing import is_frozen, train_mode

NET = "timm/test_resnet"
TORCHVISION = "torchvision/shufflenet_v2_x0_5"


def make(name: str = NET, channels: int = 3, seed: int = 0, **settings: Any) -> nn.Module:
    return build(name, settings, classes=4, channels=channels, image_size=(32, 32), seed=seed)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of networks with other classes than those at hand, as timm and torchvision save them."""
    import timm
    from torchvision.models import get_model

    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(5)
    network = timm.create_model("test_resnet", num_classes=7)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.get_buffer("running_mean"))
    timm.models.save_for_hf(network, str(folder / "test_resnet.mine"), safe_serialization=True)
    other: nn.Module = get_model("shufflenet_v2_x0_5", weights=None)
    torch.save(other.state_dict(), folder / "shufflenet_v2_x0_5-01234567.pth")
    return folder


@pytest.fixture(scope="module")
def file(folder: Path) -> str:
    return str(absolute(NET, str(folder), Path("/")))


def saved(file: str) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    return load_file(file)


def test_all_but_the_head_comes_from_the_file(file: str) -> None:
    found, drawn, given = make(pretrained=file).state_dict(), make().state_dict(), saved(file)

    for key, tensor in found.items():
        from_head = key.startswith("fc.")
        assert torch.equal(tensor, drawn[key] if from_head else given[key]), key
    assert found["fc.weight"].shape[0] == 4 and given["fc.weight"].shape[0] == 7


def test_the_seed_decides_the_head_alone(file: str) -> None:
    one, other = make(pretrained=file).state_dict(), make(pretrained=file, seed=1).state_dict()

    unlike = {key for key in one if not torch.equal(one[key], other[key])}
    assert unlike == {"fc.weight", "fc.bias"}


def test_grey_images_see_the_sum_over_the_colours(file: str) -> None:
    grey, colour = make(pretrained=file, channels=1), make(pretrained=file)
    images = torch.rand(2, 1, 32, 32)

    grey.eval()
    colour.eval()
    grey.fc, colour.fc = nn.Identity(), nn.Identity()

    torch.testing.assert_close(grey(images), colour(images.expand(-1, 3, -1, -1)))


def test_torchvision_reads_its_own_file(folder: Path) -> None:
    file = str(absolute(TORCHVISION, str(folder), Path("/")))
    given = torch.load(file, weights_only=True)

    found = make(TORCHVISION, pretrained=file).state_dict()

    assert all(torch.equal(found[key], given[key]) for key in found if not key.startswith("fc."))
    assert found["fc.weight"].shape[0] == 4


def test_a_pretrained_stem_stays_as_it_is() -> None:
    drawn: Any = make("torchvision/resnet18")
    kept: Any = build(
        "torchvision/resnet18",
        {"pretrained": True},
        classes=4,
        channels=3,
        image_size=(32, 32),
        seed=0,
        pretrained_weights=False,
    )

    assert drawn.conv1.kernel_size == (3, 3)
    assert kept.conv1.kernel_size == (7, 7) and isinstance(kept.maxpool, nn.MaxPool2d)


@pytest.mark.slow
def test_a_network_saved_with_a_small_stem_asks_for_one(tmp_path: Path) -> None:
    small = make("timm/resnet18")
    path = tmp_path / "resnet18.pth"
    torch.save(small.state_dict(), path)

    with pytest.raises(RecipeError, match=r"do not fit timm/resnet18: conv1.* set small_stem"):
        make("timm/resnet18", pretrained=str(path))
    found = make("timm/resnet18", pretrained=str(path), small_stem="yes").state_dict()

    assert torch.equal(found["conv1.weight"], small.state_dict()["conv1.weight"])


def test_a_small_stem_is_the_middle_of_the_files_when_asked(tmp_path: Path) -> None:
    from torchvision.models import get_model

    large: Any = get_model("resnet18", weights=None)
    path = tmp_path / "resnet18.pth"
    torch.save(large.state_dict(), path)

    found: Any = make("torchvision/resnet18", pretrained=str(path), small_stem="yes")

    torch.testing.assert_close(found.conv1.weight, large.conv1.weight[:, :, 2:5, 2:5] * 7 / 3)


@pytest.mark.parametrize("part", ["layer2", "conv1", "layer3.0", "maxpool", "head"])
def test_frozen_parts_are_those_up_to_the_part(file: str, part: str) -> None:
    model = make(pretrained=file, freeze=part)
    names = [name for name, _ in model.named_parameters()]
    trains = [name for name, weight in model.named_parameters() if weight.requires_grad]
    first = {
        "layer2": "layer3.0.conv1.weight",
        "conv1": "bn1.weight",
        "layer3.0": "layer4.0.conv1.weight",
        "maxpool": "layer1.0.conv1.weight",
        "head": "fc.weight",
    }[part]

    assert trains == names[names.index(first) :]
    train_mode(model)
    norms = {name: m for name, m in model.named_modules() if isinstance(m, nn.BatchNorm2d)}
    for name, norm in norms.items():
        assert norm.training == (f"{name}.weight" in trains) == (not is_frozen(norm))
    assert model.training


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"freeze": "layer9"}, r"has no part 'layer9' to freeze. Its parts: conv1, bn1, layer1"),
        ({"freeze": "fc"}, r"freeze='fc' leaves nothing to train"),
        ({"freeze": 3}, r"freeze must be a str, but got 3"),
        ({"pretrained": 1}, r"pretrained must be a bool or a str, but got 1"),
        ({"pretrained": ""}, r"pretrained is true, false, or a name"),
    ],
)
def test_wrong_settings_are_refused(file: str, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        make(**({"pretrained": file} | settings))


def test_freezing_random_weights_is_refused() -> None:
    with pytest.raises(RecipeError, match="freeze='head' means nothing without pretrained"):
        make(freeze="head")


def test_what_says_nothing_is_left_out_of_recipes() -> None:
    """Recipes of before there was a choice keep their digest."""
    assert complete(NET, {}) == {"small_stem": "auto"}
    assert complete(NET, {"pretrained": False, "freeze": "none"}) == {"small_stem": "auto"}
    asked: Settings = {"small_stem": "auto", "pretrained": True, "freeze": "head"}
    assert complete(NET, asked) == asked


def test_the_config_beside_the_file_says_the_normalisation(file: str, tmp_path: Path) -> None:
    found = normalisation(NET, {"pretrained": file}, 3)
    assert found is not None and found.mean == (0.5, 0.5, 0.5) and found.std == (0.5, 0.5, 0.5)

    own = tmp_path / "test_resnet.safetensors"
    own.write_bytes(Path(file).read_bytes())
    own.with_suffix(".json").write_text(json.dumps({"mean": [0.1, 0.2, 0.3], "std": [1, 2, 3]}))
    grey = normalisation(NET, {"pretrained": str(own)}, 1)
    assert grey is not None
    assert grey.mean == pytest.approx((0.2,)) and grey.std == (2.0,)
    assert normalisation(NET, {}, 3) is None


@pytest.mark.parametrize("std", [[0, 1, 1], "x", [1, 1], [True, 1, 1]])
def test_a_wrong_config_is_refused(file: str, tmp_path: Path, std: Any) -> None:
    own = tmp_path / "test_resnet.safetensors"
    own.write_bytes(Path(file).read_bytes())
    own.with_suffix(".json").write_text(json.dumps({"mean": [0, 0, 0], "std": std}))

    with pytest.raises(RecipeError, match="`mean` and `std` are lists of 1 or 3 numbers"):
        find(NET, str(own))


def test_published_normalisations_are_the_libraries_own() -> None:
    from autotrick.models.weights import default_normalisation

    assert default_normalisation("timm/tf_efficientnet_lite0").mean == (0.5, 0.5, 0.5)
    assert default_normalisation("torchvision/resnet18").mean == (0.485, 0.456, 0.406)
    assert published("torchvision/resnet50")[0] == "IMAGENET1K_V2"
    assert published("timm/resnet18")[0] == "a1_in1k"


def test_a_pin_names_the_files_content(file: str, tmp_path: Path) -> None:
    pin = str(pinned(NET, file))
    assert re.fullmatch(rf"{re.escape(file)}@[0-9a-f]{{16}}", pin)
    assert pinned(NET, pin) == pin and pinned(NET, False) is False

    copied = tmp_path / "test_resnet.safetensors"
    copied.write_bytes(Path(file).read_bytes())
    (tmp_path / "test_resnet.json").write_bytes((Path(file).parent / "config.json").read_bytes())
    assert str(pinned(NET, str(copied))).rpartition("@")[2] == pin.rpartition("@")[2]
    content = bytearray(copied.read_bytes())
    content[-1] ^= 1
    copied.write_bytes(content)
    with pytest.raises(RecipeError, match="they are other weights"):
        make(pretrained=f"{copied}@{pin.rpartition('@')[2]}")


def test_a_pinned_file_is_also_found_in_the_hubs_folder(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    kept = tmp_path / "hub" / "checkpoints" / "net.safetensors"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(Path(file).read_bytes())

    assert find(NET, "net.safetensors").path == kept


def test_another_networks_file_is_refused(file: str, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"do not fit timm/resnet10t: .* others differ"):
        make("timm/resnet10t", pretrained=file)
    deeper = saved(file) | {"layer4.1.conv1.weight": torch.zeros(1)}
    path = tmp_path / "deeper.pth"
    torch.save(deeper, path)
    with pytest.raises(
        RecipeError, match=r"layer4\.1\.conv1\.weight is 1 in the file and not there"
    ):
        make(pretrained=str(path))


def test_what_is_no_file_of_weights_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "junk.safetensors"
    path.write_bytes(b"junk")
    (tmp_path / "empty").mkdir()
    for setting, message in {
        str(path): "cannot be read as safetensors",
        str(
            tmp_path / "none.pth"
        ): "no weights at .*none.pth. Put the file there on .*, as on every",
        "no_such_tag": "timm has no weights 'no_such_tag' for test_resnet. Published: r160_in1k",
    }.items():
        with pytest.raises(RecipeError, match=message):
            make(pretrained=setting)
    for name, message in {
        "nowhere": r"no file or folder at /.*nowhere, and no published weights of that name",
        "empty": r"has no weights for timm/test_resnet: expected test_resnet.safetensors",
    }.items():
        with pytest.raises(RecipeError, match=message):
            absolute(NET, name, tmp_path)


def test_a_folder_with_two_files_of_a_network_asks_which(file: str, tmp_path: Path) -> None:
    for name in ("test_resnet.a", "test_resnet.b"):
        (tmp_path / f"{name}.safetensors").write_bytes(Path(file).read_bytes())
    with pytest.raises(
        RecipeError, match=r"more than one file of weights: test_resnet\.a\.safetensors"
    ):
        absolute(NET, str(tmp_path), tmp_path)
    exact = tmp_path / "test_resnet.safetensors"
    exact.write_bytes(Path(file).read_bytes())
    assert absolute(NET, ".", tmp_path) == str(exact)


@pytest.mark.parametrize("name", [NET, TORCHVISION])
def test_without_a_network_one_line_says_what_to_do(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A port of this machine on which nothing listens stands for a network that is down.
    for variable in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))

    with pytest.raises(ResourceError) as caught:
        find(name, True)

    message = str(AutotrickError(str(caught.value)))
    assert message.startswith(f"the weights of {name} cannot be fetched from ")
    assert "Without a network, give the path of a file of weights" in message


def test_weights_in_the_hubs_cache_need_no_network(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The layout in which huggingface_hub keeps a repository."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    repository = tmp_path / "models--timm--test_resnet.r160_in1k"
    kept = repository / "snapshots" / ("0" * 40) / "model.safetensors"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(Path(file).read_bytes())
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("0" * 40)

    found = make(pretrained=True).state_dict()

    assert torch.equal(found["layer1.0.conv1.weight"], saved(file)["layer1.0.conv1.weight"])
    assert str(pinned(NET, True)).startswith("r160_in1k@")
