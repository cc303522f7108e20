"""Population-based training: who is replaced by whom, and what the driver makes of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autotrick import records
from autotrick.random_streams import key_of
from autotrick.sample import perturb
from autotrick.tune.queue import queue_of
from autotrick.tune.schedulers.population import Exploit, Population
from autotrick.tune.schedulers.pruning import Verdict

Say = Callable[..., str]


def population(*, copies: int = 100, size: int = 4) -> Population:
    return Population(size, 2, 0.25, epochs=8, copies=copies, seed=0)


def generation(scheme: Population, epoch: int, values: dict[int, float]) -> list[Verdict]:
    return [scheme.report(trial, epoch, value) for trial, value in values.items()]


def test_generation_waits_for_all_of_its_members() -> None:
    scheme = population()

    verdicts = generation(scheme, 2, {1: 0.5, 2: 0.6, 3: 0.7})

    assert verdicts == [Verdict.PAUSE] * 3
    assert scheme.promotable({1, 2, 3}) is None and not scheme.exploits


def test_worst_is_replaced_by_a_copy_of_the_best() -> None:
    scheme = population()

    generation(scheme, 2, {1: 0.5, 2: 0.6, 3: 0.9, 4: 0.7})

    assert scheme.exploits == [Exploit(replaced=1, parent=3, epoch=2)]
    assert scheme.promotable({1, 2, 3, 4}) == 2
    assert scheme.promotable({1}) is None


def test_heir_takes_part_in_the_next_generation() -> None:
    scheme = population()
    generation(scheme, 2, {1: 0.5, 2: 0.6, 3: 0.9, 4: 0.7})
    for trial in (2, 3, 4):
        scheme.promote(trial, 2)

    # Trial 5 sends the epochs that it inherited first.
    verdicts = [scheme.report(5, epoch, 0.9) for epoch in (1, 2, 3)]
    generation(scheme, 4, {2: 0.6, 3: 0.9, 4: 0.7})
    scheme.report(5, 4, 0.95)

    assert verdicts == [Verdict.GO] * 3
    assert scheme.exploits[1] == Exploit(replaced=2, parent=5, epoch=4)


def test_nobody_is_replaced_beyond_what_the_study_can_afford() -> None:
    scheme = population(copies=0)

    generation(scheme, 2, {1: 0.5, 2: 0.6, 3: 0.9, 4: 0.7})

    assert not scheme.exploits
    assert scheme.promotable({1}) == 1


def test_failed_member_does_not_hold_up_its_generation() -> None:
    scheme = population()
    generation(scheme, 2, {1: 0.5, 2: 0.6, 3: 0.9})

    scheme.remove(4)
    scheme.settle()

    # A quarter of three is nobody.
    assert not scheme.exploits
    assert scheme.promotable({1, 2, 3}) == 1


@pytest.mark.parametrize("failed", [(), (2,)])
def test_refilled_population_decides_as_the_earlier_one(failed: tuple[int, ...]) -> None:
    first, second = population(size=8), population(size=8)
    reached = {trial: 0.3 + (trial * 7 % 8) / 10 for trial in range(1, 9)}
    for trial in failed:
        first.remove(trial)
    generation(first, 2, {t: v for t, v in reached.items() if t not in failed})
    for heir in range(9, 9 + len(first.exploits)):
        first.report(heir, 1, 0.2)

    for heir in range(9, 9 + len(first.exploits)):
        second.refill(heir, [0.2])
    for trial in reached:
        if trial not in failed:
            second.refill(trial, [0.1, reached[trial]])
    for trial in failed:
        second.remove(trial)
    second.settle()

    assert len(first.exploits) == (1 if failed else 2)
    assert second.exploits == first.exploits
    assert second.promotable(set(reached)) == first.promotable(set(reached))


@pytest.fixture
def desk(desk: Any, make_population: Any) -> Any:
    desk.space = make_population()
    desk.trials = 6
    return desk


def settled(desk: Any, say: Say) -> Any:
    """Let trials 1 to 4 reach the first generation; trial 3 leads and 2 is last."""
    driver = desk.driver()
    for handle in "abcde":
        assert driver.next(handle) is not None
        driver.on_start(handle, "10.0.0.7")
    driver.on_message("a", say(0.5, 0.5, 0.5, 0.5))
    for handle, value in (("b", 0.5), ("c", 0.2), ("d", 0.8), ("e", 0.6)):
        driver.on_message(handle, say(0.1, value, saved=2))
    return driver


def test_copy_is_a_trial_that_begins_with_its_parents_checkpoint(desk: Any, say: Say) -> None:
    import json

    driver = settled(desk, say)

    given = [json.loads(driver.next(handle)["assignment"]) for handle in "fghi"]

    assert driver.next("j") is None
    row = desk.trial(5)
    assert row.recipe.at(1) == desk.trial(3).recipe
    assert [leg.after for leg in row.recipe.course] == [2]
    assert row.origin == ("pbt: trial 3 after 2 epochs with other settings, in place of trial 2")
    assert given[-1]["begins_with"] == [str(desk.storage / "trial-3"), 2]
    assert [a["begins_with"] for a in given[:3]] == [None] * 3
    assert [a["keep_epoch"] for a in given] == [2, 2, 2, None], (
        "its checkpoint is not pruned before"
    )
    assert [Path(a["folder"]).name for a in given] == ["trial-1", "trial-3", "trial-4", "trial-5"]


def test_replaced_trial_ends_as_pruned(desk: Any, say: Say) -> None:
    driver = settled(desk, say)
    for handle in "fghi":
        driver.next(handle)
        driver.on_start(handle, "10.0.0.7")
        driver.on_message(handle, say(0.1, 0.5, 0.9, 0.9))

    assert driver.finished
    driver.close("interrupted")

    assert desk.states() == [*["complete"] * 2, "pruned", *["complete"] * 3]
    assert desk.study_state() == "complete"
    kept = records.checkpoints(desk.database, "words")
    assert sorted(kept) == [1, 3, 4], "what nobody copies any more goes"


@pytest.mark.parametrize("again", [False, True], ids=["at once", "taken up again"])
def test_population_whose_founders_all_fail_ends_the_search(
    desk: Any, say: Say, again: bool
) -> None:
    desk.trials = 9
    driver = desk.driver()
    for handle in "abcde":
        assert driver.next(handle) is not None
        driver.on_start(handle, "10.0.0.7")
        if handle == "a":
            driver.on_message(handle, say(0.5, 0.5, 0.5, 0.5))
        else:
            driver.on_message(handle, say(failure=("nan_loss", "the loss became nan")))
    driver = desk.driver() if again else driver

    assert driver.finished and driver.next("f") is None
    driver.close("interrupted")

    study = records.study(desk.database, "words")
    assert (study.state, study.trials) == ("complete", 5)
    assert study.ended == (
        "all 4 members of the population failed: 4 trials are left that nothing can use"
    )


def test_population_that_is_too_small_to_be_replaced_says_so(desk: Any, say: Say) -> None:
    desk.trials = 7
    driver = settled(desk, say)
    for handle in "fghij":
        if driver.next(handle):
            driver.on_start(handle, "10.0.0.7")
            driver.on_message(handle, say(0.1, 0.5, 0.9, 0.9))
    driver.close("interrupted")

    study = records.study(desk.database, "words")
    assert study.ended == (
        "the population has had its last generation: 1 trial is left that nothing can use"
    )


def test_later_driver_makes_the_same_copy(desk: Any, say: Say) -> None:
    settled(desk, say).close("interrupted")

    later = desk.driver()
    for handle in "fghi":
        assert later.next(handle) is not None

    assert desk.trial(5).recipe.at(1) == desk.trial(3).recipe


def test_copy_that_was_interrupted_still_knows_whom_it_copies(desk: Any, say: Say) -> None:
    import json

    driver = settled(desk, say)
    for handle in "fghi":
        driver.next(handle)
    driver.close("interrupted")

    later = desk.driver()
    given = [json.loads(later.next(handle)["assignment"]) for handle in "fghi"]

    assert [a["begins_with"] for a in given if a["folder"].endswith("5")] == [
        [str(desk.storage / "trial-3"), 2]
    ]


def test_bandits_copy_is_the_same_whoever_makes_it(
    desk: Any, make_population: Any, say: Say
) -> None:
    desk.space = make_population(method='"pb2"')
    driver = settled(desk, say)
    for handle in "fghi":
        driver.next(handle)
    made, parent = desk.trial(5), desk.trial(3).recipe

    queue = queue_of(desk.space, trials=6, seed=0)
    rows = [desk.trial(number) for number in range(5)]
    queue.replay(rows, records.reports(desk.database, desk.space.name))
    again = queue.next_candidate()

    assert made.origin.startswith("pb2: trial 3 after 2 epochs")
    assert made.recipe.at(1) == parent
    assert made.recipe != perturb(desk.space, parent, 2, seed=key_of(0, "heir", 5))
    assert again is not None and again.recipe == made.recipe
