"""Options that several commands share."""

import re
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

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
    help="Results database: sqlite:///FILE, postgresql://USER@HOST/NAME, or @FILE that holds the URL.",
)
# Databases count with 32 bits.
MOST = 2**31 - 1
trial_argument = click.argument("trial", type=click.IntRange(0, MOST))
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
where_option = click.option(
    "--where",
    metavar="EXPR",
    help="Only trials for which this holds: 'mixup and mixup.alpha > 0.3 and lr > 0.1'.",
)
data_dir_option = click.option(
    "--data-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where data sets are looked for.",
)


class Duration(click.ParamType[float]):
    """A length of time such as 90s, 30m, 1.5h; in seconds."""

    name = "duration"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", str(value).strip())
        if not match or float(match[1]) == 0:
            self.fail(f"{value!r} is no length of time. Write 90s, 30m or 1.5h.", param, ctx)
        return float(match[1]) * {"s": 1, "m": 60, "h": 3600}[match[2]]


class Number(click.FloatRange):
    """A number in a range; NaN and infinities, which pass click's comparisons, are none."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        number: float = super().convert(value, param, ctx)
        if not isfinite(number):
            self.fail(f"{value!r} is no finite number.", param, ctx)
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
            self.fail(f"{str(place)!r} is a file, and must be a folder.", param, ctx)
        return place


def resource_options(command: F) -> F:
    """Add the options that say where and how a study is run."""
    for option in reversed(
        [
            click.option(
                "--time-budget",
                type=Duration(),
                metavar="TIME",
                help="Stop after this long (90s, 30m, 2h); `autotrick resume` goes on from there.",
            ),
            click.option(
                "--trial-hours",
                type=POSITIVE,
                help="Stop when the study's trials have taken so many hours, times their GPUs or, "
                "without, their processors.  [default: the study's]",
            ),
            click.option(
                "--cost-per-hour",
                type=POSITIVE,
                help="Money for one such hour; what is spent is then shown.  [default: the study's]",
            ),
            click.option(
                "--max-cost",
                type=POSITIVE,
                help="Stop when the study has cost so much.  [default: the study's]",
            ),
            data_dir_option,
            click.option(
                "--cache",
                type=click.Path(file_okay=False, path_type=Path),
                metavar="DIR",
                help="Folder for decoded data sets.  [default: autotrick in XDG_CACHE_HOME, or in "
                "~/.cache]",
            ),
            database_option,
            click.option("--address", metavar="RAY", help="A running Ray cluster, or `auto`."),
            click.option(
                "--tensorboard",
                type=click.Path(file_okay=False, path_type=Path),
                metavar="DIR",
                help="Write every epoch there for TensorBoard too.",
            ),
            click.option(
                "--mlflow",
                metavar="URL",
                help="Write every epoch to that MLflow tracking server too.",
            ),
            click.option(
                "--concurrency",
                type=click.IntRange(min=1),
                help="Trials at a time.  [default: as many as there is room for]",
            ),
            click.option(
                "--cpus-per-trial",
                type=POSITIVE,
                default=1.0,
                show_default=True,
                help="Processors that a trial occupies.",
            ),
            click.option(
                "--gpus-per-trial",
                type=Number(min=0),
                default=0.0,
                show_default=True,
                help="GPUs that a trial occupies; a fraction shares one.",
            ),
            click.option(
                "--hang-limit",
                "hang_limit_s",
                type=Duration(),
                metavar="TIME",
                help="Give up a worker that reports no epoch for so long (10m); its trial goes on.",
            ),
            click.option(
                "--storage",
                type=PlaceType(),
                metavar="PLACE",
                default="autotrick-files",
                show_default=True,
                help="Folder for checkpoints, or a URL as s3://BUCKET/FILES; every node must reach it.",
            ),
        ]
    ):
        command = option(command)
    return command
