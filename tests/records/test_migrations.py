"""The schema's history, on both databases."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, select, text

from autotrick.recipe import Leg, Recipe
from autotrick.records import (
    Database,
    add_trial,
    attempts,
    best,
    checkpoints,
    migrations,
    open_database,
    reports,
    studies,
    trials,
    upgrade_database,
)
from autotrick.records.migrations import REVISIONS
from autotrick.records.recipe_columns import recipe_columns
from autotrick.records.schema import PREFIX, VERSION_TABLE, Base, Trial
from autotrick.tricks import TRICKS

DATABASES = Path(__file__).parent / "databases"

THEIR_ENVIRONMENT = """
from alembic import context
context.configure(connection=context.config.attributes["connection"], target_metadata=None)
with context.begin_transaction():
    context.run_migrations()
"""
THEIR_REVISION = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = {revision!r}, {before!r}
def upgrade():
    op.create_table({table!r}, sa.Column("name", sa.String(20)))
"""


def test_the_revisions_written_down_are_those_of_the_files() -> None:
    script = ScriptDirectory(str(Path(migrations.__file__).parent))

    found = [entry.revision for entry in script.walk_revisions()]

    assert tuple(reversed(found)) == REVISIONS


@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based")
def test_migrating_an_empty_database_gives_the_declared_schema(database: Database) -> None:
    assert differences(database) == []


def differences(database: Database) -> list[object]:
    """Return what Alembic would change to reach the declared schema."""
    # Alembic cannot read the direction of an index's column back from SQLite.
    directed = {f"{PREFIX}trials_best_idx", f"{PREFIX}trials_score_idx"}
    unread = directed if database.dialect == "sqlite" else set()
    options = {
        "version_table": VERSION_TABLE,
        "compare_type": True,
        "include_name": lambda name, kind, _: (
            name not in unread and (kind != "table" or name.startswith(PREFIX))
        ),
        # Nor can SQLAlchemy read what a key that is a column's does when its row is deleted.
        "include_object": lambda item, _name, kind, _reflected, _compared: (
            database.dialect != "sqlite"
            or kind != "foreign_key_constraint"
            or item.column_keys != ["parent_id"]
        ),
    }
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, Base.metadata))


def test_every_table_carries_the_prefix() -> None:
    assert all(name.startswith(PREFIX) for name in Base.metadata.tables)


def test_upgrading_the_newest_schema_changes_nothing(database_url: str) -> None:
    open_database(database_url).close()

    assert upgrade_database(database_url) == (REVISIONS[-1], REVISIONS[-1])


@pytest.mark.parametrize("kind", ["sqlite", "sql"])
def test_every_released_schema_is_kept(kind: str) -> None:
    assert sorted(path.stem for path in DATABASES.glob(f"*.{kind}")) == list(REVISIONS)


@pytest.fixture(params=REVISIONS)
def old_url(request: pytest.FixtureRequest, database_url: str) -> str:
    """A database that an autotrick of the time wrote, of each released schema."""
    if database_url.startswith("sqlite"):
        shutil.copy(DATABASES / f"{request.param}.sqlite", database_url.removeprefix("sqlite:///"))
        return database_url
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql((DATABASES / f"{request.param}.sql").read_text())
    engine.dispose()
    return database_url


@pytest.fixture
def neighbour(old_url: str) -> Iterator[Engine]:
    """Somebody else's connection to the same database."""
    engine = create_engine(old_url)
    yield engine
    engine.dispose()


def assert_whole(database: Database) -> None:
    """Assert that what `make_database` wrote is there."""
    study, *children = studies(database)
    for child in children:  # since schema 0008
        assert (child.parent, child.purpose, child.task) == ("mixing", "list", "counting")
        (curve,) = reports(database, child.name).values()
        assert curve[0].metrics == {"error": 2.5, "bias": -0.5}
        (done,) = trials(database, child.name)
        assert (done.value, done.score, done.recipe.task) == (2.5, -2.5, "counting")
    assert (study.name, study.seed, study.budget) == ("mixing", 7, {"trials": 3})
    assert [row.state for row in trials(database, "mixing")] == ["complete", "pruned", "running"]
    (winner,) = best(database, "mixing")
    assert (winner.value, winner.weights, winner.seconds) == (0.2, "0.2", 4.0)
    assert winner.recipe.digest() == winner.digest
    assert trials(database, "mixing", where="mixup.alpha < 0.3")[0].number == 1
    assert [row.number for row in trials(database, "mixing", where="cutmix")] == [2]
    assert len(trials(database, "mixing", where="weight_decay = 5e-4")) == 3
    assert [row.lr for row in trials(database, "mixing")] == [0.1 * 64 / 256] * 3
    assert len(trials(database, "mixing", where="lr < 0.1 and accumulation = 1")) == 3
    assert [len(rows) for rows in reports(database, "mixing").values()] == [2, 2, 2]
    assert checkpoints(database, "mixing")[2][1].checksum == "cafe"
    first, second = attempts(database, "mixing", 2)
    assert (first.state, first.environment) == ("lost", {"torch": "2.9"})
    assert (second.state, second.environment) == ("open", None)


