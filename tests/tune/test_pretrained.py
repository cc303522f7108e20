"""A search over pretrained networks: pinned by digest, reproduced bit for bit, and other weights noticed."""

import shutil
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner, Result

from autotrick import records
from autotrick.cli import main
from autotrick.errors import RecipeError, SpaceError
from autotrick.reproduce import reproduce
from autotrick.space import load
from autotrick.tune import Resources, search

NET = "timm/test_resnet"
SPACE = f"""
question = "Does it help to start from pretrained weights?"
[data]
name = "digits"
image_size = 16
[fixed]
architecture = "{NET}"
batch_size = 256
base_lr = 0.2
epochs = 1
[architectures."{NET}"]
pretrained = ["weights", false]
freeze = ["none", "head"]
[study]
trials = 3
sampler = "grid"
[pruning]
method = "none"
"""


def cli(*words: str) -> Result:
    return CliRunner().invoke(main, [*words], catch_exceptions=False)


@pytest.mark.slow
@pytest.mark.ray
def test_a_search_pins_weights_and_is_reproduced(tmp_path: Path) -> None:
    import timm

    torch.manual_seed(5)
    network = timm.create_model("test_resnet", num_classes=7)
    timm.models.save_for_hf(network, str(tmp_path / "weights"), safe_serialization=True)
    (tmp_path / "start.toml").write_text(SPACE)
    space = load(tmp_path / "start.toml")
    resources = Resources(cache=tmp_path / "cache", storage=tmp_path / "files")
    with records.open_database(f"sqlite:///{tmp_path}/results.db") as database:
        search(space, database, resources=resources)

        trials = records.trials(database, "start")
        assert [trial.state for trial in trials] == ["complete"] * 3
        settings = [trial.recipe.architecture_settings for trial in trials]
        pins = {str(each["pretrained"]) for each in settings if "pretrained" in each}
        assert len(pins) == 1 and "model.safetensors@" in pins.pop()
        assert sorted(str(each.get("freeze")) for each in settings) == ["None", "None", "head"]
        frozen = next(trial for trial in trials if "freeze" in trial.recipe.architecture_settings)
        whole = next(t for t in trials if "pretrained" not in t.recipe.architecture_settings)
        assert frozen.parameters is not None and whole.parameters is not None
        assert frozen.parameters < whole.parameters / 100

        again = reproduce(database, "start", frozen.number, cache=tmp_path / "cache")
        assert again.identical

        shutil.rmtree(tmp_path / "weights")
        torch.manual_seed(6)
        network = timm.create_model("test_resnet", num_classes=7)
        timm.models.save_for_hf(network, str(tmp_path / "weights"), safe_serialization=True)
        with pytest.raises(RecipeError, match="they are other weights"):
            reproduce(database, "start", frozen.number, cache=tmp_path / "cache")
        with pytest.raises(SpaceError, match="was begun with other pretrained weights"):
            search(space, database, resources=resources)


@pytest.mark.slow
def test_without_weights_a_search_is_one_line(tmp_path: Path) -> None:
    for setting, said in {
        '"nowhere"': "no file or folder at",
        '"r160_in1k@0123456789abcdef"': "cannot be fetched from",
    }.items():
        path = tmp_path / "start.toml"
        path.write_text(SPACE.replace('["weights", false]', setting))
        found = cli("search", str(path), "--database", f"sqlite:///{tmp_path}/r.db")
        assert found.exit_code == 1
        errors = [line for line in found.output.splitlines() if line.startswith("Error: ")]
        assert len(errors) == 1 and said in errors[0], found.output
