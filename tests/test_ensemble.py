import json
import time
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from autotrick.cli import main
from autotrick.data import Dataset, load
from autotrick.ensemble import ensemble
from autotrick.errors import NotFoundError
from autotrick.recipe import DataRef, Recipe
from autotrick.records import (
    CheckpointRow,
    StudyPlan,
    add_report,
    add_trial,
    create_study,
    finish_trial,
    open_database,
)
from autotrick.tasks import CLASSIFICATION
from autotrick.train import Snapshot, predict, train
from autotrick.train.average import AVERAGES, Average, averaged

DATA = DataRef(name="digits", image_size=16, validation=0.2)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def data(cache: Path) -> Dataset:
    return load(DATA, cache_dir=cache)


def recipe(data: Dataset, seed: int) -> Recipe:
    return Recipe(
        data=DATA.model_copy(update={"fingerprint": data.fingerprint}),
        architecture="fastnet",
        architecture_settings={"width": 0.125},
        epochs=2,
        batch_size=64,
        base_lr=1.0,
        tricks={"ema": {"half_life": 0.1}, "test_time_augmentation": {}} if seed else {},
        seed=seed,
    )


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, data: Dataset, cache: Path) -> str:
    """A study of three trials, trained here, with their checkpoints."""
    folder = tmp_path_factory.mktemp("study")
    url = f"sqlite:///{folder}/autotrick.db"
    with open_database(url) as database:
        budget = {"trials": 3, "resources": {"cache": str(cache)}}
        made = create_study(database, StudyPlan("three", "?", {}, "0" * 16, 0, budget))
        for seed in range(3):
            launch = add_trial(database, made.id, recipe(data, seed), origin="random")

            def record(snapshot: Snapshot, trial: int = launch.trial_id) -> bool:
                saved = snapshot.save(folder / str(trial))
                row = CheckpointRow(trial, saved.epoch, str(saved.path), saved.checksum, 1)
                add_report(database, trial, snapshot.reports[-1], checkpoint=row)
                return True

            train(recipe(data, seed), data, on_epoch=record)
            finish_trial(database, launch.trial_id, "complete", parameters=1)
    return url


def paths(url: str) -> list[Path]:
    folder = Path(url.removeprefix("sqlite:///")).parent
    return sorted(folder.glob("*/epoch-2.checkpoint"))


@pytest.mark.slow
def test_averages_probabilities_of_the_networks_as_evaluated(url: str, data: Dataset) -> None:
    with open_database(url) as database:
        found = ensemble(database, "three", top=3)
        from autotrick.records import best

        recorded = {row.number: row.value for row in best(database, "three")}

    assert {member.trial: member.accuracy for member in found.members} == recorded
    labels = data.validation.labels
    each = [predict(path, data, data.validation).probabilities for path in paths(url)]
    for probabilities in each:
        np.testing.assert_allclose(probabilities.sum(1), 1)
    together = np.mean(each, axis=0).argmax(1) == labels
    assert found.together.accuracy == pytest.approx(together.mean())
    best_right = each[found.members[0].trial or 0].argmax(1) == labels
    assert found.gain == pytest.approx(together.mean() - best_right.mean())
    assert found.images == len(labels)
    assert found.together.parameters == sum(member.parameters for member in found.members)
    assert found.together.milliseconds > max(member.milliseconds for member in found.members)


@pytest.mark.slow
def test_logits_are_averaged_where_that_is_asked_for(url: str, data: Dataset) -> None:
    with open_database(url) as database:
        found = ensemble(database, "three", top=3, average="logits")
    words = ["ensemble", "three", "--top", "3", "--average", "logits", "--json", "--database", url]
    told = json.loads(CliRunner().invoke(main, words).stdout)

    logits = np.mean([predict(path, data, data.validation).logits for path in paths(url)], axis=0)
    right = float((logits.argmax(1) == data.validation.labels).mean())
    assert found.together.accuracy == pytest.approx(right)
    assert (told["average"], told["together"]["accuracy"]) == ("logits", pytest.approx(right))


@pytest.mark.parametrize("how", AVERAGES)
def test_a_sure_network_counts_for_more_among_logits(how: Average) -> None:
    sure, unsure = np.array([[9.0, 0.0, 0.0]]), np.array([[0.0, 1.0, 0.0]])

    [found] = averaged([sure, unsure], CLASSIFICATION, how)

    share = np.exp([9.0, 0.0, 0.0]) / np.exp([9.0, 0.0, 0.0]).sum()
    other = np.exp([0.0, 1.0, 0.0]) / np.exp([0.0, 1.0, 0.0]).sum()
    mean = np.exp([4.5, 0.5, 0.0])
    expected = {"probabilities": (share + other) / 2, "logits": mean / mean.sum()}
    np.testing.assert_allclose(found, expected[how])


@pytest.mark.slow
def test_what_is_gone_is_named_and_can_be_trained_again(url: str, data: Dataset) -> None:
    lost = paths(url)[1]
    hidden = lost.rename(lost.with_suffix(".hidden"))
    try:
        with open_database(url) as database:
            with pytest.raises(NotFoundError, match=r"last checkpoint of trial 1 is not there"):
                ensemble(database, "three", top=3)
            again = ensemble(database, "three", top=3, retrain=True)
    finally:
        hidden.rename(lost)
    with open_database(url) as database:
        assert again.together.accuracy == ensemble(database, "three", top=3).together.accuracy


@pytest.mark.slow
def test_more_than_there_are_is_refused(url: str) -> None:
    with (
        open_database(url) as database,
        pytest.raises(NotFoundError, match=r"has 3 complete trials, and 4 were asked for"),
    ):
        ensemble(database, "three", top=4)


@pytest.mark.slow
def test_commands(url: str) -> None:
    shown = CliRunner().invoke(main, ["ensemble", "three", "--top", "2", "--database", url])
    lines = CliRunner().invoke(main, ["teacher", "three", "1", "--database", url])

    assert shown.exit_code == 0 and "all together" in shown.stdout, shown.output
    settings = tomllib.loads(lines.stdout)["tricks"]["distillation"]
    assert settings["teacher"] == str(paths(url)[1])
    assert len(settings["checksum"]) == 16


@pytest.mark.slow
def test_a_recorded_trial_teaches(url: str, data: Dataset) -> None:
    named = tomllib.loads(
        CliRunner().invoke(main, ["teacher", "three", "1", "--database", url]).stdout
    )["tricks"]
    asked = recipe(data, 7).model_copy(update={"tricks": named, "epochs": 1})

    first, second = (train(asked, data) for _ in range(2))

    assert first.weights == second.weights


@pytest.mark.slow
def test_what_a_first_batch_costs_counts_for_no_network(
    url: str, data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[torch.nn.Module] = []
    forward = torch.nn.Module.__call__

    def slow_at_first(self: torch.nn.Module, *images: Any) -> Any:
        if not seen:
            seen.append(self)
            time.sleep(1.0)
        return forward(self, *images)

    monkeypatch.setattr(torch.nn.Module, "__call__", slow_at_first)
    with open_database(url) as database:
        found = ensemble(database, "three", top=3)

    assert seen
    assert max(m.milliseconds for m in found.members) < 1000 / found.images
