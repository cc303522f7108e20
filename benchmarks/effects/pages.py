"""The page of the documentation that says how far verdicts can be trusted, and its picture."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import plotly.graph_objects as go

from autotrick.report.theme import BLUE, GREY, ORANGE, figure
from benchmarks import picture
from benchmarks.children import ROOT
from benchmarks.effects.cells import ASHA, PLAN, PLANTED, RANDOM, SEARCHES, TODAY
from benchmarks.effects.lines import ALL, NULL, ONE_POINT, EffectLine, StudyLine, pooled
from benchmarks.effects.record import Record

PAGE = ROOT / "docs" / "truth.md"
PICTURE = ROOT / "docs" / "img" / "truth.png"
_NOISE = 0.5
"""Of the studies whose half-width and power are drawn, in points."""

_OF_ALL_NOISE = (1, 3)
"""Panels that pool the studies of all noise."""

DASH = "-"
LOOKS = {
    PLAN: (BLUE, "solid"),
    TODAY: (ORANGE, "solid"),
    ASHA: (GREY, "dot"),
    RANDOM: (GREY, "solid"),
}

_HEAD = """<!-- Made by `make docs`; edit the code instead. -->

# Claims against known truth

How often is a verdict on a trick false, and how sharp are the intervals? That can only be told where the truth
is known. Here it is known in two ways:

- **Planted truth.** Twelve tricks over a space with two slots, two networks, three batch sizes and rates that
  matter more than any trick. In each study roles are dealt to the tricks anew: two are worth nothing, two half a
  point and two a whole one for better or worse, one is worth a point at the end and is a loss at first (`slow
  +1`), one helps at first and is worth nothing at the end (`fast 0`), two are worth 0.8 points each and 0.7 together
  (`partner`), one is worth half a point on average over its setting, and between -0.5 and +1 (`setting +0.5`), and
  one makes two of five trainings at high rates diverge (`unstable +0.5`). The noise of a seed has a standard
  deviation of 0.2, 0.5 or 1 points.
- **Recorded tables.** Every recipe of three small spaces was trained once (`benchmarks/tables`), so what each
  trick is worth in the table is known. A table has no noise but its own: its values are taken as the truth.

Studies are recorded in virtual time by autotrick's own queue, samplers and pruners, {workers} trials at a time, and
analysed by its own code. All searches spend the same number of epochs: that of so many whole trials.

The true effect of a trick is the mean over the trials that the estimate rests on of what switching it alone would
change at the last epoch, on with the settings that it had, against off. So a screen is held against the average
around its base, and a search against the average over its own trials: like with like. Intervals are at 95 %, so
one in twenty tricks that do nothing is expected to be said to help or to harm.

