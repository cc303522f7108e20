"""Gathering the rows of a preview."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autotrick import records, space
from autotrick.augment.files import read
from autotrick.augment.library_policies import EXAMPLES, library_policy
from autotrick.augment.policies import OPERATIONS
from autotrick.cli.output import console
from autotrick.data import Dataset
from autotrick.errors import NotFoundError, TrickError, unknown
from autotrick.recipe import Recipe, Settings
from autotrick.report.pictures import PictureRow, write_picture
from autotrick.space import SearchSpace
from autotrick.space.parse_domain import KINDS
from autotrick.tricks import TRICKS, Trick, build, find

ALL = "all"
BESIDE = {
    "augmentation_curriculum": ("rotate",),
    "random_order": ("blur", "salt_and_pepper", "rotate"),
}
"""Tricks shown together with a trick that only changes how others act."""

Tricks = dict[str, Settings]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a preview is to show: the values of the command's options.

    Attributes:
        tricks: As `NAME` or `NAME:SETTING=VALUE,...`, or `all`.
        policies: Names, timm policy strings or JSON files, or `all`.
        operations: Names, or `all`.
        study: Study of the trial to show; None shows no trial.
        trial: Its number.
        count: Images per row.
        url: URL of the results database.
    """

    tricks: tuple[str, ...]
    policies: tuple[str, ...]
    operations: tuple[str, ...]
    study: str | None
    trial: int | None
    count: int
    seed: int
    data_dir: Path | None
    url: str


def draw_preview(path: Path, output: Path, wanted: Wanted) -> int:
    """Write the picture; return its number of rows.

    Raises:
        NotFoundError: There is nothing to show, or there is no such study or trial.
        TrickError: A trick, a setting, a policy or an operation is unknown.
    """
    from autotrick.data import load
    from autotrick.train.preview import PLAIN, preview

    loaded = space.load(path)
    plain = space.all_off(loaded).model_copy(update={"tricks": {}, "seed": wanted.seed})
    asked, operations = _asked(loaded, wanted), _operations(wanted.operations)
    data = load(plain.data, data_dir=wanted.data_dir)
    rows = _compared(plain, asked, data, wanted.count)
    rows += _by_strength(operations, data, wanted.count)
    if wanted.study is not None and wanted.trial is not None:
        with records.open_database(wanted.url, create=False) as database:
            row = records.trial(database, wanted.study, wanted.trial)
        recipe = plain.model_copy(update={"tricks": row.recipe.tricks})
        label = f"trial {row.number} of {row.study}"
        shown = preview(recipe, data, count=wanted.count)
        rows += [PictureRow(f"{label}: {n}", "", i) for n, i in shown.items() if n != PLAIN]
    if len(rows) == 1:
        raise NotFoundError(
            f"{loaded.name} lists no trick that changes images. Name some: --trick flip."
        )
    for warning in loaded.warnings():
        console(stderr=True).print(warning, style="yellow")
    write_picture(output, f"{data.name}: what the tricks do", rows)
    return len(rows)


def _compared(
    plain: Recipe, asked: Mapping[str, Tricks], data: Dataset, count: int
) -> list[PictureRow]:
    from autotrick.train.preview import PLAIN, compare

    recipes = {label: plain.model_copy(update={"tricks": t}) for label, t in asked.items()}
    compared = compare(recipes, data, count=count)
    before = compared.pop(PLAIN).images
    rows = [PictureRow(PLAIN, "", before)]
    for label, shown in compared.items():
        target = f"target of the first image: {shown.targets}" if shown.targets else ""
        same = "" if (shown.images != before).any() else "changes no pixel here"
        parts = filter(None, (note(asked[label], label), target, same))
        rows.append(PictureRow(label, "; ".join(parts), shown.images))
    return rows


def _by_strength(operations: Iterable[str], data: Dataset, count: int) -> list[PictureRow]:
    from autotrick.train.preview import magnitude, strengths

    rows = []
    for name in operations:
        images = strengths(name, data, count=count).images
        same = (images == data.train.images[:count]).all()
        said = "; changes no pixel here" if same else ""
        rows.append(PictureRow(name, magnitude(name, data.shape[:2]) + said, images))
    return rows


def _asked(loaded: SearchSpace, wanted: Wanted) -> dict[str, Tricks]:
    """Return the tricks of each row by its label."""
    from autotrick.train.preview import in_order

    chosen = any((wanted.tricks, wanted.policies, wanted.operations, wanted.study))
    names = list(wanted.tricks) if chosen else in_order(list(loaded.tricks))
    if ALL in names:
        names = in_order(list(TRICKS))
    asked = {name: written(name) for name in names}
    for name in EXAMPLES if ALL in wanted.policies else wanted.policies:
        found = read(Path(name)) if name.endswith(".json") else library_policy(name)
        asked[name] = {found.trick: build(found.trick, found.settings).values()}
    return asked


def _operations(names: tuple[str, ...]) -> list[str]:
    for name in names:
        if name not in (ALL, *OPERATIONS):
            raise TrickError(unknown("operation", name, OPERATIONS))
    return [n for n in OPERATIONS if n != "Identity"] if ALL in names else list(names)


def written(text: str) -> Tricks:
    """Return the tricks that `NAME` or `NAME:SETTING=VALUE,...` stands for.

    Raises:
        TrickError: A trick or a setting is unknown, or a value has the wrong type.
    """
    name, _, rest = text.partition(":")
    trick, settings = find(name), {}
    defaults = trick().values()
    for part in filter(None, rest.split(",")):
        key, _, value = part.partition("=")
        if key not in defaults:
            raise TrickError(f"{name}: {unknown('setting', key, defaults)}")
        settings[key] = _typed(value, type(defaults[key]), f"{name}: {key}")
    return alone(trick) | {name: build(name, settings).values()}


def _typed(text: str, kind: type, where: str) -> Any:
    values: dict[type, Any] = {bool: {"true": True, "false": False}.__getitem__}
    try:
        return values.get(kind, kind)(text)
    except (ValueError, KeyError):
        raise TrickError(f"{where} must be {KINDS[kind]}, but got {text!r}.") from None


def alone(trick: type[Trick]) -> Tricks:
    """Return a trick with its published settings, and the tricks without which it shows nothing."""
    names = (*sorted(trick.needs), *BESIDE.get(trick.name, ()), trick.name)
    return {name: TRICKS[name]().values() for name in names}


def note(tricks: Tricks, label: str) -> str:
    """Return the settings on one line."""
    parts = []
    for name, settings in tricks.items():
        shown = ", ".join(f"{key} {_short(value)}" for key, value in settings.items())
        own = name == label.partition(":")[0]
        parts.append(shown if own else f"{name} ({shown})" if shown else name)
    return "; ".join(filter(None, parts))


def _short(value: Any) -> str:
    if isinstance(value, list):
        return f"of {len(value)}"
    return f"{value:.3g}" if isinstance(value, float) else str(value).lower()
