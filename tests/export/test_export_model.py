"""An exported model gives what its trial gave, with and without autotrick."""

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result

from autotrick.analysis.calibration import calibration
from autotrick.cli import main
from autotrick.errors import AutotrickError, NotFoundError, ResourceError, TrainingError
from autotrick.export import export_model, files, load_exported
from autotrick.trained import load_model
from tests.export.conftest import COMPLETE, FAILED, PRUNED, STUDY, Study

pytestmark = pytest.mark.slow

WITHOUT_AUTOTRICK = """
import json, sys
sys.modules["autotrick"] = None  # importing it fails
import numpy as np, torch
about = json.load(open("model.json"))
pixels = np.load(sys.argv[1])
mean, std = (np.array(about["input"][name], np.float32) for name in ("mean", "std"))
images = ((pixels / 255 - mean) / std).transpose(0, 3, 1, 2).astype(np.float32)
network = torch.export.load("model.pt2").module()
found = {}
with torch.no_grad():
    found["program"] = network(torch.from_numpy(images)).numpy()
    found["one"] = network(torch.from_numpy(images[:1])).numpy()
weights = torch.load("weights.pt", weights_only=True)
found["weights"] = np.array(sorted(weights))
if len(sys.argv) > 3:
    import onnxruntime
    session = onnxruntime.InferenceSession("model.onnx")
    (found["onnx"],) = session.run(None, {"images": images})
    assert json.loads(session.get_modelmeta().custom_metadata_map["classes"]) == about["classes"]
np.savez(sys.argv[2], **found)
"""


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


