"""A population: a sampled first generation, then copies of the best with other settings."""

from collections.abc import Iterable, Mapping, Sequence

from autotrick.objective import Value
from autotrick.random_streams import key_of
from autotrick.recipe import Recipe
from autotrick.records import RejectionRow, TrialRow
from autotrick.sample import Gain, pb2_suggest, perturb
from autotrick.space import SearchSpace
from autotrick.tune.schedulers.population import Population
from autotrick.tune.sources.source import Candidate, Outcome, RecipeSource, StartingCheckpoint


class PopulationSource(RecipeSource):
    """Asks another source for the first generation and copies members after that.

    The population is also the study's pruner: it decides which members are copied.
    """

    def __init__(
        self, space: SearchSpace, population: Population, first: RecipeSource, *, seed: int
    ) -> None:
        """Begin without trials.

        Args:
            first: The source of the first generation.
            seed: The study's seed.
        """
        self._space = space
        self._population = population
        self._first = first
        self._seed = seed
        self._recipes: dict[int, Recipe] = {}

    def replay(self, rows: Sequence[TrialRow], rejections: Iterable[RejectionRow] = ()) -> None:
        """Learn what is recorded, after the population has been refilled."""
        self._recipes = {row.number: row.recipe for row in rows}
        self._first.replay(rows, rejections)
        for row in rows:
            if row.finished:
                self._population.remove(row.number, failed=row.state == "failed")
        self._remove_missing()
        self._population.settle()

    def left(self, number: int) -> int | None:
        first = self._population.first_generation
        if number < first:
            return self._first.left(number)
        return first + len(self._population.exploits) - number

    def why_exhausted(self, unused: int) -> str:
        if len(self._recipes) < self._population.first_generation:
            return self._first.why_exhausted(unused)
        return self._population.why_ended(unused)

    def ask(self, number: int) -> Candidate:
        if number >= self._population.first_generation:
            # A copy changes nothing that a constraint bounds.
            candidate = self._copy(number)
        else:
            candidate = self._first.ask(number)
        if candidate.violation is None:
            self._recipes[number] = candidate.recipe
        self._remove_missing()
        return candidate

    def tell(self, number: int, recipe: Recipe, outcome: Outcome) -> None:
        if outcome.state != "paused":
            self._population.remove(number, failed=outcome.state == "failed")
            self._population.settle()
        self._first.tell(number, recipe, outcome)

    def observe(self, number: int, value: Value, epochs: int) -> None:
        self._first.observe(number, value, epochs)

    def begins_with(self, number: int) -> StartingCheckpoint | None:
        exploit = self._population.exploit(number)
        return StartingCheckpoint(exploit.parent, exploit.epoch) if exploit else None

    def keep_epoch(self, epoch: int) -> int | None:
        return self._population.last_generation(epoch)

    def _remove_missing(self) -> None:
        """Let generations go on without the members for which no recipe is left."""
        missing = range(len(self._recipes), self._population.first_generation)
        if missing and self._first.left(missing[0]) == 0:
            for number in missing:
                self._population.remove(number)
            self._population.settle()

    def _copy(self, number: int) -> Candidate:
        exploit = self._population.exploit(number)
        assert exploit is not None, "only members with a parent are copies"
        parent, epoch = self._recipes[exploit.parent], exploit.epoch
        # The key of this random stream stays: recorded studies continue with it.
        seed = key_of(self._seed, "heir", number)
        method = self._space.pruning.method
        suggested = self._suggested(number, seed) if method == "pb2" else {}
        recipe = perturb(self._space, parent, epoch, seed=seed, suggested=suggested)
        origin = (
            f"{method}: trial {exploit.parent} after {epoch} epochs with other settings, "
            f"in place of trial {exploit.replaced}"
        )
        return Candidate(number, recipe, origin)

    def _suggested(self, number: int, seed: int) -> Mapping[str, float]:
        """Return the settings that a bandit suggests for a copy, given all gains so far."""
        exploit = self._population.exploit(number)
        assert exploit is not None
        intervals = list(self._population.intervals(number))
        gains = [
            Gain(self._recipes[one.trial].at(one.begin), one.generation, one.before, one.after)
            for one in intervals
        ]
        last = max(i for i, one in enumerate(intervals) if one.trial == exploit.parent)
        siblings = (self._recipes[sibling] for sibling in self._population.siblings(number))
        return pb2_suggest(
            self._space,
            self._recipes[exploit.parent].at(exploit.epoch),
            gains,
            now=gains[last],
            pending=[sibling.at(exploit.epoch) for sibling in siblings],
            seed=seed,
        )
