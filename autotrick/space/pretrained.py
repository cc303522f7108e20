"""The pretrained weights that a space names: whole paths when it is read, digests when it is searched.

A recipe decides a trial, so it names weights by their digest: `pinned` replaces every name of weights
in a space by itself, `@` and the digest of the file, before the first recipe is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from autotrick.domain import Choice, Domain, Prior, Scalar
from autotrick.errors import RecipeError, SpaceError
from autotrick.models import weights
from autotrick.models.libraries import expect_parts
from autotrick.space.model import SearchSpace
from autotrick.space.parse_domain import Fixed

_NAME, _FREEZE = "pretrained", "freeze"
_LIBRARIES = ("timm/", "torchvision/")

Rename = Callable[[str, Any], Any]
"""From an architecture and its setting `pretrained` to the setting by another name."""


def with_whole_paths(space: SearchSpace, folder: Path) -> SearchSpace:
    """Return the space with the whole path of every file of weights.

    Its architectures exist.

    Args:
        folder: Of the space file.

    Raises:
        SpaceError: Weights are neither published by the library nor a file, or a part to freeze is
            not in the network.
    """
    for name, settings in space.architectures.items():
        if name.startswith(_LIBRARIES) and _FREEZE in settings:
            try:
                expect_parts(name, map(str, settings[_FREEZE].ends()))
            except RecipeError as error:
                raise SpaceError(f"architectures.{name}.{_FREEZE}: {error}") from None
    return _renamed(space, lambda name, setting: weights.absolute(name, setting, folder))


def pinned(space: SearchSpace) -> SearchSpace:
    """Return the space with the digest of all pretrained weights; fetches those that are not here.

    Raises:
        SpaceError: There are no such weights, or they are not those that the space pins.
        ResourceError: Weights are not on this machine and cannot be fetched.
    """
    return _renamed(space, weights.pinned)


def weight_files(tables: Mapping[str, Any], folder: Path) -> list[str]:
    """Return the files of weights that the tables of a space name, relative to its folder."""
    found: list[str] = []
    listed = tables.get("architectures")
    for settings in listed.values() if isinstance(listed, dict) else ():
        written = settings.get(_NAME) if isinstance(settings, dict) else None
        written = written.get("options") if isinstance(written, dict) else written
        for each in written if isinstance(written, list) else [written]:
            if isinstance(each, str):
                found += _files(folder, weights.split(each)[0])
    return found


def _files(folder: Path, name: str) -> Iterator[str]:
    path = folder / name
    if path.is_dir():
        inside = (each for each in sorted(path.rglob("*")) if each.is_file())
        yield from (str(Path(name) / each.relative_to(path)) for each in inside)
        return
    for each in (Path(name), Path(name).with_suffix(".json")):
        if (folder / each).is_file():
            yield str(each)


def _renamed(space: SearchSpace, rename: Rename) -> SearchSpace:
    """Return the space with other names of its weights, in its answers and priors too.

    Raises:
        SpaceError: Weights have no other name.
    """
    names: dict[str, dict[Scalar, Scalar]] = {}
    architectures: dict[str, dict[str, Domain]] = {}
    for architecture, settings in space.architectures.items():
        architectures[architecture] = dict(settings)
        if _NAME not in settings or not architecture.startswith(_LIBRARIES):
            continue
        try:
            table: dict[Any, Any] = {
                value: rename(architecture, value) for value in settings[_NAME].ends()
            }
        except RecipeError as error:
            raise SpaceError(f"architectures.{architecture}.{_NAME}: {error}") from None
        names[f"{architecture}.{_NAME}"] = table
        architectures[architecture][_NAME] = _domain(settings[_NAME], table)
    if not names:
        return space

    def answers(given: Mapping[str, Scalar]) -> dict[str, Scalar]:
        return {key: names.get(key, {}).get(value, value) for key, value in given.items()}

    study = space.study.model_copy(update={"base": answers(space.study.base)})
    recipes = tuple(
        named.model_copy(update={"answers": answers(named.answers)}) for named in space.recipes
    )
    changes = {"architectures": architectures, "study": study, "recipes": recipes}
    return space.model_copy(update=changes)


def _domain(domain: Domain, table: Mapping[Any, Any]) -> Domain:
    match domain:
        case Fixed(value):
            return Fixed(table[value])
        case Choice(options, prior):
            renamed = tuple(table[option] for option in options)
            if len(set(renamed)) < len(renamed):
                raise SpaceError(
                    f"two options of `pretrained` are the same weights: {', '.join(map(str, options))}. "
                    "Keep one of them."
                )
            believed = Prior(table[prior.value], prior.confidence) if prior else None
            return replace(domain, options=renamed, prior=believed)
    return domain
