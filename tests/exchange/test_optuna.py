"""Recorded studies as Optuna's, and Optuna's as recorded ones."""

import json
from math import nan
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

import optuna
import optuna_dashboard
import pytest
from optuna.study import StudyDirection
from optuna.trial import TrialState
from sqlalchemy import update

import autotrick
from autotrick import records
from autotrick.errors import NotFoundError, RecordsError, SpaceError
from autotrick.exchange import Meaning, bring, export_to_optuna, optuna_study
from autotrick.records import Database, StudyRow
from autotrick.records.schema import Study, Trial
from autotrick.space import SearchSpace, load

STATES = {
    "complete": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "failed": TrialState.FAIL,
    "running": TrialState.RUNNING,
    "waiting": TrialState.RUNNING,
}


def take(
    database: Database, source: str, space: Path, *, study: str | None = None, **how: str
) -> StudyRow:
    return bring(database, source, study=study, meaning=Meaning(space, **how))  # type: ignore[arg-type]


@pytest.fixture
def storage(tmp_path: Path) -> str:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return f"sqlite:///{tmp_path / 'optuna.db'}"


def agree(study: optuna.Study, source: Database, space: Path) -> None:
    rows = records.trials(source, "digits")
    curves = records.reports(source, "digits")
    found = study.get_trials()
    answers = load(space).answers
    assert [trial.number for trial in found] == [row.number for row in rows]
    assert [trial.state for trial in found] == [STATES[row.state] for row in rows]
    assert [trial.params for trial in found] == [answers(row.recipe) for row in rows]
    assert [trial.intermediate_values for trial in found] == [
        {report.epoch: report.accuracy for report in curves[row.number]} for row in rows
    ]
    valued = {row.number: row.value for row in rows if row.state == "complete"}
    assert {t.number: t.value for t in found if t.state == TrialState.COMPLETE} == valued
    best = records.best(source, "digits")[0]
    assert (study.best_trial.number, study.best_value) == (best.number, best.value)
    assert study.best_trial.user_attrs["recipe"] == best.digest
    assert study.best_trial.user_attrs["lr"] == best.lr is not None
    assert study.best_trial.user_attrs["accumulation"] == best.recipe.accumulation


def test_a_study_of_optuna_s_in_memory(source: Database, space: Path) -> None:
    agree(optuna_study("digits", source), source, space)


def test_it_is_there_by_the_database_s_url(source: Database, tmp_path: Path) -> None:
    study = autotrick.optuna_study("digits", f"sqlite:///{tmp_path.with_suffix('.db')}")

    assert study.best_value == records.best(source, "digits")[0].value


def test_a_study_in_a_storage(source: Database, space: Path, storage: str) -> None:
    assert export_to_optuna(source, "digits", storage) == 30

    agree(optuna.load_study(study_name="digits", storage=storage), source, space)


def test_optuna_dashboard_shows_the_same(source: Database, storage: str) -> None:
    export_to_optuna(source, "digits", storage)
    statuses: list[str] = []
    request = {"PATH_INFO": "/api/studies/1"}
    setup_testing_defaults(request)

    page = optuna_dashboard.wsgi(storage)(request, lambda *said: statuses.append(said[0]))

    shown = json.loads(b"".join(page))
    best = records.best(source, "digits")[0]
    assert statuses == ["200 OK"]
    assert (shown["name"], len(shown["trials"])) == ("digits", 30)
    assert shown["best_trials"][0]["values"] == [best.value]
    study = autotrick.optuna_study("digits", source)
    assert (study.best_value, len(study.trials)) == (best.value, 30)


def test_a_storage_that_has_it_keeps_it(source: Database, storage: str) -> None:
    export_to_optuna(source, "digits", storage)

    with pytest.raises(RecordsError, match="has a study 'digits' already"):
        export_to_optuna(source, "digits", storage)
    assert len(optuna.load_study(study_name="digits", storage=storage).trials) == 30


def test_an_export_that_fails_leaves_no_study(source: Database, storage: str) -> None:
    odd = records.trial(source, "digits", 20).recipe.model_copy(update={"base_lr": 77.0})
    with source.writing() as connection:
        values = {"recipe": odd.model_dump(mode="json")}
        connection.execute(update(Trial).where(Trial.number == 20).values(values))

    with pytest.raises(SpaceError, match=r"base_lr: 77\.0 is not in"):
        export_to_optuna(source, "digits", storage)

    assert optuna.get_all_study_names(storage) == []


