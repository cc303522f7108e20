"""What `preview` needs to gather."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autotrick import records, space
from autotrick.augment.files import read
from autotrick.augment.foreign import translate
from autotrick.cli.output import console
from autotrick.errors import NotFoundError
from autotrick.recipe import Recipe, Settings
from autotrick.report.pictures import Row, write_picture
from autotrick.space import SearchSpace
from autotrick.tricks import TRICKS, Trick, build, find

STAGES = ("on_images", "on_tensor", "on_batch")


def draw_preview(path: Path, output: Path, what: Mapping[str, Any]) -> int:
    """Write the picture; return how many rows it has.

    Raises:
        NotFoundError: There is nothing to show.
    """
    from autotrick.data import load
    from autotrick.train.preview import compare

    loaded = space.load(path)
    recipes = _recipes(loaded, what)
    data = load(next(iter(recipes.values())).data, data_dir=what["data_dir"])
    shown = compare(recipes, data, count=what["count"])
    rows = [Row(label, _note(recipes.get(label), label), images) for label, images in shown.items()]
    for doubt in loaded.doubts():
        console(stderr=True).print(doubt, style="yellow")
    write_picture(output, f"{data.name}: what the tricks do", rows)
    return len(rows)


def _recipes(loaded: SearchSpace, what: Mapping[str, Any]) -> dict[str, Recipe]:
    plain = space.all_off(loaded).model_copy(update={"tricks": {}, "seed": what["seed"]})
    asked: dict[str, dict[str, Settings]] = {}
    for name in what["tricks"] or () if _chosen(what) else _changing(loaded):
        asked[name] = alone(find(name))
    for name in what["policies"]:
        found = read(Path(name)) if name.endswith(".json") else translate(name)
        asked[name] = {found.trick: build(found.trick, found.settings).values()}
    recipes = {name: plain.model_copy(update={"tricks": tricks}) for name, tricks in asked.items()}
    if what["study"] is not None:
        with records.open_database(what["url"], create=False) as database:
            row = records.trial(database, what["study"], what["trial"])
        label = f"trial {row.number} of {row.study}"
        recipes[label] = plain.model_copy(update={"tricks": row.recipe.tricks})
    if not recipes:
        raise NotFoundError(
            f"{loaded.name} lists no trick that changes images. Name some: --trick flip."
        )
    return recipes


def _chosen(what: Mapping[str, Any]) -> bool:
    return bool(what["tricks"] or what["policies"] or what["study"])


def _changing(loaded: SearchSpace) -> list[str]:
    """Return the listed tricks that change images, in the order in which they act."""
    names = [name for name in loaded.tricks if changes(TRICKS[name])]
    return sorted(names, key=lambda name: (_stage(TRICKS[name]), TRICKS[name].position, name))


def changes(trick: type[Trick]) -> bool:
    """Return whether a trick acts on images."""
    return any(getattr(trick, stage) is not getattr(Trick, stage) for stage in STAGES)


def _stage(trick: type[Trick]) -> int:
    return next(
        i for i, stage in enumerate(STAGES) if getattr(trick, stage) is not getattr(Trick, stage)
    )


def alone(trick: type[Trick]) -> dict[str, Settings]:
    """Return a trick with its published settings, and those that it needs."""
    return {name: TRICKS[name]().values() for name in (*sorted(trick.needs), trick.name)}


def _note(recipe: Recipe | None, label: str) -> str:
    """Return the settings in a line."""
    if recipe is None:
        return ""
    parts = []
    for name, settings in recipe.tricks.items():
        shown = ", ".join(f"{key} {_short(value)}" for key, value in settings.items())
        parts.append(shown if name == label else f"{name} ({shown})" if shown else name)
    return "; ".join(parts)


def _short(value: Any) -> str:
    if isinstance(value, list):
        return f"of {len(value)} sub-policies"
    return f"{value:.3g}" if isinstance(value, float) else str(value).lower()
