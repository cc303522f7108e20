"""The contract of a trick, as functions; `check_trick` calls them all."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from numpy.typing import NDArray

from autotrick.augment.pictures import Pictures
from autotrick.data import Dataset
from autotrick.errors import TrickError
from autotrick.own_code.references import PREFIX
from autotrick.recipe import Recipe, Settings
from autotrick.testing.small import (
    Outcome,
    expect,
    interrupted,
    outcome_of,
    small_data,
    small_recipe,
    small_run,
)
from autotrick.train import train
from autotrick.tricks import NAMES, TRICKS, Batch, Progress, Run, Trick, build, own

SHAPES = [  # count, channels, (height, width)
    (1, 1, (28, 28)),
    (3, 3, (32, 32)),
    (7, 1, (64, 64)),
    (1, 3, (64, 64)),
    (7, 3, (28, 28)),
    (3, 1, (32, 20)),
]
BATCHING = ("on_images", "on_tensor", "on_batch", "on_target")
"""Stages that may change a batch."""


@dataclass(frozen=True)
class TrickCase:
    """A trick and the circumstances in which it shows within nine updates.

    Attributes:
        kind: The trick's class.
        settings: Settings at which it shows; those that are left out have their defaults.
        beside: Other tricks that it needs to act on something.
        architecture: Network on which it acts.
        coloured: Whether it acts on colour images alone.
    """

    kind: type[Trick]
    settings: Settings = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    architecture: str = "fastnet"
    coloured: bool = False

    @property
    def data(self) -> Dataset:
        """The images to train on."""
        return small_data(coloured=self.coloured)

    def recipe(self, settings: Settings | None, *, epochs: int = 1) -> Recipe:
        """Return a recipe with the trick at these settings; without it for None."""
        needed: dict[str, Settings] = {name: {} for name in self.beside}
        if settings is not None:
            needed |= {name: {} for name in self.kind.needs}
            needed[self.kind.name] = settings
        return small_recipe(needed, epochs=epochs, architecture=self.architecture)


def check_trick(
    trick: type[Trick],
    *,
    settings: Settings | None = None,
    beside: tuple[str, ...] = (),
    architecture: str = "fastnet",
    coloured: bool = False,
) -> None:
    """Check that a trick keeps the contract of tricks: autotrick's own pass the same checks.

    Its declaration is complete; batches keep their shape, and targets stay distributions; draws depend on
    the run alone; schedules stay in (0, 1]; every end of every range trains; a neutral setting gives the
    weights of a training without it, bit for bit; other settings change the weights; and a training that
    is interrupted and resumed ends with the same weights.

    Args:
        trick: The class.
        settings: Settings at which the trick changes a training of nine updates; the defaults if left out.
        beside: Names of other tricks that it needs to act on something.
        architecture: A network on which it acts.
        coloured: Whether it leaves grey images as they are.

    Raises:
        AssertionError: It breaks a rule; the message says which one.
        CodeError: It is not a trick, or its declaration is wrong.
    """
    with registered(trick):
        case = TrickCase(trick, settings or {}, beside, architecture, coloured)
        check_declaration(trick)
        check_batches(trick)
        check_draws(trick)
        check_schedule(trick)
        check_ends(case)
        check_neutral(case)
        check_effect(case)
        with TemporaryDirectory(prefix="autotrick-check-") as folder:
            check_resume(case, Path(folder))


@contextmanager
def registered(trick: type[Trick]) -> Iterator[None]:
    """Within the block, have a trick in the catalogue."""
    name = getattr(trick, "name", None)
    if name in NAMES and TRICKS[name] is trick:
        yield
        return
    before = TRICKS.get(str(name)), own.SOURCES.get(str(name))
    own.register(trick, f"{PREFIX}{trick.__module__}:{trick.__qualname__}")
    try:
        yield
    finally:
        own.forget(trick.name)
        if before[0] is not None and before[1] is not None:
            own.register(before[0], before[1])


def ends(kind: type[Trick]) -> list[Settings]:
    """Return a trick's settings at every end of every range, one at a time."""
    return [
        {spec.name: end} for spec in kind.settings() if spec.domain for end in spec.domain.ends()
    ]


def neutrals(kind: type[Trick]) -> list[Settings]:
    """Return each of a trick's settings that does nothing."""
    return [{spec.name: spec.neutral} for spec in kind.settings() if spec.neutral is not None]


def check_declaration(kind: type[Trick]) -> None:
    """Check that the values that a trick declares are legal, and that wrong types are refused."""
    for settings in [{}, *ends(kind), *neutrals(kind)]:
        trick = build(kind.name, settings)
        same = build(kind.name, trick.values()) == trick
        expect(same, f"{kind.name}: {settings} does not give the same trick twice.")
    for spec in kind.settings():
        about = f"{kind.name}.{spec.name}"
        expect(
            len(spec.about) > 15, f"{about}: say in a sentence what it means, not {spec.about!r}."
        )
        try:
            build(kind.name, {spec.name: None})
        except TrickError as error:
            said = str(error).startswith(f"{kind.name}: ") and spec.name in str(error)
            expect(said, f"{about}: the error on a wrong type must name it, but is: {error}")
        else:
            raise AssertionError(f"{about}: a value of the wrong type must be refused.")
    expect(0.2 < kind.cost < 5, f"{kind.name}: cost is a factor on the time, not {kind.cost}.")


