"""Hold what the analysis claims about tricks against known truth.

`python -m benchmarks effects` prints how often claims are false and how sharp they are, with the goals;
`python -m benchmarks.effects [-o FILE.html] [--json FILE] [--quick]` prints every number and draws the
figure. A full run keeps its numbers in `benchmarks/tables/effects.json` and writes
`docs/truth.md` with its picture from them.

Studies are recorded in virtual time by the product's own queue, samplers and pruners, over planted
truth (`planted`) and over the recorded tables (`recorded`), and analysed by the product's own code.
"""

import time
from collections.abc import Sequence

from benchmarks.effects import pages
from benchmarks.effects.cells import PLAN, PLANTED, PROCESSES, TODAY, every_cell, measure
from benchmarks.effects.lines import (
    ALL,
    NULL,
    ONE_POINT,
    EffectLine,
    effect_lines,
    pooled,
    study_line,
)
from benchmarks.effects.record import Record, read, write
from benchmarks.row import Row


def run(quick: bool) -> list[Row]:
    """Return how the default plan does, beside what was the default before; keep a full run."""
    record = recorded(quick=quick)
    if not quick:
        keep(record)
    return rows(record)


def recorded(*, quick: bool, processes: int = PROCESSES) -> Record:
    """Return the lines of all cells."""
    start = time.monotonic()
    effects, studies = [], []
    for cell, found in measure(every_cell(quick=quick), processes):
        effects += effect_lines(cell, found)
        studies.append(study_line(cell, found))
    return Record(effects, studies, round(time.monotonic() - start))


def keep(record: Record) -> None:
    """Keep a record, and write the page and its picture from it."""
    write(record)
    pages.PAGE.write_text(pages.page(record))
    pages.draw(record)


def page() -> str:
    """Return `docs/truth.md`, made from the record that is kept."""
    return pages.page(read())


def rows(record: Record) -> list[Row]:
    """Return the goals of the effects and of the importances, by the default plan."""
    return [*_claims(record), *_sharpness(record), *_importances(record)]


def _claims(record: Record) -> list[Row]:
    """Return how often intervals miss the truth and verdicts are false."""
    mine = [line for line in record.effects if line.search == PLAN]
    planted = [line for line in mine if line.table == PLANTED]
    kinds = sorted({line.kind for line in planted} - {ALL})
    tables = sorted({line.table for line in mine} - {PLANTED})
    made = [_missed("all", [line for line in planted if line.kind == ALL], 0.07)]
    made += [_missed(k, [line for line in planted if line.kind == k], 0.1) for k in kinds]
    for table in tables:
        made.append(
            _missed(table, [line for line in mine if (line.table, line.kind) == (table, ALL)], 0.1)
        )
    whole = [line for line in mine if line.kind == ALL]
    return [
        *made,
        _share(
            "nothing said to help or harm", [x for x in planted if x.kind in NULL], "nothing", 0.05
        ),
        _share("said to help or harm, wrong sign", whole, "wrong", 0.01),
    ]


def _missed(what: str, lines: Sequence[EffectLine], goal: float) -> Row:
    line = pooled(lines)
    num = line.intervals if line else 0
    missed = 1 - line.covered / num if line and num else 0.0
    return Row(
        f"effects: truth outside the interval, {what}", round(missed, 4), None, None, "", goal, num
    )


def _share(what: str, lines: Sequence[EffectLine], count: str, goal: float) -> Row:
    line = pooled(lines)
    num = line.cases if line else 0
    share = getattr(line, count) / num if num else 0.0
    return Row(f"effects: {what}", round(share, 4), None, None, "", goal, num)


def _sharpness(record: Record) -> list[Row]:
    """Return half-width, power and regret at 48 trials and a noise of 0.5 points."""

    def at(search: str, kinds: Sequence[str]) -> EffectLine | None:
        return pooled(
            line
            for line in record.effects
            if (line.table, line.search, line.trials, line.noise) == (PLANTED, search, 48, 0.5)
            and line.kind in kinds
        )

    ours, before = at(PLAN, [ALL]), at(TODAY, [ALL])
    found, found_before = at(PLAN, ONE_POINT), at(TODAY, ONE_POINT)
    studies = {
        line.search: line
        for line in record.studies
        if (line.table, line.trials, line.noise) == (PLANTED, 48, 0.5)
    }
    if not (ours and before and found and found_before):
        return []
    here = "48 trials, noise 0.5"
    regret, then = studies[PLAN].regret, studies[TODAY].regret
    return [
        Row(
            f"effects: half-width, {here}",
            ours.half_width or 0.0,
            before.half_width,
            None,
            "points",
            0.6,
            ours.intervals,
        ),
        Row(
            f"effects: tricks worth a point without a verdict, {here}",
            round(1 - found.right / found.cases, 4),
            round(1 - found_before.right / found_before.cases, 4),
            None,
            "",
            0.1,
            found.cases,
        ),
        Row(
            f"effects: regret of the recommended tricks, {here}",
            regret,
            then,
            round(regret / then, 3) if then else None,
            "points",
            1.0,
            studies[PLAN].studies,
        ),
    ]


def _importances(record: Record) -> list[Row]:
    """Return the goals of importances at 100 trials."""
    lines = [
        line
        for line in record.studies
        if (line.table, line.search, line.trials) == (PLANTED, PLAN, 100) and line.rank is not None
    ]
    drawn = sum(line.drawn for line in lines)
    if not drawn:
        return []
    rank = sum((line.rank or 0.0) * line.drawn for line in lines) / drawn
    null = sum(line.null_first for line in lines) / drawn
    return [
        Row(
            "effects: 1 - rank correlation of importances, 100 trials",
            round(1 - rank, 3),
            None,
            None,
            "",
            0.4,
            drawn,
        ),
        Row(
            "effects: importances with nothing among the first three, 100 trials",
            round(null, 3),
            None,
            None,
            "",
            0.1,
            drawn,
        ),
    ]
