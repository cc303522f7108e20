import json
import time
from collections.abc import Callable
from math import inf, isnan, nan
from typing import Any

import pytest

from autotrick import records
from autotrick.errors import RecordsError
from autotrick.recipe import EpochReport, Settings
from autotrick.tune.cluster.worker import Message
from autotrick.tune.driver.driver import Driver
from autotrick.tune.driver.worker_failures import FALSE_STARTS, LOST_WORKERS

Say = Callable[..., str]
ENVIRONMENT = {"torch": "2.9", "dirty": False, "cuda": None}


def launch(driver: Driver, handle: str) -> dict[str, Any]:
    """Let Ray ask for a trial and start it."""
    config = driver.next(handle)
    assert config is not None
    driver.on_start(handle, "10.0.0.7")
    assignment: dict[str, Any] = json.loads(config["assignment"])
    return assignment


def test_trial_is_on_record_before_it_is_launched(desk: Any) -> None:
    config = desk.driver().next("a")

    row = desk.trial(0)
    assignment = json.loads(config["assignment"])
    assert (row.state, row.attempts, row.origin) == ("waiting", 0, "all tricks off")
    assert assignment["recipe"] == row.recipe.model_dump(mode="json")
    assert assignment["folder"] == str(desk.storage / "trial-0")


def test_assignment_names_no_database(desk: Any) -> None:
    config = desk.driver().next("a")

    keys = {
        "recipe",
        "folder",
        "cache",
        "data_dir",
        "device",
        "measures",
        "sync_epochs",
        "begins_with",
    }
    assert set(json.loads(config["assignment"])) == keys | {
        "keep_epoch",
        "observe",
        "observe_every",
    }
    assert desk.database.url not in str(config)


def test_experts_come_first_and_numbers_have_no_gaps(desk: Any) -> None:
    driver = desk.driver()

    for handle in "abcd":
        launch(driver, handle)

    rows = records.trials(desk.database, "words")
    assert [row.number for row in rows] == [0, 1, 2, 3]
    assert [row.origin for row in rows] == ["all tricks off", "published defaults", "tpe", "tpe"]
    assert len({row.digest for row in rows}) == 4


def test_there_are_no_more_trials_than_were_asked_for(desk: Any) -> None:
    driver = desk.driver()
    for handle in "abcd":
        launch(driver, handle)

    assert driver.next("e") is None
    assert not driver.finished
    assert len(desk.states()) == 4


def test_start_opens_an_attempt(desk: Any) -> None:
    driver = desk.driver()

    launch(driver, "a")

    found = records.attempts(desk.database, "words", 0)
    assert desk.trial(0).state == "running"
    assert [(a.state, a.node, a.device) for a in found] == [("open", "10.0.0.7", "cpu")]


def test_epoch_is_recorded_when_it_is_reported(desk: Any, say: Say) -> None:
    driver = desk.driver()
    launch(driver, "a")

    goes_on = driver.on_message(
        "a", say(0.3, saved=1, environment=ENVIRONMENT, measures={"parameters": 9})
    )

    row = desk.trial(0)
    assert goes_on
    assert (row.state, row.value, row.epochs, row.weights) == ("running", 0.3, 1, "w1")
    assert records.attempts(desk.database, "words", 0)[0].environment == ENVIRONMENT
    assert [c.epoch for c in records.checkpoints(desk.database, "words")[0]] == [1]


def test_last_epoch_completes_the_trial(desk: Any, say: Say) -> None:
    driver = desk.driver()
    launch(driver, "a")
    driver.on_message("a", say(0.3, 0.4, 0.5))

    goes_on = driver.on_message("a", say(0.6, start=4, measures={"parameters": 61_706}))

    row = desk.trial(0)
    assert not goes_on
    assert (row.state, row.value, row.epochs, row.parameters) == ("complete", 0.6, 4, 61_706)
    assert desk.attempts(0) == [("done", None)]


def test_worker_that_ended_by_itself_completes_the_trial(desk: Any, say: Say) -> None:
    driver = desk.driver()
    launch(driver, "a")
    driver.on_message("a", say(0.3))

    assert not driver.on_message("a", say(finished=True, measures={"parameters": 9}))

    assert (desk.trial(0).state, desk.trial(0).epochs) == ("complete", 1)


