from pathlib import Path

from autotrick import records
from autotrick.records import Database, StudyPlan, open_database
from autotrick.views.linked import linked
from dashboards.study import version
from tests.ablations import PARENT, parent, record_ablation
from tests.simulated import a_recipe, a_report


def record_confirmation(database: Database, values: dict[str, list[float]]) -> None:
    """Record a confirmation of trial 0 of `PARENT` that has ended."""
    seeds = range(100, 100 + max(map(len, values.values())))
    candidates = [
        {"label": "trial 0", "role": "candidate", "trial": 0, "value": 0.9, "baseline": "all off"},
        {"label": "all off", "role": "baseline"},
    ]
    search = records.study(database, PARENT)
    plan = StudyPlan(
        f"{PARENT}-confirm",
        search.question,
        search.space,
        search.space_digest,
        0,
        {
            "trials": sum(map(len, values.values())),
            "confirmation": {"top": 1, "seeds": list(seeds), "candidates": candidates},
        },
        parent=PARENT,
        purpose="confirm",
    )
    study = records.create_study(database, plan)
    for label, reached in values.items():
        for seed, value in zip(seeds, reached, strict=True):
            tricks = ("mixup",) if label == "trial 0" else ()
            recipe = a_recipe(*tricks, seed=seed)
            launch = records.add_trial(database, study.id, recipe, origin=label, launch=False)
            reports = [a_report(1, value)]
            records.add_reports(database, launch.trial_id, reports, metric="accuracy")
            records.finish_trial(database, launch.trial_id, "complete")


def test_a_study_knows_what_its_ablation_and_its_confirmation_found(tmp_path: Path) -> None:
    with open_database(f"sqlite:///{tmp_path}/a.db") as database:
        parent(database)
        child = record_ablation(database)
        values = {"trial 0": [0.9, 0.91, 0.9], "all off": [0.88, 0.89, 0.885]}
        record_confirmation(database, values)

        found = linked(database, records.study(database, PARENT))
        own = linked(database, child)

    assert [one.study for one in found.ablations] == [child.name]
    assert found.ablations == own.ablations and not own.confirmations
    assert found.confirmed is not None
    assert found.confirmed.winner is not None and found.confirmed.winner.label == "trial 0"
    assert (found.transfer, found.looks, found.num_looks) == (None, "", 0)


def test_the_page_of_a_study_changes_with_what_belongs_to_it(tmp_path: Path) -> None:
    with open_database(f"sqlite:///{tmp_path}/a.db") as database:
        parent(database)
        record_ablation(database, until=2)
        before = version(database, PARENT)

        record_confirmation(database, {"trial 0": [0.9], "all off": [0.88]})

        assert version(database, PARENT) != before
