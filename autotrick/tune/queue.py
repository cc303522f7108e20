"""The order of a study's trials: interrupted ones first, then promoted ones, then new recipes.

The queue decides and records nothing. The driver records its decisions and tells it every result.
Its state follows from the records, so a driver that resumes a study decides like the one before it.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

from autotrick.objective import Objective, Value
from autotrick.recipe import EpochReport
from autotrick.records import RejectionRow, TrialRow
from autotrick.records.rows import FinalState
from autotrick.sample import HalvedRecipes, WarmStart
from autotrick.space import SearchSpace
from autotrick.tune.constraints import ConstraintChecker
from autotrick.tune.driver.active_trial import ActiveTrial
from autotrick.tune.plan import Plan
from autotrick.tune.schedulers.population import Population
from autotrick.tune.schedulers.pruning import Pruner, Verdict, pruner
from autotrick.tune.sources.constrained import ConstrainedSource
from autotrick.tune.sources.halving import HalvingSource
from autotrick.tune.sources.phased import PhasedSource
from autotrick.tune.sources.population import PopulationSource
from autotrick.tune.sources.race import RaceRule, RaceSource
from autotrick.tune.sources.recipe_list import ListSource, RecipeList
from autotrick.tune.sources.sampled import SampledSource
from autotrick.tune.sources.source import (
    Candidate,
    Outcome,
    RecipeSource,
    StartingCheckpoint,
)


class TrialQueue:
    """Decides which trial runs next, and how far."""

    def __init__(
        self, source: RecipeSource, pruner: Pruner, objective: Objective, *, trials: int
    ) -> None:
        """Begin without trials.

        Args:
            source: Where recipes come from.
            pruner: Which trials go on after an epoch.
            trials: Number of the study's trials.
        """
        self._source = source
        self._pruner = pruner
        self._objective = objective
        self._trials = trials
        self._count = 0
        self._interrupted: deque[ActiveTrial] = deque()
        self._paused: dict[int, ActiveTrial] = {}

    def replay(
        self,
        rows: Sequence[TrialRow],
        curves: Mapping[int, list[EpochReport]],
        rejections: Iterable[RejectionRow] = (),
    ) -> None:
        """Learn what is recorded of the study.

        Args:
            rows: All its trials, by number.
            curves: The epochs of each trial that has any.
            rejections: All rejected candidates.
        """
        self._count = len(rows)
        unfinished = []
        for row in rows:
            reports = curves.get(row.number, [])
            trial = _resumed(row, reports)
            if reports and trial.of_search:
                values = [self._objective.early(trial.measures_at(report)) for report in reports]
                self._pruner.refill(row.number, values)
            if row.state in ("waiting", "running"):
                unfinished.append(trial)
        self._source.replay(rows, rejections)
        for trial in unfinished:
            whole = trial.whole or trial.epoch == trial.recipe.epochs
            self._observe(trial)
            if not whole and self._pruner.pauses_at(trial.number, trial.epoch):
                self.pause(trial)
            else:
                self._interrupted.append(trial)

    @property
    def has_interrupted(self) -> bool:
        """Whether interrupted trials wait to go on."""
        return bool(self._interrupted)

    def next_interrupted(self) -> ActiveTrial | None:
        """Return an interrupted trial to go on with; None if there is none."""
        return self._interrupted.popleft() if self._interrupted else None

    def add_interrupted(self, trial: ActiveTrial) -> None:
        """Add a trial that goes on as soon as there is room."""
        self._interrupted.append(trial)

    def next_promoted(self) -> ActiveTrial | None:
        """Return a paused trial that goes on now; None if there is none."""
        promoted = self._pruner.promotable(self._paused)
        if promoted is None:
            return None
        trial = self._paused.pop(promoted)
        self._pruner.promote(promoted, trial.epoch)
        self._observe(trial)
        return trial

    def next_candidate(self) -> Candidate | None:
        """Return a recipe for the next trial; None if there is none now.

        A candidate that violates a constraint is returned too, so that it can be recorded; the next
        call returns another one for the same number.
        """
        if not self._has_recipes:
            return None
        candidate = self._source.ask(self._count)
        if candidate.violation is None:
            self._count += 1
        return candidate

    def begins_with(self, number: int) -> StartingCheckpoint | None:
        """Return the checkpoint that a trial begins with; None for one that starts from scratch."""
        return self._source.begins_with(number)

    def sync_epochs(self, trial: ActiveTrial) -> tuple[int, ...]:
        """Return the epochs at which a trial's worker waits for the verdict."""
        if trial.whole:
            return ()
        return self._pruner.sync_epochs(trial.number, trial.recipe.epochs)

    def keep_epoch(self, trial: ActiveTrial) -> int | None:
        """Return the epoch whose checkpoint a trial keeps, because others may begin with it."""
        return self._source.keep_epoch(trial.epoch)

    def verdict(self, trial: ActiveTrial, report: EpochReport) -> Verdict:
        """Return whether a trial goes on after an epoch that it reported."""
        trial.seconds[report.epoch] = report.seconds
        if not trial.of_search:
            return Verdict.GO
        value = self._objective.early(trial.measures_at(report))
        self._source.observe(trial.number, value, report.epoch)
        verdict = self._pruner.report(trial.number, report.epoch, value)
        if report.epoch == trial.recipe.epochs or trial.whole:
            self._pruner.promote(trial.number, report.epoch)
            return Verdict.GO
        return verdict

    def _observe(self, trial: ActiveTrial) -> None:
        if trial.report and trial.of_search:
            value = self._objective.early(trial.measures_at(trial.report))
            self._source.observe(trial.number, value, trial.epoch)

    def pause(self, trial: ActiveTrial) -> None:
        """Add a trial that may be promoted later."""
        self._paused[trial.number] = trial
        outcome = Outcome("paused", self._value(trial), trial.epoch, seconds=trial.spent)
        self._source.tell(trial.number, trial.recipe, outcome)

    def ended(self, trial: ActiveTrial, state: FinalState, reason: str | None = None) -> None:
        """Learn the result of a trial."""
        value = self._value(trial, whole=state == "complete")
        metric = self._objective.metric.name
        measured = trial.report.metrics.get(metric) if trial.report else None
        outcome = Outcome(state, value, trial.epoch, reason, metric=measured, seconds=trial.spent)
        self._source.tell(trial.number, trial.recipe, outcome)

    def abandon(self) -> list[ActiveTrial]:
        """Return the paused trials and forget them: none of them will go on."""
        paused = list(self._paused.values())
        self._paused.clear()
        return paused

    @property
    def empty(self) -> bool:
        """Whether there is nothing to run unless a result of a running trial changes that."""
        left = self._interrupted or self._has_recipes
        return not left and self._pruner.promotable(self._paused) is None

    @property
    def why_unused(self) -> str | None:
        """Why some of the study's trials have no recipe, in words; None if all have one."""
        unused = self._trials - self._count
        if self._has_recipes or unused <= 0:
            return None
        return self._source.why_exhausted(unused)

    @property
    def _has_recipes(self) -> bool:
        return self._count < self._trials and self._source.left(self._count) != 0

    def _value(self, trial: ActiveTrial, *, whole: bool = False) -> Value | None:
        if trial.report is None:
            return None
        measures = trial.measures_at(trial.report)
        return self._objective.value(measures) if whole else self._objective.early(measures)


