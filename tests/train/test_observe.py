"""What an observer writes, read with TensorBoard's own reader, and that it changes nothing."""

import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import nn

from autotrick.data import Dataset
from autotrick.errors import ResourceError, TrainingError
from autotrick.observing import KINDS
from autotrick.recipe import Recipe
from autotrick.train import Observer, Snapshot, train
from autotrick.train.observe import SMOOTHING, Distribution
from autotrick.tricks import Run, Trick

MakeRecipe = Callable[..., Recipe]
UPDATES = 4
"""In an epoch of 128 images in batches of 32."""


def opened(folder: Path) -> EventAccumulator:
    found = EventAccumulator(
        str(folder), size_guidance={"scalars": 0, "histograms": 0, "images": 0}
    )
    found.Reload()
    return found


def by_step(found: EventAccumulator, tag: str) -> dict[int, float]:
    """Return the values of a scalar by step; each step once."""
    events = found.Scalars(tag)
    steps = [event.step for event in events]
    assert len(steps) == len(set(steps))
    return {event.step: event.value for event in events}


def scalars(folder: Path, tag: str) -> dict[int, float]:
    """Return the values of one scalar of a folder by step."""
    return by_step(opened(folder), tag)


def hooks(model: nn.Module) -> int:
    return sum(len(part._forward_hooks) + len(part._backward_hooks) for part in model.modules())


DRAWING: dict[str, dict[str, Any]] = {
    "dropout": {"probability": 0.3},
    "manifold_mixup": {},
    "random_erasing": {},
    "sam": {},
}
"""Tricks that draw in the images, in the batch and in the network, and compute the gradient twice."""


@pytest.mark.parametrize("drawing", [True, False], ids=["drawing", "many"])
def test_weights_are_those_of_an_unobserved_training(
    digits: Dataset,
    make_recipe: MakeRecipe,
    many: dict[str, dict[str, Any]],
    tmp_path: Path,
    drawing: bool,
) -> None:
    recipe = make_recipe(tricks=DRAWING if drawing else many, accumulation=2, epochs=2)
    saved: dict[str, list[bytes]] = {"plain": [], "observed": []}

    def saving(name: str) -> Callable[[Snapshot], bool]:
        def save(snapshot: Snapshot) -> bool:
            made = snapshot.save(tmp_path / name)
            content = torch.load(
                _payload(made.path), weights_only=True
            )  # without the seconds that each took
            saved[name].append(_digest({k: v for k, v in content.items() if k != "reports"}))
            return True

        return save

    plain = train(recipe, digits, on_epoch=saving("plain"))
    observer = Observer(tmp_path / "events", KINDS, every=1)
    observed = train(recipe, digits, on_epoch=saving("observed"), observer=observer)

    assert [r.weights for r in observed.reports] == [r.weights for r in plain.reports]
    assert [r.train_loss for r in observed.reports] == [r.train_loss for r in plain.reports]
    assert saved["observed"] == saved["plain"]
    assert opened(tmp_path / "events").Tags()["histograms"]


def _payload(path: Path) -> Any:
    from io import BytesIO

    return BytesIO(path.read_bytes().partition(b"\n")[2])


def _digest(content: Any) -> bytes:
    from io import BytesIO

    buffer = BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


