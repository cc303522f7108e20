"""What `autotrick confirm` does, and how a confirmation is printed."""

from dataclasses import dataclass
from typing import Any

from autotrick import records
from autotrick.analysis.confirmation import confirmation, confirmation_name, sentences
from autotrick.cli.options import RunOptions
from autotrick.cli.output import console, print_json
from autotrick.cli.tables import print_rows
from autotrick.records import Database, StudyRow
from autotrick.tune import Options, Resources
from autotrick.views.confirmation import columns, confirmation_json


@dataclass(frozen=True, slots=True)
class ConfirmationOptions:
    """What to confirm; `autotrick.tune.confirm.confirm` says what the fields mean."""

    study: str
    name: str | None
    top: int | None
    seeds: int | None
    no_test: bool
    look_again: bool

    @property
    def own_name(self) -> str:
        """The name of the confirmation's study."""
        return confirmation_name(self.study) if self.name is None else self.name


def run_confirmation(
    asked: ConfirmationOptions, given: RunOptions, named: set[str], *, as_json: bool
) -> None:
    """Confirm a study with progress, then show what that came to.

    Args:
        named: Options that the command line names; the study's own hold for the others.
    """
    from autotrick.cli.search_session import run_child
    from autotrick.tune.confirm import confirm, most_trials

    what: dict[str, Any] = {"top": asked.top, "seeds": asked.seeds}

    def at_most(database: Database) -> int:
        return most_trials(database, asked.study, **what)

    def begin(database: Database, *, resources: Resources, options: Options) -> StudyRow:
        how: dict[str, Any] = {"test": not asked.no_test, "look_again": asked.look_again}
        how |= {"resources": resources, "options": options}
        return confirm(database, asked.study, name=asked.own_name, **what, **how)

    def show(database: Database, row: StudyRow) -> None:
        print_confirmation(database, row, as_json=as_json)

    opening = f"{asked.own_name} trains the best recipes of {asked.study} with new seeds"
    run_child(asked.own_name, asked.study, given, named, opening, at_most, begin, show)


def print_confirmation(database: Database, row: StudyRow, *, as_json: bool = False) -> None:
    """Print what a confirmation came to: a row for each recipe, and what it says in words."""
    trials = records.trials(database, row.name)
    found = confirmation(row, trials, records.looks(database, row.name))
    if as_json:
        print_json([confirmation_json(found)])
        return
    title = f"{found.study}: the best recipes of {found.parent or 'a deleted study'} over new seeds"
    print_rows(title, columns(found), found.rows)
    for sentence in sentences(found):
        console().print(f"  {sentence}", soft_wrap=False)
