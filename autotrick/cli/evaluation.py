"""What `evaluate` does: evaluate a network, print what was found, write its page."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import click

from autotrick.analysis.evaluation import Evaluation, confusions, weakest
from autotrick.cli.output import console, print_json
from autotrick.cli.tables import print_table
from autotrick.evaluation import evaluate, follow
from autotrick.records import open_database
from autotrick.tune.session import STALE_S
from autotrick.views import evaluation as views

_NICE = 10
"""How far the priority of this process is lowered: a search on the same machine goes first."""


@dataclass(frozen=True, slots=True)
class EvaluationOptions:
    """What the command was asked for; see its help."""

    study: str
    trial: int | None
    split: str
    output: Path | None
    corruptions: bool
    follow: bool
    look_again: bool
    retrain: bool
    as_json: bool
    data_dir: Path | None
    url: str


def run_evaluation(asked: EvaluationOptions) -> None:
    """Evaluate, print, and write the page that was asked for.

    Raises:
        AutotrickError: See `autotrick.evaluation.evaluate` and `autotrick.evaluation.follow`.
    """
    _step(f"evaluating {asked.study}" + ("" if asked.trial is None else f", trial {asked.trial}"))
    with suppress(OSError):
        os.nice(_NICE)
    if asked.follow:
        _follow(asked)
        return
    found = evaluate(
        asked.study,
        asked.trial,
        split=asked.split,
        corruptions=asked.corruptions,
        look_again=asked.look_again,
        retrain=asked.retrain,
        database=asked.url,
        data_dir=asked.data_dir,
        on_step=_step,
    )
    if asked.as_json:
        print_json([found.to_json()])
    else:
        _print(found)
    _write(asked.output, found)


def _follow(asked: EvaluationOptions) -> None:
    assert asked.trial is not None
    with open_database(asked.url, create=False) as database:
        try:
            for found in follow(
                database,
                asked.study,
                asked.trial,
                split=asked.split,
                corruptions=asked.corruptions,
                data_dir=asked.data_dir,
                stale_after=STALE_S,
            ):
                if asked.as_json:
                    print_json([found.to_json()])
                else:
                    click.echo(views.follow_line(found))
                _write(asked.output, found)
        except KeyboardInterrupt:
            click.echo("\nThe trial goes on.", err=True)


def _step(words: str) -> None:
    console(stderr=True).print(words, style="dim")


def _print(found: Evaluation) -> None:
    out = console()
    out.print(views.headline(found), style="bold")
    for sentence in views.sentences(found):
        out.print(sentence)
    rows = weakest(found.scores)
    absent = [row for row in found.scores.by_class if not row.images]
    shown = [*rows, *absent][: views.ROWS]
    count = len(found.scores.classes)
    title = (
        "Classes, the weakest first" if len(shown) == count else f"The weakest of {count} classes"
    )
    print_table(title, views.by_class(shown))
    pairs = confusions(found.scores)
    if pairs:
        print_table("Most frequent mistakes", views.confused(pairs[: views.ROWS]))
        surest = found.scores.mistakes[: views.ROWS]
        print_table("Most confident mistakes", views.images(surest))
    if found.robustness is not None:
        print_table("Accuracy by severity of corruption", views.robustness(found.robustness))


def _write(path: Path | None, found: Evaluation) -> None:
    if path is None:
        return
    from autotrick.report.evaluation import write_evaluation

    write_evaluation(path, found)
    click.echo(f"Page: {path}", err=True)
