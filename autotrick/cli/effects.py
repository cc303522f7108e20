"""The table of tricks and the table of their combinations."""

from collections.abc import Sequence
from dataclasses import asdict

from autotrick.analysis.combinations import ranked
from autotrick.analysis.effects import Reports, TrickEffect, effects
from autotrick.analysis.findings import rungs
from autotrick.cli.output import console, points, print_json
from autotrick.cli.tables import print_table
from autotrick.records.rows import StudyRow, TrialRow, TrickSet
from autotrick.report import sentences
from autotrick.space.recorded import recorded_pruning, recorded_space


def show_effects(
    study: StudyRow, rows: Sequence[TrialRow], reports: Reports, *, as_json: bool
) -> None:
    """Print what each trick changed, whether early epochs mislead, and what a warm start brought."""
    found = effects(rows, reports)
    if as_json:
        print_json({"study": study.name, **asdict(effect)} for effect in found)
        return
    metric = study.value_metric
    unit = metric.difference_unit.strip()
    columns = (
        "trick",
        ">with",
        ">without",
        f">effect{f' ({unit})' if unit else ''}",
        "95 % interval",
        ">time",
        "verdict",
    )
    epoch = max((effect.epoch for effect in found), default=0)
    adjusted = all(effect.adjusted for effect in found)
    how = "adjusted for the other settings" if adjusted else "plain differences of means"
    title = f"Tricks of {study.name}: change in {metric.title} at epoch {epoch}, {how}"
    print_table(title, columns, map(_effect_cells, found))
    if found and found[0].num_left_out:
        left = f"  {found[0].num_left_out} trials with {metric.diverged} are left out"
        console().print(left, style="dim")
    noted: dict[str, list[str]] = {}
    for effect in found:
        noted.setdefault(effect.note, []).append(effect.trick)
    for note, tricks in noted.items():
        if note:
            which = "all tricks" if len(tricks) == len(found) else ", ".join(tricks)
            console().print(f"  {note}: {which}", style="dim")
    pruning = recorded_pruning(study.space)
    said = sentences.rungs(rungs(rows, reports, pruning), metric) if pruning else []
    warm_start = study.budget.get("heritage")
    if warm_start and len(rows) == study.trials:  # and not a part of them that chance chose
        space, _ = recorded_space(study.space)
        said += sentences.warm_start(warm_start(warm_start, rows, space))
    for sentence in said:
        console().print(f"  {sentence}", style="dim")


def _effect_cells(effect: TrickEffect) -> tuple[str, ...]:
    known = effect.low is not None and effect.high is not None
    verdict = {True: "helps", False: "harms", None: "not clear" if known else "too few trials"}
    return (
        effect.trick + (f" (against {', '.join(effect.against)})" if effect.against else ""),
        str(effect.num_with),
        str(effect.num_without),
        points(effect.effect),
        f"{points(effect.low)} to {points(effect.high)}" if known else "-",
        "-" if effect.cost is None else f"x{effect.cost:.2f}",
        verdict[effect.helps],
    )


def show_combinations(
    study: StudyRow, sets: Sequence[TrickSet], *, top: int, as_json: bool
) -> None:
    """Print the combinations of tricks that are best by the bound of their mean."""
    metric = study.value_metric
    found = ranked(sets, metric)[:top]
    if as_json:
        print_json({"study": study.name, **asdict(row)} for row in found)
        return
    columns = ("tricks", ">complete", ">pruned", ">mean", f">{metric.bound}", ">best", ">trial")
    cells = (
        (
            " + ".join(row.tricks) or "no tricks",
            str(row.num),
            str(row.num_pruned),
            metric.shown(row.mean),
            metric.shown(row.low),
            metric.shown(row.best),
            str(row.best_trial),
        )
        for row in found
    )
    print_table(
        f"Combinations of {study.name}, by the {metric.bound} of their mean", columns, cells
    )
