"""Upper bounds on what a recipe costs."""

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

import pytest

from autotrick import records
from autotrick.errors import SpaceError
from autotrick.recipe import Recipe
from autotrick.space import SearchSpace
from autotrick.tune.constraints import (
    MOST_REJECTIONS,
    ConstraintChecker,
    Violation,
    check_required,
    checker_of,
)
from autotrick.tune.queue import queue_of
from autotrick.tune.resources import Resources
from tests.tune.places import ONE_BY_ONE, Place

Say = Callable[..., str]
TABLES: dict[str, Any] = {
    "name": "bounded",
    "question": "Which of those that are small?",
    "data": {"name": "digits"},
    "fixed": {"epochs": 2, "batch_size": 64, "architecture": "fastnet"},
    "search": {"base_lr": {"low": 0.02, "high": 0.5, "log": True}},
    "architectures": {"fastnet": {"width": [0.25, 0.5, 1.0]}},
    "tricks": {"mixup": {}},
}


def bounded(bounds: Mapping[str, float], **more: Any) -> SearchSpace:
    return SearchSpace.model_validate({**TABLES, "constraints": dict(bounds), **more})


def widths(recipe: Recipe) -> Mapping[str, float]:
    """Stands in for a measure that takes its time: a thousand times the width."""
    width = recipe.architecture_settings["width"]
    assert isinstance(width, float)
    return {"parameters": 1000 * width}


def batches(recipe: Recipe) -> Mapping[str, float]:
    return {"parameters": float(recipe.batch_size)}


def test_the_bound_that_is_exceeded_most_is_named() -> None:
    checker = ConstraintChecker(
        {"a": 10, "b": 100}, [lambda _: {"a": 11, "b": 150, "c": 9}, lambda _: {"a": 99}]
    )
    recipe = next(iter_recipes())

    found = checker.violation(recipe)

    assert found == Violation("b", 150, 100)
    assert str(found) == "b 150, at most 100"
    assert found.excess == pytest.approx(0.5)
    assert ConstraintChecker({"a": 11}, [lambda _: {"a": 11}]).violation(recipe) is None


def iter_recipes() -> Any:
    queue = queue_of(bounded({}), trials=4, seed=0)
    return (proposal.recipe for proposal in iter(queue.next_candidate, None))


def test_judge_counts_on_the_network_and_is_told_the_truth(tmp_path: Any) -> None:
    resources = Resources(cache=tmp_path)
    open_to_all = checker_of(bounded({}), resources)
    strict = checker_of(bounded({"parameters": 200_000}), resources)
    small, large = (recipe_of_width(width) for width in (0.25, 1.0))

    assert open_to_all is None and strict is not None
    assert strict.violation(small) is None
    found = strict.violation(large)
    assert found is not None
    assert (found.measure, found.bound, found.value > 200_000) == ("parameters", 200_000, True)


def test_latency_is_measured_where_the_driver_runs(tmp_path: Any) -> None:
    found = checker_of(bounded({"latency_ms": 1e-6}), Resources(cache=tmp_path))
    assert found is not None
    violation = found.violation(recipe_of_width(0.25))

    assert (
        violation is not None and violation.measure == "latency_ms" and 0 < violation.value < 1000
    )
    assert found.violation(recipe_of_width(0.25)) == violation  # measured once


def recipe_of_width(width: float) -> Recipe:
    given = {"architectures": {"fastnet": {"width": [width]}}}
    queue = queue_of(bounded({}, **given), trials=1, seed=0)
    proposal = queue.next_candidate()
    assert proposal is not None
    return proposal.recipe


def test_proposals_that_break_a_bound_take_no_number() -> None:
    checker = ConstraintChecker({"parameters": 600}, [widths])
    queue = queue_of(bounded({"parameters": 600}), trials=12, seed=0, checker=checker)

    proposals = list(iter(queue.next_candidate, None))

    kept = [p for p in proposals if p.violation is None]
    away = [p for p in proposals if p.violation]
    assert [p.number for p in kept] == list(range(12))
    assert {p.recipe.architecture_settings["width"] for p in kept} == {0.25, 0.5}
    assert away and {p.recipe.architecture_settings["width"] for p in away} == {1.0}
    assert queue.empty and queue.why_unused is None


def test_a_grid_ends_when_all_that_is_left_breaks_a_bound() -> None:
    given = {"search": {"base_lr": [0.1], "batch_size": [32, 64, 128]}, "tricks": {}}
    given |= {"fixed": {"epochs": 2, "architecture": "lenet5"}, "architectures": {}}
    space = bounded({"parameters": 64}, study={"sampler": "grid"}, **given)
    queue = queue_of(
        space, trials=40, seed=0, checker=ConstraintChecker({"parameters": 64}, [batches])
    )

    proposals = list(iter(queue.next_candidate, None))

    kept = {p.recipe.batch_size for p in proposals if p.violation is None}
    assert (kept, len(proposals), queue.empty) == ({32, 64}, 3, True)


def test_demanded_recipe_that_breaks_a_bound_is_refused_in_a_sentence() -> None:
    checker = ConstraintChecker({"parameters": 100}, [widths])

    with pytest.raises(SpaceError) as caught:
        check_required(checker, [("mine", recipe_of_width(0.25))])

    assert str(caught.value) == (
        "constraints.parameters: the recipe 'mine' (fastnet), which the search has to try, has "
        "parameters 250, at most 100. Raise the bound, or change the recipe."
    )


