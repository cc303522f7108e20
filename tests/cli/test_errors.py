"""Bad input: one line, exit 1 or 2, and nothing has changed."""

import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
import torch
from click.testing import Result
from PIL import Image

from autotrick.tune import Resources
from tests.synthetic import a_space, fill

Command = Callable[..., Result]
Refused = Callable[..., str]
Space = Callable[..., str]


@pytest.fixture
def images(folder: Path) -> Path:
    """An image folder of two classes, eight images each."""
    for number, label in enumerate(("cat", "dog")):
        (folder / "images" / label).mkdir(parents=True)
        for i in range(8):
            pixels = np.random.default_rng(8 * number + i).integers(0, 256, (16, 16, 3), np.uint8)
            Image.fromarray(pixels).save(folder / "images" / label / f"{i}.png")
    return folder / "images"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[tricks.mixup]", "[tricks.mixpu]", "unknown trick 'mixpu'. Did you mean 'mixup'?"),
        ("alpha = {", "alhpa = {", "unknown setting 'alhpa'. Did you mean 'alpha'?"),
        ("low = 0.1, high = 1.0", "low = 1.0, high = 0.1", "low"),
        ('"lenet5"', '"lenet6"', "unknown architecture 'lenet6'. Did you mean 'lenet5'?"),
        ('"digits"', '"digist"', "unknown data set 'digist'. Did you mean 'digits'?"),
        ("question =", "qestion =", "qestion"),
        ("epochs = 3", "epochs = 0", "epochs"),
        ("epochs = 3", "epochs =", "is not TOML"),
    ],
)
@pytest.mark.parametrize("dry", [(), ("--dry-run",)], ids=["search", "dry run"])
def test_fault_of_a_space_is_named(
    refused: Refused, space: Space, dry: tuple[str, ...], old: str, new: str, message: str
) -> None:
    path = space((old, new))

    line = refused("search", path, *dry)

    assert path in line
    assert message in line


def test_two_tricks_of_one_slot_are_refused(refused: Refused, space: Space) -> None:
    both = "[tricks.mixup]\nalways = true\n[tricks.cutmix]\nalways = true\n[tricks.flip]"
    path = space(("[tricks.mixup]\nalpha = { low = 0.1, high = 1.0 }", both))

    line = refused("search", path)

    assert "mixup" in line and "cutmix" in line and "slot 'mix'" in line


def test_all_faults_of_a_space_are_in_one_line(refused: Refused, space: Space) -> None:
    path = space(("[tricks.mixup]", "[tricks.mixpu]"), ('"lenet5"', '"lenet6"'))

    line = refused("search", path)

    assert "mixpu" in line and "lenet6" in line


def test_missing_space_names_its_neighbours(refused: Refused, space: Space) -> None:
    space()

    assert "Spaces in that folder: question" in refused("search", "qestion.toml")


def test_missing_data_set_is_named(refused: Refused, space: Space) -> None:
    path = space(('"digits"', '"folder:nowhere"'))

    assert "nowhere" in refused("search", path)


def test_images_too_small_for_an_architecture_are_named(refused: Refused, space: Space) -> None:
    path = space(("image_size = 16\n", ""))

    line = refused("search", path)

    assert "lenet5 needs images of at least 12 pixels a side, but got 8x8. Set image_size" in line