OBJECTIVES = (
    {"objectives": ["latency_ms", "accuracy"]},
    {"reward": {"measure": "latency_ms", "target": 2.0}},
)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_what_the_study_looks_for_is_what_optuna_s_looks_for(
    source: Database, space: Path, storage: str, objective: dict[str, Any]
) -> None:
    plain = load(space).model_dump(mode="json") | {"objective": objective}
    both = SearchSpace.model_validate(plain)
    with source.writing() as connection:
        connection.execute(
            update(Study).values(space=both.model_dump(mode="json"), metric=str(both.objective))
        )
        for row in records.trials(source, "digits")[1:]:
            measures = {"accuracy": row.value or 0.0, "latency_ms": 1.0 + row.number % 7}
            values = {"latency_ms": measures["latency_ms"], "score": both.objective.score(measures)}
            connection.execute(update(Trial).where(Trial.number == row.number).values(values))

    export_to_optuna(source, "digits", storage)

    for study in (
        optuna_study("digits", source),
        optuna.load_study(study_name="digits", storage=storage),
    ):
        assert len(study.trials) == 30
        if both.objective.several:
            assert study.directions == [StudyDirection.MINIMIZE, StudyDirection.MAXIMIZE]
            found = {trial.number: tuple(trial.values) for trial in study.best_trials}
            front = records.pareto(source, "digits")
            assert found == {row.number: (row.latency_ms, row.value) for row in front}
        else:
            best = records.best(source, "digits")[0]
            assert (study.best_trial.number, study.best_value) == (best.number, best.score)
    assert study.metric_names == (
        ["latency_ms", "accuracy"] if both.objective.several else ["reward"]
    )


@pytest.mark.parametrize(
    "url", ["postgresql://me:hush@127.0.0.1:1/x", "postgresql://me:hush@host:port/x"]
)
def test_passwords_are_not_shown(source: Database, space: Path, url: str) -> None:
    asked = (
        lambda: export_to_optuna(source, "digits", url),
        lambda: take(source, url, space, study="x"),
        lambda: bring(source, url),
    )
    for ask in asked:
        with pytest.raises(RecordsError) as told:
            ask()
        assert "hush" not in str(told.value)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nothing", "Could not parse SQLAlchemy URL"),
        ("sqlite:////nowhere/x.db", "unable to open database file"),
        ("oddsql://x", "Can't load plugin"),
    ],
)
def test_an_unusable_storage_is_a_sentence(source: Database, url: str, message: str) -> None:
    with pytest.raises(RecordsError, match=f"the Optuna storage {url} cannot be used: .*{message}"):
        export_to_optuna(source, "digits", url)


def test_an_unknown_study_is_named_with_those_there_are(source: Database) -> None:
    with pytest.raises(NotFoundError, match=r"no study named 'nope'\. .*: digits\."):
        optuna_study("nope", source)


def test_a_study_comes_back_from_a_storage(
    source: Database, database: Database, space: Path, storage: str
) -> None:
    export_to_optuna(source, "digits", storage)

    row = take(database, storage, space, study="back")

    ended = [t for t in records.trials(source, "digits") if t.finished]
    found = records.trials(database, "back")
    assert (row.trials, row.state) == (len(ended), "complete")
    assert [t.recipe for t in found] == [t.recipe for t in ended]
    assert [(t.state, t.epochs, t.value) for t in found] == [
        (t.state, t.epochs, t.value) for t in ended
    ]
    assert [t.origin for t in found[:2]] == ["imported: optuna 0", "imported: optuna 1"]
    curves = records.reports(database, "back")
    assert [r.accuracy for r in curves[0]] == [
        r.accuracy for r in records.reports(source, "digits")[0]
    ]


def suggested(storage: str, space: Path, *, value: float = 0.5, **changes: object) -> None:
    """Write a study of one trial with the published defaults, some of them changed."""
    answers: dict[str, Any] = load(space).answers(autotrick_defaults(space)) | changes
    study = optuna.create_study(storage=storage, study_name="theirs", direction="maximize")
    kinds: dict[str, optuna.distributions.BaseDistribution] = {
        name: optuna.distributions.CategoricalDistribution((v,)) for name, v in answers.items()
    }
    study.add_trial(optuna.create_trial(params=answers, distributions=kinds, value=value))


def test_a_file_that_is_not_there_is_not_made(
    database: Database, space: Path, tmp_path: Path
) -> None:
    with pytest.raises(NotFoundError, match=r"no Optuna storage at sqlite:///.*typo\.db"):
        take(database, f"sqlite:///{tmp_path / 'typo.db'}", space)

    assert not (tmp_path / "typo.db").exists()