def test_trick_that_ended_the_trial_is_its_reason(desk: Any, say: Say) -> None:
    driver = desk.driver()
    launch(driver, "a")

    driver.on_message("a", say(0.3, finished=True, ended_by="early_stopping"))

    assert (desk.trial(0).state, desk.trial(0).reason) == ("complete", "early_stopping")
    assert desk.events[-1].note == "early_stopping"


def test_tricks_that_find_nothing_to_change_are_said_once_for_a_network(
    desk: Any, say: Say
) -> None:
    said: list[str] = []
    driver = desk.driver(notice=said.append)
    for handle in ("a", "b"):
        launch(driver, handle)
        trial = driver._active[handle]
        tricks: dict[str, Settings] = {"mixup": {}, "stochastic_depth": {}}
        trial.recipe = trial.recipe.model_copy(update={"tricks": tricks})
        message = json.loads(say(0.3))
        message["reports"][0]["extra"] = {"stochastic_depth.branches": 0.0, "mixup.layers": 2.0}
        driver.on_message(handle, json.dumps(message))

    (sentence,) = said
    assert sentence.startswith("stochastic_depth finds nothing to change in lenet5")


def test_message_that_comes_twice_counts_once(desk: Any, say: Say) -> None:
    driver = desk.driver()
    launch(driver, "a")
    words = say(0.3, 0.4, saved=2, environment=ENVIRONMENT)

    driver.on_message("a", words)
    driver.on_message("a", words)

    assert desk.curve(0) == [0.3, 0.4]
    assert desk.trial(0).seconds == 4.0


def test_a_number_that_is_not_finite_reaches_the_record(desk: Any) -> None:
    driver = desk.driver()
    launch(driver, "a")
    told = EpochReport(
        epoch=1,
        accuracy=0.1,
        loss=inf,
        train_loss=2.0,
        lr=1.0,
        seconds=1.0,
        weights="w",
        extra={"gain": nan},
    )

    driver.on_message("a", Message(reports=(told,)).model_dump_json())

    [kept] = records.reports(desk.database, desk.space.name)[0]
    assert kept.loss == inf and isnan(kept.extra["gain"])


def test_message_after_the_end_changes_nothing(desk: Any, say: Say) -> None:
    driver = desk.driver()
    launch(driver, "a")
    driver.on_message("a", say(0.3, 0.4, 0.5, 0.6))
    before = desk.trial(0)

    answers = [
        driver.on_message("a", say(0.9, start=4)),
        driver.on_message("a", say(failure=("nan_loss", "the loss became nan."))),
        driver.on_message("never launched", say(0.9)),
    ]
    driver.on_lost("a")

    assert answers == [False, False, False]
    assert desk.trial(0) == before


def test_trial_that_falls_behind_is_pruned(desk: Any, say: Say) -> None:
    driver = desk.driver()
    launch(driver, "a")
    launch(driver, "b")
    driver.on_message("a", say(0.5))

    goes_on = driver.on_message("b", say(0.4, measures={"parameters": 9}))

    row = desk.trial(1)
    assert not goes_on
    assert (row.state, row.value, row.epochs, row.parameters) == ("pruned", 0.4, 1, 9)
    assert desk.attempts(1) == [("done", None)]


def test_reports_beyond_a_prune_are_dropped(desk: Any, say: Say) -> None:
    driver = desk.driver()
    launch(driver, "a")
    launch(driver, "b")
    driver.on_message("a", say(0.5))

    driver.on_message("b", say(0.4, 0.9, 0.9))

    assert desk.curve(1) == [0.4]
    assert (desk.trial(1).state, desk.trial(1).weights) == ("pruned", "w1")


def test_last_epoch_is_never_pruned(desk: Any, say: Say) -> None:
    driver = desk.driver()
    launch(driver, "a")
    launch(driver, "b")
    driver.on_message("a", say(0.3, 0.3, 0.3, 0.9))

    driver.on_message("b", say(0.4, 0.4, 0.4, 0.4))

    assert desk.states() == ["complete", "complete"]


