from pathlib import Path

import pytest

from autotrick import records
from autotrick.analysis.findings import find
from autotrick.recipe import EpochReport
from autotrick.records.rows import TrialRow
from autotrick.space import SearchSpace, decisions
from tests.synthetic import a_space, fill

Study = tuple[list[TrialRow], dict[int, list[EpochReport]]]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    url = f"sqlite:///{tmp_path / 'records.db'}"
    fill(url, 40)
    with records.open_database(url) as database:
        return records.trials(database, "digits"), records.reports(database, "digits")


@pytest.mark.slow
def test_importances_are_of_the_space_s_decisions(study: Study) -> None:
    space = a_space()

    found = find(*study, space).importances

    assert {row.name for row in found} <= {decision.name for decision in decisions(space)}
    assert sum(row.share for row in found) == pytest.approx(1)
    assert all(0 <= row.low <= row.share <= row.high <= 1 for row in found)


def test_recipes_of_another_space_leave_only_the_importances_out(study: Study) -> None:
    changed = a_space().model_dump(mode="json") | {"architectures": {"lenet5": {}}}
    changed["fixed"]["architecture"] = "lenet5"
    del changed["search"]["architecture"]

    found = find(*study, SearchSpace.model_validate(changed))

    assert found.importances == []
    assert found.effects and found.combinations and found.curves.curves
