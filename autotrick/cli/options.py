"""Options that several commands share."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from autotrick.errors import ResourceError
from autotrick.observing import EVERY, kinds_of

if TYPE_CHECKING:
    from autotrick.checkpoint_names import Place

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


class FolderType(click.Path):
    """A folder that is there; the error shows where it was looked for."""

    def __init__(self) -> None:
        super().__init__(exists=True, file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = Path(value)
        if not os.path.exists(path):  # noqa: PTH110 -- never raises
            self.fail(f"there is no folder {path.absolute()}.", param, ctx)
        return super().convert(value, param, ctx)


data_dir_option = click.option(
    "--data-dir",
    type=FolderType(),
    help="Folder that holds the data sets.",
)
average_option = click.option(
    "--average",
    type=click.Choice(("probabilities", "logits")),
    default="probabilities",
    show_default=True,
    help="What to average over several trials.",
)


def _name_folder(_: click.Context, __: click.Parameter, folder: Path | None) -> None:
    if folder is not None:
        from autotrick import trusted_code

        trusted_code.name_folder(folder)


def _code_option(**more: Any) -> Callable[[F], F]:
    return click.option(
        "--code",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        metavar="DIR",
        help="Import the Python code that a recorded study names, from this folder where it is in files. Only for "
        "code that you trust.  [default: code that you have searched with]",
        **more,
    )


code_option = _code_option()
named_code_option = _code_option(expose_value=False, callback=_name_folder)
"""For commands that use networks of studies: the folder counts for all that they load."""


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
        from autotrick.checkpoint_names import place_of

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
    observe: tuple[str, ...]
    observe_every: int
    storage: "Place"
    code: Path | None


class Kinds(click.ParamType[tuple[str, ...]]):
    """What to observe, separated by commas, or `none`."""

    name = "kinds"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        try:
            return kinds_of(str(value).split(","))
        except ResourceError as error:
            self.fail(str(error).removeprefix("--observe: "), param, ctx)


_observe_options = [
    click.option(
        "--observe",
        type=Kinds(),
        metavar="KINDS",
        default=(),
        help="Write event files for TensorBoard beside the checkpoints of each trial: weights, gradients, "
        "activations, images, separated by commas, or none. It does not change the weights.",
    ),
    click.option(
        "--observe-every",
        type=click.IntRange(min=1),
        metavar="UPDATES",
        default=EVERY,
        show_default=True,
        help="Updates between two observed values of the loss, the rate and the speed.",
    ),
]


def add_observe_options(command: F) -> F:
    """Add the options that say what is observed of a training."""
    for option in reversed(_observe_options):
        command = option(command)
    return command


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
            *_observe_options,
            click.option(
                "--storage",
                type=PlaceType(),
                metavar="PLACE",
                default="autotrick-files",
                show_default=True,
                help="Folder or URL (s3://BUCKET/FILES) for checkpoints. Every node must be able to reach it.",
            ),
            code_option,
        ]
    ):
        command = option(command)
    return command
