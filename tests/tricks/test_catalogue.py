"""Rules that every trick keeps. A new trick is tested here as soon as it is in TRICKS."""

import inspect
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from autotrick.domain import Value
from autotrick.errors import RecipeError, TrickError
from autotrick.models import ARCHITECTURES
from autotrick.models.libraries import PAPERS
from autotrick.recipe import DataRef, Recipe
from autotrick.tricks import (
    TRICKS,
    Batch,
    Progress,
    Run,
    Setting,
    Trick,
    assemble,
    build,
    conflict,
    papers,
)
from autotrick.tricks.base import Paper
from tests.pictures import augment

MakeRun = Callable[..., Run]
BIBLIOGRAPHY = {name: paper for name, paper in vars(papers).items() if isinstance(paper, Paper)}
SETTINGS = [(kind, spec) for kind in TRICKS.values() for spec in kind.settings()]
ENDS = [
    pytest.param(kind.name, {spec.name: end}, id=f"{kind.name}-{spec.name}-{i}")
    for kind, spec in SETTINGS
    for i, end in enumerate(spec.domain.ends() if spec.domain else ())
]
DEFAULTS = [pytest.param(name, {}, id=f"{name}-default") for name in TRICKS]
BATCHING = ("on_images", "on_tensor", "on_batch", "on_target")
ON_BATCHES = [
    case
    for case in [*DEFAULTS, *ENDS]
    if any(
        getattr(TRICKS[str(case.values[0])], stage) is not getattr(Trick, stage)
        for stage in BATCHING
    )
]
"""Those that may change a batch; the others would be asked for nothing."""
NEUTRALS = [
    pytest.param(kind.name, {spec.name: spec.neutral}, id=f"{kind.name}-{spec.name}")
    for kind, spec in SETTINGS
    if spec.neutral is not None
]
SHAPES = [  # count, channels, (height, width)
    (1, 1, (28, 28)),
    (3, 3, (32, 32)),
    (7, 1, (64, 64)),
    (1, 3, (64, 64)),
    (7, 3, (28, 28)),
    (3, 1, (32, 20)),
]


def by_setting(kind_and_spec: tuple[type[Trick], Setting]) -> str:
    kind, spec = kind_and_spec
    return f"{kind.name}-{spec.name}"


def pixels(count: int, channels: int, size: tuple[int, int]) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (count, *size, channels), dtype=np.uint8)


def through(trick: Trick, run: Run, images: np.ndarray) -> Batch:
    """Return the batch after every stage that one trick may have in it."""
    samples = np.arange(len(images)) * 3 + 1
    labels = torch.arange(len(images)) % run.classes
    images = augment(trick, images.copy(), samples, run)
    batch = Batch(run.normalised(images), torch.eye(run.classes)[labels], labels, samples)
    batch = trick.on_batch(trick.on_tensor(batch, run), run)
    batch.targets = trick.on_target(batch.targets, run)
    return batch


# What a trick declares.


@pytest.mark.parametrize("name", TRICKS)
def test_file_is_named_like_the_trick(name: str) -> None:
    assert Path(inspect.getfile(TRICKS[name])).stem == name


def test_what_is_cited_is_said_once_in_the_bibliography() -> None:
    cited = [paper for kind in TRICKS.values() for paper in kind.papers]
    cited += [paper for architecture in ARCHITECTURES.values() for paper in architecture.papers]

    assert {paper.at("") for paper in cited} | {*PAPERS.values()} == {*BIBLIOGRAPHY.values()}
    assert len({paper.link for paper in BIBLIOGRAPHY.values()}) == len(BIBLIOGRAPHY)
    for name, paper in BIBLIOGRAPHY.items():
        assert paper.link.startswith("https://") and str(paper.year) in name.split("_")


@pytest.mark.parametrize("kind", TRICKS.values(), ids=TRICKS)
def test_a_module_leaves_links_and_titles_to_its_papers(kind: type[Trick]) -> None:
    about = " ".join((sys.modules[kind.__module__].__doc__ or "").split())

    assert kind.papers and "https://" not in about
    assert not [paper.title for paper in kind.papers if f'"{paper.title}' in about]


@pytest.mark.parametrize("kind", TRICKS.values(), ids=TRICKS)
def test_summary_is_one_sentence(kind: type[Trick]) -> None:
    assert "__doc__" in vars(kind) and not kind.summary().startswith(f"{kind.__name__}(")
    assert kind.summary().endswith(".") and len(kind.summary()) <= 100


@pytest.mark.parametrize("kind", TRICKS.values(), ids=TRICKS)
def test_claims_are_percentages_and_cost_is_a_factor(kind: type[Trick]) -> None:
    assert all(50 < value < 100 for claim in kind.claims for value in (claim.before, claim.after))
    assert 0.2 < kind.cost < 5


@pytest.mark.parametrize("kind_and_spec", SETTINGS, ids=by_setting)
def test_setting_says_what_it_means_and_its_rule(
    kind_and_spec: tuple[type[Trick], Setting],
) -> None:
    _, spec = kind_and_spec

    assert spec.about.endswith(".") and len(spec.about) > 15
    assert spec.sentence


@pytest.mark.parametrize(("name", "settings"), [*DEFAULTS, *ENDS, *NEUTRALS])
def test_declared_values_are_legal(name: str, settings: dict[str, Value]) -> None:
    trick = build(name, settings)

    assert build(name, trick.values()) == trick


