"""Studies that commit 4db8e25 began and killed, before the refactoring of issue 10: they go on as they would have.

`golden/make_studies.py` recorded them with the real command. Where this processor and these libraries are
not those of then, other floats may lead to other proposals; what was on record before still has to stay.
"""

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from autotrick import records
from autotrick.cli import main
from autotrick.recipe import EpochReport
from autotrick.records import TrialRow, upgrade_database
from autotrick.records.migrations import REVISIONS
from tests.golden.make_studies import ENVIRONMENT, FOLDER, NAMES, SHARED, STUDIES
from tests.golden.recorded import differences, here
from tests.tune.places import Place

RECORDED = json.loads(ENVIRONMENT.read_text())
ELSEWHERE = differences(RECORDED, here(*SHARED))


@pytest.fixture
def old(tmp_path: Path) -> str:
    """The URL of the database as it was left, with its checkpoints in the same folder."""
    shutil.copytree(STUDIES / "files", tmp_path / "files")
    text = (STUDIES / "studies.sql").read_text().replace(FOLDER, str(tmp_path))
    with closing(sqlite3.connect(tmp_path / "studies.db")) as file:
        file.executescript(text)
    return f"sqlite:///{tmp_path}/studies.db"


@pytest.fixture
def place(old: str, tmp_path: Path) -> Iterator[Place]:
    """Where the command is run in processes of its own; what was started is ended."""
    sessions = tempfile.mkdtemp(prefix="at-", dir="/tmp")  # Ray's sockets need short paths
    variables = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "RAY_TMPDIR": sessions}
    place = Place(tmp_path, old, {**variables, "OMP_NUM_THREADS": "1"})
    yield place
    for process in place.started:
        if process.poll() is None:
            process.kill()
        process.communicate()
    shutil.rmtree(sessions, ignore_errors=True)


def trials_of(url: str, study: str) -> list[TrialRow]:
    with records.open_database(url, create=False) as database:
        return records.trials(database, study)


def epochs_of(url: str, study: str) -> dict[int, list[EpochReport]]:
    """Return the reports of a study's trials, without the seconds that they took."""
    with records.open_database(url, create=False) as database:
        found = records.reports(database, study)
    return {
        number: [report.model_copy(update={"seconds": 0.0}) for report in rows]
        for number, rows in found.items()
    }


def test_database_upgrades_with_its_studies(old: str) -> None:
    assert upgrade_database(old) == ("0007", REVISIONS[-1])

    with records.open_database(old, create=False) as database:
        states = {study.name: study.state for study in records.studies(database)}
    assert states == {
        "whole_asha": "complete",
        "half_asha": "open",
        "whole_population": "complete",
        "half_population": "open",
    }
    for study in states:
        rows = trials_of(old, study)
        assert [row.digest for row in rows] == [row.recipe.digest() for row in rows]
        running = [row.number for row in rows if row.state == "running"]
        assert len(running) == study.startswith("half"), study


@pytest.mark.parametrize("name", NAMES)
def test_report_opens_with_what_has_changed(old: str, tmp_path: Path, name: str) -> None:
    upgrade_database(old)
    page = tmp_path / "report.html"
    words = ["report", f"whole_{name}", "-o", str(page), "--database", old]

    done = CliRunner().invoke(main, words)

    assert done.exit_code == 0, done.output
    text = page.read_text("utf-8")
    opening = text[text.index("<h2>In short</h2>") : text.index("</section>")]
    assert "This study has no screen" in opening
    assert "what they printed may differ" in opening


@pytest.mark.parametrize("name", NAMES)
def test_effects_open_with_what_has_changed(old: str, name: str) -> None:
    upgrade_database(old)

    done = CliRunner().invoke(main, ["tricks", f"whole_{name}", "--database", old])

    assert done.exit_code == 0, done.output
    said = " ".join(done.stdout.split())
    opening = said[: said.index(f"Tricks of whole_{name}")]
    assert "This study has no screen" in opening and "what they printed may differ" in opening


@pytest.mark.slow
@pytest.mark.ray
@pytest.mark.parametrize("name", NAMES)
def test_study_that_was_killed_ends_as_if_it_had_not_been(place: Place, name: str) -> None:
    upgrade_database(place.url)
    study, before = f"half_{name}", epochs_of(place.url, f"half_{name}")

    status, _, err = place.run("resume", study)

    assert status == 0, err
    rows, reports = trials_of(place.url, study), epochs_of(place.url, study)
    expected = trials_of(place.url, f"whole_{name}")
    assert [row.state for row in rows if row.state not in ("complete", "pruned")] == []
    assert {number: reports[number][: len(old)] for number, old in before.items()} == before
    if ELSEWHERE:
        assert len(rows) == len(expected)
        pytest.skip(f"it ends, but is not compared with the whole study, as {ELSEWHERE}")
    assert [(row.digest, row.origin, row.state, row.epochs) for row in rows] == [
        (row.digest, row.origin, row.state, row.epochs) for row in expected
    ]
    assert reports == epochs_of(place.url, f"whole_{name}")


@pytest.mark.parametrize("name", NAMES)
def test_trial_is_reproduced(
    old: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    upgrade_database(old)
    study = f"whole_{name}"
    with records.open_database(old, create=False) as database:
        (best,) = records.best(database, study)[:1]
    words = ["reproduce", study, str(best.number), "--database", old, "--json"]

    done = CliRunner().invoke(main, [*words, "--tolerance", "0.02"])

    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout.splitlines()[-1])
    if ELSEWHERE:
        assert found["value"] == pytest.approx(found["recorded_value"], abs=0.02)
        pytest.skip(f"equal within 0.02; not compared bit for bit, as {ELSEWHERE}")
    assert found["identical"]
