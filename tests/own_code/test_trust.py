"""Code of a recorded study runs only with the user's consent, and reproduction notices a change."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from autotrick import records, trusted_code
from autotrick.cli import main
from autotrick.data import load as load_data
from autotrick.data import own as own_data
from autotrick.errors import CodeError
from autotrick.models import own as own_models
from autotrick.own_code import CodeRecord, Entry, registry
from autotrick.records import CheckpointRow, Database
from autotrick.reproduce import reproduce
from autotrick.space import load, published_defaults
from autotrick.train import environment, train
from autotrick.tricks import own as own_tricks


@pytest.fixture
def study(mine: Path, tmp_path: Path) -> Database:
    """A study of the space with one trial, as a search records it."""
    space = load(mine)
    data = load_data(space.data)
    space = space.model_copy(update={"data": data.resolve(space.data)})
    recipe = published_defaults(space)
    database = records.open_database(f"sqlite:///{tmp_path}/results.db")
    dumped = space.model_dump(mode="json")
    plan = records.StudyPlan("mine", "?", dumped, space.digest(), 0, {"trials": 1})
    records.create_study(database, plan)
    launch = records.add_trial(database, 1, recipe, origin="test")
    assert launch.attempt_id is not None
    facts = environment()
    records.describe_attempt(database, launch.attempt_id, device="cpu", environment=facts)
    for report in train(recipe, data).reports:
        records.add_report(database, launch.trial_id, report)
    records.finish_trial(database, launch.trial_id, "complete")
    return database


def forget() -> None:
    """Be a process that has imported nothing."""
    for part in (registry, own_tricks, own_models, own_data):
        part.forget()
    trusted_code.name_folder(None)


def test_a_trial_with_own_code_is_reproduced(study: Database, mine: Path) -> None:
    trusted_code.remember(load(mine).code)
    forget()

    found = reproduce(study, "mine", 0)

    assert found.identical and not found.differences


def test_code_that_nobody_searched_with_needs_consent(study: Database, mine: Path) -> None:
    forget()

    with pytest.raises(CodeError, match=r"no search of yours has used here: python:photos.*--code"):
        reproduce(study, "mine", 0)
    assert registry.files() == {}
    assert reproduce(study, "mine", 0, code=mine.parent).identical


def test_the_message_of_the_command_is_one_line(study: Database, tmp_path: Path) -> None:
    forget()
    url = f"sqlite:///{tmp_path}/results.db"

    result = CliRunner().invoke(main, ["reproduce", "mine", "0", "--database", url])

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: study 'mine' names Python code of its own")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "words",
    [
        ["predict", "mine", "0", "new"],
        ["evaluate", "mine", "0"],
        ["export-model", "mine", "0", "-o", "model"],
    ],
    ids=lambda words: words[0],
)
def test_commands_that_use_a_network_take_its_code_from_another_folder(
    study: Database, mine: Path, tmp_path: Path, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = records.trial(study, "mine", 0)
    train(
        row.recipe, load_data(row.recipe.data), on_epoch=lambda s: bool(s.save(tmp_path / "kept"))
    )
    kept = tmp_path / "kept" / f"epoch-{row.epochs}.checkpoint"
    records.add_checkpoint(
        study, CheckpointRow(row.id, row.epochs, str(kept), "c", kept.stat().st_size)
    )
    shutil.copytree(mine.parent, tmp_path / "elsewhere")
    Image.new("L", (8, 8)).save(tmp_path / "new.png")
    (tmp_path / "new").mkdir()
    (tmp_path / "new.png").rename(tmp_path / "new" / "a.png")
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path}/results.db"
    forget()

    asked = CliRunner().invoke(main, [*words, "--database", url])
    forget()
    for source in mine.parent.glob("*.py"):
        source.unlink()
    given = CliRunner().invoke(main, [*words, "--code", "elsewhere", "--database", url])
    forget()

    assert asked.exit_code == 1 and "--code FOLDER" in asked.stderr
    assert given.exit_code == 0, given.output


@pytest.mark.parametrize(
    ("old", "new", "identical"),
    [("A network of", "Another network of", True), ("ReLU", "GELU", False)],
)
def test_reproduction_names_the_file_that_changed(
    study: Database, mine: Path, old: str, new: str, identical: bool
) -> None:
    nets = mine.parent / "nets.py"
    nets.write_text(nets.read_text().replace(old, new))
    forget()

    found = reproduce(study, "mine", 0, code=mine.parent)

    assert found.identical is identical
    assert found.differences[0] == "your own code differs: nets.py has changed since then"
    assert found.explained


def test_a_record_that_names_a_command_does_not_run_it(tmp_path: Path) -> None:
    record = CodeRecord(
        files={"os": {"os.py": "0" * 16}},
        architectures={"python:os:system": Entry(source="python:os:system")},
    )

    with pytest.raises(CodeError, match=r"no search of yours has used here: python:os:system"):
        trusted_code.bring(record, study="theirs")


@pytest.mark.slow
def test_reading_commands_import_nothing(study: Database, mine: Path, tmp_path: Path) -> None:
    for name in ("nets", "tricks", "photos"):
        (mine.parent / f"{name}.py").write_text("raise SystemExit('it was imported')\n")
    reading = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from autotrick.cli import main\n"
        "words = {'best': ['best'], 'trials': ['trials'], 'tricks': ['tricks'], 'show': ['show', '0'],\n"
        "         'report': ['report', '-o', 'out.html']}\n"
        "for command, (name, *more) in words.items():\n"
        "    # A report draws pictures of what the best recipe's tricks do, with torch.\n"
        "    assert command != 'report' or not {'torch', 'ray'} & {*sys.modules}\n"
        "    asked = [name, 'mine', *more, '--database', sys.argv[1]]\n"
        "    result = CliRunner().invoke(main, asked)\n"
        "    print(command, result.exit_code, result.output if result.exit_code else '')\n"
        "import dashboards.study\n"
        "assert not any('autotrick_own' in name for name in sys.modules)\n"
        "assert 'ray' not in sys.modules\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", reading, f"sqlite:///{tmp_path}/results.db"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["0"] * 5, done.stdout
