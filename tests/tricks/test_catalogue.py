"""Rules that every trick keeps. A new trick is tested here as soon as it is in TRICKS."""

import inspect
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest

from autotrick.domain import Value
from autotrick.errors import RecipeError, TrickError
from autotrick.models import ARCHITECTURES
from autotrick.models.libraries import PAPERS
from autotrick.recipe import DataRef, Recipe
from autotrick.testing.tricks import (
    changes_batches,
    check_batches,
    check_declaration,
    check_draws,
    check_schedule,
    neutrals,
)
from autotrick.tricks import TRICKS, Trick, assemble, build, conflict, papers
from autotrick.tricks.base import Paper
from tests.cases import case

BIBLIOGRAPHY = {name: paper for name, paper in vars(papers).items() if isinstance(paper, Paper)}
KINDS = [*TRICKS.values()]
SETTINGS = [(kind, spec) for kind in KINDS for spec in kind.settings()]
ON_BATCHES = [kind for kind in KINDS if changes_batches(kind)]
"""Those that may change a batch; the others would be asked for nothing."""

each = pytest.mark.parametrize("kind", KINDS, ids=TRICKS)
each_on_batches = pytest.mark.parametrize("kind", ON_BATCHES, ids=lambda kind: kind.name)

# What a trick declares.


def test_file_is_named_like_the_trick() -> None:
    files = {kind.name: Path(inspect.getfile(kind)).stem for kind in KINDS}

    assert {name: file for name, file in files.items() if file != name} == {}


def test_what_is_cited_is_said_once_in_the_bibliography() -> None:
    cited = [paper for kind in TRICKS.values() for paper in kind.papers]
    cited += [paper for architecture in ARCHITECTURES.values() for paper in architecture.papers]

    assert {paper.at("") for paper in cited} | {*PAPERS.values()} == {*BIBLIOGRAPHY.values()}
    assert len({paper.link for paper in BIBLIOGRAPHY.values()}) == len(BIBLIOGRAPHY)
    for name, paper in BIBLIOGRAPHY.items():
        assert paper.link.startswith("https://") and str(paper.year) in name.split("_")


def test_a_module_leaves_links_and_titles_to_its_papers() -> None:
    abouts = {
        kind: " ".join((sys.modules[kind.__module__].__doc__ or "").split()) for kind in KINDS
    }

    assert [kind.name for kind in KINDS if not kind.papers] == []
    assert [kind.name for kind, about in abouts.items() if "https://" in about] == []
    assert [
        (kind.name, paper.title)
        for kind, about in abouts.items()
        for paper in kind.papers
        if f'"{paper.title}' in about
    ] == []


def test_summary_is_one_sentence() -> None:
    written = {kind.name: "__doc__" in vars(kind) for kind in KINDS}
    summaries = {kind.name: kind.summary() for kind in KINDS}

    assert [name for name, own in written.items() if not own] == []
    assert [kind.name for kind in KINDS if kind.summary().startswith(f"{kind.__name__}(")] == []
    assert [text for text in summaries.values() if not text.endswith(".") or len(text) > 100] == []


def test_claims_are_percentages_and_cost_is_a_factor() -> None:
    claims = [(kind.name, claim) for kind in KINDS for claim in kind.claims]

    assert [
        (name, claim)
        for name, claim in claims
        if not (50 < claim.before < 100 and 50 < claim.after < 100)
    ] == []
    assert [(kind.name, kind.cost) for kind in KINDS if not 0.2 < kind.cost < 5] == []


def test_setting_says_what_it_means_and_its_rule() -> None:
    named = {f"{kind.name}.{spec.name}": spec for kind, spec in SETTINGS}

    assert [
        (name, spec.about)
        for name, spec in named.items()
        if not spec.about.endswith(".") or len(spec.about) <= 15
    ] == []
    assert [name for name, spec in named.items() if not spec.sentence] == []


@each
def test_declaration_is_legal_and_wrong_types_are_refused(kind: type[Trick]) -> None:
    check_declaration(kind)


# What a trick excludes.


def test_relations_name_tricks_that_exist() -> None:
    assert [
        (kind.name, other)
        for kind in KINDS
        for other in (*kind.excludes, *kind.replaces, *kind.needs)
        if other not in TRICKS.keys() - {kind.name}
    ] == []


def test_exclusion_is_symmetric() -> None:
    one_way = [
        (kind.name, other.name)
        for kind, other in combinations(KINDS, 2)
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


@each_on_batches
def test_any_batch_keeps_its_shape_and_its_rows_distributions(kind: type[Trick]) -> None:
    check_batches(kind)


@each
def test_draws_depend_on_the_run_alone(kind: type[Trick]) -> None:
    check_draws(kind)


def test_schedule_keeps_the_peak_and_the_last_update_learns() -> None:
    for name in TRICKS:
        with case(name):
            check_schedule(TRICKS[name])


# Neutral settings.

REMEMBERING = {"plateau_decay", "until_error_warmup"}
"""Tricks whose state counts later, when a course takes them to or from their neutral value."""


def test_a_neutral_trick_is_not_called() -> None:
    for kind, settings in [(each, values) for each in KINDS for values in neutrals(each)]:
        with case(kind.name, settings):
            asked = recipe(kind.name, *kind.needs)
            tricks = asked.tricks | {kind.name: settings}

            acting = assemble(asked.model_copy(update={"tricks": tricks}))

            assert (kind.name in [trick.name for trick in acting]) == (kind.name in REMEMBERING)


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
