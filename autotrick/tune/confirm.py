"""Confirms the best recipes of a search: a race over new seeds, then one look at the test split.

The race is a study of its own that belongs to the search; `resume` goes on with it. When it has ended,
the networks of the best recipe and of all tricks off are evaluated on the test split. The look is
recorded before the first test image is read, with the digests of the networks' weights. So one that was
killed is finished as the same look, and another look is refused unless it is asked for.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext, suppress
from typing import Any

from autotrick import records
from autotrick.analysis.confirmation import (
    PURPOSE,
    CandidateSettings,
    Confirmation,
    ConfirmationSettings,
    Role,
    confirmation,
    confirmation_name,
)
from autotrick.analysis.recommended import recommended
from autotrick.errors import NotFoundError, RecordsError, ResourceError
from autotrick.recipe import Recipe
from autotrick.records import Database, LookRow, StudyRow, TrialRow
from autotrick.records.test_looks import refusal
from autotrick.space import SearchSpace
from autotrick.space.defaults import all_off
from autotrick.space.recorded import space_to_search
from autotrick.tune.checkpoints.retention import CheckpointRetention
from autotrick.tune.checkpoints.storage import Place, inside, rooted
from autotrick.tune.cluster.memory_slots import fitted, reserved
from autotrick.tune.cluster.score_networks import Network, Scored, SplitName, score_networks
from autotrick.tune.driver.lease import Lease
from autotrick.tune.fresh_seeds import fresh_seeds
from autotrick.tune.recipe_space import completed
from autotrick.tune.recipe_study import run_recipes
from autotrick.tune.resources import Resources
from autotrick.tune.search import resume
from autotrick.tune.session import STALE_S, Options, cluster, study_folder
from autotrick.tune.sources.confirm_race import ConfirmRace
from autotrick.tune.sources.recipe_list import ListedRecipe

BASELINE = "all off"
RECOMMENDED = "recommended"
TOP = 3
"""Best recipes of the search that race, if nothing else is said."""
SEEDS = 5
"""New seeds, if nothing else is said."""
_PAGE = 500


def confirm(  # noqa: PLR0913 -- what to confirm, and how
    database: Database,
    study: str,
    *,
    name: str | None = None,
    top: int | None = None,
    seeds: int | None = None,
    test: bool = True,
    look_again: bool = False,
    resources: Resources | None = None,
    options: Options | None = None,
) -> StudyRow:
    """Race the best recipes of a study over new seeds, then look at the test split once; or finish that.

    Args:
        study: The search.
        name: Name of the confirmation's study; None takes the search's with `-confirm`.
        top: How many of the best recipes race; None takes TOP, or what is recorded.
        seeds: Number of new seeds; None takes SEEDS, or what is recorded.
        test: Whether to look at the test split, if the data set has one.
        look_again: Whether to look although the split was looked at before.
        resources: Where and how it runs; None takes those of the confirmation that is finished, or of
            the search.

    Raises:
        DataError: The data set is missing, or not the one of the search.
        NotFoundError: There is no such study, or it has no complete trial with a trick on.
        RecordsError: The test split was looked at before, the confirmation was begun otherwise, or
            another driver runs it.
        ResourceError: The cluster or the disk lacks what a trial needs.
    """
    options = options or Options()
    parent = records.study(database, study)
    name = records.check_study_name(confirmation_name(study) if name is None else name)
    known: StudyRow | None = None
    with suppress(NotFoundError):
        known = records.study(database, name)
    if known:
        _check_same(known, study, top, seeds)
        _ask_for_look(database, known, test=test, look_again=look_again)
        return resume(database, name, resources=resources, options=options)
    look = _next_look(database, parent, test=test, look_again=look_again)
    chosen, race = _chosen(database, parent, top or TOP, seeds or SEEDS)
    settings = ConfirmationSettings(
        top=top or TOP,
        seeds=fresh_seeds(database, study, race.seeds),
        candidates=tuple(one for one, _ in chosen),
        look=look,
    )
    later = {one.label for one in race.later}
    listed = {one.label: recipe for one, recipe in chosen if one.label not in later}
    resources = resources or Resources.of_study(study, parent.settings.resources)
    row = run_recipes(
        listed,
        database,
        name=name,
        seeds=settings.seeds,
        parent=study,
        question=f"Do the best recipes of {study} keep what they promise?",
        purpose=PURPOSE,
        race=race,
        # Every network may be that of the best recipe, until the test split has been looked at.
        keep_checkpoints=race.most_trials(len(listed), race.seeds),
        more={"confirmation": settings.model_dump(mode="json")},
        resources=resources,
        options=options,
    )
    return finish(database, row, resources, options)


def result_of(database: Database, row: StudyRow) -> Confirmation:
    """Return what a recorded confirmation came to."""
    trials = records.trials(database, row.name)
    return confirmation(row, trials, records.looks(database, row.name))


def finish(database: Database, row: StudyRow, resources: Resources, options: Options) -> StudyRow:
    """Look at the test split if the race has ended and the confirmation asks for it; once.

    Raises:
        RecordsError: Another confirmation has looked at the test split meanwhile.
        ResourceError: A network cannot be had again as it was.
    """
    settings = ConfirmationSettings.of(row)
    found = result_of(database, row)
    if row.state != "complete" or found.winner is None:
        return row
    if settings.look is None or not found.test_split:
        return row
    if _is_done(found.looks, settings.look, _candidates(database, row, found)):
        return row
    space = space_to_search(row.name, row.space)
    resources = fitted(space, resources)
    with Lease(database, row.id, stale_after=STALE_S) as lease:
        _look(database, row, space, resources, options)
        lease.renew()
        _tidy(database, row, space, resources)
        records.set_study_state(database, row.id, "complete", ended=row.ended)
    return records.study(database, row.name)


def _look(
    database: Database,
    row: StudyRow,
    space: SearchSpace,
    resources: Resources,
    options: Options,
) -> None:
    """Evaluate the best recipe and its baseline on the test split, and record it."""
    found = result_of(database, row)
    settings = ConfirmationSettings.of(row)
    candidates = _candidates(database, row, found)
    trials = {trial.number: trial for trial in records.trials(database, row.name)}
    looked_at = [trials[number] for one in candidates for number in one["trials"]]
    storage = inside(rooted(resources.storage), study_folder(row))
    networks = [_network(trial, storage, resources) for trial in looked_at]
    memory = reserved(space, resources)
    shares = {"num_cpus": resources.cpus_per_trial, "num_gpus": resources.gpus_per_trial}
    shares |= {"memory": memory} if memory else {}
    with cluster(resources, memory), _courier(resources):
        # Whether these are the networks of the trials is known before a test image is read.
        for trial, scored in zip(looked_at, _scores(networks, "validation", shares), strict=True):
            _check_network(row, trial, scored)
        forced = (settings.look or 1) > 1
        look = records.open_look(database, row.name, candidates, forced=forced)
        if look.number != settings.look:
            raise RecordsError(refusal(row.name, records.looks(database, row.name)))
        options.notice(f"Look {look.number} at the test split: {len(networks)} networks.")
        tested = _scores(networks, "test", shares)
    metric, values = row.value_metric.name, iter(tested)
    result = {
        "metric": metric,
        "images": tested[0].images,
        "values": {
            one["label"]: [next(values).metrics[metric] for _ in one["trials"]]
            for one in candidates
        },
    }
    records.close_look(database, row.name, look.number, result)


def _courier(resources: Resources) -> Any:
    from autotrick.tune.cluster.transfer import courier

    return courier(resources.cache) if resources.address else nullcontext()


def _scores(
    networks: Sequence[Network], split: SplitName, shares: dict[str, float]
) -> list[Scored]:
    found = score_networks(networks, split, shares=shares)
    for scored in found:
        if scored.failure:
            raise ResourceError(f"a network cannot be evaluated: {scored.failure}")
    return found


def _check_network(row: StudyRow, trial: TrialRow, scored: Scored) -> None:
    if scored.weights != trial.weights:
        raise ResourceError(
            f"the network of trial {trial.number} of {row.name!r} is not what the trial recorded: its "
            f"weights are {scored.weights}, and were {trial.weights}. Its checkpoint was lost, and this "
            f"machine trains it otherwise. The test split was not looked at. See what differs: "
            f"autotrick reproduce {row.name} {trial.number}"
        )


def _network(trial: TrialRow, storage: Place, resources: Resources) -> Network:
    return Network(
        recipe=trial.recipe,
        epochs=trial.epochs,
        folder=str(inside(storage, f"trial-{trial.number}")),
        cache=resources.cache.absolute() if resources.cache else None,
        device=resources.device,
        data_dir=resources.data_dir.absolute() if resources.data_dir else None,
    )


def _candidates(database: Database, row: StudyRow, found: Confirmation) -> list[dict[str, Any]]:
    """Return what is looked at: the best recipe and its baseline, with their trials and weights."""
    best = found.winner
    assert best is not None
    trials = sorted(records.trials(database, row.name), key=lambda trial: trial.recipe.seed)
    chosen = []
    for label in (best.label, best.baseline):
        mine = [t for t in trials if t.origin == label and t.state == "complete"]
        if mine:
            chosen.append(
                {
                    "label": label,
                    "trials": [trial.number for trial in mine],
                    "seeds": [trial.recipe.seed for trial in mine],
                    "weights": [trial.weights for trial in mine],
                }
            )
    return chosen


def _is_done(looks: Iterable[LookRow], number: int, candidates: list[dict[str, Any]]) -> bool:
    """Return whether a confirmation's look has its result.

    Raises:
        RecordsError: That look was at other networks.
    """
    look = next((look for look in looks if look.number == number), None)
    if look is None:
        return False
    if list(look.candidates) != candidates:
        raise RecordsError(
            f"look {number} at the test split was at other networks, of another confirmation. Confirm on "
            "the validation split alone with --no-test, or look again with --look-again."
        )
    return look.result is not None


def _tidy(database: Database, row: StudyRow, space: SearchSpace, resources: Resources) -> None:
    """Delete the checkpoints that were kept for the look, but for the usual number of the best."""
    usual = space.with_study(
        keep_checkpoints=type(space.study).model_fields["keep_checkpoints"].default
    )
    storage = inside(rooted(resources.storage), study_folder(row))
    CheckpointRetention(database, row.name, usual, storage)


def _check_same(known: StudyRow, study: str, top: int | None, seeds: int | None) -> None:
    """Check that a study of that name is the confirmation that is asked for.

    Raises:
        RecordsError: It is another study, or a confirmation of other recipes or seeds.
    """
    if known.purpose != PURPOSE or known.parent != study:
        raise RecordsError(
            f"there is a study {known.name!r} that does not confirm {study!r}. Choose another name: --study"
        )
    settings = ConfirmationSettings.of(known)
    for option, asked, held in (
        ("--top", top, settings.top),
        ("--seeds", seeds, len(settings.seeds)),
    ):
        if asked is not None and asked != held:
            raise RecordsError(
                f"{known.name!r} was begun with {option} {held}, and {asked} was asked for. Leave the "
                f"option out to go on with it, or begin another one: --study"
            )


def most_trials(database: Database, study: str, *, top: int | None, seeds: int | None) -> int:
    """Return how many trials a new confirmation has at most; see `confirm`.

    Raises:
        NotFoundError: There is no such study, or no complete trial has a trick on.
    """
    parent = records.study(database, study)
    chosen, race = _chosen(database, parent, top or TOP, seeds or SEEDS)
    return race.most_trials(len(chosen) - len(race.later), race.seeds)


def _next_look(database: Database, parent: StudyRow, *, test: bool, look_again: bool) -> int | None:
    """Return the number of the look that a new confirmation makes; None for none.

    Raises:
        RecordsError: The test split was looked at before, and to look again was not asked for.
    """
    if not test:
        return None
    known = records.looks(database, parent.name)
    if known and not look_again:
        raise RecordsError(refusal(parent.name, known))
    return 1 + max((look.number for look in known), default=0)


def _ask_for_look(database: Database, known: StudyRow, *, test: bool, look_again: bool) -> None:
    """Record which look a confirmation makes, where that changes.

    Raises:
        RecordsError: See `_next_look`.
    """
    settings = ConfirmationSettings.of(known)
    if not test:
        return
    found = {look.number: look for look in records.looks(database, known.name)}
    mine = found.get(settings.look) if settings.look else None
    unfinished = settings.look is not None and (mine is None or mine.result is None)
    if unfinished or (settings.look is not None and not look_again):
        return
    look = _next_look(database, known, test=True, look_again=look_again)
    changed = settings.model_copy(update={"look": look})
    records.change_budget(database, known.id, {"confirmation": changed.model_dump(mode="json")})


def _chosen(
    database: Database, parent: StudyRow, top: int, seeds: int
) -> tuple[list[tuple[CandidateSettings, Recipe]], ConfirmRace]:
    """Return the recipes of a confirmation and their race: the best ones, and all tricks off.

    Raises:
        NotFoundError: No complete trial has a trick on.
    """
    space = space_to_search(parent.name, parent.space)
    off = all_off(space)
    ranked = _distinct(records.best(database, parent.name, limit=_PAGE))
    tried = {_plain(trial.recipe).digest(): trial for trial in ranked}
    best = [
        (f"trial {trial.number}", _plain(trial.recipe))
        for trial in ranked
        if without_tricks(trial.recipe, off) != _plain(trial.recipe)
    ][:top]
    if not best:
        raise NotFoundError(
            f"study {parent.name!r} has no complete trial with a trick on, so there is nothing to "
            "confirm. Search further, or compare recipes with `autotrick run`."
        )
    wanted = _recommended(database, parent.name, space)
    if wanted and wanted.digest() not in {recipe.digest() for _, recipe in best}:
        best.append((RECOMMENDED, wanted))
    baselines: dict[str, tuple[str, Recipe]] = {}
    chosen: list[tuple[CandidateSettings, Recipe]] = []
    for name, recipe in best:
        plain = without_tricks(recipe, off)
        label = BASELINE if not baselines else f"{BASELINE} like {name}"
        baseline, _ = baselines.setdefault(plain.digest(), (label, plain))
        role: Role = "recommended" if wanted and recipe == wanted else "candidate"
        chosen.append((_candidate(name, role, recipe, tried, baseline), recipe))
    chosen += [
        (_candidate(label, "baseline", plain, tried), plain) for label, plain in baselines.values()
    ]
    _, *later = baselines.values()
    race = ConfirmRace(
        baseline=BASELINE,
        seeds=seeds,
        baselines={one.label: one.baseline for one, _ in chosen if one.baseline},
        later=tuple(ListedRecipe(label=label, recipe=plain) for label, plain in later),
    )
    return chosen, race


def _candidate(
    label: str,
    role: Role,
    recipe: Recipe,
    tried: Mapping[str, TrialRow],
    baseline: str | None = None,
) -> CandidateSettings:
    trial = tried.get(recipe.digest())
    return CandidateSettings(
        label=label,
        role=role,
        trial=trial.number if trial else None,
        value=trial.value if trial else None,
        baseline=baseline,
        tricks=tuple(sorted(recipe.tricks)),
    )


def _recommended(database: Database, study: str, space: SearchSpace) -> Recipe | None:
    """Return the recipe that a study recommends; None if it recommends no trick."""
    trials = records.trials(database, study)
    found = recommended(trials, records.reports(database, study), space)
    return _plain(found) if found else None


def without_tricks(recipe: Recipe, off: Recipe) -> Recipe:
    """Return a recipe with all tricks off: the same network, batch size, rate and all else.

    Tricks that are on in every recipe of the space stay, with the settings that this recipe has.

    Args:
        off: The recipe of the space with all tricks off.
    """
    tricks = {name: recipe.tricks.get(name, settings) for name, settings in off.tricks.items()}
    course = tuple(
        leg.model_copy(
            update={"tricks": {n: held for n, held in leg.tricks.items() if n in tricks}}
        )
        for leg in recipe.course
    )
    plain = recipe.model_copy(update={"tricks": tricks, "course": course, "seed": 0})
    return completed(plain)


def _plain(recipe: Recipe) -> Recipe:
    return completed(recipe).model_copy(update={"seed": 0})


def _distinct(trials: Iterable[TrialRow]) -> list[TrialRow]:
    """Return the first trial of each recipe, whatever its seed."""
    found: dict[str, TrialRow] = {}
    for trial in trials:
        found.setdefault(_plain(trial.recipe).digest(), trial)
    return [*found.values()]
