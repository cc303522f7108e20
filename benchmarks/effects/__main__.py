"""`python -m benchmarks.effects [-o FILE.html] [--json FILE] [--quick] [--processes N]`."""

from pathlib import Path

import click
from rich.console import Console
from rich.markdown import Markdown

from benchmarks import effects
from benchmarks.effects.cells import PROCESSES
from benchmarks.effects.pages import page, truth_figure
from benchmarks.effects.record import write


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The figure.")
@click.option(
    "--json",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the lines as JSON to this file.",
)
@click.option("--quick", is_flag=True, help="Record few studies, for a quick look only.")
@click.option("--processes", type=click.IntRange(min=1), default=PROCESSES, show_default=True)
def main(output: Path | None, file: Path | None, *, quick: bool, processes: int) -> None:
    """Hold verdicts on tricks against planted truth and recorded tables.

    A full run also writes docs/truth.md.

    Example: python -m benchmarks.effects --quick -o effects.html --json effects.json
    """
    record = effects.recorded(quick=quick, processes=processes)
    if not quick:
        effects.keep(record)
    Console(highlight=False, width=150).print(Markdown(page(record)))
    if file:
        write(record, file)
    if output:
        truth_figure(record).write_html(output)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.effects")