```sh
python -m benchmarks effects            # the goals; also writes this page ({minutes} minutes of two cores)
python -m benchmarks.effects --quick    # a look, in a minute or two
```
"""


def page(record: Record, workers: int = 4) -> str:
    """Return the page."""
    minutes = round(record.seconds / 60)
    text = _HEAD.format(workers=workers, minutes=minutes)
    text += "\n## By search and number of trials\n\nPlanted truth, seed noise of 0.5 points. The regret of "
    text += "the tricks is how many points the recommended set of tricks falls short of the best one, beside the "
    text += "same rate, batch and network, with its 95 % interval; that of the best recipe is how many the true "
    text += "value of the best trial's recipe falls short of the best there is.\n\n"
    text += _by_search(record)
    text += f"\n![half-width, coverage, power and false verdicts by search](img/{PICTURE.name})\n"
    text += "\n## By kind of trick\n\nThe default plan, all numbers of trials and all noise together.\n\n"
    text += _by_kind(record)
    text += "\n## By noise\n\nThe default plan, all tricks.\n\n" + _by_noise(record)
    text += "\n## Recorded tables\n\n" + _by_table(record)
    text += "\n## Importance\n\nPlanted truth. The truth is what a decision changes by itself: the variance of "
    text += "the value given the decision over the whole space, as a share of the sum over all decisions. "
    text += "Nothing is drawn where the trials cannot tell of any decision that it matters.\n\n"
    return text + _of_importance(record)


def _by_search(record: Record) -> str:
    head = [
        *(
            "trials",
            "search",
            "studies",
            "with interval",
            "half-width",
            "covered",
            "power, 1 point",
        ),
        *("nothing, said to act", "wrong sign", "regret of the tricks", "of the best recipe"),
    ]
    rows = []
    for trials in _numbers(record):
        for search in SEARCHES:
            here = [
                line
                for line in record.effects
                if (line.table, line.search, line.trials, line.noise)
                == (PLANTED, search, trials, 0.5)
            ]
            line = pooled(x for x in here if x.kind == ALL)
            study = next(
                (
                    x
                    for x in record.studies
                    if (x.table, x.search, x.trials, x.noise) == (PLANTED, search, trials, 0.5)
                ),
                None,
            )
            if line and study:
                power = pooled(x for x in here if x.kind in ONE_POINT)
                null = pooled(x for x in here if x.kind in NULL)
                rows.append(
                    (
                        str(trials),
                        search,
                        str(study.studies),
                        *_intervals(line),
                        _percent(power, "right"),
                        _percent(null, "nothing"),
                        _percent(line, "wrong"),
                        _regret(study),
                        f"{study.best_regret:.2f}",
                    )
                )
    return _table(head, rows)


def _by_kind(record: Record) -> str:
    mine = [x for x in record.effects if (x.table, x.search) == (PLANTED, PLAN)]
    kinds = sorted({line.kind for line in mine} - {ALL})
    return _table(
        _KINDS, [_claims(kind, (x for x in mine if x.kind == kind)) for kind in [*kinds, ALL]]
    )


def _by_noise(record: Record) -> str:
    mine = [x for x in record.effects if (x.table, x.search, x.kind) == (PLANTED, PLAN, ALL)]
    cells = sorted({(x.trials, x.noise or 0.0) for x in mine})
    head = ("trials and noise", *_KINDS[1:])
    return _table(
        head,
        [
            _claims(
                f"{trials} trials, {noise:g} points",
                (x for x in mine if (x.trials, x.noise) == (trials, noise)),
            )
            for trials, noise in cells
        ],
    )


def _by_table(record: Record) -> str:
    head = ("table, search", *_KINDS[1:])
    tables = dict.fromkeys(x.table for x in record.effects if x.table != PLANTED)
    rows = []
    for table in tables:
        for search in SEARCHES:
            mine = (
                x for x in record.effects if (x.table, x.search, x.kind) == (table, search, ALL)
            )
            rows.append(_claims(f"{table}, {search}", mine))
    return _table(head, rows)


_KINDS = (
    *("kind", "cases", "with interval", "half-width", "covered", "bias"),
    *("said to help or harm", "wrong sign", "said not to matter", "and does"),
)


def _claims(name: str, lines: Iterable[EffectLine]) -> tuple[str, ...]:
    line = pooled(lines)
    if line is None:
        return (name, *(DASH,) * (len(_KINDS) - 1))
    said = line.right + line.wrong + line.nothing
    return (
        name,
        f"{line.cases:,}",
        *_intervals(line),
        DASH if line.bias is None else f"{line.bias:+.2f}",
        _share(said, line.cases),
        _percent(line, "wrong"),
        _percent(line, "idle"),
        _percent(line, "idle_wrong"),
    )


def _intervals(line: EffectLine) -> tuple[str, str, str]:
    half = DASH if line.half_width is None else f"{line.half_width:.2f}"
    return _percent(line, "intervals"), half, _share(line.covered, line.intervals)


def _percent(line: EffectLine | None, count: str) -> str:
    return _share(getattr(line, count), line.cases) if line else DASH


def _share(count: int, of: int) -> str:
    return f"{100 * count / of:.1f} %" if of else DASH


def _regret(line: StudyLine) -> str:
    return f"{line.regret:.2f} ({line.regret_low:.2f}-{line.regret_high:.2f})"


def _of_importance(record: Record) -> str:
    head = [
        *("trials", "search", "noise", "drawn", "rank correlation"),
        *("nothing in the first three", "intervals that hold the truth"),
    ]
    rows = [
        (
            str(x.trials),
            x.search,
            f"{x.noise:g}",
            _share(x.drawn, x.studies),
            DASH if x.rank is None else f"{x.rank:.2f}",
            _share(x.null_first, x.drawn),
            DASH if x.shares_covered is None else f"{100 * x.shares_covered:.0f} %",
        )
        for x in record.studies
        if x.table == PLANTED and x.search in (PLAN, TODAY, RANDOM)
    ]
    return _table(head, rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)]) + "\n"


def _numbers(record: Record) -> list[int]:
    return sorted({line.trials for line in record.effects if line.table == PLANTED})


def truth_figure(record: Record) -> go.Figure:
    """Draw half-width, coverage, power and false verdicts against the number of trials, by search."""
    made = figure(height=760)
    panels: tuple[tuple[str, Callable[[Sequence[EffectLine]], float | None]], ...] = (
        (
            f"Half-width, noise {_NOISE:g} (points)",
            lambda lines: _pick(lines, (ALL,), "half_width"),
        ),
        (
            "Intervals that hold the truth (%)",
            lambda lines: _rate(lines, (ALL,), "covered", "intervals"),
        ),
        (
            f"Tricks worth a point found, noise {_NOISE:g} (%)",
            lambda lines: _rate(lines, ONE_POINT, "right", "cases"),
        ),
        ("Nothing, said to help or harm (%)", lambda lines: _rate(lines, NULL, "nothing", "cases")),
    )
    trials = _numbers(record)
    for i, (title, value) in enumerate(panels):
        axis = "" if i == 0 else str(i + 1)
        left, top = i % 2, i < 2
        for search, (colour, dash) in LOOKS.items():
            mine = [x for x in record.effects if (x.table, x.search) == (PLANTED, search)]
            # Half-width and power depend on the noise; how often a claim is false should not.
            if i not in _OF_ALL_NOISE:
                mine = [x for x in mine if x.noise == _NOISE]
            ys = [value([x for x in mine if x.trials == n]) for n in trials]
            made.add_scatter(
                x=trials,
                y=ys,
                xaxis=f"x{axis}",
                yaxis=f"y{axis}",
                mode="lines+markers",
                line={"color": colour, "dash": dash, "width": 3 if search == PLAN else 2},
                name=search,
                showlegend=i == 0,
            )
        made.update_layout(
            {
                f"xaxis{axis}": {
                    "title": {"text": "Budget in whole trials"},
                    "type": "log",
                    "tickvals": trials,
                    "anchor": f"y{axis}",
                    "domain": [0.56, 1.0] if left else [0.0, 0.44],
                },
                f"yaxis{axis}": {
                    "title": {"text": title},
                    "anchor": f"x{axis}",
                    "domain": [0.58, 1.0] if top else [0.0, 0.42],
                    "rangemode": "tozero",
                },
            }
        )
    made.add_shape(
        type="line",
        xref="x2 domain",
        yref="y2",
        x0=0,
        x1=1,
        y0=95,
        y1=95,
        line={"color": GREY, "width": 1},
    )
    return made


def _pick(lines: Sequence[EffectLine], kinds: Sequence[str], name: str) -> float | None:
    line = pooled(x for x in lines if x.kind in kinds)
    found: float | None = getattr(line, name) if line else None
    return found


def _rate(lines: Sequence[EffectLine], kinds: Sequence[str], count: str, of: str) -> float | None:
    line = pooled(x for x in lines if x.kind in kinds)
    if line is None or not getattr(line, of):
        return None
    return 100 * float(getattr(line, count)) / float(getattr(line, of))


def draw(record: Record) -> None:
    """Write the figure as a picture, if Chromium is installed."""
    picture.draw(partial(truth_figure, record), PICTURE, "effects: no picture")