def test_truncated_parquet_is_named(refused: Refused, space: Space, folder: Path) -> None:
    table = pa.table({"image": [{"bytes": b"x" * 5000}] * 50, "label": [0, 1] * 25})
    parquet.write_table(table, folder / "cut_train.parquet")
    whole = (folder / "cut_train.parquet").read_bytes()
    (folder / "cut_train.parquet").write_bytes(whole[: len(whole) // 2])
    path = space(('"digits"', '"parquet:cut"'))

    assert "cut_train.parquet" in refused("search", path)


def test_corrupt_image_is_named(refused: Refused, space: Space, images: Path) -> None:
    broken = images / "dog" / "5.png"
    broken.write_bytes(broken.read_bytes()[:60])
    path = space(('"digits"', '"folder:images"'))

    assert "dog/5.png" in refused("search", path)


def test_data_folder_that_is_not_there_is_a_usage_error(refused: Refused, space: Space) -> None:
    path = space()

    assert "nowhere" in refused("search", path, "--data-dir", "nowhere", status=2)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
@pytest.mark.parametrize("dry", [(), ("--dry-run",)], ids=["search", "dry run"])
def test_missing_gpu_is_named(refused: Refused, space: Space, dry: tuple[str, ...]) -> None:
    path = space()

    line = refused("search", path, "--gpus-per-trial", "1", *dry)

    assert line.startswith("--gpus-per-trial 1 needs a GPU, and this machine has none.")


@pytest.fixture
def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.slow
def test_cluster_that_is_not_there_is_named(
    refused: Refused, space: Space, closed_port: int
) -> None:
    path = space()

    for address in (
        f"127.0.0.1:{closed_port}",
        f"ray://127.0.0.1:{closed_port}",
        "127.0.0.1:99999",
    ):
        assert f"no Ray cluster at {address}: " in refused("search", path, "--address", address)


@pytest.mark.parametrize(
    "words",
    [
        ["search", "question.toml"],
        ["studies"],
        ["best", "digits"],
        ["resume", "digits"],
        ["database", "upgrade"],
    ],
    ids=" ".join,
)
def test_unreachable_database_is_named(
    refused: Refused, space: Space, closed_port: int, words: list[str]
) -> None:
    space()
    url = f"postgresql://me:hidden@127.0.0.1:{closed_port}/results"

    line = refused(*words, "--database", url)

    assert f"@127.0.0.1:{closed_port}/results cannot be used" in line
    assert "hidden" not in line


@pytest.mark.parametrize("url", ["nonsense", "mysql://me@host/x", "sqlite:////no/such/folder/x.db"])
def test_impossible_database_is_refused(refused: Refused, space: Space, url: str) -> None:
    path = space()

    assert "database" in refused("search", path, "--database", url)


@pytest.mark.parametrize("words", [["best", "digits"], ["resume", "digits"], ["search"]], ids=str)
def test_newer_schema_is_refused(
    refused: Refused, space: Space, study: Path, words: list[str]
) -> None:
    path = space()
    with sqlite3.connect(study) as connection:
        table = next(
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
            if "version" in name
        )
        connection.execute(f"UPDATE {table} SET version_num = '9999'")
    connection.close()

    line = refused(*(words if len(words) > 1 else ["search", path]))

    assert "the database is at schema 9999, which is newer" in line


def test_name_of_another_spaces_study_is_refused(
    refused: Refused, space: Space, study: Path
) -> None:
    path = space()

    line = refused("search", path, "--study", "digits")

    assert "study 'digits' searches another space" in line


@pytest.mark.parametrize("name", ["../up", "a/b", "[red]", ""])
def test_study_name_that_is_no_file_name_is_refused(
    refused: Refused, space: Space, name: str
) -> None:
    path = space()

    assert "a study's name consists of" in refused("search", path, "--study", name)


@pytest.mark.usefixtures("study")
@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("mixpu > 1", "mixpu"),
        ("1=1; DROP TABLE autotrick_trial", ""),
        ("epochs > 1 OR 1=1 --", ""),
        ("state = 'x' UNION SELECT 1", ""),
        ("state = '' or ''=''", ""),
        ("epochs > 1) or (epochs > 0", ""),
        ("", ""),
        ("(" * 2000 + "mixup" + ")" * 2000, ""),
    ],
)
@pytest.mark.parametrize("command_name", ["best", "trials"])
def test_filter_that_cannot_be_is_refused(
    refused: Refused, command_name: str, where: str, message: str
) -> None:
    assert message in refused(command_name, "digits", "--where", where)


@pytest.mark.usefixtures("study")
@pytest.mark.parametrize(
    "words",
    [
        ["best", "digist"],
        ["show", "digist", "0"],
        ["resume", "digist"],
        ["reproduce", "digist", "0"],
        ["report", "digist", "-o", "out.html"],
    ],
    ids=" ".join,
)
def test_unknown_study_names_the_known_ones(refused: Refused, words: list[str]) -> None:
    assert refused(*words) == "no study named 'digist'. Studies in this database: digits."


@pytest.mark.usefixtures("study")
@pytest.mark.parametrize("name", ["show", "reproduce"])
def test_unknown_trial_is_named(refused: Refused, name: str) -> None:
    assert "study 'digits' has no trial 30." in refused(name, "digits", "30")


