"""A recorded trial once more: the same weights, or what explains that they differ."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from autotrick import records
from autotrick.cli import main
from autotrick.data import load
from autotrick.errors import DataError, NotFoundError, ResourceError
from autotrick.recipe import DataRef, EpochReport, Recipe
from autotrick.records import Database
from autotrick.reproduce import reproduce
from autotrick.train import environment, train

Record = Callable[..., int]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def recipe(cache: Path) -> Recipe:
    data = load(DataRef(name="digits", image_size=16), cache_dir=cache)
    return Recipe(
        data=data.resolve(DataRef(name="digits", image_size=16)),
        architecture="lenet5",
        epochs=2,
        batch_size=256,
        base_lr=0.1,
        tricks={"mixup": {"alpha": 0.4}, "ema": {}},
    )


@pytest.fixture(scope="module")
def epochs(recipe: Recipe, cache: Path) -> tuple[EpochReport, ...]:
    """What training the recipe came to."""
    return train(recipe, load(recipe.data, cache_dir=cache)).reports


@pytest.fixture
def results(tmp_path: Path, cache: Path) -> Database:
    """A study whose data are in `cache`."""
    database = records.open_database(f"sqlite:///{tmp_path}/results.db")
    places = {"data_dir": None, "cache": str(cache)}
    plan = records.StudyPlan("study", "?", {}, "d", 0, {"trials": 1, "resources": places})
    records.create_study(database, plan)
    return database


@pytest.fixture
def record(results: Database, recipe: Recipe, epochs: tuple[EpochReport, ...]) -> Record:
    """Return a function that records a trial: its epochs, its end, and where it ran."""

    def put(
        reports: tuple[EpochReport, ...] = epochs,
        *,
        state: Any = "complete",
        changed: dict[str, Any] | None = None,
        of: Recipe = recipe,
    ) -> int:
        launch = records.add_trial(results, 1, of, origin="test")
        assert launch.attempt_id is not None
        facts = environment() | (changed or {})
        records.describe_attempt(results, launch.attempt_id, device="cpu", environment=facts)
        for report in reports:
            records.add_report(results, launch.trial_id, report)
        records.finish_trial(results, launch.trial_id, state, reason="nan_loss")
        return launch.number

    return put


def other(report: EpochReport) -> EpochReport:
    return report.model_copy(update={"weights": "0123456789abcdef", "accuracy": 0.5})


def test_trial_that_comes_out_the_same_is_identical(
    results: Database, record: Record, epochs: tuple[EpochReport, ...]
) -> None:
    number = record()

    found = reproduce(results, "study", number)

    assert (found.trial, found.identical, found.explained) == (number, True, False)
    assert found.weights == found.recorded_weights == epochs[-1].weights
    assert found.value == found.recorded_value == epochs[-1].accuracy
    assert found.differences == ()


@pytest.mark.parametrize("state", ["pruned", "failed"])
def test_trial_that_ended_early_is_repeated_as_far(
    results: Database, record: Record, epochs: tuple[EpochReport, ...], state: str
) -> None:
    number = record(epochs[:1], state=state)
    seen: list[tuple[int, int]] = []

    found = reproduce(
        results, "study", number, on_epoch=lambda old, new: seen.append((old.epoch, new.epoch))
    )

    assert found.identical
    assert found.weights == epochs[0].weights
    assert seen == [(1, 1)]


def test_other_weights_are_told_by_epoch(
    results: Database, record: Record, epochs: tuple[EpochReport, ...]
) -> None:
    number = record((epochs[0], other(epochs[1])))

    found = reproduce(results, "study", number)

    assert (found.identical, found.explained) == (False, False)
    assert found.differences == ("weights differ from epoch 2 on",)
    assert (found.recorded_value, found.value) == (0.5, epochs[1].accuracy)


def test_epoch_on_the_way_counts_too(
    results: Database, record: Record, epochs: tuple[EpochReport, ...]
) -> None:
    number = record((other(epochs[0]), epochs[1]))

    assert not reproduce(results, "study", number).identical


def test_what_changed_since_explains_other_weights(
    results: Database, record: Record, epochs: tuple[EpochReport, ...]
) -> None:
    number = record((epochs[0], other(epochs[1])), changed={"torch": "1.0", "processor": "abacus"})

    found = reproduce(results, "study", number)

    assert found.explained and not found.identical
    assert found.differences[0].startswith("torch was 1.0 and is ")
    assert found.differences[1].startswith("processor was abacus and is ")


@pytest.mark.parametrize("fact", ["node", "platform"])
def test_another_host_explains_nothing(
    results: Database, record: Record, epochs: tuple[EpochReport, ...], fact: str
) -> None:
    number = record((epochs[0], other(epochs[1])), changed={fact: "elsewhere"})

    assert not reproduce(results, "study", number).explained


def test_trial_without_an_epoch_is_refused(results: Database, record: Record) -> None:
    number = record((), state="failed")

    with pytest.raises(NotFoundError, match=r"is failed \(nan_loss\) and has no epoch on record"):
        reproduce(results, "study", number)


def test_threads_that_openmp_does_not_give_are_refused(
    results: Database, record: Record, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = record(of=recipe.model_copy(update={"threads": 2}))
    monkeypatch.setenv("OMP_THREAD_LIMIT", "1")

    with pytest.raises(ResourceError, match="OMP_THREAD_LIMIT=1 allows fewer"):
        reproduce(results, "study", number)


def test_unknown_trial_is_refused(results: Database) -> None:
    with pytest.raises(NotFoundError, match="has no trial 3"):
        reproduce(results, "study", 3)


def test_other_data_are_refused(results: Database, record: Record, recipe: Recipe) -> None:
    elsewhere = recipe.data.model_copy(update={"fingerprint": "0" * 16})
    number = record(of=recipe.model_copy(update={"data": elsewhere}))

    with pytest.raises(DataError, match="was recorded"):
        reproduce(results, "study", number)


@pytest.mark.parametrize(
    ("reports", "changed", "words", "status"),
    [
        ("same", {}, [], 0),
        ("other", {}, [], 1),
        ("other", {}, ["--tolerance", "1"], 1),
        ("other", {"torch": "1.0"}, [], 1),
        ("other", {"torch": "1.0"}, ["--tolerance", "1"], 0),
        ("other", {"torch": "1.0"}, ["--tolerance", "0.0001"], 1),
    ],
)
def test_exit_code_says_whether_it_counts_as_reproduced(
    results: Database,
    record: Record,
    epochs: tuple[EpochReport, ...],
    reports: str,
    changed: dict[str, Any],
    words: list[str],
    status: int,
) -> None:
    number = record(epochs if reports == "same" else (epochs[0], other(epochs[1])), changed=changed)

    run = ["reproduce", "study", str(number), "--database", results.url, *words]
    result = CliRunner().invoke(main, run, catch_exceptions=False)

    assert result.exit_code == status
    assert ("bit-identical" in result.stdout) == (reports == "same")


def test_json_has_the_promised_keys(results: Database, record: Record) -> None:
    number = record()

    run = ["reproduce", "study", str(number), "--database", results.url, "--json"]
    row = json.loads(CliRunner().invoke(main, run, catch_exceptions=False).stdout)

    promised = {"trial", "identical", "recorded_weights", "weights", "recorded_value", "value"}
    assert promised | {"differences"} <= set(row)
    assert row["identical"] is True


def test_repetition_that_ends_earlier_says_so(
    results: Database, record: Record, recipe: Recipe, cache: Path
) -> None:
    # Elsewhere it went on getting better, so that its patience lasted longer.
    stopping = recipe.model_copy(
        update={"epochs": 4, "base_lr": 1e-9, "tricks": {"early_stopping": {"patience": 1}}}
    )
    reports = train(stopping, load(recipe.data, cache_dir=cache)).reports
    assert len(reports) < 4
    longer = reports[-1].model_copy(update={"epoch": len(reports) + 1})
    number = record((*reports, longer), of=stopping)

    found = reproduce(results, "study", number)

    last = len(reports)
    assert not found.identical
    assert found.differences == (
        f"it ended after epoch {last}, and on record after epoch {last + 1}",
    )


def test_trial_of_another_tool_is_compared_by_its_value(
    results: Database, recipe: Recipe, epochs: tuple[EpochReport, ...]
) -> None:
    launch = records.add_trial(results, 1, recipe, origin="imported: ray 7")
    bare = epochs[-1].model_copy(update={"weights": ""})
    records.add_report(results, launch.trial_id, bare)
    records.finish_trial(results, launch.trial_id, "complete")
    seen: list[tuple[int, int]] = []

    found = reproduce(
        results, "study", launch.number, on_epoch=lambda a, b: seen.append((a.epoch, b.epoch))
    )

    assert (found.identical, found.explained) == (False, True)
    assert found.value == found.recorded_value and seen == [(2, 2)]
    assert found.differences == (
        "where the trial ran is not on record",
        "no weights are on record of epoch 2: another tool trained the trial",
    )
