from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from autotrick.data import Dataset
from autotrick.recipe import DataRef, EpochReport, Recipe, Settings
from autotrick.train import Snapshot, checkpoint, train
from autotrick.train.evaluate import digest
from autotrick.train.prepare import Stages, network, prepare
from autotrick.tricks import Run
from autotrick.tricks.early_stopping import EarlyStopping, waited


@pytest.mark.parametrize(
    ("accuracies", "min_delta", "expected"),
    [
        ([], 0.0, 0),
        ([0.5], 0.0, 0),
        ([0.5, 0.5, 0.5], 0.0, 2),
        ([0.5, 0.6, 0.4, 0.59], 0.0, 2),
        ([0.5, 0.6, 0.7], 0.15, 0),  # 0.7 exceeds 0.5, the best that counted, by enough
        ([0.5, 0.6, 0.62], 0.15, 2),
    ],
)
def test_counts_epochs_since_the_best(
    accuracies: list[float], min_delta: float, expected: int
) -> None:
    assert waited(accuracies, min_delta) == expected


def report(epoch: int, accuracy: float) -> EpochReport:
    return EpochReport(
        epoch=epoch, accuracy=accuracy, loss=1, train_loss=1, lr=1, seconds=1, weights="w"
    )


def test_stops_after_patience_epochs(make_run: Callable[..., Run]) -> None:
    curve = [0.1, 0.5, 0.5, 0.4, 0.45]
    reports = [report(i + 1, accuracy) for i, accuracy in enumerate(curve)]
    trick = EarlyStopping(patience=3)

    stops = [trick.should_stop(reports[:n], make_run()) for n in range(len(curve) + 1)]

    assert stops == [False] * 5 + [True]


def test_an_interrupted_trial_stops_at_the_same_epoch(data: Dataset, tmp_path: Path) -> None:
    asked = Recipe(
        data=DataRef(name="bright", fingerprint="b" * 16),
        architecture="fastnet",
        architecture_settings={"width": 0.25},
        epochs=20,
        batch_size=8,
        base_lr=0.5,
        tricks={"early_stopping": {"patience": 2, "min_delta": 0.5}},
    )
    whole = train(asked, data)

    def save(snapshot: Snapshot) -> bool:
        snapshot.save(tmp_path)
        return len(snapshot.reports) < 2

    train(asked, data, on_epoch=save)
    resumed = train(asked, data, resume_from=tmp_path)

    assert whole.stopped and 2 < len(whole.reports) < 20
    assert [r.weights for r in resumed.reports] == [r.weights for r in whole.reports]
    again = train(asked, data, resume_from=tmp_path)
    assert [r.model_dump(exclude={"seconds"}) for r in again.reports] == [
        r.model_dump(exclude={"seconds"}) for r in resumed.reports
    ]


@pytest.mark.parametrize("average", [{}, {"ema": {}}], ids=["plain", "ema"])
@pytest.mark.parametrize("patience", [2, 50])
def test_the_best_weights_are_handed_over(
    data: Dataset, tmp_path: Path, patience: int, average: dict[str, Settings]
) -> None:
    asked = Recipe(
        data=DataRef(name="bright", fingerprint="b" * 16),
        architecture="fastnet",
        architecture_settings={"width": 0.25},
        epochs=14,
        batch_size=8,
        base_lr=2.0,
        tricks={"early_stopping": {"patience": patience}, **average},
    )

    found = train(asked, data, on_epoch=lambda snapshot: bool(snapshot.save(tmp_path))).reports

    off = {"early_stopping": {"patience": patience, "restore": False}, **average}
    plain = train(asked.model_copy(update={"tricks": off}), data).reports
    assert len(found) == len(plain)
    *earlier, last = found
    assert [r.weights for r in earlier] == [r.weights for r in plain[:-1]]
    best = max(plain, key=lambda report: report.accuracy)
    assert best.epoch < len(plain)
    assert (last.accuracy, last.loss, last.weights) == (best.accuracy, best.loss, best.weights)
    assert last.extra["best_epoch"] == best.epoch
    if not average:
        assert last.extra["raw_accuracy"] == plain[-1].accuracy
    newest = checkpoint.newest(tmp_path)
    assert newest is not None
    path = newest[0]
    stages = Stages([])
    run = prepare(asked.model_copy(update={"tricks": {}}), data, stages, torch.device("cpu"))
    assert digest(network(path, checkpoint.checksum(path), run)) == best.weights