def changes_batches(kind: type[Trick]) -> bool:
    """Return whether a trick overrides a stage that may change a batch."""
    return any(getattr(kind, stage) is not getattr(Trick, stage) for stage in BATCHING)


def check_batches(kind: type[Trick]) -> None:
    """Check that any batch keeps its shape, and that its targets stay distributions."""
    if not changes_batches(kind):
        return
    for settings, shape in product([{}, *ends(kind)], SHAPES):
        count, channels, size = shape
        run = small_run(channels=channels, size=size)

        after = through(build(kind.name, settings), run, pixels(*shape))

        where = f"{kind.name} with {settings or 'its defaults'} on a batch of {(count, channels, *size)}"
        seen = tuple(after.images.shape)
        if not kind.reshapes:
            expect(seen == (count, channels, *size), f"{where}: images get the shape {seen}.")
        floats = after.images.dtype == after.targets.dtype == torch.float32
        expect(floats, f"{where}: images and targets must stay float32.")
        kept = after.images.is_contiguous(memory_format=torch.channels_last)
        expect(kept, f"{where}: images must keep the memory format channels_last.")
        expect(bool(after.images.isfinite().all()), f"{where}: images are not finite.")
        expect(bool((after.targets >= 0).all()), f"{where}: targets must not be negative.")
        sums = after.targets.sum(dim=1)
        one = torch.allclose(sums, torch.ones(len(after.images)), atol=1e-5)
        expect(one, f"{where}: each row of the targets must sum to 1.")


def check_draws(kind: type[Trick]) -> None:
    """Check that draws depend on the run alone: seed, update and samples, not on torch's or NumPy's state."""
    images = pixels(7, 3, (32, 32))
    for update in (0, 17):
        found = []
        for disturbance in (1, 2):
            torch.default_generator.manual_seed(disturbance)
            np.random.seed(disturbance)
            run = small_run(seed=3, update=update, size=(32, 32))
            found.append(through(build(kind.name, {}), run, images))
        first, second = found
        same = torch.equal(first.images, second.images)
        same = same and torch.equal(first.targets, second.targets)
        expect(
            same,
            f"{kind.name}: the same run must give the same batch. Draw from run.generator({kind.name!r}) or "
            "run.stream, never from torch's or NumPy's own generators.",
        )


def check_schedule(kind: type[Trick]) -> None:
    """Check that the peak of a schedule is 1 and that its last update learns."""
    trick, updates = build(kind.name, {}), 1000
    warmup = trick.warmup_updates(updates, 100)
    factors = [trick.schedule(Progress(u, updates, warmup, 100)) for u in range(updates)]
    fits = max(factors) == 1.0 and min(factors) > 0
    expect(fits, f"{kind.name}: the factors of a schedule have the peak 1 and are above 0.")


def check_ends(case: TrickCase) -> None:
    """Check that every end of every range trains."""
    for settings in ends(case.kind):
        report = train(case.recipe(settings), case.data).reports[-1]
        finite = np.isfinite([report.train_loss, report.loss]).all()
        expect(bool(finite), f"{case.kind.name}: the loss is not finite at {settings}.")


def check_neutral(case: TrickCase) -> None:
    """Check that a neutral setting gives the weights of a training without the trick, bit for bit."""
    for settings in neutrals(case.kind):
        same = outcome(case, settings) == outcome(case, None)
        expect(same, f"{case.kind.name}: {settings} is declared neutral, but changes the weights.")


def check_effect(case: TrickCase) -> None:
    """Check that the trick changes a training of nine updates."""
    changed = outcome(case, case.settings, epochs=3) != outcome(case, None, epochs=3)
    expect(
        changed,
        f"{case.kind.name}: with {case.settings or 'its defaults'} a training of nine updates is the same as "
        "without it. Give settings at which it shows.",
    )


def check_resume(case: TrickCase, folder: Path) -> None:
    """Check that an interrupted training ends like an uninterrupted one: state is in `run.state`."""
    asked = case.recipe(case.settings, epochs=3)
    resumed = outcome_of(interrupted(asked, case.data, folder))
    expect(
        resumed == outcome(case, case.settings, epochs=3),
        f"{case.kind.name}: a training that is interrupted and resumed ends with other weights. Keep what must "
        "outlive an update in run.state.",
    )


_OUTCOMES: dict[tuple[str, int, bool], Outcome] = {}


def outcome(case: TrickCase, settings: Settings | None, *, epochs: int = 1) -> Outcome:
    """Return what a training comes to; the same one is trained once."""
    recipe = case.recipe(settings, epochs=epochs)
    key = recipe.digest(), 0 if settings is None else id(case.kind), case.coloured
    if key not in _OUTCOMES:
        _OUTCOMES[key] = outcome_of(train(recipe, case.data))
    return _OUTCOMES[key]


def pixels(count: int, channels: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return (N, H, W, C) images of noise."""
    return np.random.default_rng(5).integers(0, 256, (count, *size, channels), dtype=np.uint8)


def through(trick: Trick, run: Run, images: NDArray[np.uint8]) -> Batch:
    """Return the batch after every stage that one trick may have in it."""
    samples = np.arange(len(images)) * 3 + 1
    labels = torch.arange(len(images)) % run.classes
    moved = trick.on_images(Pictures(images.copy()), samples, run).to_numpy()
    batch = Batch(run.normalised(moved), torch.eye(run.classes)[labels], labels, samples)
    batch = trick.on_batch(trick.on_tensor(batch, run), run)
    batch.targets = trick.on_target(batch.targets, run)
    return batch