def test_rung_that_was_passed_cuts_no_replay(desk: Any, say: Say) -> None:
    driver = desk.driver()
    launch(driver, "a")
    launch(driver, "b")
    driver.on_message("a", say(0.3, 0.35))
    driver.on_message("b", say(0.5))

    # A new worker repeats what the first one sent; by now another trial is ahead.
    driver.on_lost("a")
    launch(driver, "c")
    goes_on = driver.on_message("c", say(0.3, 0.35))

    assert goes_on
    assert desk.trial(0).state == "running"


def test_rung_that_was_passed_cuts_no_trial_of_an_earlier_driver(desk: Any, say: Say) -> None:
    first = desk.driver()
    launch(first, "a")
    launch(first, "b")
    first.on_message("a", say(0.3, 0.35, 0.4))
    first.on_message("b", say(0.5))
    first.close("interrupted")

    second = desk.driver()
    launch(second, "c")
    goes_on = second.on_message("c", say(0.3, 0.35, 0.4))

    assert goes_on
    assert (desk.trial(0).epochs, desk.trial(0).state) == (3, "running")


def test_rung_that_was_reached_before_a_kill_is_decided_after_it(desk: Any, say: Say) -> None:
    first = desk.driver()
    launch(first, "a")
    launch(first, "b")
    first.on_message("a", say(0.5))
    # The report is on record, and the driver is killed before it decides.
    records.add_report(desk.database, desk.trial(1).id, _reports(say(0.4)), checkpoint=None)
    first.close("interrupted")

    second = desk.driver()
    launch(second, "c")
    launch(second, "d")

    assert not second.on_message("d", say(0.4))
    assert desk.trial(1).state == "pruned"


def _reports(words: str) -> Any:
    from autotrick.tune.cluster.worker import Message

    return Message.model_validate_json(words).reports[0]


def test_failed_trial_keeps_its_reason(desk: Any, say: Say) -> None:
    driver = desk.driver()
    launch(driver, "a")
    driver.on_message("a", say(0.3))

    goes_on = driver.on_message("a", say(failure=("nan_loss", "the loss became nan.")))

    row = desk.trial(0)
    assert not goes_on
    assert (row.state, row.reason, row.epochs) == ("failed", "nan_loss", 1)
    assert desk.attempts(0) == [("failed", "the loss became nan.")]
    assert driver.next("b") is not None


def test_fault_of_ours_keeps_its_traceback(desk: Any, say: Say) -> None:
    driver = desk.driver()
    launch(driver, "a")

    driver.on_message("a", say(failure=("bug", "KeyError: 'x'", "Traceback: line 1")))

    assert desk.trial(0).reason == "bug"
    assert desk.attempts(0) == [("failed", "Traceback: line 1")]


@pytest.mark.parametrize("reason", ["ResourceError", "DataError"])
def test_failure_that_all_would_share_stops_the_study(desk: Any, say: Say, reason: str) -> None:
    driver = desk.driver()
    launch(driver, "a")
    launch(driver, "b")
    driver.on_message("a", say(0.3))

    answers = [driver.on_message("a", say(failure=(reason, "no space left."))), driver.next("c")]
    answers.append(driver.on_message("b", say(0.6)))
    driver.close("interrupted")

    assert answers == [False, None, False]
    assert driver.fatal == "no space left."
    assert desk.states() == ["waiting", "waiting"]
    assert desk.attempts(0) == [("stopped", "interrupted")]
    assert desk.curve(1) == [0.6]
    assert desk.study_state() == "stopped"


def test_lost_worker_ends_the_attempt_and_not_the_trial(desk: Any, say: Say) -> None:
    driver = desk.driver()
    launch(driver, "a")
    driver.on_message("a", say(0.3))

    driver.on_lost("a")
    between = desk.trial(0).state
    launch(driver, "b")
    driver.on_message("b", say(0.3, 0.4, 0.5, 0.6))

    assert between == "waiting"
    assert desk.attempts(0) == [("lost", "worker_lost"), ("done", None)]
    assert (desk.trial(0).state, desk.trial(0).attempts) == ("complete", 2)
    assert desk.curve(0) == [0.3, 0.4, 0.5, 0.6]