@pytest.mark.usefixtures("study")
@pytest.mark.parametrize("number", ["-1", "x", "99999999999"])
def test_number_that_no_trial_can_have_is_a_usage_error(refused: Refused, number: str) -> None:
    refused("show", "digits", "--", number, status=2)


@pytest.mark.parametrize(
    "words",
    [
        ["studies"],
        ["best", "x"],
        ["trials", "x"],
        ["tricks", "x"],
        ["show", "x", "0"],
        ["resume", "x"],
        ["reproduce", "x", "0"],
        ["report", "x"],
        ["database", "upgrade"],
    ],
    ids=" ".join,
)
def test_missing_database_is_not_made(refused: Refused, words: list[str]) -> None:
    assert refused(*words).startswith("no database at sqlite:///autotrick.db;")


@pytest.mark.parametrize("budget", ["0s", "-3m", "soon", "10", "nan"])
def test_time_that_is_none_is_a_usage_error(refused: Refused, space: Space, budget: str) -> None:
    path = space()

    assert "is not a duration" in refused("search", path, "--time-budget", budget, status=2)


@pytest.mark.usefixtures("study")
def test_a_limit_on_money_without_a_price_is_refused(refused: Refused, space: Space) -> None:
    line = refused("search", space(), "--max-cost", "3")

    assert line.startswith("a cost of 3 at most needs the price of a trial-hour.")


def recorded_resources(url: str, folder: Path, name: str, space: Path) -> None:
    """Record a study over an image folder, as a search that was killed at once leaves it."""
    from autotrick import records
    from autotrick.space import load
    from autotrick.tune import ready

    resources = Resources(data_dir=folder, storage=folder / "files")
    read = load(space)
    with ready(read, resources) as loaded, records.open_database(url) as database:
        plan = records.StudyPlan(
            name,
            read.question,
            loaded.model_dump(mode="json"),
            read.digest(),
            0,
            {"trials": 2, "resources": resources.to_json()},
        )
        records.create_study(database, plan)


@pytest.fixture
def begun(space: Space, images: Path, folder: Path) -> Path:
    """A study over the image folder, of which no trial is begun; returns its space."""
    path = folder / space(('"digits"', '"folder:images"'))
    recorded_resources("sqlite:///autotrick.db", folder, "question", path)
    return path


def test_data_that_vanished_are_named(
    refused: Refused, begun: Path, images: Path, tmp_path: Path
) -> None:
    images.rename(tmp_path / "elsewhere")
    (tmp_path / "cache").rename(tmp_path / "cache elsewhere")

    assert "images" in refused("resume", "question")
    assert "images" in refused("search", str(begun))


@pytest.mark.parametrize("words", [["resume", "question"], ["search", "question.toml"]], ids=str)
def test_data_that_changed_are_refused(
    refused: Refused, begun: Path, images: Path, tmp_path: Path, words: list[str]
) -> None:
    Image.fromarray(np.zeros((16, 16, 3), np.uint8)).save(images / "cat" / "0.png")
    (tmp_path / "cache").rename(tmp_path / "cache elsewhere")

    line = refused(*words)

    assert "fingerprint" in line or "was made with data" in line


@pytest.mark.usefixtures("folder")
def test_study_of_another_driver_is_refused(refused: Refused, folder: Path) -> None:
    from autotrick import records

    space = Path(__file__).parents[2] / "search_spaces" / "quickstart.toml"
    recorded_resources("sqlite:///autotrick.db", folder, "quickstart", space)
    with records.open_database("sqlite:///autotrick.db") as database:
        row = records.study(database, "quickstart")
        records.acquire_lease(database, row.id, "elsewhere:1:2", stale_after=60)

    for words in (["resume", "quickstart"], ["search", str(space), "--trials", "99"]):
        assert "is being searched by elsewhere:1:2" in refused(*words)


def test_trial_without_an_epoch_cannot_be_reproduced(refused: Refused, folder: Path) -> None:
    from autotrick import records

    fill("sqlite:///autotrick.db", 3, space=a_space())
    with records.open_database("sqlite:///autotrick.db") as database:
        study = records.study(database, "digits")
        recipe = records.trials(database, "digits")[0].recipe
        records.add_trial(database, study.id, recipe, origin="x", launch=False)

    line = refused("reproduce", "digits", "3")

    assert line == (
        "trial 3 of study 'digits' is waiting and has no epoch on record: there is nothing to "
        "compare with."
    )