@pytest.fixture
def narrow(desk: Any) -> Any:
    """The desk, over a space of which a third keeps the bound."""
    desk.space = SearchSpace.model_validate(
        {**TABLES, "name": "words", "constraints": {"parameters": 300}}
    )
    desk.trials = 10
    return desk


def through(driver: Any, say: Say, handles: Any) -> int:
    """Run trials to their end until there is none; return how many."""
    for done in count():
        handle = f"h{next(handles)}"
        if driver.next(handle) is None:
            return done
        driver.on_start(handle, "here")
        driver.on_message(handle, say(0.5, 0.6))
    raise AssertionError


def test_study_has_as_many_trials_as_asked_and_says_what_was_turned_away(
    narrow: Any, say: Say
) -> None:
    driver = narrow.driver(checker=ConstraintChecker({"parameters": 300}, [widths]))

    done = through(driver, say, count())
    driver.close("")

    rows = records.trials(narrow.database, "words")
    assert (done, len(rows)) == (10, 10)
    assert {row.recipe.architecture_settings["width"] for row in rows} == {0.25}
    away = records.rejections(narrow.database, "words")
    assert away and {(row.measure, row.bound) for row in away} == {("parameters", 300)}
    assert records.rejection_counts(narrow.database, "words") == {"parameters": len(away)}
    assert records.study(narrow.database, "words").ended == "all trials have been tried"


def test_search_that_is_taken_up_again_proposes_and_refuses_the_same(narrow: Any, say: Say) -> None:
    checker = ConstraintChecker({"parameters": 300}, [widths])
    through(narrow.driver(checker=checker), say, count())
    rows = records.trials(narrow.database, "words")
    whole = [row.digest for row in rows], refused(narrow)
    records.delete_study(narrow.database, "words", stale_after=0.0)

    handles = count()
    for _ in range(4):
        driver = narrow.driver(checker=checker)
        for _ in range(3):
            handle = f"h{next(handles)}"
            if driver.next(handle):
                driver.on_start(handle, "here")
                driver.on_message(handle, say(0.5, 0.6))

    rows = records.trials(narrow.database, "words")
    assert ([row.digest for row in rows], refused(narrow)) == whole


def refused(desk: Any) -> list[tuple[int, int, str]]:
    rows = records.rejections(desk.database, "words")
    return [(row.number, row.place, row.recipe.digest()) for row in rows]


def test_bounds_that_leave_too_little_end_the_search_in_a_sentence(narrow: Any, say: Say) -> None:
    strict = ConstraintChecker({"parameters": 200}, [widths])
    driver = narrow.driver(checker=strict)

    nothing = driver.next("a")
    finished = driver.finished
    driver.close("")

    assert nothing is None and finished
    assert len(records.rejections(narrow.database, "words")) == MOST_REJECTIONS
    row = records.study(narrow.database, "words")
    assert (row.state, row.trials) == ("complete", 0)
    assert row.ended == (
        "the constraints leave too little: 100 proposals in a row break them (parameters 100). "
        "Raise the bounds of [constraints], or let more vary"
    )
    assert narrow.driver(checker=strict).next("a") is None
    assert (
        narrow.driver(checker=ConstraintChecker({"parameters": 300}, [widths])).next("a")
        is not None
    )


@pytest.mark.slow
@pytest.mark.ray
@pytest.mark.usefixtures("ray_here")
def test_search_keeps_its_bounds_and_says_so(place: Place) -> None:
    space = place.folder / "life.toml"
    text = space.read_text().replace("width = 0.25", "width = [0.25, 0.5]")
    text = text.replace("epochs = 6", "epochs = 1")
    space.write_text(text + "\n[constraints]\nparameters = 200_000\n")

    code, out, err = place.here(*ONE_BY_ONE, "--trials", "8")

    rows = place.rows()
    assert code == 0, err
    assert len(rows) == 8 and {row.state for row in rows} == {"complete"}
    assert all(row.parameters is not None and row.parameters <= 200_000 for row in rows)
    assert "rejected before training:" in out and "over parameters <= 200,000" in out

    space.write_text(text + "\n[constraints]\nparameters = 1000\n")
    code, out, err = place.here(*ONE_BY_ONE, "--study", "tiny", "--trials", "8")
    assert code != 0 and "Traceback" not in err
    assert "constraints.parameters: the recipe 'all tricks off' (fastnet)" in err


def test_search_that_is_over_checks_no_further_candidates(desk: Any) -> None:
    desk.space, desk.trials = bounded({"parameters": 600}), 40
    asked: list[Recipe] = []

    def stopped_meanwhile(recipe: Recipe) -> Mapping[str, float]:
        driver.asked_to_stop = len(asked) > 2
        asked.append(recipe)
        return {"parameters": 1e9}

    driver = desk.driver(checker=ConstraintChecker({"parameters": 600}, [stopped_meanwhile]))

    assert driver.next("a") is None
    assert len(asked) == 4 and len(records.rejections(desk.database, "bounded")) == 4
