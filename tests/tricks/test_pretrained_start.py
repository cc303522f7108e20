"""Published weights: a real network of torchvision, its file, and another data set's classes."""

import hashlib
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from autotrick.data import Dataset
from autotrick.errors import RecipeError
from autotrick.recipe import DataRef, Recipe, Settings
from autotrick.train import train
from autotrick.train.prepare import Stages, prepare
from autotrick.tricks import Run, assemble
from autotrick.tricks.pretrained_start import PretrainedStart, read

State = dict[str, Tensor]
NETWORK = "torchvision/shufflenet_v2_x0_5"


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def settings(path: Path) -> Settings:
    return {"weights": str(path), "checksum": digest(path)[:8]}


@pytest.fixture(scope="session")
def published() -> State:
    """What the library would publish: a thousand classes of colour images."""
    from torchvision.models import get_model

    torch.manual_seed(3)
    made: nn.Module = get_model(NETWORK.partition("/")[2], weights=None)
    return {key: value + 1 for key, value in made.state_dict().items()}


@pytest.fixture
def file(published: State, tmp_path: Path) -> Path:
    path = tmp_path / "weights.pth"
    torch.save(published, path)
    return path


def asked(tricks: dict[str, Settings], **changes: Any) -> Recipe:
    fields: dict[str, Any] = {
        "data": DataRef(name="bright", fingerprint="b" * 16),
        "architecture": NETWORK,
        "architecture_settings": {"small_stem": "no"},
        "epochs": 1,
        "batch_size": 8,
        "base_lr": 0.05,
        "tricks": tricks,
    }
    return Recipe(**fields | changes)


def begun(recipe: Recipe, data: Dataset) -> Run:
    return prepare(recipe, data, Stages(assemble(recipe)), torch.device("cpu"))


@pytest.mark.slow
def test_all_that_fits_is_taken_and_the_rest_stays_as_drawn(
    data: Dataset, published: State, file: Path
) -> None:
    drawn = begun(asked({}), data).model.state_dict()

    run = begun(asked({"pretrained_start": settings(file)}), data)

    found = run.model.state_dict()
    # The images are gray, and of four classes.
    unlike = {"conv1.0.weight", "fc.weight", "fc.bias"}
    assert unlike == {key for key in found if found[key].shape != published[key].shape}
    for key, tensor in found.items():
        assert torch.equal(tensor, (drawn if key in unlike else published)[key])
    assert run.notes["pretrained_start.left"] == len(unlike)
    assert run.notes["pretrained_start.tensors"] == len(published) - len(unlike)


@pytest.mark.slow
def test_a_trial_trains_from_it_and_repeats_bit_for_bit(data: Dataset, file: Path) -> None:
    recipe = asked({"pretrained_start": settings(file)})

    first, second = train(recipe, data), train(recipe, data)

    assert first.weights == second.weights != train(asked({}), data).weights
    assert first.reports[0].extra["pretrained_start.tensors"] > 100


@pytest.mark.parametrize("key", ["state_dict", "model"])
def test_a_state_dict_beside_other_things_is_found(
    published: State, tmp_path: Path, key: str
) -> None:
    path = tmp_path / "training.pth"
    torch.save({"epoch": 90, key: published}, path)

    assert read(str(path), digest(path)).keys() == published.keys()


def test_safetensors_are_read(published: State, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    path = tmp_path / "model.safetensors"
    save_file(published, path)

    found = read(str(path), digest(path)[:12])

    assert all(torch.equal(found[key], tensor) for key, tensor in published.items())


def test_a_bare_name_is_looked_for_in_the_librarys_folder(
    published: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    path = tmp_path / "hub" / "checkpoints" / "net-12345678.pth"
    path.parent.mkdir(parents=True)
    torch.save(published, path)

    assert read("net-12345678.pth", digest(path)).keys() == published.keys()


def test_a_missing_file_is_told_with_where_it_was_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))

    with pytest.raises(RecipeError, match=r"no weights at net\.pth nor .*checkpoints/net\.pth\. "):
        read("net.pth", "0" * 8)


@pytest.mark.parametrize("given", ["", "0" * 8])
def test_another_checksum_is_refused_and_told(file: Path, given: str) -> None:
    with pytest.raises(RecipeError, match=f"checksum of .* is {digest(file)[:16]}, but"):
        read(str(file), given)


class Wicked:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("made-by-a-pickle",)


@pytest.mark.parametrize("name", ["a.pth", "a.safetensors"])
@pytest.mark.parametrize("content", [b"", b"no weights", pickle.dumps(Wicked(), protocol=2)])
def test_what_is_no_file_of_weights_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(RecipeError, match=r"cannot be read as (weights|safetensors)"):
        read(str(path), digest(path))

    assert not Path("made-by-a-pickle").exists()


@pytest.mark.parametrize("content", [{}, {"epoch": 3}, [1, 2]], ids=str)
def test_a_file_without_tensors_is_refused(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "a.pt"
    torch.save(content, path)

    with pytest.raises(RecipeError, match="holds no weights by name"):
        read(str(path), digest(path))


def test_weights_of_another_network_are_refused(file: Path, make_run: Callable[..., Run]) -> None:
    trick = PretrainedStart(weights=str(file), checksum=digest(file)[:8])

    with pytest.raises(
        RecipeError, match=r"no weight of .* matches name and shape of a weight of lenet5"
    ):
        trick.on_model(nn.Sequential(nn.Conv2d(1, 2, 3)), make_run())
