"""A trial from pretrained weights: frozen parts stay, equal recipes give equal bits, resuming needs no file."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from autotrick.data import Dataset
from autotrick.errors import RecipeError
from autotrick.models.weights import pinned
from autotrick.recipe import Recipe, Settings
from autotrick.train import Snapshot, checkpoint, predict, train
from autotrick.train.cost import counts
from autotrick.train.prepare import Stages, prepare
from autotrick.train.trained_model import load_checkpoint
from autotrick.tricks import Run, assemble
from autotrick.tricks.discriminative_lr import DiscriminativeLr
from tests.train.conftest import MakeRecipe

NET = "timm/test_resnet"
MEAN, STD = [0.1, 0.2, 0.3], [0.5, 0.6, 0.7]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network for 7 classes of colour images, as timm saves it."""
    import timm

    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(5)
    network = timm.create_model("test_resnet", num_classes=7)
    data = {"mean": MEAN, "std": STD, "input_size": (3, 32, 32)}
    network.pretrained_cfg = dict(network.pretrained_cfg) | data
    timm.models.save_for_hf(network, str(folder), safe_serialization=True)
    return folder / "model.safetensors"


@pytest.fixture(scope="module")
def pin(file: Path) -> str:
    return str(pinned(NET, str(file)))


@pytest.fixture
def recipe_of(pin: str, make_recipe: MakeRecipe) -> Any:
    def make(freeze: str = "none", *, pretrained: Any = pin, **changes: Any) -> Recipe:
        settings: Settings = {"small_stem": "no", "pretrained": pretrained}
        settings |= {} if freeze == "none" else {"freeze": freeze}
        fields = {"architecture": NET, "architecture_settings": settings, "base_lr": 0.2}
        return make_recipe(**fields | {"epochs": 2} | changes)

    return make


def begun(recipe: Recipe, data: Dataset) -> Run:
    return prepare(recipe, data, Stages(assemble(recipe)), torch.device("cpu"))


def last(recipe: Recipe, data: Dataset, **more: Any) -> tuple[Any, dict[str, Tensor]]:
    """Return the result, and the weights and statistics after the last epoch."""
    kept: dict[str, Tensor] = {}

    def keep(snapshot: Snapshot) -> bool:
        state = snapshot._run.model.state_dict()
        kept.update({key: value.clone() for key, value in state.items()})
        return True

    return train(recipe, data, on_epoch=keep, **more), kept


def test_images_are_normalised_as_the_weights_expect(digits: Dataset, recipe_of: Any) -> None:
    run = begun(recipe_of(), digits)

    # Grey images take the mean over the colours.
    assert run.mean.tolist() == pytest.approx([0.2]) and run.std.tolist() == pytest.approx([0.6])
    black = run.normalised(np.zeros((1, 16, 16, 1), np.uint8))
    torch.testing.assert_close(black, torch.full((1, 1, 16, 16), -0.2 / 0.6))
    plain = begun(recipe_of(pretrained=False), digits)
    assert plain.mean == digits.mean and plain.std == digits.std


@pytest.mark.slow
@pytest.mark.parametrize("freeze", ["layer2", "head"])
def test_frozen_weights_and_statistics_stay_and_the_rest_moves(
    digits: Dataset, recipe_of: Any, freeze: str
) -> None:
    recipe = recipe_of(freeze, weight_decay=0.1, tricks={"ema": {}, "linear_warmup": {}})
    run = begun(recipe, digits)
    before = {key: value.clone() for key, value in run.model.state_dict().items()}

    result, after = last(recipe, digits)

    kept = {key for key in before if torch.equal(before[key], after[key])}
    frozen = {key for key, weight in run.model.named_parameters() if not weight.requires_grad}
    assert frozen <= kept and frozen
    trained = {key for key, weight in run.model.named_parameters() if weight.requires_grad}
    assert trained.isdisjoint(kept)
    statistics = {key for key in before if "running_" in key}
    inside = {key for key in statistics if key.rpartition(".")[0] + ".weight" in frozen}
    assert statistics & kept == inside
    # Neither trainable, nor in the optimizer, nor under weight decay.
    in_groups = [p for group in run.optimizer.param_groups for p in group["params"]]
    assert all(weight.requires_grad for weight in in_groups)
    sizes = {key: weight.numel() for key, weight in run.model.named_parameters()}
    assert result.parameters == sum(sizes[key] for key in trained)
    assert result.reports[-1].extra["frozen_weights"] == sum(sizes[key] for key in frozen)
    assert counts(recipe, digits)["parameters"] == result.parameters


@pytest.mark.slow
def test_equal_recipes_give_equal_bits_and_other_weights_do_not(
    digits: Dataset, recipe_of: Any
) -> None:
    recipe = recipe_of("layer1", tricks={"mixup": {"alpha": 0.4}})

    first, again = train(recipe, digits), train(recipe, digits)

    assert [r.weights for r in first.reports] == [r.weights for r in again.reports]
    drawn = train(recipe_of(pretrained=False), digits)
    thawed = train(recipe_of(tricks=recipe.tricks), digits)
    assert len({first.weights, drawn.weights, thawed.weights}) == 3


