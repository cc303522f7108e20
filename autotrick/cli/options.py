"""Options that several commands share."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

if TYPE_CHECKING:
    from autotrick.tune.checkpoints.storage import Place

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_DATABASE = "sqlite:///autotrick.db"

database_option = click.option(
    "--database",
    "url",
    metavar="URL",
    default=DEFAULT_DATABASE,
    show_default=True,
    envvar="AUTOTRICK_DATABASE",
    show_envvar=True,
    help="Results database: sqlite:///FILE, postgresql://USER@HOST/NAME, or @FILE with the URL in it.",
)
MOST = 2**31 - 1
"""The largest trial number: databases count with 32 bits."""
trial_argument = click.argument("trial", type=click.IntRange(0, MOST))
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object per line."
)
where_option = click.option(
    "--where",
    metavar="EXPR",
    help="Only trials that match this expression, such as 'mixup and mixup.alpha > 0.3 and lr > 0.1'.",
)
data_dir_option = click.option(
    "--data-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder that holds the data sets.",
)


class Duration(click.ParamType[float]):
    """A duration such as 90s, 30m or 1.5h, in seconds."""

    name = "duration"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", str(value).strip())
        if not match or float(match[1]) == 0:
            self.fail(f"{value!r} is not a duration. Write 90s, 30m or 1.5h.", param, ctx)
        return float(match[1]) * {"s": 1, "m": 60, "h": 3600}[match[2]]


class Number(click.FloatRange):
    """A finite number in a range: NaN and infinities, which pass click's comparisons, are refused."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        number: float = super().convert(value, param, ctx)
        if not isfinite(number):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return number


POSITIVE = Number(min=0, min_open=True)


class PlaceType(click.ParamType["Place"]):
    """A folder, or a URL such as s3://bucket/files."""

    name = "place"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> "Place":
        from autotrick.tune.checkpoints.storage import place_of

        place = place_of(str(value))
        if isinstance(place, Path) and place.is_file():
            self.fail(f"{str(place)!r} is a file, but must be a folder.", param, ctx)
        return place


def renamed_option(old: str, *, to: str, parameter: str) -> Callable[[F], F]:
    """Accept an option's old name, and say on stderr what it is called now.

    Args:
        old: The option's name until now, such as `--name`.
        to: Its name from now on.
        parameter: The argument of the command that gets the value; a new name that is given wins.
    """
    keyword = f"renamed_{parameter}"

    def decorate(command: F) -> F:
        @click.option(old, keyword, hidden=True, help=f"Deprecated: use {to}.")
        @wraps(command)
        def run(*args: Any, **options: Any) -> Any:
            value = options.pop(keyword)
            if value is not None:
                click.echo(f"Deprecated: {old} is now called {to}.", err=True)
                if options[parameter] is None:
                    options[parameter] = value
            return command(*args, **options)

        return cast("F", run)

    return decorate


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Values of the options that `resource_options` adds: where and how a study runs.

    Attributes:
        time_budget: Seconds after which the search stops; None for no limit.
        url: URL of the results database.
        hang_limit_s: Seconds without a report after which a worker is replaced; None for no limit.
    """

    time_budget: float | None
    trial_hours: float | None
    cost_per_hour: float | None
    max_cost: float | None
    data_dir: Path | None
    cache: Path | None
    url: str
    address: str | None
    tensorboard: Path | None
    mlflow: str | None
    concurrency: int | None
    cpus_per_trial: float
    gpus_per_trial: float
    hang_limit_s: float | None
    storage: "Place"


def resource_options(command: F) -> F:
    """Add the options that say where and how a study runs; `RunOptions` takes their values."""
    for option in reversed(
        [
            click.option(
                "--time-budget",
                type=Duration(),
                metavar="TIME",
                help="Stop after this much time (90s, 30m, 2h). `autotrick resume` continues the search.",
            ),
            click.option(
                "--trial-hours",
                type=POSITIVE,
                help="Stop after this many trial-hours (wall time x GPUs, or x CPUs without GPUs).  "
                "[default: the study's]",
            ),
            click.option(
                "--cost-per-hour",
                type=POSITIVE,
                help="Price of one trial-hour; the search then shows what it has cost.  [default: the "
                "study's]",
            ),
            click.option(
                "--max-cost",
                type=POSITIVE,
                help="Stop when the study has cost this much.  [default: the study's]",
            ),
            data_dir_option,
            click.option(
                "--cache",
                type=click.Path(file_okay=False, path_type=Path),
                metavar="DIR",
                help="Folder for decoded data sets.  [default: `autotrick` in $XDG_CACHE_HOME or "
                "~/.cache]",
            ),
            database_option,
            click.option(
                "--address", metavar="RAY", help="Address of a running Ray cluster, or `auto`."
            ),
            click.option(
                "--tensorboard",
                type=click.Path(file_okay=False, path_type=Path),
                metavar="DIR",
                help="Also write every epoch to this folder for TensorBoard.",
            ),
            click.option(
                "--mlflow",
                metavar="URL",
                help="Also write every epoch to this MLflow tracking server.",
            ),
            click.option(
                "--concurrency",
                type=click.IntRange(min=1),
                help="Number of trials that run at the same time.  [default: as many as fit]",
            ),
            click.option(
                "--cpus-per-trial",
                type=POSITIVE,
                default=1.0,
                show_default=True,
                help="CPUs for each trial.",
            ),
            click.option(
                "--gpus-per-trial",
                type=Number(min=0),
                default=0.0,
                show_default=True,
                help="GPUs for each trial; a fraction shares one GPU.",
            ),
            click.option(
                "--hang-limit",
                "hang_limit_s",
                type=Duration(),
                metavar="TIME",
                help="Replace a worker that reports no epoch for this long (10m). Its trial continues.",
            ),
            click.option(
                "--storage",
                type=PlaceType(),
                metavar="PLACE",
                default="autotrick-files",
                show_default=True,
                help="Folder or URL (s3://BUCKET/FILES) for checkpoints. Every node must be able to reach it.",
            ),
        ]
    ):
        command = option(command)
    return command
