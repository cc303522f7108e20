"""Recipes by the phases of a study's plan: the base, the screen around it, then the search."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, cast

from autotrick.design.additive import Additive, additive, best_options
from autotrick.design.precision import half_widths
from autotrick.design.screening import Screen
from autotrick.objective import Value
from autotrick.pareto import order
from autotrick.recipe import Recipe, digest_of
from autotrick.records import RejectionRow, TrialRow
from autotrick.sample.batch_halving import OUT_OF_MEMORY
from autotrick.space import OFF, Phase, Preferring, SearchSpace, published
from autotrick.tune.plan import TRICKS_COST, Plan, first_runs
from autotrick.tune.sources.base_recipes import BaseRecipes
from autotrick.tune.sources.halving import REPLACED
from autotrick.tune.sources.source import RECOMMENDED, Candidate, Outcome, RecipeSource

_Draw = Callable[[int], Candidate]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a trial.

    Attributes:
        value: Turned so that larger is better; None if it has none.
        seconds: Duration of its epochs so far.
    """

    recipe: Recipe
    phase: Phase
    design: Mapping[str, Any]
    state: Literal["running", "paused", "complete", "pruned", "failed"]
    value: Value | None = None
    seconds: float = 0.0

    @property
    def settled(self) -> bool:
        return self.state != "running"


@dataclass(frozen=True, slots=True)
class _Step:
    """What comes next.

    Attributes:
        draw: Returns the candidate for a trial; None while a result is awaited, and at the end.
        left: How many recipes there are before a result is needed; None if unlimited.
        why_ended: Why there will be no further recipe; empty if there may be.
    """

    draw: _Draw | None
    left: int | None
    why_ended: str = ""


_AWAIT = _Step(None, 0)