@pytest.fixture(scope="module")
def exported(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported") / "model"
    done = run("export-model", STUDY, COMPLETE, "-o", folder, "--database", study.url)
    assert done.exit_code == 0, done.output
    return folder


def onnx_is_here() -> bool:
    from importlib.util import find_spec

    return all(find_spec(name) for name in ("onnx", "onnxscript", "onnxruntime"))


def test_the_files_give_the_networks_logits_without_autotrick(
    exported: Path, study: Study, tmp_path: Path
) -> None:
    pixels = study.data.validation.images[:50]
    np.save(tmp_path / "pixels.npy", pixels)
    words = [str(tmp_path / "pixels.npy"), str(tmp_path / "found.npz")]
    subprocess.run(
        [sys.executable, "-c", WITHOUT_AUTOTRICK, *words, *["onnx"] * onnx_is_here()],
        cwd=exported,
        check=True,
    )
    found = np.load(tmp_path / "found.npz")
    model = load_model(study.checkpoint(COMPLETE))
    expected = model(model.preprocess(pixels)).numpy()

    np.testing.assert_allclose(found["program"], expected, atol=1e-4)
    np.testing.assert_allclose(found["one"], expected[:1], atol=1e-4)
    if onnx_is_here():
        np.testing.assert_allclose(found["onnx"], expected, atol=1e-4)
    assert found["weights"].tolist() == sorted(model.network.state_dict())


@pytest.mark.parametrize("file", ["", "model.safetensors", "model.json"])
def test_load_model_gives_the_trials_predictions(exported: Path, study: Study, file: str) -> None:
    loaded = load_model(exported / file)
    recorded = load_model(study.checkpoint(COMPLETE))
    images = study.data.validation.images[:40]

    assert loaded.source.digest == recorded.source.digest
    assert (loaded.source.study, loaded.source.trial) == (STUDY, COMPLETE)
    assert loaded.classes == recorded.classes == study.data.classes
    assert np.array_equal(loaded.probabilities(images), recorded.probabilities(images))


def test_weights_are_the_averaged_ones(exported: Path, study: Study) -> None:
    content = torch.load(exported / "weights.pt", weights_only=True)
    trained = load_model(study.checkpoint(COMPLETE)).network.state_dict()

    assert all(torch.equal(content[name], tensor) for name, tensor in trained.items())
    from autotrick.train import checkpoint

    raw = checkpoint.load(study.checkpoint(COMPLETE))["model"]
    assert not all(torch.equal(content[name], tensor) for name, tensor in raw.items())


def test_model_json_states_what_prediction_needs_and_what_was_checked(
    exported: Path, study: Study
) -> None:
    about = json.loads((exported / "model.json").read_text())

    assert about["classes"] == list(study.data.classes)
    assert about["input"]["shape"] == ["batch", 1, 16, 16]
    assert about["input"]["mean"] == [float(value) for value in study.data.mean]
    assert about["evaluation"]["average"] == "ema"
    assert about["evaluation"]["predict"] == {"test_time_augmentation": {"views": "flip"}}
    low, high = about["metrics"]["interval"]
    assert low < about["metrics"]["accuracy"] < high
    images = len(study.data.validation)
    programs = [files.PROGRAM, *[files.ONNX] * onnx_is_here()]
    for name in programs:
        check = about["files"][name]["check"]
        assert check["images"] == check["same_top1"] == images
        assert 0 <= check["largest_difference"] < 1e-4
    for name, facts in about["files"].items():
        assert (exported / name).stat().st_mode == (exported / files.CARD).stat().st_mode, name
        if name != files.CARD:
            assert (exported / name).stat().st_size == facts["bytes"]


def test_the_card_says_how_far_probabilities_can_be_believed(exported: Path, study: Study) -> None:
    split = study.data.validation
    about = json.loads((exported / "model.json").read_text())["evaluation"]["calibration"]
    known = calibration(
        load_model(study.checkpoint(COMPLETE)).probabilities(split.images), split.labels
    )

    assert about["images"] == len(split)
    assert about["ece"] == pytest.approx(known.ece, abs=1e-6)
    said = f"off by {100 * known.ece:.1f} points on average over {len(split)} validation images"
    assert said in (exported / files.CARD).read_text()


def test_no_file_names_a_folder_of_this_machine(exported: Path) -> None:
    here = str(Path(__file__).parents[2]).encode()
    for path in exported.iterdir():
        assert here not in path.read_bytes(), path.name


def test_card_tells_what_a_reader_needs(exported: Path, study: Study) -> None:
    card = (exported / "README.md").read_text()

    counts = np.bincount(study.data.train.labels)
    assert f"| 3 | 3 | {counts[3]:,} |" in card
    assert r"Which \*shape\*?" in card
    for words in (
        "test_time_augmentation",
        "at 95 % over images",
        "mixup",
        "torch.export.load",
        "fingerprint",
        "## Limits",
        "## Environment",
    ):
        assert words in card
    # Every code block of Python is one that Python can read.
    for code in re.findall(r"```python\n(.*?)```", card, re.DOTALL):
        compile(code, "card", "exec")


def test_code_of_the_card_runs(exported: Path, study: Study, tmp_path: Path) -> None:
    from PIL import Image

    folder = tmp_path / "copy"
    shutil.copytree(exported, folder)
    Image.fromarray(study.data.validation.images[0, :, :, 0]).save(folder / "photo.png")
    card = (folder / "README.md").read_text().replace("path/of/this/folder", ".")
    blocks = re.findall(r"```python\n(.*?)```", card, re.DOTALL)

    done = subprocess.run(
        [sys.executable, "-c", "\n".join(blocks)],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )

    model = load_model(exported)
    expected = model(model.preprocess(study.data.validation.images[:1])).argmax().item()
    printed = done.stdout.split()
    assert len(printed) == len(blocks) - 1  # all but the one that prepares the image
    assert printed[1:] == [study.data.classes[expected]] * (len(printed) - 1)


def test_a_pruned_trial_says_so(study: Study, tmp_path: Path) -> None:
    folder = tmp_path / "pruned"
    done = run("export-model", STUDY, PRUNED, "-o", folder, "--database", study.url, "--json")

    assert done.exit_code == 0, done.output
    row = json.loads(done.stdout)
    assert row["files"]["model.pt2"]["check"]["images"] == len(study.data.validation)
    assert (
        "**The trial was pruned: the network was trained for 1 of 2 epochs.**"
        in (folder / "README.md").read_text()
    )


def test_a_diverged_trial_is_refused(study: Study, tmp_path: Path) -> None:
    done = run("export-model", STUDY, FAILED, "-o", tmp_path / "m", "--database", study.url)

    assert done.exit_code == 1
    assert "failed (its loss diverged), so it has no network" in done.stderr
    assert not (tmp_path / "m").exists()


def test_a_gone_checkpoint_offers_to_train_again(study: Study, tmp_path: Path) -> None:
    path = study.checkpoint(PRUNED)
    hidden = path.rename(path.with_suffix(".hidden"))
    words = ("export-model", STUDY, PRUNED, "-o", tmp_path / "m", "--database", study.url)
    try:
        refused = run(*words)
        again = run(*words, "--retrain")
    finally:
        hidden.rename(path)

    assert refused.exit_code == 1 and "--retrain" in refused.stderr
    assert again.exit_code == 0, again.output
    assert load_model(tmp_path / "m").source.digest == load_model(path).source.digest


def test_what_is_there_is_replaced_only_when_asked(
    exported: Path, study: Study, tmp_path: Path
) -> None:
    folder = tmp_path / "m"
    shutil.copytree(exported, folder)
    model = load_model(exported)

    with pytest.raises(
        ResourceError, match=r"has an exported model already\. Replace it with --force"
    ):
        export_model(model, folder)
    before = (folder / "model.safetensors").stat().st_ino
    export_model(model, folder, replace_earlier=True)
    assert (folder / "model.safetensors").stat().st_ino != before
    assert sorted(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("force", [False, True])
def test_other_files_are_never_replaced(exported: Path, tmp_path: Path, force: bool) -> None:
    (tmp_path / "thesis.txt").write_text("three years of work")
    shutil.copy(exported / "model.json", tmp_path)
    model = load_model(exported)

    for place in (tmp_path, tmp_path / "thesis.txt"):
        with pytest.raises(ResourceError):
            export_model(model, place, replace_earlier=force)
    assert (tmp_path / "thesis.txt").read_text() == "three years of work"


def test_a_fault_on_the_way_leaves_nothing(exported: Path, tmp_path: Path) -> None:
    def fail(step: str) -> None:
        if step == "ONNX":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_model(load_model(exported), tmp_path / "m", on_step=fail)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("file", "content", "why"),
    [
        ("model.json", b"{}", "does not describe an exported model"),
        ("model.json", b"nonsense", "is not JSON"),
        ("model.json", b'{"format": "autotrick model", "version": 99}', "has version 99"),
        ("model.json", b'{"format": "autotrick model", "version": 1}', "is damaged"),
        ("model.safetensors", b"", "not a safetensors file"),
        ("model.safetensors", b"\xff" * 64, "not a safetensors file"),
    ],
)
def test_damaged_files_are_refused(
    exported: Path, tmp_path: Path, file: str, content: bytes, why: str
) -> None:
    folder = tmp_path / "m"
    shutil.copytree(exported, folder)
    (folder / file).write_bytes(content)

    with pytest.raises(AutotrickError, match=why):
        load_model(folder)


def test_weights_of_another_model_are_refused(exported: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "m"
    shutil.copytree(exported, folder)
    tensors = load_file(folder / "model.safetensors")
    # Not a count of batches, which torch makes up where it is missing.
    name = next(name for name in tensors if name.endswith("weight"))
    tensors[name] += 1
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(TrainingError, match=r"model\.json names"):
        load_exported(folder)
    del tensors[name]
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(TrainingError, match="are not those of its recipe's fastnet"):
        load_exported(folder)
    (folder / "model.safetensors").unlink()
    with pytest.raises(TrainingError, match="no weights at"):
        load_exported(folder)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="Give the whole folder"):
        load_model(tmp_path)


def test_weights_that_are_not_finite_are_refused(exported: Path, tmp_path: Path) -> None:
    model = load_model(exported)
    next(model.network.parameters()).data.fill_(float("nan"))

    with pytest.raises(TrainingError, match="not finite"):
        export_model(model, tmp_path / "m")


def test_without_onnx_the_other_files_are_written(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name: None if name == "onnxscript" else found(name),
    )

    made = export_model(load_model(exported), tmp_path / "m")

    assert (
        "onnxscript is not installed: pip install 'autotrick[export]'" in made.missing["model.onnx"]
    )
    assert files.PROGRAM in made.files and files.ONNX not in made.files
