"""A recorded trial's network, and what it says about new images; the training images are gone."""

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from click.testing import CliRunner, Result
from PIL import Image
from sklearn.datasets import load_digits

import autotrick
from autotrick import records
from autotrick.cli import main
from autotrick.data import Dataset, load
from autotrick.errors import DataError, NotFoundError, TrainingError
from autotrick.recipe import DataRef, Recipe
from autotrick.records import CheckpointRow, StudyPlan, open_database
from autotrick.train import Snapshot, checkpoint, predict, train

NAMES = ("zero", "one", "two")
TRICKS: tuple[dict[str, Any], ...] = (
    {},
    {"ema": {"half_life": 0.1}, "test_time_augmentation": {}},
    {"swa": {"start": 0.3}},
)

Command = Callable[..., Result]


def write_digits(root: Path, each: range) -> None:
    """Write real digits of three classes as PNG files of several sizes."""
    pixels, labels = load_digits(return_X_y=True)
    for label, name in enumerate(NAMES):
        chosen = np.flatnonzero(labels == label)[each.start : each.stop]
        (root / name).mkdir(parents=True)
        for i, row in enumerate(chosen):
            image = Image.fromarray((pixels[row].reshape(8, 8) * 15).astype(np.uint8))
            side = 8 + i % 3
            image.resize((side, side)).save(root / name / f"{i}.png")