def test_workers_that_are_lost_again_and_again_fail_the_trial(desk: Any, say: Say) -> None:
    driver = desk.driver()
    for n in range(LOST_WORKERS + 1):
        launch(driver, f"{n}")
        driver.on_lost(f"{n}")

    assert (desk.trial(0).state, desk.trial(0).reason) == ("failed", "worker_lost")
    assert desk.events[-1].note == "its worker died, as 3 did before without an epoch between"
    assert [state for state, _ in desk.attempts(0)] == [*["lost"] * LOST_WORKERS, "failed"]


def test_losses_with_epochs_between_fail_no_trial(desk: Any, say: Say) -> None:
    driver = desk.driver()
    for n in range(3 * LOST_WORKERS):
        launch(driver, f"{n}")
        # The first message repeats what is known; every third attempt gets further by an epoch.
        driver.on_message(f"{n}", say(*[0.3] * (1 + n // LOST_WORKERS)))
        driver.on_lost(f"{n}")

    assert (desk.trial(0).state, desk.trial(0).epochs) == ("waiting", 3)


def test_workers_that_never_begin_fail_no_trial_and_stop_the_study(desk: Any) -> None:
    driver = desk.driver()
    for n in range(FALSE_STARTS + 1):
        assert driver.next(f"{n}") is not None
        driver.on_lost(f"{n}")

    driver.close("interrupted")

    assert driver.fatal is not None and "could not start a worker 11 times in a row" in driver.fatal
    assert desk.states() == ["waiting"]
    assert desk.attempts(0) == []
    assert desk.study_state() == "stopped"


def test_lost_worker_begins_nothing_when_the_time_is_over(desk: Any, say: Say) -> None:
    driver = desk.driver(deadline=time.monotonic() + 3600)
    launch(driver, "a")
    driver.asked_to_stop = True

    driver.on_lost("a")

    assert driver.finished and driver.next("b") is None
    assert (desk.trial(0).state, desk.attempts(0)) == ("waiting", [("lost", "worker_lost")])


def test_spent_time_begins_and_continues_nothing(desk: Any, say: Say) -> None:
    driver = desk.driver(deadline=time.monotonic() + 3600)
    launch(driver, "a")
    launch(driver, "b")
    driver.on_message("b", say(0.3, 0.4, 0.5))
    late = desk.driver(deadline=time.monotonic())
    late._active = driver._active

    answers = [late.on_message("a", say(0.3)), late.on_message("b", say(0.6, start=4))]

    assert answers == [False, False]
    assert late.out_of_time and late.next("c") is None
    assert [desk.trial(0).state, desk.trial(1).state] == ["waiting", "complete"]
    assert desk.attempts(0) == [("stopped", "time budget")]


def test_waiting_trials_go_on_first_with_their_recipe(desk: Any, say: Say) -> None:
    first = desk.driver()
    given = [launch(first, handle)["recipe"] for handle in "abc"]
    first.on_message("b", say(0.6, 0.6, 0.6, 0.6))
    first.close("interrupted")

    second = desk.driver()
    again = [launch(second, handle) for handle in "def"]

    assert [assignment["recipe"] for assignment in again[:2]] == [given[0], given[2]]
    assert [assignment["folder"][-1] for assignment in again] == ["0", "2", "3"]
    assert second.next("g") is None


def test_trial_that_was_running_when_its_driver_was_killed_goes_on(desk: Any) -> None:
    launch(desk.driver(), "a")

    second = desk.driver()
    launch(second, "b")

    assert desk.attempts(0) == [("lost", "superseded"), ("open", None)]
    assert desk.states() == ["running"]


def test_study_is_complete_when_every_trial_is_at_its_end(desk: Any, say: Say) -> None:
    driver = desk.driver()
    for handle in "abcd":
        launch(driver, handle)
        driver.on_message(handle, say(0.6, 0.6, 0.6, 0.6))

    driver.close("interrupted")

    assert desk.study_state() == "complete"
    assert desk.states() == ["complete"] * 4


def test_later_driver_sees_the_rungs_of_the_earlier_one(desk: Any, say: Say) -> None:
    first = desk.driver()
    launch(first, "a")
    first.on_message("a", say(0.5, 0.5, 0.5, 0.5))
    first.close("interrupted")

    second = desk.driver()
    launch(second, "b")

    assert not second.on_message("b", say(0.4))
    assert desk.states() == ["complete", "pruned"]


def test_later_driver_proposes_what_the_earlier_one_would_have(desk: Any, say: Say) -> None:
    desk.trials = 14
    first = desk.driver()
    for number in range(12):
        launch(first, str(number))
        first.on_message(str(number), say(*[0.5 + number / 100] * 4))

    second = desk.driver()

    assert second._queue.next_candidate() == first._queue.next_candidate()


def test_driver_stops_when_another_took_the_study(desk: Any, say: Say) -> None:
    driver = desk.driver()
    launch(driver, "a")
    study = records.study(desk.database, "words")
    records.acquire_lease(desk.database, study.id, "elsewhere:1:2", stale_after=60)
    desk.claim._renewed = 0.0  # as where the process was stopped for long

    with pytest.raises(RecordsError, match="taken over by elsewhere:1:2"):
        driver.on_message("a", say(0.3))


def test_listener_hears_of_everything(desk: Any, say: Say) -> None:
    driver = desk.driver()
    launch(driver, "a")
    driver.on_message("a", say(0.3))
    driver.on_lost("a")
    launch(driver, "b")
    driver.on_message("b", say(0.3, 0.4, 0.5, 0.6))

    kinds = [event.kind for event in desk.events]

    assert kinds == ["started", "epoch", "lost", "started", *["epoch"] * 4, "complete"]
    assert desk.events[-1].report.epoch == 4


KNOWN = {"parameters": 10, "multiply_adds": 50}


def test_measures_are_recorded_as_they_become_known(desk: Any, say: Say) -> None:
    driver = desk.driver()
    launch(driver, "a")

    driver.on_message("a", say(0.3, measures=KNOWN, environment=ENVIRONMENT))
    before = desk.trial(0).measures
    driver.on_message("a", say(0.4, 0.5, 0.6, start=2, measures=KNOWN | {"robustness": 0.25}))

    assert before == KNOWN | {"accuracy": 0.3, "seconds": 2.0}
    assert desk.trial(0).measures == KNOWN | {
        "accuracy": 0.6,
        "seconds": 8.0,
        "robustness": 0.25,
    }
    assert desk.trial(0).score is None


def test_reward_is_recorded_and_asked_of_the_worker(
    desk: Any, say: Say, make_space: Callable[..., Any]
) -> None:
    desk.space = make_space(
        "fast", also='[]\nreward = { measure = "latency_ms", target = 2, form = "hard" }'
    )
    driver = desk.driver()

    assignment = launch(driver, "a")
    driver.on_message("a", say(0.3, 0.4, 0.5, 0.6, measures={"latency_ms": 4.0}))

    assert assignment["measures"] == ["latency_ms"]
    assert desk.trial(0).score == pytest.approx(0.3)


def test_rungs_of_several_objectives_are_the_same_after_a_restart(
    desk: Any, say: Say, make_space: Callable[..., Any]
) -> None:
    desk.space = make_space("both", objectives='["accuracy", "parameters"]', method='"asha"')
    desk.trials = 3
    driver = desk.driver()
    for handle in "abc":
        launch(driver, handle)
    driver.on_message("a", say(0.5, measures={"parameters": 90}, environment=ENVIRONMENT))
    driver.on_message("b", say(0.4, measures={"parameters": 90}, environment=ENVIRONMENT))
    # Worst by accuracy, best by size: with the first it is the front, and both go on of four.
    driver.on_message("c", say(0.1, measures={"parameters": 10}, environment=ENVIRONMENT))
    driver.close("interrupted")

    again = desk.driver()

    assert {n: live.measures["parameters"] for n, live in again._queue._paused.items()} == {
        1: 90,
        2: 10,
    }
    rung = again._queue._pruner._rungs[1]
    assert rung.best(2) == [0, 2]
