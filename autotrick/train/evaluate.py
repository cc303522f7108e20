"""Evaluation on the whole validation split, exact and without augmentation."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from math import prod

import torch
from torch import Tensor, nn

from autotrick.data import Split
from autotrick.train.prepare import Stages, network_for_evaluation
from autotrick.tricks import Run
from autotrick.tricks.base import Predict

BATCH = 1000
"""Most images that the network sees at once."""
_BYTES = 2**30


def batches(split: Split) -> Iterator[slice]:
    """Yield the rows that the network sees at once: of large images fewer than BATCH.

    1,000 images of 2,048 pixels would be 47 GiB of floats.
    """
    rows = rows_at_once(split.images.shape[1:])
    for start in range(0, len(split.labels), rows):
        yield slice(start, start + rows)


def rows_at_once(shape: Sequence[int]) -> int:
    """Return how many images of (H, W, C) pixels the network sees at once."""
    return max(1, min(BATCH, _BYTES // (4 * prod(shape))))


def evaluate(run: Run, stages: Stages, split: Split) -> tuple[nn.Module, dict[str, float], float]:
    """Return the network that a prediction would use, the task's metrics and the mean loss.

    Where a trick averages weights or predictions, the plain network's metrics go into
    `run.metrics`, each as `raw_` and its name.
    """
    model = network_for_evaluation(run, stages)
    if model is not run.model or stages.on_predict:
        raw, _ = score(run, Stages([]), run.model, split)
        run.metrics |= {f"raw_{name}": value for name, value in raw.items()}
    metrics, loss = score(run, stages, model, split)
    return model, metrics, loss


def predictor(run: Run, stages: Stages, model: nn.Module) -> Predict:
    """Return what gives the logits of images: the network, and what tricks do to its predictions."""
    model.eval()

    def plain(images: Tensor) -> Tensor:
        with run.autocast():
            logits: Tensor = model(run.as_evaluated(images))
        return logits.float()

    predict: Predict = plain
    for trick in stages.on_predict:
        predict = trick.on_predict(predict, run)
    return predict


def score(
    run: Run, stages: Stages, model: nn.Module, split: Split
) -> tuple[dict[str, float], float]:
    """Return the task's metrics by name, and the mean loss, of what a network predicts for a split."""
    predict = predictor(run, stages, model)
    with torch.inference_mode():
        sums = run.task.accumulator(run.device)
        for rows in batches(split):
            targets = torch.tensor(split.labels[rows]).to(run.device)
            sums.update(predict(run.normalised(split.images[rows])), targets)
    return sums.metrics(), sums.loss()


def digest(model: nn.Module) -> str:
    """Return 16 hex digits that name the weights and buffers, bit for bit."""
    found = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        found.update(name.encode())
        found.update(
            tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
        )
    return found.hexdigest()[:16]
