"""What differs between the recipes of a study, trial by trial."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autotrick.analysis.downsample import thin
from autotrick.domain import Scalar
from autotrick.recipe import Recipe
from autotrick.records.rows import TrialRow, common_metric
from autotrick.tasks import ACCURACY, Metric
from autotrick.tricks import TRICKS

_LINES = 300
_TOP_LINES = 100
_AXES = 8
_FIELDS = (
    "architecture",
    "epochs",
    "batch_size",
    "accumulation",
    "base_lr",
    "scaling_exponent",
    "momentum",
    "weight_decay",
    "precision",
)
_OFF = "off"
_SPAN_FOR_LOG = 10


@dataclass(frozen=True, slots=True)
class Axis:
    """One coordinate of every line.

    Attributes:
        name: As the space names it.
        values: One a line: numbers, or indices into `options`.
        options: Names of categories; empty for numbers.
        log: Whether the numbers span so much that a logarithmic axis suits them.
    """

    name: str
    values: list[float]
    options: tuple[str, ...] = ()
    log: bool = False


@dataclass(frozen=True, slots=True)
class Parallel:
    """Complete trials as lines over what was varied.

    Attributes:
        axes: At most eight, those named first by the caller first.
        values: One a line.
        total: Complete trials of the study; there may be fewer lines.
        left_out: How many further settings vary in every trial and are not drawn.
        metric: That the values are of.
    """

    axes: list[Axis]
    values: list[float]
    total: int
    left_out: int
    metric: Metric = ACCURACY


def parallel(trials: Sequence[TrialRow], *, first: Sequence[str] = ()) -> Parallel:
    """Return at most 300 complete trials, the best 100 among them, over what they differ in.

    Settings of a trick are left out: they exist only where the trick is on.

    Args:
        first: Names in the order of their importance; other names follow.
    """
    done = [t for t in trials if t.state == "complete" and t.value is not None]
    metric = common_metric(done)
    ranked = sorted(done, key=lambda trial: -metric.worth(trial.value or 0.0))
    top = {trial.number for trial in ranked[:_TOP_LINES]}
    lines = thin(done, _LINES, keep=lambda trial: trial.number in top)
    switches = _switches(done)
    rows = [_settings(trial.recipe, switches) for trial in lines]
    names = [name for name in (rows[0] if rows else ()) if len({row[name] for row in rows}) > 1]
    names.sort(key=lambda name: first.index(name) if name in first else len(first))
    axes = [_axis(name, [row[name] for row in rows]) for name in names[:_AXES]]
    values = [trial.value or 0.0 for trial in lines]
    return Parallel(axes, values, len(done), len(names) - len(axes), metric)


def _switches(trials: Sequence[TrialRow]) -> dict[str, list[str]]:
    """Return the tricks of each slot under its name, and each other trick under its own."""
    found: dict[str, list[str]] = {}
    for name in sorted({name for trial in trials for name in trial.recipe.tricks}):
        slot = TRICKS[name].slot if name in TRICKS else None
        found.setdefault(f"slot.{slot}" if slot else name, []).append(name)
    return {names[0] if len(names) == 1 else key: names for key, names in found.items()}


def _settings(recipe: Recipe, switches: Mapping[str, Sequence[str]]) -> dict[str, Scalar]:
    """Return what every recipe has: its plain fields, and what is on at each switch."""
    found: dict[str, Scalar] = {name: getattr(recipe, name) for name in _FIELDS}
    for switch, names in switches.items():
        on = [name for name in names if name in recipe.tricks]
        found[switch] = bool(on) if names == [switch] else next(iter(on), _OFF)
    return found


def _axis(name: str, values: Sequence[Scalar]) -> Axis:
    if all(isinstance(value, bool) for value in values):
        return Axis(name, [float(value) for value in values], ("off", "on"))
    if any(isinstance(value, str) for value in values):
        options = tuple(sorted({str(value) for value in values}, key=lambda o: (o != _OFF, o)))
        return Axis(name, [float(options.index(str(value))) for value in values], options)
    numbers = [float(value) for value in values]
    log = min(numbers) > 0 and max(numbers) / min(numbers) >= _SPAN_FOR_LOG
    return Axis(name, numbers, (), log)