@pytest.mark.parametrize("kind_and_spec", SETTINGS, ids=by_setting)
def test_wrong_type_is_refused(kind_and_spec: tuple[type[Trick], Setting]) -> None:
    kind, spec = kind_and_spec

    with pytest.raises(TrickError, match=rf"{kind.name}: .*{spec.name}"):
        build(kind.name, {spec.name: None})


# What a trick excludes.


@pytest.mark.parametrize("kind", TRICKS.values(), ids=TRICKS)
def test_relations_name_tricks_that_exist(kind: type[Trick]) -> None:
    assert {*kind.excludes, *kind.replaces, *kind.needs} <= TRICKS.keys() - {kind.name}


@pytest.mark.parametrize("kind", TRICKS.values(), ids=TRICKS)
def test_exclusion_is_symmetric(kind: type[Trick]) -> None:
    one_way = [
        other.name
        for other in TRICKS.values()
        if (conflict([kind, other]) is None) != (conflict([other, kind]) is None)
    ]

    assert one_way == []


def recipe(*names: str) -> Recipe:
    return Recipe(
        data=DataRef(name="digits"),
        architecture="lenet5",
        epochs=1,
        batch_size=8,
        base_lr=0.1,
        tricks={name: {} for name in names},
    )


def test_two_tricks_of_a_slot_are_refused() -> None:
    with pytest.raises(RecipeError, match=r"mixup and cutmix are both of slot 'mix'"):
        assemble(recipe("mixup", "cutmix"))


def test_a_replaced_trick_is_left_out() -> None:
    assert [trick.name for trick in assemble(recipe("pad_crop", "ricap"))] == ["ricap"]


def test_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(TrickError, match=r"unknown trick 'mixpu'\. Did you mean 'mixup'\?"):
        build("mixpu", {})


def test_unknown_setting_suggests_the_nearest() -> None:
    with pytest.raises(TrickError, match=r"mixup: unknown setting 'alhpa'\. Did you mean 'alpha'"):
        build("mixup", {"alhpa": 0.2})


def test_reading_the_catalogue_loads_no_heavy_library() -> None:
    code = (
        "import sys, autotrick.tricks as tricks\n"
        "for kind in tricks.TRICKS.values(): kind.settings(), tricks.build(kind.name, {})\n"
        "sys.exit(str({'torch', 'torchvision', 'timm', 'ray', 'numba'} & {*sys.modules} or ''))"
    )

    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)

    assert done.stderr.strip() == ""


# What a trick does to a batch.


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("name", "settings"), ON_BATCHES)
def test_any_batch_keeps_its_shape_and_its_rows_distributions(
    make_run: MakeRun,
    name: str,
    settings: dict[str, Value],
    shape: tuple[int, int, tuple[int, int]],
) -> None:
    count, channels, size = shape

    after = through(build(name, settings), make_run(channels=channels, size=size), pixels(*shape))

    if not TRICKS[name].reshapes:
        assert after.images.shape == (count, channels, *size)
    assert after.images.dtype == after.targets.dtype == torch.float32
    assert after.images.is_contiguous(memory_format=torch.channels_last)
    assert after.images.isfinite().all() and (after.targets >= 0).all()
    torch.testing.assert_close(after.targets.sum(dim=1), torch.ones(len(after.images)))


@pytest.mark.parametrize("update", [0, 17])
@pytest.mark.parametrize("name", TRICKS)
def test_same_seed_gives_the_same_batch(make_run: MakeRun, name: str, update: int) -> None:
    images = pixels(7, 3, (32, 32))

    first, second = (
        through(build(name, {}), make_run(seed=3, update=update, size=(32, 32)), images)
        for _ in range(2)
    )

    assert torch.equal(first.images, second.images)
    assert torch.equal(first.targets, second.targets)


@pytest.mark.parametrize("name", TRICKS)
def test_schedule_keeps_the_peak_and_the_last_update_learns(name: str) -> None:
    trick, updates = build(name, {}), 1000
    warmup = trick.warmup_updates(updates, 100)

    factors = [trick.schedule(Progress(u, updates, warmup, 100)) for u in range(updates)]

    assert max(factors) == 1.0 and min(factors) > 0


# Neutral settings.

REMEMBERING = {"plateau_decay", "until_error_warmup"}
"""Tricks whose state counts later, when a course takes them to or from their neutral value."""


@pytest.mark.parametrize(("name", "settings"), NEUTRALS)
def test_a_neutral_trick_is_not_called(name: str, settings: dict[str, Value]) -> None:
    asked = recipe(name, *TRICKS[name].needs)

    acting = assemble(asked.model_copy(update={"tricks": asked.tricks | {name: settings}}))

    assert (name in [trick.name for trick in acting]) == (name in REMEMBERING)


def test_a_trick_that_does_something_in_spite_of_a_neutral_value_is_called() -> None:
    settings: dict[str, Value] = {"length": 0.0, "clean": 0.3}

    assert not build("augmentation_curriculum", settings).is_neutral()


def test_a_neutral_trick_excludes_and_replaces_as_ever() -> None:
    settings: dict[str, Value] = {"beta": 0.0}
    beside, excluded = recipe("pad_crop", "ricap"), recipe("mixup", "ricap")

    left = assemble(beside.model_copy(update={"tricks": beside.tricks | {"ricap": settings}}))

    assert left == []
    with pytest.raises(RecipeError, match="both of slot 'mix'"):
        assemble(excluded.model_copy(update={"tricks": excluded.tricks | {"ricap": settings}}))
