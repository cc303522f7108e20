from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor

from autotrick.data import Dataset, Split
from autotrick.errors import RecipeError, TrainingError
from autotrick.recipe import DataRef, EpochReport, Recipe
from autotrick.train import Snapshot, train
from autotrick.tricks import Batch, Run, Trick

MakeRecipe = Callable[..., Recipe]
SwitchOn = Callable[[type[Trick]], None]


def weights(result: Any) -> list[str]:
    return [report.weights for report in result.reports]


def lrs(result: Any) -> list[float]:
    return [report.lr for report in result.reports]


@pytest.mark.parametrize(
    ("architecture", "settings", "base_lr"),
    [
        ("fastnet", {"width": 0.25}, 8.0),
        ("lenet5", {}, 1.0),
        pytest.param("resnet20", {}, 1.0, marks=pytest.mark.slow),
    ],
)
def test_learns_32_images_by_heart(
    digits: Dataset,
    make_recipe: MakeRecipe,
    architecture: str,
    settings: dict[str, Any],
    base_lr: float,
) -> None:
    few = Split(digits.train.images[:32], digits.train.labels[:32])
    data = replace(digits, train=few, validation=few)
    asked = make_recipe(
        architecture=architecture,
        architecture_settings=settings,
        epochs=30,
        batch_size=16,
        base_lr=base_lr,
        tricks={"cosine_decay": {}, "linear_warmup": {}},
    )

    result = train(asked, data)

    assert result.accuracy == 1.0
    assert result.reports[-1].train_loss < 0.2


def test_equal_recipes_give_equal_weights(
    digits: Dataset, make_recipe: MakeRecipe, many: dict[str, Any]
) -> None:
    asked = make_recipe(tricks=many)

    first, second = train(asked, digits), train(asked, digits)

    assert weights(first) == weights(second)
    assert first.reports[-1].loss == second.reports[-1].loss


@pytest.mark.parametrize(
    "change",
    [{"seed": 1}, {"base_lr": 0.51}, {"momentum": 0.8}, {"weight_decay": 0.0}, {"batch_size": 31}],
    ids=str,
)
def test_each_field_decides_the_weights(
    digits: Dataset, make_recipe: MakeRecipe, change: dict[str, Any]
) -> None:
    plain = train(make_recipe(epochs=1), digits)

    changed = train(make_recipe(epochs=1, **change), digits)

    assert changed.weights != plain.weights


def test_peak_rate_follows_the_examples_of_an_update(
    digits: Dataset, make_recipe: MakeRecipe
) -> None:
    halves = make_recipe(epochs=2, batch_size=32, accumulation=2, tricks={"cosine_decay": {}})
    whole = make_recipe(epochs=2, batch_size=64, tricks={"cosine_decay": {}})

    assert halves.lr == whole.lr == 0.5 * 64 / 256
    assert lrs(train(halves, digits)) == lrs(train(whole, digits))


def test_accumulated_gradients_are_those_of_one_batch(
    digits: Dataset, make_recipe: MakeRecipe
) -> None:
    # LeNet-5 has no batch norm, so that a batch in two parts must give the same loss.
    plain = {"architecture": "lenet5", "architecture_settings": {}, "epochs": 2, "base_lr": 0.2}
    halves = make_recipe(**plain, batch_size=32, accumulation=2)
    whole = make_recipe(**plain, batch_size=64)

    parts, together = train(halves, digits), train(whole, digits)

    assert [r.train_loss for r in parts.reports] == pytest.approx(
        [r.train_loss for r in together.reports], rel=1e-4
    )


def test_stopping_early_keeps_the_schedule_of_the_whole(
    digits: Dataset, make_recipe: MakeRecipe
) -> None:
    asked = make_recipe(epochs=4, tricks={"cosine_decay": {}, "linear_warmup": {}})
    whole = train(asked, digits)

    early = train(asked, digits, until=2)

    assert early.stopped and not whole.stopped
    assert weights(early) == weights(whole)[:2]
    assert lrs(early) == lrs(whole)[:2]


def test_listener_ends_the_trial(digits: Dataset, make_recipe: MakeRecipe) -> None:
    seen: list[int] = []

    def once(snapshot: Snapshot) -> bool:
        seen.append(len(snapshot.reports))
        return False

    result = train(make_recipe(epochs=3), digits, on_epoch=once)

    assert seen == [1]
    assert result.stopped and len(result.reports) == 1


def test_diverging_loss_is_named(digits: Dataset, make_recipe: MakeRecipe) -> None:
    wild = make_recipe(architecture="lenet5", architecture_settings={}, base_lr=1e12)

    with pytest.raises(TrainingError, match=r"the loss became .* in epoch \d\. Lower") as found:
        train(wild, digits)

    assert found.value.reason == "nan_loss"


def test_the_last_update_may_diverge_too(digits: Dataset, make_recipe: MakeRecipe) -> None:
    size = len(digits.train.labels)
    wild = make_recipe(
        architecture="lenet5", architecture_settings={}, base_lr=1e12, batch_size=size, epochs=1
    )

    with pytest.raises(TrainingError, match=r"the validation loss became .* in epoch 1") as found:
        train(wild, digits)

    assert found.value.reason == "nan_loss"


def test_other_data_are_refused(digits: Dataset, make_recipe: MakeRecipe) -> None:
    asked = make_recipe(data=DataRef(name="digits", fingerprint="e" * 16))

    with pytest.raises(TrainingError, match=r"needs data eeee.* is dddd") as found:
        train(asked, digits)

    assert found.value.reason == "wrong_data"


