"""What `autotrick ablate` does: run an ablation, or read a finished one, and print it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autotrick import records
from autotrick.analysis.ablation import Ablation, ablation, ablation_name, check_ablation
from autotrick.cli.open_for_reading import open_for_reading
from autotrick.cli.options import RunOptions
from autotrick.cli.output import console, print_json
from autotrick.cli.tables import print_rows
from autotrick.errors import NotFoundError
from autotrick.records import Database, StudyRow
from autotrick.views import ablation as views
from autotrick.views.text import ASCII

if TYPE_CHECKING:
    from autotrick.tune import Options, Resources


@dataclass(frozen=True, slots=True)
class AblationOptions:
    """What to ablate; `autotrick.tune.ablate.ablate` says what the fields mean."""

    study: str
    trial: int | None
    name: str | None
    seeds: int | None
    add: bool | None
    precision: float | None

    @property
    def own_name(self) -> str:
        """The name of the ablation's study."""
        return ablation_name(self.study, self.trial) if self.name is None else self.name


def run_ablation(
    asked: AblationOptions, given: RunOptions, named: set[str], *, as_json: bool
) -> None:
    """Run an ablation to its end unless it has ended, then print it.

    Args:
        named: Options that the command line names; the study's own hold for the others.
    """
    if found := _finished(asked, given.url):
        show_ablation(found, as_json=as_json)
        return
    from autotrick.cli.search_session import run_child
    from autotrick.tune.ablate import ablate, plan_ablation

    what: dict[str, Any] = {"seeds": asked.seeds, "precision": asked.precision}

    def most_trials(database: Database) -> int:
        add = asked.add is not False
        return plan_ablation(database, asked.study, asked.trial, add=add, **what).most_trials

    def begin(database: Database, *, resources: Resources, options: Options) -> StudyRow:
        how: dict[str, Any] = {"resources": resources, "options": options}
        return ablate(
            database, asked.study, asked.trial, name=asked.own_name, add=asked.add, **what, **how
        )

    def show(database: Database, row: StudyRow) -> None:
        show_ablation(ablation(row, records.trials(database, row.name)), as_json=as_json)

    opening = f"{asked.own_name} changes one trick of a recipe of {asked.study} at a time"
    run_child(asked.own_name, asked.study, given, named, opening, most_trials, begin, show)


def show_ablation(found: Ablation, *, as_json: bool) -> None:
    """Print what each trick changes, and what can be dropped for free."""
    rows = views.views(found)
    if as_json:
        print_json([*(row.to_json() for row in rows), views.minimal_json(found)])
        return
    title = f"{found.study}: each trick in {found.reference} of {found.parent}"
    print_rows(title, views.columns(found.metric), rows)
    for sentence in views.sentences(found):
        console().print(f"  {sentence.translate(ASCII)}")


def _finished(asked: AblationOptions, url: str) -> Ablation | None:
    """Return the ablation if it has ended; its study must be the one that is asked for."""
    with open_for_reading(url) as database:
        try:
            row = records.study(database, asked.own_name)
        except NotFoundError:
            return None
        check_ablation(
            row,
            asked.study,
            asked.trial,
            seeds=asked.seeds,
            add=asked.add,
            precision=asked.precision,
        )
        if row.state != "complete":
            return None
        return ablation(row, records.trials(database, row.name))