def test_losses_rates_and_metrics_are_those_of_the_reports(
    digits: Dataset, make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    recipe = make_recipe(tricks={"cosine_decay": {}})

    reports = train(recipe, digits, observer=Observer(tmp_path, ["weights"], every=1)).reports

    losses = scalars(tmp_path, "update/loss")
    assert list(losses) == list(range(1, 3 * UPDATES + 1))
    for report in reports:
        own = [
            losses[s] for s in range((report.epoch - 1) * UPDATES + 1, report.epoch * UPDATES + 1)
        ]
        assert np.mean(own) == pytest.approx(report.train_loss, rel=1e-6)
    smoothed, mean = scalars(tmp_path, "update/loss_smoothed"), losses[1]
    for step, loss in losses.items():
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss if step > 1 else mean
        assert smoothed[step] == pytest.approx(mean, rel=1e-5)
    rates = scalars(tmp_path, "update/lr")
    assert [rates[r.epoch * UPDATES] for r in reports] == pytest.approx([r.lr for r in reports])
    for name in ("accuracy", "loss", "train_loss", "lr", "seconds"):
        assert scalars(tmp_path, f"epoch/{name}") == pytest.approx(
            {r.epoch * UPDATES: getattr(r, name) for r in reports}
        )
    speeds = scalars(tmp_path, "update/examples_per_second")
    # The first update of an epoch is not counted, and the last one's observation takes time.
    assert list(speeds) == [e * UPDATES + u for e in range(3) for u in (2, 3)]
    seconds = scalars(tmp_path, "update/seconds")
    assert speeds == pytest.approx({step: 32 / value for step, value in seconds.items()}, rel=1e-5)


@pytest.mark.parametrize(("every", "expected"), [(1, [1, 2, 3, 4, 5, 6, 7, 8]), (3, [3, 4, 6, 8])])
def test_values_come_every_so_many_updates_and_at_the_end_of_epochs(
    digits: Dataset, make_recipe: MakeRecipe, tmp_path: Path, every: int, expected: list[int]
) -> None:
    train(make_recipe(epochs=2), digits, observer=Observer(tmp_path, ["images"], every=every))

    assert list(scalars(tmp_path, "update/loss")) == expected


def test_distributions_of_weights_are_counted_once_an_epoch(
    digits: Dataset, make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    kept: dict[int, dict[str, torch.Tensor]] = {}

    def keep(snapshot: Snapshot) -> bool:
        kept[len(snapshot.reports)] = {
            name: weight.detach().clone() for name, weight in snapshot._run.model.named_parameters()
        }
        return True

    recipe = make_recipe(tricks={"zero_init_norm": {}}, architecture="resnet20", epochs=2)
    train(recipe, digits, on_epoch=keep, observer=Observer(tmp_path, ["weights"]))

    found = opened(tmp_path)
    assert set(found.Tags()["histograms"]) == {f"weights/{name}" for name in kept[1]}
    for name in kept[1]:
        events = found.Histograms(f"weights/{name}")
        assert [event.step for event in events] == [UPDATES, 2 * UPDATES]
        for epoch, event in enumerate(events, start=1):
            values = kept[epoch][name].double()
            counted = event.histogram_value
            assert counted.num == values.numel() == sum(counted.bucket)
            assert counted.min == float(values.min()) and counted.max == float(values.max())
            assert counted.sum == pytest.approx(float(values.sum()), abs=1e-6)
            limits = np.array(counted.bucket_limit)
            below = float((values <= limits[31] + 1e-9).sum())
            assert sum(counted.bucket[:32]) == pytest.approx(below, abs=1)
        assert by_step(found, f"weights_zeros/{name}") == pytest.approx(
            {e * UPDATES: float((w[name] == 0).double().mean()) for e, w in kept.items()}
        )


def test_gradients_are_those_that_the_optimizer_gets(
    digits: Dataset, make_recipe: MakeRecipe, tmp_path: Path, switch_on: Callable[..., None]
) -> None:
    seen: list[dict[str, torch.Tensor]] = []

    @dataclass(frozen=True, kw_only=True)
    class LookOn(Trick):
        name: ClassVar[str] = "look_on"

        def after_step(self, run: Run) -> None:
            seen.append({n: w.grad.clone() for n, w in run.model.named_parameters()})  # type: ignore[union-attr]

    switch_on(LookOn)
    recipe = make_recipe(tricks={"clip_norm": {"largest": 0.01}, "look_on": {}}, epochs=1)
    train(recipe, digits, observer=Observer(tmp_path, ["gradients"], every=1))

    norms = scalars(tmp_path, "update/gradient_norm")
    for step, grads in enumerate(seen, start=1):
        whole = torch.cat([g.flatten() for g in grads.values()]).norm()
        assert norms[step] == pytest.approx(float(whole), rel=1e-5)
    assert max(norms.values()) <= 0.01 * (1 + 1e-4)
    found = opened(tmp_path)
    assert set(found.Tags()["histograms"]) == {f"gradients/{name}" for name in seen[0]}
    for name, grad in seen[-1].items():
        (event,) = found.Histograms(f"gradients/{name}")
        assert event.step == UPDATES
        assert event.histogram_value.min == float(grad.min())
        assert event.histogram_value.max == float(grad.max())


def test_activations_are_those_of_the_last_update_and_hooks_are_removed(
    digits: Dataset, make_recipe: MakeRecipe, tmp_path: Path, switch_on: Callable[..., None]
) -> None:
    outputs: list[torch.Tensor] = []
    before: list[int] = []
    after: list[int] = []

    @dataclass(frozen=True, kw_only=True)
    class LookOn(Trick):
        name: ClassVar[str] = "look_on"

        def on_start(self, run: Run) -> None:
            relu = next(m for m in run.model.modules() if isinstance(m, nn.ReLU))
            relu.register_forward_hook(
                lambda m, _, output: outputs.append(output.detach().clone()) if m.training else None
            )
            before.append(hooks(run.model))

        def after_step(self, run: Run) -> None:
            after.append(hooks(run.model))

    switch_on(LookOn)
    recipe = make_recipe(architecture="lenet5", tricks={"look_on": {}}, epochs=2)
    train(recipe, digits, observer=Observer(tmp_path, ["activations"]))

    assert set(after) == set(before) == {1}
    found = opened(tmp_path)
    names = found.Tags()["histograms"]
    assert "activations/2" in names and not any("6" in name.split("/")[1] for name in names)
    last = {UPDATES: outputs[UPDATES - 1], 2 * UPDATES: outputs[2 * UPDATES - 1]}
    zeros = scalars(tmp_path, "activations_zeros/2")
    assert zeros == pytest.approx({s: float((x == 0).double().mean()) for s, x in last.items()})
    assert all(0 < share < 1 for share in zeros.values())
    for event in found.Histograms("activations/2"):
        values = last[event.step]
        assert event.histogram_value.num == values.numel()
        assert event.histogram_value.max == float(values.max())


def test_images_are_the_batch_that_the_network_gets(
    digits: Dataset, make_recipe: MakeRecipe, tmp_path: Path, switch_on: Callable[..., None]
) -> None:
    got: list[np.ndarray[Any, Any]] = []

    @dataclass(frozen=True, kw_only=True)
    class LookOn(Trick):
        name: ClassVar[str] = "look_on"
        position: ClassVar[int] = 999

        def on_batch(self, batch: Any, run: Run) -> Any:
            got.append(run.pixels(batch.images))
            return batch

    switch_on(LookOn)
    recipe = make_recipe(tricks={"mixup": {"alpha": 0.4}, "flip": {}, "look_on": {}}, epochs=1)
    train(recipe, digits, observer=Observer(tmp_path, ["images"]))

    (event,) = opened(tmp_path).Images("images/training")
    from io import BytesIO

    shown = np.asarray(Image.open(BytesIO(event.encoded_image_string)).convert("RGB"))
    side = 17  # 16 pixels and a line between images
    assert shown.shape == (5 * side, 5 * side, 3) and event.step == UPDATES
    for i in range(25):
        row, column = divmod(i, 5)
        cell = shown[row * side : row * side + 16, column * side : column * side + 16]
        assert np.array_equal(cell, got[-1][i].repeat(3, axis=2))


@pytest.mark.parametrize("lost", ["nothing", "an epoch after the checkpoint"])
def test_a_resumed_trial_continues_without_doubled_steps(
    digits: Dataset, make_recipe: MakeRecipe, tmp_path: Path, lost: str
) -> None:
    recipe, whole, parts = make_recipe(epochs=4), tmp_path / "whole", tmp_path / "parts"
    train(recipe, digits, observer=Observer(whole, KINDS, every=1))

    def save(snapshot: Snapshot) -> bool:
        if len(snapshot.reports) < 3:
            snapshot.save(tmp_path / "checkpoints")
        return len(snapshot.reports) < (2 if lost == "nothing" else 3)

    train(recipe, digits, on_epoch=save, observer=Observer(parts, KINDS, every=1))
    again = Observer(parts, KINDS, every=1)
    train(recipe, digits, resume_from=tmp_path / "checkpoints", observer=again)

    assert len(list(parts.glob("events.*"))) == 2
    one, two = opened(whole), opened(parts)
    assert one.Tags() == two.Tags()
    for tag in one.Tags()["scalars"]:
        if "second" in tag:
            continue
        assert by_step(two, tag) == by_step(one, tag)
    for tag in one.Tags()["histograms"]:
        alike = [[(e.step, e.histogram_value) for e in x.Histograms(tag)] for x in (one, two)]
        assert alike[0] == alike[1]


def test_gradients_that_are_not_finite_are_told_of(
    digits: Dataset, make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    recipe = make_recipe(base_lr=1e30, epochs=1)

    with pytest.raises(TrainingError, match="became"):
        train(recipe, digits, observer=Observer(tmp_path, ["gradients"], every=1))

    found = opened(tmp_path)
    (*_, note) = [
        event.tensor_proto.string_val[0].decode() for event in found.Tensors("notes/text_summary")
    ]
    assert "gradients of" in note and "are not finite. Lower base_lr." in note
    shares = [t for t in found.Tags()["scalars"] if t.startswith("gradients_not_finite/")]
    assert shares and all(v > 0 for tag in shares for v in by_step(found, tag).values())


def test_a_gradient_that_explodes_is_told_of(
    digits: Dataset, make_recipe: MakeRecipe, tmp_path: Path, switch_on: Callable[..., None]
) -> None:
    @dataclass(frozen=True, kw_only=True)
    class Burst(Trick):
        name: ClassVar[str] = "burst"

        def on_gradient(self, run: Run, again: Callable[[], None]) -> None:
            for weight in run.model.parameters():
                if run.update == 6 and weight.grad is not None:
                    weight.grad.mul_(1e4)

    switch_on(Burst)
    recipe = make_recipe(tricks={"burst": {}}, base_lr=1e-6, epochs=2)
    train(recipe, digits, observer=Observer(tmp_path, ["gradients"], every=1))

    (event,) = opened(tmp_path).Tensors("notes/text_summary")
    assert event.step == 7 and b"explodes" in event.tensor_proto.string_val[0]


def test_shares_count_all_values_and_distributions_an_even_sample() -> None:
    values = torch.zeros(3 * 2**18)
    values[::3], values[1] = 1.0, float("nan")

    found = Distribution()
    found.add(values)

    assert found.count == 3 * 2**18 and found.infinite == 1
    assert found.zeros == 2 * 2**18 - 1
    assert np.array_equal(found.bars()[0], np.ones(2**16))


def test_values_that_differ_in_their_last_bit_are_told_apart() -> None:
    one = torch.ones(100)
    one[::2] = torch.nextafter(torch.tensor(1.0), torch.tensor(2.0))

    found = Distribution()
    found.add(one)

    _, counts, edges = found.bars()
    assert (counts[0], counts[-1], counts.sum()) == (50, 50, 100)
    assert (np.diff(edges) > 0).all()


@pytest.mark.parametrize(
    ("kinds", "every", "message"),
    [
        (["weigths"], 1, "Did you mean 'weights'"),
        (["weights", "none"], 1, "no other name"),
        ([""], 1, "unknown kind ''"),
        (["images"], 0, "at least 1"),
        (["images"], -3, "at least 1"),
    ],
)
def test_bad_names_and_numbers_are_refused(
    kinds: Collection[str], every: int, message: str, tmp_path: Path
) -> None:
    with pytest.raises(ResourceError, match=message):
        Observer(tmp_path, kinds, every=every)


def test_a_place_that_cannot_be_written_to_is_named(
    digits: Dataset, make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ResourceError, match="what is observed cannot be written to"):
        train(make_recipe(epochs=1), digits, observer=Observer(tmp_path / "file" / "x", KINDS))


def test_a_damaged_memory_of_the_smoothed_loss_begins_anew(
    digits: Dataset, make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    recipe = make_recipe(epochs=2)
    first = Observer(tmp_path / "events", ["images"])
    train(recipe, digits, on_epoch=lambda s: not s.save(tmp_path / "c"), observer=first)
    (tmp_path / "events" / "smoothed-loss.json").write_text("[1, 2")

    again = Observer(tmp_path / "events", ["images"], every=1)
    train(recipe, digits, resume_from=tmp_path / "c", observer=again)

    losses = scalars(tmp_path / "events", "update/loss")
    smoothed = scalars(tmp_path / "events", "update/loss_smoothed")
    assert smoothed[UPDATES + 1] == losses[UPDATES + 1]
    shutil.rmtree(tmp_path / "events")