class PhasedSource(RecipeSource):
    """Gives recipes of the base, then of the screen, then those of another source.

    *Base*: the recipe without tricks, and others with the published schedule (a decay and a warmup, as far as the
    space has them), whole, so that they are
    compared at their end. The best of the latter is the base: its settings, not its tricks. One that ran out of memory is never the base.

    *Screen*: halves of a balanced design around the base. The first half and its fold-over are one
    design if the budget has room for both: alone, a half confuses a trick with pairs of others. A
    further half with another seed follows while an interval is wider than the plan's precision and
    the budget's share lasts. Only widths decide, never signs, so that the intervals stay honest. A
    failed trial leaves its row empty. A study whose space was widened meanwhile has no further rows: the
    wider space has another design.

    *Search*: the combination that the screen recommends, once with all tricks of positive sign and
    once with the clear ones alone, then what the other source proposes. That has seen all trials of
    base and screen.

    Each phase begins when the results of the one before are known; until then there is nothing to
    ask for. All decisions follow from the recorded trials.
    """

    def __init__(
        self, space: SearchSpace, plan: Plan, search: RecipeSource, *, seed: int, trials: int
    ) -> None:
        """Begin without trials.

        Args:
            search: Where the recipes of the last phase come from.
            seed: The study's seed.
            trials: Number of the study's trials.
        """
        self._space = space
        self._plan = plan
        self._search = search
        self._base = BaseRecipes(space)
        self._screen = Screen(space, seed=seed)
        self._searches = "search" in plan.phases
        self._limit = plan.screen_trials if self._searches else max(plan.screen_trials, trials)
        self._known: dict[int, _Known] = {}
        # Digests of recipes of base and screen that violate a constraint, or ran out of memory.
        self._rejected: set[str] = set()
        self._too_large: set[str] = set()
        self._designs: dict[tuple[int, int], tuple[Mapping[str, str], ...]] = {}
        self._step: _Step | None = None

    def replay(self, rows: Sequence[TrialRow], rejections: Iterable[RejectionRow] = ()) -> None:
        self._step = None
        self._known = {}
        for row in rows:
            state = "running" if row.state in ("waiting", "running") else row.state
            self._known[row.number] = _Known(
                row.recipe,
                cast(Phase, row.phase or "search"),
                row.design or {},
                cast(Any, state),
                self._value(row),
                row.seconds,
            )
            self._note_memory(row.recipe, row.reason)
        self._search.replay(rows, rejections)

    def left(self, number: int) -> int | None:
        step = self._next()
        return self._search.left(number) if step.left is None else step.left

    def why_exhausted(self, unused: int) -> str:
        return self._next().why_ended or self._search.why_exhausted(unused)

    def ask(self, number: int) -> Candidate:
        draw = self._next().draw
        assert draw is not None, "asked while a result is awaited"
        candidate = draw(number)
        phase, design = cast(Phase, candidate.phase), candidate.design or {}
        self._known[number] = _Known(candidate.recipe, phase, design, "running")
        self._step = None
        return candidate

    def tell(self, number: int, recipe: Recipe, outcome: Outcome) -> None:
        known = self._known[number]
        self._known[number] = replace(
            known,
            recipe=recipe,
            state=outcome.state,
            value=outcome.value,
            seconds=outcome.seconds,
        )
        self._note_memory(recipe, outcome.reason)
        self._step = None
        self._search.tell(number, recipe, outcome)

    def observe(self, number: int, value: Value, epochs: int) -> None:
        self._search.observe(number, value, epochs)

    def reject(self, number: int, attempt: int, recipe: Recipe, excess: float) -> None:
        self._rejected.add(recipe.digest())
        known = self._known.get(number)
        if known and known.recipe.digest() == recipe.digest():
            del self._known[number]
        self._step = None
        self._search.reject(number, attempt, recipe, excess)

    def take_over(self, number: int, failed: int) -> tuple[Phase | None, Mapping[str, Any] | None]:
        known = self._known[failed]
        self._known[number] = replace(known, state="running", value=None, seconds=0.0)
        self._step = None
        return known.phase, known.design

    def _value(self, row: TrialRow) -> Value | None:
        objective = self._space.objective
        if row.value is None:
            return None
        return objective.value(row.measures) if row.state == "complete" else None

    def _note_memory(self, recipe: Recipe, reason: str | None) -> None:
        if reason in (OUT_OF_MEMORY, REPLACED):
            self._too_large.add(recipe.digest())

    def _next(self) -> _Step:
        if self._step is None:
            self._step = self._decide()
        return self._step

    def _decide(self) -> _Step:
        step = self._next_of_base()
        if step is None and "screen" in self._plan.phases:
            step = self._next_of_screen()
        return step or self._next_of_search()

    def _next_of_base(self) -> _Step | None:
        """Return the next step of the base phase; None when all its trials have begun."""
        if self._of("screen") or self._of("search"):
            return None
        tried = {known.design.get("candidate") for known in self._of("base").values()}
        left: list[tuple[int, Recipe]] = []
        index = valid = 0
        while valid < self._plan.base_trials and (recipe := self._base.recipe(index)):
            if recipe.digest() not in self._rejected:
                valid += 1
                left += [] if index in tried else [(index, recipe)]
            index += 1
        if not left:
            return None

        def draw(number: int) -> Candidate:
            index, recipe = left[0]
            origin = "base: settings spread evenly" if index else "all tricks off"
            design = {"candidate": index, "planned": self._plan.base_trials}
            return self._candidate(number, recipe, origin, "base", design)

        return _Step(draw, len(left))

    def _base_trial(self) -> int:
        """Return the number of the trial whose recipe is the base: one for the whole screen."""
        for known in self._of("screen").values():
            return int(known.design["base"])
        return self._best_of_base()

    def _best_of_base(self) -> int:
        """Return the number of the best trial of the base phase, the first of equals."""
        found = self._of("base")
        values = {
            number: known.value if isinstance(known.value, tuple) else (known.value,)
            for number, known in found.items()
            if known.state == "complete"
            and known.value is not None
            and known.recipe.digest() not in self._too_large
        }
        # Those with the published schedule, where there are any.
        plain = found[min(found)].recipe.tricks.keys()
        tricked = {n: v for n, v in values.items() if found[n].recipe.tricks.keys() != plain}
        values = tricked or values
        if not values:
            return min(found)
        return list(values)[order(list(values.values()))[0]]

    def _next_of_screen(self) -> _Step | None:
        """Return the next step of the screen; None when it has ended."""
        if self._of("search"):
            return None
        halves = self._halves()
        if not halves:
            return self._first_of_screen()
        if not self._is_same_design():
            return None
        last, runs = max(halves.items())
        if step := self._rows(last, runs):
            return step
        if last == 0 and self._folds(runs):
            return self._rows(1, runs)
        if not self._all_settled:
            return _AWAIT
        if self._is_precise:
            return None
        room = self._room(trials=len(self._of("base")) + len(self._of("screen")))
        return self._rows(last + 1, runs) if room >= runs else None

    def _first_of_screen(self) -> _Step | None:
        """Return the first step of the screen; None if the budget has no room for one."""
        if not self._all_settled and (self._plan.base_trials > 1 or self._plan.screen_seconds):
            return _AWAIT
        runs = first_runs(self._screen.sizes(), self._room_at_first)
        return self._rows(0, runs) if runs else None

    def _rows(self, half: int, runs: int) -> _Step | None:
        """Return the next step within a half; None when all its rows have begun."""
        base = self._base_trial()
        recipe_of = partial(self._row_recipe, self._known[base].recipe, half, runs)
        begun = {
            known.design["row"]
            for known in self._of("screen").values()
            if known.design["half"] == half
        }
        left = [row for row in range(len(self._half(half, runs))) if row not in begun]
        if self._rejected:
            left = [row for row in left if recipe_of(row).digest() not in self._rejected]
        if not left:
            return None

        def draw(number: int) -> Candidate:
            row, recipe = left[0], recipe_of(left[0])
            design = {
                "half": half,
                "runs": runs,
                "planned": runs * max(half + 1, 2 if self._folds(runs) else 1),
                "row": row,
                "base": base,
                "seed": self._screen.seed_of(self._known[base].recipe, half),
                "levels": dict(self._half(half, runs)[row]),
                "propensities": dict(self._screen.propensities(half, runs)),
            }
            origin = f"screen: half {half + 1}, run {row + 1} of {runs}"
            return self._candidate(number, recipe, origin, "screen", design)

        return _Step(draw, len(left))

    def _half(self, half: int, runs: int) -> tuple[Mapping[str, str], ...]:
        """Return the levels of a half's rows; making a design takes a moment."""
        key = (half, runs)
        if key not in self._designs:
            self._designs[key] = self._screen.half(half, runs)
        return self._designs[key]

    def _row_recipe(self, base: Recipe, half: int, runs: int, row: int) -> Recipe:
        levels = self._half(half, runs)[row]
        return self._screen.recipe(base, levels, half=half, runs=runs, row=row)

    def _is_same_design(self) -> bool:
        """Return whether the runs so far are of today's design, which a wider space changes."""
        return all(
            known.design["levels"]
            == dict(self._half(known.design["half"], known.design["runs"])[known.design["row"]])
            for known in self._of("screen").values()
        )

    def _halves(self) -> dict[int, int]:
        """Return the number of runs of each half that has begun."""
        return {known.design["half"]: known.design["runs"] for known in self._of("screen").values()}

    def _folds(self, runs: int) -> bool:
        """Return whether the fold-over follows the first half at once."""
        return 2 * runs <= self._room_at_first

    @property
    def _room_at_first(self) -> int:
        """How many trials the screen may have, as far as that is known when it begins."""
        return self._room(trials=self._plan.base_trials, of="base")

    def _room(self, *, trials: int, of: Phase = "screen") -> int:
        """Return how many trials of base and screen the budget still has room for.

        Args:
            trials: How many there are.
            of: The phase whose whole trials say how long one takes; of those of the base, the ones with
                its network.
        """
        room = self._limit - trials
        seconds = self._plan.screen_seconds
        done = [known for known in self._of(of).values() if known.state == "complete"]
        if seconds is None or not done:
            return room
        network = self._known[self._base_trial()].recipe.architecture
        whole = [known.seconds for known in done if known.recipe.architecture == network]
        counted = [
            *self._of("base").values(),
            *(self._of("screen").values() if of == "screen" else ()),
        ]
        spent = sum(known.seconds for known in counted)
        each = sum(whole) / len(whole) * (TRICKS_COST if of == "base" else 1.0)
        return min(room, int((seconds - spent) / each)) if each else room

    @property
    def _is_precise(self) -> bool:
        """Whether the interval of every trick is as narrow as the plan asks."""
        widths = self._widths()
        return bool(widths) and max(widths.values()) <= self._plan.precision

    def _widths(self) -> Mapping[str, float]:
        """Return the half-width of each trick's interval; empty while the noise is unknown."""
        known = self._complete_rows()
        noise = self._fit(known).noise
        if noise is None:
            return {}
        return half_widths(
            [one.design["levels"] for one in known],
            noise,
            halves=[one.design["half"] for one in known],
        )

    def _complete_rows(self) -> list[_Known]:
        rows = self._of("screen").values()
        return [known for known in rows if known.state == "complete" and known.value is not None]

    def _fit(self, known: Sequence[_Known], *, failed: float = 0.0) -> Additive:
        """Fit rows of the screen, in the unit in which people read the metric.

        Args:
            failed: What counts as the value of a row that has none.
        """
        return additive(
            [one.design["levels"] for one in known],
            [failed if one.value is None else self._points(one.value) for one in known],
            [one.design["half"] for one in known],
        )

    def _points(self, value: Value) -> float:
        objective = self._space.objective
        if isinstance(value, tuple):
            value = value[objective.names.index(objective.metric.name)]
        return objective.metric.scaled(value)

    def _next_of_search(self) -> _Step:
        """Return the next step after base and screen."""
        if "screen" in self._plan.phases and not self._of("search") and not self._all_settled:
            return _AWAIT
        if not self._searches:
            return _Step(None, 0, why_ended=self._why_ended())
        if left := self._recommended():

            def recommend(number: int) -> Candidate:
                index, origin, recipe = left[0]
                return self._candidate(number, recipe, origin, "search", {RECOMMENDED: index})

            return _Step(recommend, len(left))

        def sample(number: int) -> Candidate:
            return replace(self._search.ask(number), phase="search", design={})

        return _Step(sample, None)

    def _recommended(self) -> list[tuple[int, str, Recipe]]:
        """Return index, origin and recipe of what the screen recommends and no trial has.

        First all tricks of positive sign, then the clear ones alone: those whose interval is above
        zero. In a slot it is the best option. Settings have their published values. A failed row counts
        as the worst of all.
        """
        known, complete = list(self._of("screen").values()), self._complete_rows()
        if not complete:
            return []
        worst = min(self._points(one.value) for one in complete if one.value is not None)
        gains, widths = self._fit(known, failed=worst).gains, self._widths()
        clear = {
            factor: {
                option: gain if gain > widths.get(option, 0.0) else min(gain, 0.0)
                for option, gain in options.items()
            }
            for factor, options in gains.items()
        }
        origin = "recommended by the screen"
        found = [(0, origin, self._combined(best_options(self._space, gains)))]
        if widths:
            alone = self._combined(best_options(self._space, clear))
            found.append((1, f"{origin}: the clear tricks alone", alone))
        tried = {digest_of(self._space.answers(known.recipe)) for known in self._known.values()}
        left = []
        for one in found:
            digest = digest_of(self._space.answers(one[2]))
            left += [] if digest in tried else [one]
            tried.add(digest)
        return left

    def _combined(self, options: Mapping[str, str]) -> Recipe:
        """Return the base with these options, at published settings."""
        base = self._space.answers(self._known[self._base_trial()].recipe)
        switches = {
            unit.name: options[unit.name] != OFF if len(unit.tricks) == 1 else options[unit.name]
            for unit in self._space.units.units
        }
        return self._space.decide(Preferring(published(self._space) | base | switches))

    def _why_ended(self) -> str:
        if "screen" not in self._plan.phases:
            return "all recipes of the base have been tried"
        widths = self._widths()
        if not widths:
            return "the budget has no room for a screen"
        wide = max(widths.values())
        metric = self._space.objective.metric
        if wide <= self._plan.precision:
            return f"the screen is as precise as asked: \u00b1{wide:.2g} {metric.unit}"
        return f"the budget has no room for another half of the screen (\u00b1{wide:.2g} {metric.unit})"

    def _candidate(
        self, number: int, recipe: Recipe, origin: str, phase: Phase, design: Mapping[str, Any]
    ) -> Candidate:
        """Return a candidate, of which the other source learns too.

        One that a trial has had with the same seed takes over its result.
        """
        self._search.tell(number, recipe, Outcome("running"))
        same = self._same_as(recipe)
        return Candidate(number, recipe, origin, same, phase=phase, design=design)

    def _same_as(self, recipe: Recipe) -> int | None:
        digest = recipe.digest()
        complete = (n for n, known in self._known.items() if known.state == "complete")
        return next((n for n in complete if self._known[n].recipe.digest() == digest), None)

    def _of(self, phase: Phase) -> dict[int, _Known]:
        return {n: known for n, known in self._known.items() if known.phase == phase}

    @property
    def _all_settled(self) -> bool:
        return all(known.settled for known in self._known.values())
