"""`autotrick evaluate`."""

from pathlib import Path
from typing import Any

import click

from autotrick.cli.options import (
    MOST,
    data_dir_option,
    database_option,
    json_option,
    named_code_option,
)


@click.command()
@click.argument("study")
@click.argument("trial", type=click.IntRange(0, MOST), required=False)
@click.option(
    "--split",
    metavar="validation|test|FOLDER",
    default="validation",
    show_default=True,
    help="Images to evaluate: a split, or a folder with a folder of images for each class.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="HTML file to write: figures, mistakes and uncertain images as pictures.",
)
@click.option(
    "--corruptions",
    is_flag=True,
    help="Also measure the accuracy under 14 common corruptions and four moves, at five severities.",
)
@click.option(
    "--follow",
    is_flag=True,
    help="Evaluate each new checkpoint of a running trial, one line each, until it ends.",
)
@click.option(
    "--look-again",
    is_flag=True,
    help="Look at the test split although it was looked at before. Every report will say so.",
)
@click.option("--retrain", is_flag=True, help="Train the trial again if its checkpoint is gone.")
@json_option
@data_dir_option
@named_code_option
@database_option
def evaluate(study: str, trial: int | None, **options: Any) -> None:
    r"""Show what the network of TRIAL of STUDY gets right, class by class.

    STUDY may be a checkpoint file instead; without TRIAL, the best trial counts. Of a running trial the
    newest checkpoint is evaluated; the search is not disturbed. A look at the test split is recorded, and
    refused if there was one before.

    \b
    Example:
        autotrick evaluate fashion_mnist_tricks 7 -o trial_7.html
        autotrick evaluate fashion_mnist_tricks 7 --split test
        autotrick evaluate photos 3 --split new_photos --corruptions
        autotrick evaluate photos 12 --follow
    """
    from autotrick.cli.evaluation import EvaluationOptions, run_evaluation

    asked = EvaluationOptions(study, trial, **options)
    if asked.split == "test" and asked.follow:
        raise click.UsageError(
            "--follow and --split test exclude each other: each evaluation would be a look at the test split."
        )
    if asked.look_again and asked.split != "test":
        raise click.UsageError("--look-again needs --split test.")
    if asked.follow and (trial is None or asked.retrain):
        raise click.UsageError("--follow needs a TRIAL, and goes without --retrain.")
    run_evaluation(asked)
