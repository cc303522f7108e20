"""Writes a small database of the newest schema, to be kept for ever, as both kinds of database.

`databases/<revision>.sqlite` is an SQLite file, `databases/<revision>.sql` what pg_dump makes of a
PostgreSQL database. Run it once for each released schema: `python -m tests.records.make_database`.
"""

import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url

from autotrick.recipe import DataRef, EpochReport, Recipe
from autotrick.records import (
    CheckpointRow,
    Database,
    RejectionRow,
    StudyPlan,
    add_rejection,
    add_report,
    add_trial,
    create_study,
    describe_attempt,
    end_open_attempts,
    finish_trial,
    open_attempt,
    open_database,
)
from autotrick.records.migrations import REVISIONS
from benchmarks.servers import postgresql

TRICKS = [{}, {"mixup": {"alpha": 0.25}}, {"cutmix": {}, "label_smoothing": {"variant": "k-1"}}]
FOLDER = Path(__file__).parent / "databases"


def main() -> None:
    path = FOLDER / f"{REVISIONS[-1]}.sqlite"
    if path.exists():
        raise SystemExit(f"{path} is there already; a released schema does not change.")
    FOLDER.mkdir(exist_ok=True)
    _fill(f"sqlite:///{path}")
    with postgresql() as url:
        assert url is not None, "this needs a PostgreSQL server"
        _fill(url)
        path.with_suffix(".sql").write_text(_dump(url))


def _dump(url: str) -> str:
    """Return the statements that make the database again, without what only psql understands."""
    place = make_url(url).query["host"]
    command = ["pg_dump", "-h", str(place), "-U", "autotrick", "--inserts", "--no-owner"]
    done = subprocess.run([*command, "postgres"], check=True, capture_output=True, text=True)
    lines = (line for line in done.stdout.splitlines() if line)
    return "".join(f"{line}\n" for line in lines if not line.startswith(("--", "\\")))


def _fill(url: str) -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    with open_database(url, clock=lambda: noon) as database:
        plan = StudyPlan(
            *("mixing", "Does it help?", {"name": "mixing"}, "d1gest", 7, {"trials": 3}),
            data={"classes": {"0": 3}},
        )
        study = create_study(database, plan)
        for number, tricks in enumerate(TRICKS):
            recipe = Recipe(
                data=DataRef(name="digits", fingerprint="f00d"),
                architecture="lenet5",
                epochs=2,
                batch_size=64,
                base_lr=0.1,
                tricks=tricks,
            )
            launch = add_trial(database, study.id, recipe, origin="tpe")
            assert launch.attempt_id is not None
            describe_attempt(database, launch.attempt_id, node="n1", environment={"torch": "2.9"})
            for epoch in (1, 2):
                report = EpochReport(
                    epoch=epoch,
                    accuracy=(number + epoch) / 10,
                    loss=1.0,
                    train_loss=1.5,
                    lr=0.1,
                    seconds=2.0,
                    weights=f"{number}.{epoch}",
                    extra={"raw_accuracy": 0.5},
                )
                checkpoint = CheckpointRow(launch.trial_id, epoch, f"/{number}", "cafe", 100)
                add_report(database, launch.trial_id, report, checkpoint=checkpoint)
        measures = {"multiply_adds": 5000, "latency_ms": 1.5, "robustness": 0.125, "score": 0.1875}
        measures |= {"memory": 2**33}
        finish_trial(database, 1, "complete", parameters=1000, measures=measures)
        finish_trial(database, 2, "pruned", reason="asha", parameters=1000)
        refused = recipe.model_copy(update={"batch_size": 128})
        add_rejection(database, study.id, RejectionRow(3, 0, refused, "parameters", 2000.0, 1500.0))
        _fill_child(database)
        end_open_attempts(database, study.id, reason="driver was killed")
        open_attempt(database, 3, shares=(2.0, 0.5))


def _fill_child(database: Database) -> None:
    """Add a study of the first one, whose metric is not accuracy."""
    space = {"name": "errors", "objective": {"objectives": ["error", "seconds"]}}
    plan = StudyPlan("errors", "How far off?", space, "d1gest", 7, {"trials": 1}, metric="error")
    plan = replace(plan, parent="mixing", purpose="list", task="counting")
    child = create_study(database, plan)
    recipe = Recipe(
        data=DataRef(name="digits", fingerprint="f00d"),
        architecture="lenet5",
        epochs=1,
        batch_size=64,
        base_lr=0.1,
        task="counting",
    )
    launch = add_trial(database, child.id, recipe, origin="tpe")
    report = EpochReport(
        epoch=1,
        metrics={"error": 2.5, "bias": -0.5},
        loss=1.0,
        train_loss=1.5,
        lr=0.1,
        seconds=2.0,
        weights="1.1",
    )
    add_report(database, launch.trial_id, report)
    finish_trial(database, launch.trial_id, "complete", measures={"score": -2.5})


if __name__ == "__main__":
    main()