def test_trials_that_ended_oddly_come_in_as_far_as_they_went(
    database: Database, space: Path, storage: str
) -> None:
    answers: dict[str, Any] = load(space).answers(autotrick_defaults(space))
    study = optuna.create_study(storage=storage, study_name="theirs", direction="maximize")

    def add(
        state: TrialState, curve: dict[int, float], count: int = 99, value: float | None = None
    ) -> None:
        some = dict(list(answers.items())[:count])
        kinds: dict[str, Any] = {
            k: optuna.distributions.CategoricalDistribution((v,)) for k, v in some.items()
        }
        study.add_trial(
            optuna.create_trial(
                state=state,
                value=value,
                params=some,
                distributions=kinds,
                intermediate_values=curve,
            )
        )

    add(TrialState.FAIL, {}, 1)  # before it knew what it was to try
    add(TrialState.PRUNED, {0: 0.25, 1: nan})
    add(TrialState.PRUNED, {0: nan})
    add(TrialState.FAIL, {0: 0.5})
    add(TrialState.FAIL, {})
    add(TrialState.RUNNING, {0: 0.5})
    add(TrialState.COMPLETE, {0: 0.5, 1: nan}, value=0.75)

    row = take(database, storage, space)

    assert [(t.state, t.value, t.epochs) for t in records.trials(database, "theirs")] == [
        ("pruned", 0.25, 1),
        ("failed", None, 0),
        ("failed", 0.5, 1),
        ("failed", None, 0),
        ("complete", 0.75, 1),
    ]
    assert (row.trials, row.budget["trials"]) == (5, 5)


def autotrick_defaults(space: Path) -> autotrick.Recipe:
    from autotrick.space import published_defaults

    return published_defaults(load(space))


def test_a_value_without_a_curve_is_that_of_the_last_epoch(
    database: Database, space: Path, storage: str
) -> None:
    suggested(storage, space, value=0.75)

    take(database, storage, space)

    (trial,) = records.trials(database, "theirs")
    assert (trial.state, trial.value, trial.epochs) == ("complete", 0.75, trial.recipe.epochs)


def test_parameters_that_the_space_fixes_may_be_there(
    database: Database, space: Path, storage: str
) -> None:
    fixed = autotrick_defaults(space)
    suggested(storage, space, epochs=fixed.epochs)

    assert take(database, storage, space).trials == 1


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"epochs": 7777}, SpaceError, "optuna 0: unknown decision of the space 'epochs'"),
        ({"dropuot": 0.5}, SpaceError, "optuna 0: unknown decision of the space 'dropuot'"),
        ({"base_lr": 7000.0}, SpaceError, r"optuna 0: base_lr: 7000\.0 is not in"),
        ({"architecture": "vgg"}, SpaceError, "optuna 0: architecture: 'vgg' is not in"),
        ({"base_lr": "fast"}, SpaceError, "optuna 0: base_lr: 'fast' is not in"),
        ({"value": 93.0}, RecordsError, r"an accuracy must be in \[0, 1\], but got 93"),
    ],
)
def test_what_the_space_does_not_say_is_refused(
    database: Database,
    space: Path,
    storage: str,
    changes: dict[str, float],
    error: type[Exception],
    message: str,
) -> None:
    suggested(storage, space, **changes)

    with pytest.raises(error, match=message):
        take(database, storage, space)
    assert records.studies(database) == []


def test_only_one_study_that_maximises_can_be_meant(
    database: Database, space: Path, storage: str
) -> None:
    for name in ("a", "b"):
        optuna.create_study(storage=storage, study_name=name)

    with pytest.raises(NotFoundError, match=r"has 2 studies\. Name one with --name: a, b\."):
        take(database, storage, space)
    with pytest.raises(NotFoundError, match="unknown Optuna study 'c'"):
        take(database, storage, space, name="c")
    with pytest.raises(RecordsError, match="'a' does not maximise one value"):
        take(database, storage, space, name="a")
    with pytest.raises(RecordsError, match="give --space, the space file"):
        bring(database, storage)


def test_steps_that_are_no_epochs_are_refused(
    database: Database, space: Path, storage: str
) -> None:
    suggested(storage, space)
    (trial,) = optuna.load_study(study_name="theirs", storage=storage).trials
    odd = optuna.create_study(storage=storage, study_name="odd", direction="maximize")
    odd.add_trial(
        optuna.create_trial(
            params=trial.params,
            distributions=trial.distributions,
            value=0.5,
            intermediate_values={-1: 0.2, 0: 0.5},
        )
    )

    with pytest.raises(
        SpaceError, match="trial optuna 0: steps must be epochs counted from 0 or 1"
    ):
        take(database, storage, space, name="odd")
    assert records.studies(database) == []


def test_a_study_without_a_trial_that_has_ended_is_refused(
    database: Database, space: Path, storage: str
) -> None:
    optuna.create_study(storage=storage, study_name="new", direction="maximize").ask()

    with pytest.raises(NotFoundError, match="no trial there has ended"):
        take(database, storage, space)
