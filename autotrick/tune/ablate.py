"""Ablates a recipe of a study: trains it without each of its tricks, and with each other one."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from autotrick import records
from autotrick.analysis.ablation import PURPOSE, ablation_name, check_ablation
from autotrick.analysis.recommended import recommended
from autotrick.design.ablation import AblationPlan, Arm
from autotrick.errors import NotFoundError, SpaceError
from autotrick.recipe import Recipe
from autotrick.records import Database, StudyRow
from autotrick.space import SearchSpace
from autotrick.space.changes import one_trick_changes
from autotrick.space.recorded import space_to_search
from autotrick.tune.fresh_seeds import fresh_seeds
from autotrick.tune.recipe_space import completed
from autotrick.tune.recipe_study import run_recipes
from autotrick.tune.resources import Resources
from autotrick.tune.search import resume
from autotrick.tune.session import Options
from autotrick.tune.sources.ablation_rule import AblationRule

SEEDS = 5
"""Seeds for each recipe at most, if nothing else is said."""


def ablate(  # noqa: PLR0913 -- what to ablate, and how
    database: Database,
    study: str,
    trial: int | None = None,
    *,
    name: str | None = None,
    seeds: int | None = None,
    add: bool | None = None,
    precision: float | None = None,
    resources: Resources | None = None,
    options: Options | None = None,
) -> StudyRow:
    """Train a recipe without each of its tricks and with each other one, as a study; or finish that study.

    All recipes get the same seeds, which no trial of the study has. A recipe that is clear gets no
    further seed. Then the tricks that cost least are left out together.

    Args:
        study: The search whose recipe it is.
        trial: The recipe's trial; None takes the recipe that the study recommends.
        name: Name of the ablation's study; None takes the search's with `-ablate-` and the trial.
        seeds: Seeds for each recipe at most, at least 2; None takes SEEDS, or what is recorded.
        add: Whether other tricks of the space are added too; None does, or what is recorded.
        precision: Differences within it do not matter, in the unit that people read; None takes the
            search's, or what is recorded.
        resources: Where and how it runs; None takes those of the study that is finished, or the
            defaults.

    Raises:
        DataError: The data set is missing, damaged, or not the one of the search.
        NotFoundError: There is no such study or trial, or it does not recommend a recipe.
        RecordsError: A study of that name is another one, or another driver runs it.
        ResourceError: The cluster or the disk lacks what a trial needs.
        SpaceError: The space allows no change of the recipe.
    """
    name = records.check_study_name(ablation_name(study, trial) if name is None else name)
    known: StudyRow | None = None
    with suppress(NotFoundError):
        known = records.study(database, name)
    if known:
        check_ablation(known, study, trial, seeds=seeds, add=add, precision=precision)
        return resume(database, name, resources=resources, options=options)
    planned = plan_ablation(
        database, study, trial, seeds=seeds, add=add is None or add, precision=precision
    )
    plan = planned.rule.plan
    return run_recipes(
        planned.recipes,
        database,
        name=name,
        seeds=fresh_seeds(database, study, plan.seeds),
        parent=study,
        question=f"Which tricks does {plan.reference} of {study} need?",
        purpose=PURPOSE,
        race=planned.rule,
        resources=resources,
        options=options,
    )


@dataclass(frozen=True, slots=True)
class PlannedAblation:
    """An ablation before it begins.

    Attributes:
        rule: By which the recipes race; it has the plan.
        recipes: By label, the reference first.
    """

    rule: AblationRule
    recipes: Mapping[str, Recipe | str]

    @property
    def most_trials(self) -> int:
        """Number of trials at most."""
        return self.rule.most_trials(len(self.recipes), self.rule.plan.seeds)


def plan_ablation(
    database: Database,
    study: str,
    trial: int | None = None,
    *,
    seeds: int | None = None,
    add: bool = True,
    precision: float | None = None,
) -> PlannedAblation:
    """Return what an ablation would compare; `ablate` says what the arguments mean.

    Raises:
        NotFoundError: There is no such study or trial, or it does not recommend a recipe.
        SpaceError: The space allows no change of the recipe, or cannot be read.
    """
    parent = records.study(database, study)
    space = space_to_search(parent.name, parent.space)
    reference, recipe = reference_of(database, parent, space, trial)
    changes = one_trick_changes(space, recipe, add=add)
    if not changes:
        what = "has no trick that the space may leave out" + (" or add" if add else "")
        raise SpaceError(
            f"{reference} of {study!r} {what}, so there is nothing to compare. Choose another trial"
            + ("." if add else ", or leave out --no-add.")
        )
    arms = tuple(
        Arm(label=one.label, trick=one.trick, removed=one.removed, added=one.added)
        for one in changes
    )
    plan = AblationPlan(
        trial=trial,
        reference=reference,
        tricks=tuple(recipe.tricks),
        arms=arms,
        seeds=SEEDS if seeds is None else seeds,
        precision=space.study.precision if precision is None else precision,
    )
    return PlannedAblation(
        AblationRule(plan=plan), {reference: recipe, **{one.label: one.recipe for one in changes}}
    )


def reference_of(
    database: Database, parent: StudyRow, space: SearchSpace, trial: int | None
) -> tuple[str, Recipe]:
    """Return label and recipe of a trial, or of what the study recommends, with its seed 0.

    Raises:
        NotFoundError: There is no such trial, or the study does not recommend a recipe.
    """
    if trial is not None:
        recipe = records.trial(database, parent.name, trial).recipe
        # What a population changed on the way has its last values here.
        return f"trial {trial}", completed(recipe.at(recipe.epochs)).model_copy(update={"seed": 0})
    trials = records.trials(database, parent.name)
    found = recommended(trials, records.curves(database, parent.name), space)
    if found is None:
        raise NotFoundError(
            f"study {parent.name!r} does not say yet which tricks to use. Name a trial, such as the first "
            f"of: autotrick best {parent.name}"
        )
    return "the recommended recipe", completed(found)
