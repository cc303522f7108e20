"""`autotrick report`."""

from pathlib import Path

import click

from autotrick.cli.options import data_dir_option, database_option


@click.command()
@click.argument("study")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="HTML file to write.  [default: STUDY.html]",
)
@data_dir_option
@database_option
def report(study: str, output: Path | None, data_dir: Path | None, url: str) -> None:
    """Write a report on STUDY as one self-contained HTML file.

    \b
    Example:
        autotrick report fashion_mnist_tricks -o fashion.html
    """
    from autotrick.cli.expected_database import expect_database

    expect_database(url, "the figures")
    from autotrick.cli.report_contents import write_report

    path = write_report(study, output or Path(f"{study}.html"), data_dir, url)
    click.echo(f"Report: {path}")
