"""What a search tells an MLflow tracking server: its own, and one that answers as it documents."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from autotrick.errors import ResourceError
from autotrick.tune.driver.events import Event
from autotrick.tune.loggers.mlflow import MLflow
from tests.tune.tracking import Store, documented, program, real, runs

Say = Callable[..., str]
CURVES = {"accuracy", "loss", "train_loss", "lr", "seconds"}


@pytest.fixture(scope="module", params=["documented", pytest.param("real", marks=pytest.mark.slow)])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    if request.param == "documented":
        with documented(Store()) as url:
            yield url
        return
    if program() is None:
        pytest.skip("no mlflow here; AUTOTRICK_TEST_MLFLOW may say where it is")
    with real(tmp_path_factory.mktemp("mlflow")) as url:
        yield url


@pytest.fixture
def board(server: str, request: pytest.FixtureRequest) -> Callable[[], MLflow]:
    """Return a function that makes a listener, of one experiment a test."""
    name = request.node.originalname
    return lambda: MLflow(server, name, notice=lambda sentence: pytest.fail(sentence))


def kept(server: str, request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    return runs(server, request.node.originalname)


def launch(driver: Any, handle: str) -> None:
    assert driver.next(handle) is not None
    driver.on_start(handle, "10.0.0.7")


def tell(listener: MLflow, events: list[Event]) -> None:
    for event in events:
        listener(event)
    listener.close()


def test_a_trial_is_a_run_with_its_parameters_and_every_epoch(
    desk: Any, say: Say, server: str, board: Callable[[], MLflow], request: pytest.FixtureRequest
) -> None:
    driver = desk.driver()
    launch(driver, "a")
    launch(driver, "b")
    driver.on_message("a", say(0.25, 0.5, 0.75, 0.875, finished=True))
    driver.on_message("b", say(failure=("nan_loss", "the loss became nan.")))

    tell(board(), desk.events)

    first, second = kept(server, request)
    recipe = desk.trial(0).recipe
    assert (first["name"], first["status"]) == ("trial-0", "FINISHED")
    assert set(first["curves"]) == CURVES
    assert first["curves"]["accuracy"] == [(1, 0.25), (2, 0.5), (3, 0.75), (4, 0.875)]
    assert first["curves"]["lr"] == [(epoch, 0.1) for epoch in range(1, 5)]
    assert first["params"]["architecture"] == recipe.architecture
    assert first["params"]["base_lr"] == str(recipe.base_lr)
    assert {name for name in first["params"] if name in recipe.tricks} == set(recipe.tricks)
    assert first["tags"]["autotrick.recipe"] == recipe.digest()
    assert first["tags"]["autotrick.state"] == "complete"
    assert (second["name"], second["status"]) == ("trial-1", "FAILED")
    assert second["tags"]["autotrick.state"] == "failed the loss became nan."


def test_a_resumed_trial_goes_on_in_its_run(
    desk: Any, say: Say, server: str, board: Callable[[], MLflow], request: pytest.FixtureRequest
) -> None:
    driver = desk.driver()
    launch(driver, "a")
    driver.on_message("a", say(0.25, 0.5))
    driver.close("interrupted")
    tell(board(), desk.events)
    desk.events.clear()
    driver = desk.driver()
    launch(driver, "a")
    driver.on_message("a", say(0.75, 0.875, start=3, finished=True))

    tell(board(), desk.events)

    (only,) = kept(server, request)
    assert only["status"] == "FINISHED"
    assert only["curves"]["accuracy"] == [(1, 0.25), (2, 0.5), (3, 0.75), (4, 0.875)]


def test_what_is_no_number_is_left_out(
    desk: Any, say: Say, server: str, board: Callable[[], MLflow], request: pytest.FixtureRequest
) -> None:
    driver = desk.driver()
    launch(driver, "a")
    driver.on_message("a", say(0.25))
    (epoch,) = [event for event in desk.events if event.kind == "epoch"]
    odd = epoch.report.model_copy(update={"loss": math.nan})

    tell(board(), [Event("epoch", 0, epoch.recipe, odd)])

    assert set(kept(server, request)[0]["curves"]) == CURVES - {"loss"}


def test_a_server_that_comes_back_misses_nothing(desk: Any, say: Say) -> None:
    driver = desk.driver()
    launch(driver, "a")
    driver.on_message("a", say(0.25, 0.5, 0.75, 0.875, finished=True))
    store, said = Store(), list[str]()
    with documented(store) as url:
        listener = MLflow(url, "words", notice=said.append)
        store.refuse = 503
        for event in desk.events:
            listener(event)
        assert store.refused.wait(30)
        store.refuse = None

        listener.close()

        (only,) = runs(url, "words")
    assert len(only["curves"]["accuracy"]) == 4 and said == []


def test_a_server_that_stays_away_is_given_up_with_a_word(desk: Any, say: Say) -> None:
    driver = desk.driver()
    launch(driver, "a")
    driver.on_message("a", say(0.25, 0.5))
    said: list[str] = []
    with documented(Store()) as url:
        listener = MLflow(url, "words", notice=said.append, patience_s=0.1)
    for event in desk.events:
        listener(event)
    listener._thread.join(30)

    for event in desk.events:
        listener(event)

    assert len(said) == 1
    assert said[0].startswith(f"no MLflow server answers at {url}: ")
    assert said[0].endswith(". The search goes on without it.")


def test_a_refusal_is_given_up_at_once(desk: Any) -> None:
    driver = desk.driver()
    launch(driver, "a")
    store, said = Store(), list[str]()
    with documented(store) as url:
        listener = MLflow(url, "words", notice=said.append)
        store.refuse = 403
        tell(listener, desk.events)

    assert said == [
        f"the MLflow server {url} refuses experiments/create: told to refuse. The search goes on without it."
    ]


def test_nothing_is_made_before_a_trial_begins(desk: Any) -> None:
    driver = desk.driver()
    launch(driver, "a")
    store, said = Store(), list[str]()
    with documented(store) as url:
        listener = MLflow(url, "words", notice=said.append)
        before = dict(store.experiments)
        tell(listener, desk.events)

    assert (before, list(store.experiments), len(store.runs), said) == ({}, ["words"], 1, [])


def test_an_experiment_that_is_deleted_is_named_at_once() -> None:
    store = Store()
    store.experiments, store.deleted = {"words": "7"}, {"words"}

    with documented(store) as url, pytest.raises(ResourceError, match="deleted its experiment"):
        MLflow(url, "words", notice=print)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite:///mlflow.db", "--mlflow takes the address of a tracking server, .* but got"),
        ("http://127.0.0.1:1", "no MLflow server answers at http://127.0.0.1:1: .*refused"),
    ],
)
def test_what_is_no_server_is_said_at_once(url: str, message: str) -> None:
    with pytest.raises(ResourceError, match=message):
        MLflow(url, "words", notice=print)


@pytest.mark.parametrize(
    ("user", "variables", "sent"),
    [
        ("", {}, None),
        ("ann:p%40ss@", {}, "Basic YW5uOnBAc3M="),
        (
            "",
            {"MLFLOW_TRACKING_USERNAME": "ann", "MLFLOW_TRACKING_PASSWORD": "p@ss"},
            "Basic YW5uOnBAc3M=",
        ),
        ("", {"MLFLOW_TRACKING_TOKEN": "t0ken"}, "Bearer t0ken"),
        ("ann:p%40ss@", {"MLFLOW_TRACKING_TOKEN": "t0ken"}, "Basic YW5uOnBAc3M="),
    ],
)
def test_user_and_password_are_sent_as_a_header(
    monkeypatch: pytest.MonkeyPatch, user: str, variables: dict[str, str], sent: str | None
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    store = Store()

    with documented(store) as url:
        MLflow(url.replace("://", f"://{user}", 1), "secret", notice=print).close()

    assert store.authorizations == {sent}


@pytest.mark.parametrize(
    "url",
    [
        "http://ann:Sesame7@127.0.0.1:1",
        "http://ann:open@Sesame7@127.0.0.1:1",
        "http://ann:Ses/ame7@127.0.0.1:1",
        "http://Sesame7@127.0.0.1:1",
        "http://ann:Sesame7@127.0.0.1:port",
        "http://127.0.0.1:1/?token=Sesame7",
        "http://127.0.0.1:1/#token=Sesame7",
        "ftp://ann:Sesame7@127.0.0.1:1",
    ],
)
def test_no_message_has_the_password(url: str) -> None:
    with pytest.raises(ResourceError) as refused:
        MLflow(url, "secret", notice=print, patience_s=0)

    assert "ame7" not in str(refused.value)
    assert "127.0.0.1" in str(refused.value)


def test_an_answer_that_quotes_the_password_is_redacted() -> None:
    class Quoting(Store):
        def answer(self, path: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            return 400, {"error_code": "X", "message": "user ann with Sesame7! is not known"}

    with (
        documented(Quoting()) as url,
        pytest.raises(ResourceError, match="is not known") as refused,
    ):
        MLflow(url.replace("://", "://ann:Sesame7%21@", 1), "secret", notice=print)

    assert "Sesame7" not in str(refused.value)


def test_a_token_that_no_header_can_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "Sesame7\nX: y")

    with pytest.raises(ResourceError, match="printable ASCII") as refused:
        MLflow("http://127.0.0.1:1", "secret", notice=print)

    assert "Sesame7" not in str(refused.value)
