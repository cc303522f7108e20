import importlib
import inspect
import subprocess
import sys
from operator import attrgetter
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

import autotrick
from autotrick import records
from autotrick.cli import main, options
from autotrick.errors import NotFoundError
from autotrick.records import urls


def run(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", autotrick.__all__)
def test_public_name_is_there_and_documented(name: str) -> None:
    found = getattr(autotrick, name)

    assert not isinstance(found, ModuleType)
    assert isinstance(found, str) or found.__doc__


def test_public_names_are_listed() -> None:
    homes = {*autotrick._HOMES, "__version__"}

    assert homes == set(autotrick.__all__)
    assert homes <= set(dir(autotrick))


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'autotrick' has no attribute 'nope'"):
        autotrick.nope  # noqa: B018


@pytest.mark.slow
def test_names_do_not_depend_on_what_was_imported_first() -> None:
    run(
        "import autotrick, autotrick.train, autotrick.reproduce, autotrick.tune, autotrick.space\n"
        "assert all(callable(getattr(autotrick, n)) for n in autotrick.__all__ if n[0] != '_')"
    )


@pytest.mark.slow
def test_asking_the_database_loads_no_heavy_library() -> None:
    run(
        "import sys, autotrick\n"
        "autotrick.open_database, autotrick.best_trials, autotrick.Recipe, autotrick.Trick\n"
        "autotrick.load_space, autotrick.SearchSpace\n"
        "assert not {'torch', 'ray', 'torchvision', 'timm'} & set(sys.modules)"
    )


def test_importing_the_package_loads_nothing_else() -> None:
    run(
        "import sys, autotrick; assert [m for m in sys.modules if m.startswith('autotrick.')] == []"
    )


TAKES_PATHS = {
    "autotrick.records": ("open_database",),
    "autotrick.space": ("load",),
    "autotrick.reproduce": ("reproduce",),
    "autotrick.ensemble": ("ensemble",),
    "autotrick.evaluation": ("evaluate", "follow"),
    "autotrick.aspect_ratio": ("accuracy_by_aspect",),
    "autotrick.train": ("train", "predict"),
    "autotrick.train.snapshot": ("Snapshot.save",),
    "autotrick.train.write_augmented": ("write_augmented",),
    "autotrick.data": ("load", "open_cached", "validation_aspects"),
    "autotrick.exchange": ("write", "bring", "Meaning", "optuna_study"),
    "autotrick.exchange.files": ("read",),
    "autotrick.augment.files": ("read", "write"),
    "autotrick.report.page": ("write",),
    "autotrick.report.evaluation": ("write_evaluation",),
    "autotrick.report.lr_find": ("write_lr_find",),
    "autotrick.report.pictures": ("write_picture",),
}
"""What people call from a notebook, and what takes a file or a folder there."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module, names in TAKES_PATHS.items() for name in names]
)
def test_a_path_may_be_a_text(module: str, name: str) -> None:
    found = attrgetter(name)(importlib.import_module(module))

    for parameter, kind in inspect.get_annotations(found).items():
        if parameter != "return" and "Path" in str(kind):
            assert "str" in str(kind), f"{parameter}: {kind}"


def test_resources_take_texts_for_paths() -> None:
    from autotrick.tune import Resources

    texts = Resources(data_dir=".", storage="files/", cache="cache")  # type: ignore[arg-type]

    paths = Resources(data_dir=Path(), storage=Path("files"), cache=Path("cache"))
    assert texts == paths and texts.to_json() == paths.to_json()
    assert Resources.from_json(texts.to_json()).storage == Path("files").absolute()
    assert Resources(storage="s3://bucket/files/").storage == "s3://bucket/files"


@pytest.mark.slow
def test_texts_lead_where_paths_do(tmp_path: Path) -> None:
    from autotrick.augment import files
    from autotrick.data import load, open_cached
    from autotrick.recipe import DataRef
    from autotrick.train import Checkpoint, Snapshot, predict, train

    cache, folder = str(tmp_path / "cache"), str(tmp_path / "files")
    data = load(DataRef(name="digits", image_size=12), cache_dir=cache)
    recipe = autotrick.Recipe(
        data=data.resolve(DataRef(name="digits", image_size=12)),
        architecture="lenet5",
        epochs=2,
        batch_size=512,
        base_lr=0.1,
    )
    saved: list[Checkpoint] = []

    def save(snapshot: Snapshot) -> bool:
        saved.append(snapshot.save(folder))
        return True

    train(recipe, data, on_epoch=save, until=1)
    resumed = train(recipe, data, resume_from=folder, on_epoch=save)
    found = predict(str(saved[-1].path), data, data.validation)
    policy = files.PolicyFile("rand_augment", {"count": 2}, {})
    files.write(policy, str(tmp_path / "policy.json"))

    assert open_cached(data.fingerprint, cache).fingerprint == data.fingerprint
    right = found.probabilities.argmax(1) == data.validation.labels
    assert right.mean() == resumed.accuracy
    assert files.read(str(tmp_path / "policy.json")) == policy


@pytest.fixture
def two_databases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the working folder's database, with the study `here`, and another with `there`."""
    monkeypatch.chdir(tmp_path)
    for url, name in (("sqlite:///autotrick.db", "here"), ("sqlite:///other.db", "there")):
        with autotrick.open_database(url) as database:
            records.create_study(database, records.StudyPlan(name, "?", {}, "0" * 16, 0, {}))


@pytest.mark.usefixtures("two_databases")
@pytest.mark.parametrize(
    ("variable", "expected"),
    [(None, "here"), ("", "here"), ("sqlite:///other.db", "there"), ("@url.txt", "there")],
)
def test_where_no_database_is_named_the_environment_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str | None, expected: str
) -> None:
    (tmp_path / "url.txt").write_text("sqlite:///other.db\n")
    monkeypatch.delenv("AUTOTRICK_DATABASE", raising=False)
    if variable is not None:
        monkeypatch.setenv("AUTOTRICK_DATABASE", variable)

    with autotrick.open_database() as database:
        assert [row.name for row in records.studies(database)] == [expected]
    shown = CliRunner().invoke(main, ["studies", "--json"], catch_exceptions=False)
    assert expected in shown.stdout
    missing = {"here": "there", "there": "here"}[expected]
    with pytest.raises(NotFoundError, match=f"no study named '{missing}'.*{expected}"):
        autotrick.optuna_study(missing)


def test_commands_and_functions_have_one_default() -> None:
    assert options.DEFAULT_DATABASE == urls.DEFAULT_DATABASE


def test_functions_that_open_a_database_need_no_name() -> None:
    from dashboards.app import create_app

    for function in (autotrick.open_database, autotrick.optuna_study, create_app):
        taken = [
            parameter
            for name, parameter in inspect.signature(function).parameters.items()
            if name in ("url", "database", "database_url")
        ]
        assert [parameter.default for parameter in taken] == [None]