def test_a_database_of_a_released_schema_upgrades_with_its_data(
    old_url: str, recipe: Callable[..., Recipe]
) -> None:
    upgrade_database(old_url)

    with open_database(old_url, create=False) as database:
        assert_whole(database)
        launch = add_trial(database, 1, recipe(), origin="tpe")
    assert launch.number == 3


@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based")
def test_an_upgraded_database_has_the_declared_schema(old_url: str) -> None:
    upgrade_database(old_url)

    with open_database(old_url, create=False) as database:
        assert differences(database) == []


def test_another_user_of_alembic_in_the_same_schema_keeps_theirs(
    old_url: str, neighbour: Engine, tmp_path: Path
) -> None:
    (tmp_path / "versions").mkdir()
    (tmp_path / "env.py").write_text(THEIR_ENVIRONMENT)
    for revision, before, table in (("0001", None, "studies"), ("0002", "0001", "trials")):
        written = THEIR_REVISION.format(revision=revision, before=before, table=table)
        (tmp_path / "versions" / f"{revision}.py").write_text(written)
    migrate_theirs(neighbour, tmp_path, "0001")
    with neighbour.begin() as connection:
        connection.execute(text("INSERT INTO studies VALUES ('theirs')"))

    upgrade_database(old_url)
    migrate_theirs(neighbour, tmp_path, "0002")

    with neighbour.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "0002"
        assert connection.scalars(text("SELECT name FROM studies")).all() == ["theirs"]
        assert connection.scalars(text("SELECT name FROM trials")).all() == []
    with open_database(old_url, create=False) as database:
        assert_whole(database)


ANOTHER_TRIAL = """
INSERT INTO autotrick_trials
    (study_id, number, state, recipe, digest, seed, origin, epochs, seconds, attempts, created)
SELECT 1, :number, 'waiting', :recipe, '', 0, '', 0, 0, 0, created FROM autotrick_studies
"""
OWN = [name for name, kind in TRICKS.items() if kind.slot == "optimizer"]
OLD_RECIPES: dict[str, dict[str, Any]] = {
    "plain": {},
    "several batches an update": {"accumulation": 4, "scaling_exponent": 0.5},
    "greatest": {"base_lr": 1.7e308, "batch_size": 4096},
    "least": {"base_lr": 5e-324},
    "a rate on the way": {
        "tricks": {"adam": {"lr": 1e-3}},
        "course": (
            Leg(after=1, tricks={"adam": {"lr": 5e-3}}),
            Leg(after=2, fields={"base_lr": 9}),
        ),
    },
    "a base rate on the way": {"course": (Leg(after=2, fields={"base_lr": 0.5}),)},
    "a rate that is no optimizer's": {"tricks": {"ema": {}, "linear_warmup": {}, "lion": {}}},
    **{name: {"tricks": {name: {}}, "accumulation": 3} for name in OWN},
    **{f"{name} with its rate": {"tricks": {name: {"lr": 0.123}}} for name in OWN},
}


@pytest.mark.parametrize("old_url", ["0006"], indirect=True)
def test_trials_of_old_get_the_columns_of_new_ones(
    old_url: str, neighbour: Engine, recipe: Callable[..., Recipe]
) -> None:
    wanted = [recipe(**changes) for changes in OLD_RECIPES.values()]
    with neighbour.begin() as connection:
        for number, found in enumerate(wanted, start=3):
            values = {"number": number, "recipe": found.model_dump_json()}
            connection.execute(text(ANOTHER_TRIAL), values)

    upgrade_database(old_url)

    with open_database(old_url, create=False) as database, database.reading() as connection:
        chosen = select(Trial.lr, Trial.accumulation).where(Trial.number >= 3)
        rows = connection.execute(chosen.order_by(Trial.number)).all()
    columns = [recipe_columns(found) for found in wanted]
    assert [tuple(row) for row in rows] == [(c["lr"], c["accumulation"]) for c in columns]


def migrate_theirs(engine: Engine, folder: Path, revision: str) -> None:
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(folder))
        command.upgrade(config, revision)