def test_two_tricks_of_one_slot_are_refused(digits: Dataset, make_recipe: MakeRecipe) -> None:
    with pytest.raises(RecipeError, match="both of slot 'mix'"):
        train(make_recipe(tricks={"mixup": {}, "cutmix": {}}), digits)


def test_more_examples_in_a_batch_than_there_are_is_one_update(
    digits: Dataset, make_recipe: MakeRecipe
) -> None:
    result = train(make_recipe(epochs=2, batch_size=500), digits)

    assert len(result.reports) == 2


@pytest.mark.parametrize("change", [{"precision": "bf16"}, {"channels_last": False}], ids=str)
def test_numeric_settings_train_and_repeat(
    digits: Dataset, make_recipe: MakeRecipe, change: dict[str, Any], many: dict[str, Any]
) -> None:
    plain = train(make_recipe(tricks=many), digits)

    first, second = (train(make_recipe(tricks=many, **change), digits) for _ in range(2))

    assert first.weights == second.weights
    assert first.reports[-1].loss == pytest.approx(plain.reports[-1].loss, rel=0.3)


def test_bf16_computes_the_forward_pass_in_half(digits: Dataset, make_recipe: MakeRecipe) -> None:
    full, half = (
        train(make_recipe(epochs=1, precision=precision), digits) for precision in ("fp32", "bf16")
    )

    assert full.weights != half.weights


@dataclass(frozen=True, kw_only=True)
class TwoPasses(Trick):
    """Computes the gradients again and compares."""

    name: ClassVar[str] = "two_passes"
    seen: ClassVar[list[tuple[Tensor, Tensor, Tensor, Tensor]]] = []

    def on_gradient(self, run: Run, again: Callable[[], None]) -> None:
        before, statistics = _gradient(run), _statistics(run)
        again()
        self.seen.append((before, _gradient(run), statistics, _statistics(run)))


def _gradient(run: Run) -> Tensor:
    gradients = [p.grad for p in run.model.parameters() if p.grad is not None]
    return torch.cat([gradient.flatten().clone() for gradient in gradients])


def _statistics(run: Run) -> Tensor:
    return torch.cat([buffer.flatten().double() for buffer in run.model.buffers()])


@pytest.mark.parametrize("accumulation", [1, 2])
def test_second_pass_repeats_gradients_and_keeps_statistics(
    digits: Dataset, make_recipe: MakeRecipe, switch_on: SwitchOn, accumulation: int
) -> None:
    switch_on(TwoPasses)
    TwoPasses.seen.clear()
    asked = make_recipe(epochs=1, accumulation=accumulation, tricks={"two_passes": {}, "mixup": {}})

    result = train(asked, digits)

    assert len(TwoPasses.seen) == 4 // accumulation
    for before, after, statistics, kept in TwoPasses.seen:
        assert torch.equal(before, after) and before.abs().sum() > 0
        assert torch.equal(statistics, kept)
    without = train(asked.model_copy(update={"tricks": {"mixup": {}}}), digits)
    assert result.weights == without.weights


@dataclass(frozen=True, kw_only=True)
class Seeds(Trick):
    """Notes the seed of every forward pass."""

    name: ClassVar[str] = "seeds"
    seen: ClassVar[list[int]] = []

    def on_loss(self, loss: Tensor, logits: Tensor, batch: Batch, run: Run) -> Tensor:
        self.seen.append(torch.initial_seed())
        return loss


def test_no_two_forward_passes_share_a_seed(
    digits: Dataset, make_recipe: MakeRecipe, switch_on: SwitchOn
) -> None:
    switch_on(Seeds)
    Seeds.seen.clear()
    # Three batches an epoch, two an update: the second update of an epoch has one batch only.
    asked = make_recipe(epochs=3, batch_size=42, accumulation=2, tricks={"seeds": {}})

    train(asked, digits)

    assert len(Seeds.seen) == 9
    assert len(set(Seeds.seen)) == 9


@dataclass(frozen=True, kw_only=True)
class Patience(Trick):
    """Ends a trial after two epochs, and may be asked at any time."""

    name: ClassVar[str] = "patience"

    def should_stop(self, reports: Any, run: Run) -> bool:
        return len(reports) >= 2


def test_trick_ends_the_trial(
    digits: Dataset, make_recipe: MakeRecipe, switch_on: SwitchOn
) -> None:
    switch_on(Patience)

    result = train(make_recipe(epochs=4, tricks={"patience": {}}), digits)

    assert result.stopped and len(result.reports) == 2
    assert result.ended_by == "patience"


def test_trial_that_a_trick_had_ended_stays_ended_when_resumed(
    digits: Dataset, make_recipe: MakeRecipe, switch_on: SwitchOn, tmp_path: Any
) -> None:
    switch_on(Patience)
    asked = make_recipe(epochs=4, tricks={"patience": {}})
    saved: list[Any] = []

    def save(snapshot: Snapshot) -> bool:
        saved.append(snapshot.save(tmp_path))
        return True

    whole = train(asked, digits, on_epoch=save)

    again = train(asked, digits, resume_from=saved[-1].path)
    assert again.reports == whole.reports
    assert again.ended_by == whole.ended_by == "patience"


def test_report_tells_what_was_measured(digits: Dataset, make_recipe: MakeRecipe) -> None:
    result = train(make_recipe(epochs=2, tricks={"ema": {}}), digits)

    assert [report.epoch for report in result.reports] == [1, 2]
    assert all(isinstance(report, EpochReport) for report in result.reports)
    assert set(result.reports[0].extra) == {"raw_accuracy"}
    assert result.accuracy * 64 == round(result.accuracy * 64)
    assert np.isclose(result.seconds, sum(report.seconds for report in result.reports))
