"""What a study tries next: interrupted trials first, then promoted ones, then new recipes.

It decides and records nothing; whoever asks records, and tells it what came of it. All that it knows
follows from the records, so a driver that takes a study up again decides as the one before it.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from autotrick.objective import Value
from autotrick.random_streams import key_of
from autotrick.recipe import EpochReport, Recipe
from autotrick.records import RejectionRow, TrialRow
from autotrick.records.rows import FinalState
from autotrick.sample import Gain, Proposer, WarmStart, perturb, picked
from autotrick.space import SearchSpace
from autotrick.tune.constraints import TRIES, ConstraintChecker, Violation, too_little
from autotrick.tune.driver.active_trial import ActiveTrial, Proposal
from autotrick.tune.schedulers.batch_halving import REPLACED, BatchHalving
from autotrick.tune.schedulers.population import Population, Succession
from autotrick.tune.schedulers.pruning import Verdict, pruner

BASELINE = 0
"""The trial that the others are compared with is always whole."""


class TrialQueue:
    """Decides which trial runs next, and how far."""

    def __init__(
        self,
        space: SearchSpace,
        *,
        trials: int,
        seed: int,
        warm_start: WarmStart | None = None,
        checker: ConstraintChecker | None = None,
    ) -> None:
        """Begin without history.

        Args:
            trials: How many the study gets in all.
            seed: The study's.
            warm_start: What the study takes over from others.
            checker: Who says what breaks the constraints; None where there are none.
        """
        self._objective = space.objective
        self._proposer = Proposer(space, seed=seed, warm_start=warm_start)
        self._checker = checker
        # Proposals that were turned away for the next trial, by their places.
        self._turned: dict[int, Violation] = {}
        self._trials = trials
        self._count = 0
        self._halving = BatchHalving(space)
        self._space = space
        # Only a population needs them: by number, of its members.
        self._recipes: dict[int, Recipe] = {}
        self._seed = seed
        self._population = self._founded() if space.pruning.moves else None
        self._pruner = self._population or pruner(space.pruning, space.most("epochs"))
        self._waiting: deque[ActiveTrial] = deque()
        self._paused: dict[int, ActiveTrial] = {}

    def replay(
        self,
        rows: Sequence[TrialRow],
        curves: Mapping[int, list[EpochReport]],
        refusals: Iterable[RejectionRow] = (),
    ) -> None:
        """Take in what is on record of the study.

        Args:
            rows: All its trials, by number.
            curves: The epochs of each that has any.
            refusals: All proposals that were turned away.
        """
        self._count = len(rows)
        self._halving.replay(rows)
        self._proposer.replay([self._halving.told(row) for row in rows])
        self._recipes |= {row.number: row.recipe for row in rows} if self._population else {}
        for row in rows:
            reports = curves.get(row.number, [])
            live = ActiveTrial(
                row.id, row.number, row.recipe, report=reports[-1] if reports else None
            )
            live.measures = row.measures
            live.spent = {report.epoch: report.seconds for report in reports}
            if reports:
                values = [self._objective.early(live.at(report)) for report in reports]
                self._pruner.refill(row.number, values)
            if row.state in ("waiting", "running"):
                self._take_up(live)
        for refusal in refusals:
            # What breaks no bound of today may be proposed again.
            if self._checker and (violation := self._checker.again(refusal)):
                self._refuse(refusal.number, refusal.place, refusal.recipe, violation)
        self._lose({row.number: row.state == "failed" for row in rows if row.finished})

    @property
    def cut_short(self) -> bool:
        """Whether trials that were interrupted are to go on."""
        return bool(self._waiting)

    def again(self) -> ActiveTrial | None:
        """Return a trial that was interrupted, or None when there is none."""
        return self._waiting.popleft() if self._waiting else None

    def interrupted(self, live: ActiveTrial) -> None:
        """Keep a trial that is to go on as soon as there is room."""
        self._waiting.append(live)

    def promoted(self) -> ActiveTrial | None:
        """Return a paused trial that is to go on now, or None when there is none."""
        promoted = self._pruner.promotable(self._paused)
        if promoted is None:
            return None
        live = self._paused.pop(promoted)
        self._pruner.promote(promoted, live.epoch)
        return live

    def new(self) -> Proposal | None:
        """Return the next proposal, or None when there is none now.

        One that breaks a constraint is returned too, so that it can be recorded; it takes no number.
        """
        if not self._more:
            return None
        number = self._count
        proposal = self._next(number)
        if proposal.violation:
            self._refuse(number, proposal.place, proposal.recipe, proposal.violation)
            return proposal
        self._count += 1
        self._turned.clear()
        self._halving.begun(proposal.recipe)
        if self._population:
            self._recipes[number] = proposal.recipe
        return proposal

    def _next(self, number: int) -> Proposal:
        if again := self._halving.next():
            recipe, origin = again
            self._proposer.tell(number, self._halving.meant(recipe), None, "running")
            return Proposal(number, recipe, origin)
        if self._population is None or number < self._population.founders:
            found = self._proposer.ask(number)
            proposal = Proposal(number, found.recipe, found.origin, found.same_as)
            violation, known = self._checker.weigh(found.recipe) if self._checker else (None, {})
            place = max(self._turned, default=-1) + 1
            return replace(proposal, violation=violation, place=place, measures=known)
        # A copy changes nothing that has a cost.
        return self._heir(number, self._population)

    def _refuse(self, number: int, place: int, recipe: Recipe, violation: Violation) -> None:
        self._proposer.refuse(number, place, recipe, violation.excess)
        if number == self._count:
            self._turned[place] = violation
        if self._population and self._stuck:
            self._lose(dict.fromkeys(range(self._count, self._population.founders), True))

    def awaited(self, live: ActiveTrial) -> tuple[int, ...]:
        """Return the epochs at which a trial waits whether it may go on."""
        if live.number == BASELINE:
            return ()
        return self._pruner.awaited(live.number, live.recipe.epochs)

    def verdict(self, live: ActiveTrial, report: EpochReport) -> Verdict:
        """Return what becomes of a trial after an epoch that it reported."""
        live.spent[report.epoch] = report.seconds
        value = self._objective.early(live.at(report))
        verdict = self._pruner.report(live.number, report.epoch, value)
        if report.epoch == live.recipe.epochs or live.number == BASELINE:
            self._pruner.promote(live.number, report.epoch)
            return Verdict.GO
        return verdict

    def pause(self, live: ActiveTrial) -> None:
        """Keep a trial that may be promoted later."""
        self._paused[live.number] = live
        # For the sampler it is as good as pruned until it goes on: what it reached is known.
        self.ended(live, "pruned")

    def ended(self, live: ActiveTrial, state: FinalState, reason: str | None = None) -> None:
        """Take in what came of a trial."""
        if live.number not in self._paused:
            self._lose({live.number: state == "failed"})
        value: Value | None = None
        if live.report:
            measures = live.at(live.report)
            whole = state == "complete"
            value = self._objective.value(measures) if whole else self._objective.early(measures)
        if state == "failed" and self._halving.failed(live.number, live.recipe, reason):
            reason = REPLACED
        meant = self._halving.meant(live.recipe)
        self._proposer.tell(live.number, meant, value, state, epochs=live.epoch, reason=reason)

    def abandon(self) -> list[ActiveTrial]:
        """Return the paused trials, none of which will go on any more."""
        left = list(self._paused.values())
        self._paused.clear()
        return left

    @property
    def empty(self) -> bool:
        """Whether nothing is to be tried unless a trial under way changes that."""
        left = self._waiting or self._more
        return not left and self._pruner.promotable(self._paused) is None

    @property
    def _more(self) -> bool:
        """Whether there is a recipe for a further trial now."""
        if self._stuck:
            return False
        if self._population is None or self._count < self._population.founders:
            # A grid ends when each of its recipes had its turn, the initial ones included.
            more = self._halving.waits or self._proposer.left != 0
            return more and self._count < self._trials
        return self._count < self._population.founders + len(self._population.successions)

    @property
    def _stuck(self) -> bool:
        """Whether nothing is proposed any more because nothing keeps the constraints."""
        return self._proposer.left is None and len(self._turned) >= TRIES

    @property
    def unused(self) -> str | None:
        """Why trials are left that nothing can use, in words; None where there are none."""
        left = self._trials - self._count
        if self._more or left <= 0:
            return None
        if self._stuck:
            return too_little(self._turned.values())
        if self._population:
            return self._population.at_an_end(left)
        return "all recipes of the space have been tried"

    def inherits(self, number: int) -> Succession | None:
        """Return which trial's checkpoint a trial may begin with; None for one from the start."""
        return self._population.succession(number) if self._population else None

    def spared(self, live: ActiveTrial) -> int | None:
        """Return after which epoch a trial's checkpoint is to stay, because copies begin with it."""
        return self._population.generation(live.epoch) if self._population else None

    def _founded(self) -> Population:
        settings = self._space.pruning
        return Population(
            settings.members(self._trials),
            settings.first,
            settings.share,
            epochs=self._space.most("epochs"),
            heirs=max(0, self._trials - 1 - settings.population),
            seed=self._seed,
        )

    def _heir(self, number: int, population: Population) -> Proposal:
        succession = population.successions[number - population.founders]
        parent, epoch = self._recipes[succession.parent], succession.epoch
        seed = key_of(self._seed, "heir", number)
        method = self._space.pruning.method
        found = self._picked(number, population, seed) if method == "pb2" else {}
        recipe = perturb(self._space, parent, epoch, seed=seed, picked=found)
        origin = (
            f"{method}: trial {succession.parent} after {epoch} epochs with other settings, "
            f"in place of trial {succession.replaced}"
        )
        return Proposal(number, recipe, origin)

    def _picked(self, number: int, population: Population, seed: int) -> Mapping[str, float]:
        """Return the settings that a bandit picks for a copy, from what all came to so far."""
        succession = population.successions[number - population.founders]
        known = list(population.intervals(number))
        gains = [
            Gain(self._recipes[one.trial].at(one.begin), one.generation, one.before, one.after)
            for one in known
        ]
        last = max(i for i, one in enumerate(known) if one.trial == succession.parent)
        parent = self._recipes[succession.parent].at(succession.epoch)
        siblings = (self._recipes[sibling] for sibling in population.siblings(number))
        return picked(
            self._space,
            parent,
            gains,
            now=gains[last],
            pending=[sibling.at(succession.epoch) for sibling in siblings],
            seed=seed,
        )

    def _lose(self, ended: Mapping[int, bool]) -> None:
        """Tell a population which members have ended, and whether they failed."""
        if self._population:
            for number, failed in ended.items():
                self._population.lose(number, failed=failed)
            self._population.settle()

    def _take_up(self, live: ActiveTrial) -> None:
        whole = live.number == BASELINE or live.epoch == live.recipe.epochs
        if not whole and self._pruner.pauses_at(live.number, live.epoch):
            self.pause(live)
        else:
            self._waiting.append(live)