class Study:
    """A study of three trials, whose data set and cache are gone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"sqlite:///{folder}/autotrick.db"
        self.new = folder / "new"
        write_digits(folder / "photos", range(60))
        write_digits(self.new, range(60, 80))
        ref = DataRef(name=f"folder:{folder}/photos", image_size=16, validation=0.2)
        self.data: Dataset = load(ref, cache_dir=folder / "cache")
        self.expected = {}
        with open_database(self.url) as database:
            budget = {"trials": 3, "resources": {"cache": str(folder / "cache")}}
            made = records.create_study(database, StudyPlan("digits", "?", {}, "0" * 16, 0, budget))
            for number, tricks in enumerate(TRICKS):
                self._train(database, made.id, ref, number, tricks)
        self.paths = [folder / str(number) / "epoch-3.checkpoint" for number in range(3)]
        self.best = sorted(range(3), key=lambda n: -self.values[n])
        self.expected = {
            number: predict(path, self.data, self.data.validation).probabilities
            for number, path in enumerate(self.paths)
        }
        self.pixels = np.array(self.data.validation.images)
        shutil.rmtree(folder / "photos")
        shutil.rmtree(folder / "cache")

    values: dict[int, float] = {}

    def _train(self, database, study: int, ref: DataRef, number: int, tricks) -> None:  # type: ignore[no-untyped-def]
        recipe = Recipe(
            data=ref.model_copy(update={"fingerprint": self.data.fingerprint}),
            architecture="fastnet",
            architecture_settings={"width": 0.125},
            epochs=3,
            batch_size=16,
            base_lr=0.5,
            tricks=tricks,
            seed=number,
        )
        launch = records.add_trial(database, study, recipe, origin="random")

        def record(snapshot: Snapshot) -> bool:
            saved = snapshot.save(self.folder / str(number))
            row = CheckpointRow(launch.trial_id, saved.epoch, str(saved.path), saved.checksum, 1)
            records.add_report(database, launch.trial_id, snapshot.reports[-1], checkpoint=row)
            return True

        result = train(recipe, self.data, on_epoch=record)
        self.values = self.values | {number: result.metrics["accuracy"]}
        records.finish_trial(database, launch.trial_id, "complete", parameters=1)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return Study(tmp_path_factory.mktemp("study"))


@pytest.fixture
def command(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Return a function that runs `autotrick predict` in an empty folder, on the study's database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AUTOTRICK_DATABASE", study.url)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def run(*words: object) -> Result:
        result = CliRunner().invoke(main, ["predict", *map(str, words)])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


# load_model


@pytest.mark.parametrize("number", range(3))
def test_a_trial_is_loaded_without_its_data(number: int, study: Study) -> None:
    model = autotrick.load_model("digits", number, database=study.url)

    np.testing.assert_array_equal(model.probabilities(study.pixels), study.expected[number])
    assert model.classes == ("one", "two", "zero")
    assert (model.source.study, model.source.trial, model.source.epoch) == ("digits", number, 3)
    assert model.source.path == study.paths[number]


def test_without_a_number_it_is_the_best(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOTRICK_DATABASE", study.url)

    assert autotrick.load_model("digits").source.trial == study.best[0]


def test_a_checkpoint_needs_no_database(study: Study) -> None:
    model = autotrick.load_model(study.paths[1])

    np.testing.assert_array_equal(model.probabilities(study.pixels), study.expected[1])
    assert (model.source.study, model.source.trial) == (None, None)


def test_a_folder_does_not_hide_the_study_of_its_name(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "digits").mkdir()

    assert autotrick.load_model("digits", database=study.url).source.study == "digits"


def test_what_is_not_there_is_named(study: Study, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"there is no checkpoint .*/none\.checkpoint"):
        autotrick.load_model(tmp_path / "none.checkpoint")
    with pytest.raises(NotFoundError, match=r"no study named 'digit'"):
        autotrick.load_model("digit", database=study.url)
    with pytest.raises(NotFoundError, match=r"no trial 9"):
        autotrick.load_model("digits", 9, database=study.url)
    (tmp_path / "x.checkpoint").write_bytes(b"x")
    with pytest.raises(TrainingError, match=r"is damaged"):
        autotrick.load_model(tmp_path / "x.checkpoint")


def test_an_older_checkpoint_asks_for_the_data_set(study: Study, tmp_path: Path) -> None:
    content = checkpoint.load(study.paths[0])
    del content["prediction"]
    older = checkpoint.save(tmp_path, 3, content).path

    with pytest.raises(DataError, match=r"data set is needed: there is no folder .*photos"):
        autotrick.load_model(older)


def test_a_checkpoint_in_a_storage_is_named(study: Study, tmp_path: Path) -> None:
    shutil.copy(study.url.removeprefix("sqlite:///"), tmp_path / "other.db")
    with open_database(f"sqlite:///{tmp_path}/other.db") as database:
        recipe = records.trial(database, "digits", 0).recipe.model_copy(update={"seed": 9})
        made = records.study(database, "digits")
        launch = records.add_trial(database, made.id, recipe, origin="random")
        url = "s3://bucket/files/epoch-1.checkpoint"
        away = CheckpointRow(launch.trial_id, 1, url, "0" * 64, 1)
        report = records.reports(database, "digits", numbers=[0])[0][0]
        records.add_report(database, launch.trial_id, report, checkpoint=away)

        with pytest.raises(NotFoundError, match=r"is at s3://bucket/files/epoch-1\.checkpoint"):
            autotrick.load_model("digits", 3, database=database)


def test_a_checkpoint_in_a_storage_of_this_machine_is_read(study: Study, tmp_path: Path) -> None:
    shutil.copy(study.url.removeprefix("sqlite:///"), tmp_path / "other.db")
    with open_database(f"sqlite:///{tmp_path}/other.db") as database:
        row = records.trial(database, "digits", 0)
        kept = records.last_checkpoint(database, row.id)
        assert kept is not None
        expected = autotrick.load_model("digits", 0, database=database).source.digest
        records.add_checkpoint(database, replace(kept, path=f"file://{kept.path}"))

        found = autotrick.load_model("digits", 0, database=database)

    assert found.source.digest == expected
    assert str(found.source.path) == kept.path


@pytest.mark.slow
def test_a_trial_whose_checkpoint_is_gone_is_trained_again(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    write_digits(study.folder / "photos", range(60))
    lost = study.paths[0].rename(tmp_path / "lost")
    try:
        with pytest.raises(NotFoundError, match=r"trial 0 of study 'digits' .* --retrain"):
            autotrick.load_model("digits", 0, database=study.url)
        model = autotrick.load_model("digits", 0, database=study.url, retrain=True)
    finally:
        lost.rename(study.paths[0])
        shutil.rmtree(study.folder / "photos")

    np.testing.assert_array_equal(model.probabilities(study.pixels), study.expected[0])
    assert model.source.path is None


# autotrick predict


def test_images_of_a_folder_are_predicted(command: Command, study: Study) -> None:
    result = command("digits", study.new, "--json")

    found = lines(result)
    model = autotrick.load_model("digits", database=study.url)
    names = sorted(str(file.relative_to(study.new)) for file in study.new.rglob("*.png"))
    expected = model.probabilities([study.new / name for name in names])
    assert result.exit_code == 0, result.stderr
    assert [line["image"] for line in found] == names
    assert [line["class"] for line in found] == [model.classes[i] for i in expected.argmax(1)]
    np.testing.assert_array_equal([line["probability"] for line in found], expected.max(1))
    right = [Path(str(line["image"])).parent.name == line["class"] for line in found]
    assert np.mean(right) > 0.6
    first = found[0]["top"]
    assert isinstance(first, list)
    assert len(first) == 3
    assert sum(one["probability"] for one in first) == pytest.approx(1)


def test_a_trial_and_files_may_be_named(command: Command, study: Study) -> None:
    files = [study.new / "two/1.png", study.new / "one/0.png"]

    result = command("digits", 1, *files, "--json")

    expected = autotrick.load_model(study.paths[1]).probabilities(files).max(1)
    assert [line["image"] for line in lines(result)] == [str(file) for file in files]
    np.testing.assert_allclose([line["probability"] for line in lines(result)], expected, atol=1e-6)
    assert "trial 1 of digits" in result.stderr


def test_a_checkpoint_predicts_too(command: Command, study: Study) -> None:
    by_path = command(study.paths[2], study.new, "--json")

    assert by_path.stdout == command("digits", 2, study.new, "--json").stdout


@pytest.mark.parametrize("average", ["probabilities", "logits"])
def test_the_best_trials_vote(average: str, command: Command, study: Study) -> None:
    result = command("digits", study.new / "one/0.png", "--top", 2, "--average", average, "--json")

    models = [autotrick.load_model("digits", n, database=study.url) for n in study.best[:2]]
    logits = np.array([model.logits(study.new / "one/0.png")[0] for model in models])
    each = np.exp(logits - logits.max(1, keepdims=True))
    each /= each.sum(1, keepdims=True)
    together = each.mean(0)
    if average == "logits":
        together = np.exp(logits.mean(0))
        together /= together.sum()
    assert lines(result)[0]["probability"] == pytest.approx(together.max(), abs=1e-6)


def test_what_is_no_image_is_named_and_the_rest_predicted(
    command: Command, study: Study, tmp_path: Path
) -> None:
    mixed = tmp_path / "mixed"
    shutil.copytree(study.new / "one", mixed / "good")
    (mixed / "broken.png").write_bytes((study.new / "one/0.png").read_bytes()[:60])
    (mixed / "notes.txt").write_text("x")

    result = command("digits", mixed, "--json")

    assert result.exit_code == 1
    assert len(lines(result)) == 20
    refused = [line for line in result.stderr.splitlines() if line.startswith("not predicted: ")]
    assert len(refused) == 2
    assert "broken.png cannot be read as an image" in refused[0]
    assert "notes.txt is not an image" in refused[1]
    assert "2 files of 22 could not be predicted." in result.stderr


def test_rows_of_parquet_are_predicted(command: Command, study: Study, tmp_path: Path) -> None:
    files = sorted((study.new / "two").glob("*.png"))[:5]
    rows = [{"bytes": file.read_bytes()} for file in files]
    parquet.write_table(pa.table({"image": rows}), tmp_path / "rows.parquet")

    result = command("digits", 0, "rows.parquet", "--json")

    expected = lines(command("digits", 0, *files, "--json"))
    assert [line["image"] for line in lines(result)] == [f"rows.parquet:{i}" for i in range(5)]
    assert [line["class"] for line in lines(result)] == [line["class"] for line in expected]


def test_a_table_is_written(command: Command, study: Study, tmp_path: Path) -> None:
    result = command("digits", study.new, "-o", "classes.csv")

    rows = list(csv.DictReader(StringIO((tmp_path / "classes.csv").read_text())))
    found = lines(command("digits", study.new, "--json"))
    assert result.exit_code == 0
    assert "classes.csv: 60 rows" in result.stdout
    assert [row["class"] for row in rows] == [line["class"] for line in found]
    assert [row["image"] for row in rows] == [line["image"] for line in found]
    assert float(rows[0]["probability"]) == pytest.approx(
        float(str(found[0]["probability"])), abs=1e-6
    )
    assert rows[0]["class_3"] in model_classes(study)
    assert (rows[0]["class_4"], rows[0]["probability_5"]) == ("", "")


def model_classes(study: Study) -> tuple[str, ...]:
    return autotrick.load_model(study.paths[0]).classes


def test_people_see_counts_and_a_table(command: Command, study: Study) -> None:
    result = command("digits", study.new)

    first = result.stdout.splitlines()[0]
    assert first.startswith("60 images: ")
    assert sum(int(part.split()[0]) for part in first.removeprefix("60 images: ").split(", ")) == 60
    assert f"trial {study.best[0]} of digits" in result.stdout
    assert "zero/0.png" in result.stdout


def test_many_images_are_predicted_in_batches_alike(
    command: Command, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = lines(command("digits", study.new, "--json"))

    monkeypatch.setattr("autotrick.predict._AT_ONCE", 7)
    monkeypatch.setattr("autotrick.cli.predictions._LINES_EVERY", 20)
    result = command("digits", study.new, "--json")

    assert [line["class"] for line in lines(result)] == [line["class"] for line in at_once]
    assert "40 of 60 images" in result.stderr


REFUSED = {
    "no images": (["digits"], 2, "Name the images"),
    "a number alone": (["digits", "1"], 2, "Name the images"),
    "a huge number": (["digits", "99999999999", "x.png"], 2, "TRIAL is a number up to"),
    "trial and top": (["digits", "1", "x.png", "--top", "2"], 2, "either TRIAL or --top"),
    "json and file": (["digits", "x.png", "--json", "-o", "x.csv"], 2, "either --json or"),
    "a file of another kind": (["digits", "x.png", "-o", "x.txt"], 2, "must end with .csv"),
    "an empty folder": (["digits", "empty"], 1, "there are no images in"),
    "no study": (["nothing", "new"], 1, "no study named 'nothing'"),
    "no trial": (["digits", "7", "new"], 1, "has no trial 7"),
    "no checkpoint": (["./x.checkpoint", "new"], 1, "there is no checkpoint"),
    "not a checkpoint": (["./new/one/0.png", "new"], 1, "is damaged"),
    "too many": (["digits", "new", "--top", "9"], 1, "has 3 complete trials, and 9"),
    "no folder for the table": (["digits", "new", "-o", "no/x.csv"], 1, "cannot be written"),
    "no GPU": (["digits", "new", "--device", "cuda:77"], 1, "device"),
    "no device": (["digits", "new", "--device", "toaster"], 1, "device"),
}


@pytest.mark.parametrize(("words", "status", "message"), REFUSED.values(), ids=REFUSED)
def test_mistakes_are_one_line(
    words: list[str], status: int, message: str, command: Command, study: Study, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "new").symlink_to(study.new)

    result = command(*words)

    assert result.exit_code == status
    assert result.stdout == ""
    last = result.stderr.splitlines()[-1]
    assert last.startswith("Error: ")
    assert message in last


def test_a_missing_file_is_named_with_its_whole_path(command: Command, tmp_path: Path) -> None:
    result = command("digits", "no.png")

    assert result.exit_code == 1
    assert f"{tmp_path}/no.png is not there" in result.stderr
