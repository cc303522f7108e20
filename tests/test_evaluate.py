"""`autotrick evaluate`, on a network that is trained here on a folder of digits."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image
from sklearn.datasets import load_digits

from autotrick import records
from autotrick.analysis.confirmation import look_of
from autotrick.analysis.evaluation import Evaluation
from autotrick.augment.corruptions import CORRUPTIONS, MOVES
from autotrick.cli import main
from autotrick.data import Dataset, load
from autotrick.errors import RecordsError
from autotrick.evaluation import evaluate, follow
from autotrick.recipe import DataRef, Recipe
from autotrick.records import CheckpointRow, StudyPlan, open_database
from autotrick.train import Snapshot, train

NAMES = ("zero", "one", "two", "three", "four", "five", "six")
DATA = DataRef(name="folder:digits")


def write_digits(folder: Path, first: int, count: int, names: tuple[str, ...] = NAMES) -> Path:
    """Write `count` images of each digit, from the first one on, into a folder a class."""
    digits = load_digits()
    for number, name in enumerate(names):
        images = digits.images[digits.target == number][first : first + count]
        (folder / name).mkdir(parents=True)
        for i, image in enumerate(images):
            grey = (image * 15.9).astype(np.uint8)
            Image.fromarray(grey).resize((16, 16)).save(folder / name / f"{first + i:03}.png")
    return folder


@dataclass(frozen=True, slots=True)
class Trained:
    """A study of one complete trial, with its data.

    Attributes:
        root: Has the folder `digits` with its splits, and the checkpoints.
    """

    url: str
    root: Path
    data: Dataset
    recipe: Recipe

    def checkpoint(self, epoch: int) -> Path:
        return self.root / "0" / f"epoch-{epoch}.checkpoint"

    def evaluate(self, **options: Any) -> Evaluation:
        return evaluate("digits", 0, database=self.url, **options)

    def run(self, *options: str) -> Result:
        return CliRunner().invoke(
            main, ["evaluate", "digits", "0", *options, "--database", self.url]
        )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    root = tmp_path_factory.mktemp("evaluated")
    write_digits(root / "digits" / "train", 0, 80)
    write_digits(root / "digits" / "val", 80, 40)
    write_digits(root / "digits" / "test", 120, 30)
    data = load(DATA, data_dir=root, cache_dir=root / "cache")
    recipe = Recipe(
        data=data.resolve(DATA),
        architecture="fastnet",
        architecture_settings={"width": 0.125},
        epochs=3,
        batch_size=32,
        base_lr=1.0,
        tricks={"ema": {"half_life": 0.1}},
    )
    url = f"sqlite:///{root}/autotrick.db"
    with open_database(url) as database:
        budget = {"trials": 2, "resources": {"cache": str(root / "cache"), "data_dir": str(root)}}
        study = records.create_study(database, StudyPlan("digits", "?", {}, "0" * 16, 0, budget))
        launch = records.add_trial(database, study.id, recipe, origin="random")
        train(recipe, data, on_epoch=recorder(database, launch.trial_id, root / "0"))
        records.finish_trial(database, launch.trial_id, "complete", parameters=1)
    return Trained(url, root, data, recipe)


@pytest.fixture
def fresh(made: Trained, tmp_path: Path) -> Trained:
    """The same with a database of its own, which has no look at the test split."""
    copied = tmp_path / "autotrick.db"
    copied.write_bytes(Path(made.url.removeprefix("sqlite:///")).read_bytes())
    return Trained(f"sqlite:///{copied}", made.root, made.data, made.recipe)


def recorder(
    database: records.Database,
    trial: int,
    folder: Path,
    pause: Callable[[int], None] = lambda _: None,
) -> Callable[[Snapshot], bool]:
    def record(snapshot: Snapshot) -> bool:
        saved = snapshot.save(folder)
        row = CheckpointRow(trial, saved.epoch, str(saved.path), saved.checksum, 1)
        records.add_report(database, trial, snapshot.reports[-1], checkpoint=row)
        pause(saved.epoch)
        return True

    return record


def refused(result: Result) -> str:
    """Return the one line of an error."""
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit), result.output
    line = result.stderr.strip().splitlines()[-1]
    assert line.startswith("Error: ")
    return line


@pytest.mark.slow
def test_a_trial_has_the_accuracy_that_it_reported(made: Trained) -> None:
    found = made.evaluate()

    with open_database(made.url) as database:
        assert found.scores.accuracy == pytest.approx(records.trial(database, "digits", 0).value)
    assert found.scores.images == len(made.data.validation)
    assert found.scores.classes == tuple(sorted(NAMES))
    assert found.scores.mistakes and found.scores.mistakes[0].name.startswith("val/")
    first = found.scores.mistakes[0]
    np.testing.assert_array_equal(found.pictures[first.row], made.data.validation.images[first.row])
    assert (found.network.epoch, found.network.state, found.look) == (3, "complete", None)


@pytest.mark.slow
def test_json_has_all_numbers(made: Trained) -> None:
    result = made.run("--json")

    found = json.loads(result.stdout)
    assert result.exit_code == 0, result.output
    assert np.sum(found["confusion"]) == found["images"] == 280
    assert found["low"] < found["accuracy"] < found["high"]
    assert len(found["by_class"]) == 7 and len(found["calibration"]["bins"]) == 15
    assert found["split"] == "validation" and found["robustness"] is None


@pytest.mark.slow
def test_terminal_begins_with_the_answer(made: Trained) -> None:
    result = made.run()

    assert result.exit_code == 0, result.output
    first = result.stdout.splitlines()[0]
    assert (
        first.startswith("trial 0 of digits: ") and "of 280 images of the validation split" in first
    )
    assert "Classes, the weakest first" in result.stdout
    assert "calibration error (ECE)" in " ".join(result.stdout.split())


@pytest.mark.slow
def test_corruptions_lower_the_accuracy(made: Trained) -> None:
    found = made.evaluate(corruptions=True)

    robust = found.robustness
    assert robust is not None and robust.images == 280
    assert [row.name for row in robust.rows] == [*CORRUPTIONS]
    assert [row.name for row in robust.moves] == [*MOVES]
    assert robust.clean == found.scores.accuracy > robust.mean
    assert robust.clean > robust.moved
    assert found.examples["fog"].shape == (5, 16, 16, 1)


@pytest.mark.slow
def test_a_second_look_at_the_test_split_is_refused_unless_forced(fresh: Trained) -> None:
    first = fresh.run("--split", "test", "--json")
    second = fresh.run("--split", "test")
    third = fresh.run("--split", "test", "--look-again", "--json")

    assert json.loads(first.stdout)["look"] == 1 and json.loads(third.stdout)["look"] == 2
    line = refused(second)
    assert "was looked at once" in line and "--look-again" in line
    with open_database(fresh.url) as database:
        looks = records.looks(database, "digits")
        assert [look.forced for look in looks] == [False, True]
        value = json.loads(first.stdout)["accuracy"]
        assert looks[0].result == {
            "metric": "accuracy",
            "images": 210,
            "values": {"evaluated trial 0 of digits": [value]},
        }
        # A confirmation with this network does not take the look for its own.
        assert look_of(records.trials(database, "digits"), looks) is None


@pytest.mark.slow
def test_confirm_counts_the_look(fresh: Trained) -> None:
    fresh.evaluate(split="test")

    with open_database(fresh.url) as database, pytest.raises(RecordsError, match="looked at once"):
        records.open_look(database, "digits", [{"label": "trial 0", "weights": ["x"]}])


@pytest.mark.slow
def test_a_look_that_was_killed_is_finished_as_the_same(
    fresh: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("autotrick.evaluation._evaluated", killed)
        with pytest.raises(KeyboardInterrupt):
            fresh.evaluate(split="test")
    found = fresh.evaluate(split="test")

    assert found.look == 1


@pytest.mark.slow
def test_the_test_split_waits_for_the_end_of_a_trial(fresh: Trained) -> None:
    with open_database(fresh.url) as database:
        study = records.study(database, "digits")
        records.add_trial(database, study.id, fresh.recipe, origin="random")

    with pytest.raises(RecordsError, match="trial 1 of 'digits' is running: a look"):
        evaluate("digits", 1, split="test", database=fresh.url)
    with open_database(fresh.url) as database:
        assert not records.looks(database, "digits")


@pytest.mark.slow
def test_new_images_are_matched_by_the_names_of_their_folders(
    made: Trained, tmp_path: Path
) -> None:
    write_digits(tmp_path / "new", 150, 20, ("zero", "ONE", "dos"))
    (tmp_path / "new" / "notes.txt").write_text("hello")

    found = made.evaluate(split=str(tmp_path / "new"))

    assert found.scores.images == 40
    images = {row.name: row.images for row in found.scores.by_class if row.images}
    assert images == {"zero": 20, "one": 20}
    said = " ".join(found.notes)
    assert "1 folder with 20 images is not a class of the network and left out: dos." in said
    assert "no images of 5 of the 7 classes of the network" in said
    assert "1 file is not an image" in said


@pytest.mark.slow
def test_images_of_the_networks_own_data_are_told(made: Trained) -> None:
    seen = made.evaluate(split=made.root / "digits" / "val")

    assert "280 of the 280 images are those that the network was chosen with" in seen.notes[0]
    assert seen.scores.accuracy == made.evaluate().scores.accuracy
    with pytest.raises(
        RecordsError, match=r"210 of these images are of the test split .*--split test"
    ):
        made.evaluate(split=made.root / "digits" / "test")


def no_folder(tmp_path: Path) -> Path:
    return tmp_path / "nowhere"


def no_classes(tmp_path: Path) -> Path:
    return write_digits(tmp_path / "x", 0, 2, ("cat", "dog"))


def flat(tmp_path: Path) -> Path:
    (tmp_path / "x").mkdir()
    Image.new("L", (12, 12)).save(tmp_path / "x" / "0.png")
    return tmp_path / "x"


def empty(tmp_path: Path) -> Path:
    (tmp_path / "x").mkdir()
    return tmp_path / "x"


def split_folders(tmp_path: Path) -> Path:
    write_digits(tmp_path / "x" / "train", 0, 2)
    write_digits(tmp_path / "x" / "val", 0, 2)
    return tmp_path / "x"


def damaged(tmp_path: Path) -> Path:
    root = write_digits(tmp_path / "x", 0, 3)
    for name in ("zero", "two"):
        (root / name / "001.png").write_bytes(b"\x89PNG\r\n not an image")
    return root


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (no_folder, "there is no folder {root}/nowhere"),
        (
            no_classes,
            "no folder in {root}/x is called like a class of the network. Folders: cat, dog",
        ),
        (flat, "has 1 image but no folders"),
        (empty, "{root}/x has no folders"),
        (split_folders, "has folders for splits (train, validation)"),
        (damaged, "2 images of {root}/x cannot be used: two/001.png, zero/001.png"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_folders_that_cannot_be_used_are_one_line(
    made: Trained, make: Callable[[Path], Path], said: str, tmp_path: Path
) -> None:
    result = made.run("--split", str(make(tmp_path)))

    assert said.format(root=tmp_path) in refused(result)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--follow", "--split", "test"), "exclude each other"),
        (("--look-again",), "needs --split test"),
        (("--follow", "--retrain"), "without --retrain"),
    ],
)
def test_options_that_do_not_go_together_are_usage_errors(
    made: Trained, options: tuple[str, ...], said: str
) -> None:
    result = made.run(*options)

    assert result.exit_code == 2 and said in result.stderr


@pytest.mark.slow
def test_a_checkpoint_file_is_evaluated_without_a_study(made: Trained, tmp_path: Path) -> None:
    write_digits(tmp_path / "new", 150, 10)

    found = evaluate(made.checkpoint(3), split=tmp_path / "new")

    assert found.network.study is None and found.scores.images == 70
    with pytest.raises(RecordsError, match="is recorded with its study"):
        evaluate(made.checkpoint(3), split="test")


@pytest.mark.slow
def test_another_trial_or_study_is_named(made: Trained) -> None:
    for study, trial in (("digit", "0"), ("digits", "7")):
        result = CliRunner().invoke(main, ["evaluate", study, trial, "--database", made.url])
        assert "no study named" in refused(result) or "no trial 7" in refused(result)


@pytest.mark.slow
def test_each_checkpoint_of_a_running_trial_is_followed(fresh: Trained, tmp_path: Path) -> None:
    """A trial that keeps one checkpoint: each is replaced while others are read."""
    database = open_database(fresh.url)
    study = records.study(database, "digits")
    launch = records.add_trial(database, study.id, fresh.recipe, origin="random")
    seen: list[int] = []
    read = threading.Event()

    def replace(epoch: int) -> None:
        if epoch > 1:
            (tmp_path / f"epoch-{epoch - 1}.checkpoint").unlink()
        # The second checkpoint is replaced before anybody reads it.
        if epoch != 2:
            read.wait(20)
            read.clear()

    def search() -> None:
        train(
            fresh.recipe,
            fresh.data,
            on_epoch=recorder(database, launch.trial_id, tmp_path, replace),
        )
        records.finish_trial(database, launch.trial_id, "complete", parameters=1)

    worker = threading.Thread(target=search)
    with records.open_database(fresh.url) as reading:
        owned(reading)
        worker.start()
        for found in follow(reading, "digits", 1, pause_s=0.02):
            seen.append(found.network.epoch)
            read.set()
    worker.join()
    database.close()

    assert seen[0] == 1 and seen[-1] == 3 and len(seen) <= 3
    with open_database(fresh.url) as reading:
        value = records.trial(reading, "digits", 1).value
    assert found.scores.accuracy == pytest.approx(value)


def owned(database: records.Database) -> None:
    """Let this process drive the study."""
    study = records.study(database, "digits")
    records.acquire_lease(database, study.id, records.this_process(), stale_after=60.0)