def queue_of(  # noqa: PLR0913 -- all that a study may be made of
    space: SearchSpace,
    *,
    trials: int,
    seed: int,
    warm_start: WarmStart | None = None,
    checker: ConstraintChecker | None = None,
    recipes: RecipeList | None = None,
    race: RaceRule | None = None,
    plan: Plan | None = None,
) -> TrialQueue:
    """Return the queue of a study over a space.

    Args:
        trials: Number of the study's trials.
        seed: The study's seed.
        warm_start: Recipes and trials from earlier studies.
        checker: Checks the space's constraints; None if it has none.
        recipes: The recipes of a list study; None if they are sampled.
        race: The rule that drops recipes of the list early; None trains all of them.
        plan: The study's phases; None if it only searches.
    """
    source: RecipeSource
    if plan:
        space = space.with_study(base=plan.base)
    if recipes:
        metric = space.objective.metric
        source = RaceSource(recipes, race, metric) if race else ListSource(recipes)
        rule = pruner(space.pruning, space.most("epochs"))
        return TrialQueue(source, rule, space.objective, trials=trials)
    source = SampledSource(space, seed=seed, warm_start=warm_start)
    if plan:
        source = PhasedSource(space, plan, source, seed=seed, trials=trials)
    if HalvedRecipes(space).enabled:
        source = HalvingSource(source, space)
    if checker:
        source = ConstrainedSource(source, checker)
    if not space.pruning.moves:
        rule = pruner(space.pruning, space.most("epochs"))
        return TrialQueue(source, rule, space.objective, trials=trials)
    settings = space.pruning
    population = Population(
        settings.members(trials),
        settings.first,
        settings.share,
        epochs=space.most("epochs"),
        copies=max(0, trials - 1 - settings.population),
        seed=seed,
    )
    source = PopulationSource(space, population, source, seed=seed)
    return TrialQueue(source, population, space.objective, trials=trials)


def _resumed(row: TrialRow, reports: Sequence[EpochReport]) -> ActiveTrial:
    return ActiveTrial(
        row.id,
        row.number,
        row.recipe,
        report=reports[-1] if reports else None,
        measures=row.measures,
        seconds={report.epoch: report.seconds for report in reports},
        phase=row.phase,
        design=row.design,
    )