@pytest.mark.slow
def test_interrupted_trial_ends_with_the_same_bits_without_the_file(
    digits: Dataset, recipe_of: Any, file: Path, tmp_path: Path
) -> None:
    """A checkpoint holds all weights and the normalisation; the file may be gone by then."""
    folder = tmp_path / "weights"
    shutil.copytree(file.parent, folder)
    pin = str(pinned(NET, str(folder / file.name)))
    recipe = recipe_of("layer2", pretrained=pin, epochs=3, tricks={"ema": {}})
    whole = train(recipe, digits)

    def save(snapshot: Snapshot) -> bool:
        snapshot.save(tmp_path / "checkpoints")
        return False

    train(recipe, digits, on_epoch=save)
    shutil.rmtree(folder)
    path = tmp_path / "checkpoints" / "epoch-1.checkpoint"
    found = train(recipe, digits, resume_from=path)
    assert [r.weights for r in found.reports] == [r.weights for r in whole.reports]

    # Prediction has the trial's own normalisation: as accurate as the trial was.
    said = predict(path, digits, digits.validation).probabilities.argmax(1)
    right = float((said == digits.validation.labels).mean())
    assert right == pytest.approx(whole.reports[0].accuracy)
    model = load_checkpoint(path)
    assert model.mean.tolist() == pytest.approx([0.2])
    assert model.std.tolist() == pytest.approx([0.6])
    taught = model.probabilities(digits.validation.images)
    np.testing.assert_allclose(
        taught, predict(path, digits, digits.validation).probabilities, atol=1e-6
    )


@pytest.mark.slow
def test_a_pretrained_teacher_sees_images_as_it_did_before(
    digits: Dataset, recipe_of: Any, tmp_path: Path
) -> None:
    """The student normalises by the data set, the teacher as its weights expect."""
    teacher = recipe_of()
    train(teacher, digits, on_epoch=lambda snapshot: bool(snapshot.save(tmp_path)))
    path = tmp_path / "epoch-2.checkpoint"
    expected = predict(path, digits, digits.validation).probabilities

    student = begun(recipe_of(pretrained=False), digits)
    network = student.network(str(path), checkpoint.checksum(path))
    with torch.inference_mode():
        logits = network(student.normalised(digits.validation.images)).double()

    np.testing.assert_allclose(logits.softmax(1).numpy(), expected, atol=1e-5)


def test_rates_by_depth_leave_frozen_weights_out(digits: Dataset, recipe_of: Any) -> None:
    recipe = recipe_of("layer2", tricks={DiscriminativeLr.name: {"decay": 0.5, "stages": 3}})

    run = begun(recipe, digits)

    groups = run.optimizer.param_groups
    assert sum(len(group["params"]) for group in groups) == sum(
        weight.requires_grad for weight in run.model.parameters()
    )
    assert {group["scale"] for group in groups} <= {1.0, 0.5, 0.25}


def test_another_file_under_the_same_name_is_refused(
    digits: Dataset, recipe_of: Any, pin: str
) -> None:
    name, _, digest = pin.rpartition("@")
    other = f"{name}@{digest[::-1]}"
    with pytest.raises(RecipeError, match=f"have the digest {digest}, and the recipe needs"):
        train(recipe_of(pretrained=other), digits)


@pytest.mark.parametrize("trick", ["initialisation", "zero_init_norm", "pretrained_start"])
def test_tricks_that_set_initial_weights_are_refused(
    digits: Dataset, recipe_of: Any, trick: str
) -> None:
    with pytest.raises(RecipeError, match=rf"{NET} is pretrained, and {trick} "):
        train(recipe_of(tricks={trick: {}}), digits)


@pytest.mark.slow
def test_averaged_weights_keep_frozen_statistics(digits: Dataset, recipe_of: Any) -> None:
    """SWA renews the statistics of batch normalisation, except those that are frozen."""
    recipe = recipe_of("head", tricks={"swa": {"start": 0.5}})
    run = begun(recipe, digits)
    stages = Stages(assemble(recipe))
    run.state["swa"] = {"average": run.model.state_dict(), "count": 1}

    averaged = stages.model_for_evaluation[0].model_for_evaluation(run.model, run)

    given = run.model.state_dict()
    for key, value in averaged.state_dict().items():
        assert torch.equal(value, given[key]), key


@pytest.mark.slow
@pytest.mark.parametrize(
    "tricks",
    [
        {"sam": {}},
        {"lookahead": {}, "adamw": {}},
        {"group_norm": {}},
        {"gradient_centralisation": {}, "adaptive_clip": {}},
        {"weight_standardisation": {}},
        {"layer_freezing": {"start": 0.2}},
        {"lars": {}, "l2_penalty": {}},
        {"muon": {}},
        {"stochastic_depth": {}, "blur_pool": {}, "squeeze_excite": {}},
    ],
    ids=lambda tricks: "+".join(tricks),
)
def test_tricks_work_on_partly_frozen_networks(
    digits: Dataset, recipe_of: Any, tricks: dict[str, Settings]
) -> None:
    recipe = recipe_of("layer2", epochs=1, tricks=tricks, base_lr=0.02)
    plain = begun(recipe_of("layer2"), digits).model
    # Convolutions: a normalisation that a trick puts in place of a frozen one is new, and trains.
    frozen = {key: w for key, w in plain.named_parameters() if not w.requires_grad and w.ndim == 4}

    _, after = last(recipe, digits)

    still_there = frozen.keys() & after.keys()
    assert len(still_there) > len(frozen) / 2
    for key in still_there:
        assert torch.equal(after[key], frozen[key]), key
