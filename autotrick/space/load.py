"""Read a space file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from autotrick.augment.files import read as read_policy
from autotrick.errors import CodeError, RecipeError, SpaceError
from autotrick.models import verify
from autotrick.space.defaults import base_answers, by_hand
from autotrick.space.grid import Grid
from autotrick.space.model import SearchSpace
from autotrick.space.own import gather, named_files
from autotrick.space.packaged import find_space
from autotrick.space.pretrained import weight_files, with_whole_paths
from autotrick.user_files import read_toml

COMPOSED = ("searched_policy", "policy_schedule")
"""The tricks whose policy may stand in a file."""
FILE = "file:"
"""What their `policy` begins with when it names a JSON file, beside the space file."""


def load(path: Path | str, *, then: Callable[[SearchSpace], None] | None = None) -> SearchSpace:
    """Return the search space that a TOML file describes.

    Looking up names of torchvision and timm loads these libraries, which takes seconds. Code of the
    user's own that the file names is imported, which runs it.

    Args:
        path: Of the file, or the name of a packaged space, such as `quickstart`.
        then: Called with the space before names of libraries are looked up, for checks that need not
            wait for that.

    Raises:
        SpaceError: The file is missing, is not TOML, or breaks rules; the message names all of them.
    """
    path = find_space(path)
    tables = read_toml(path, SpaceError)
    try:
        if "name" in tables:
            raise SpaceError("name: the file's name is the space's name. Leave it out.")
        if "origins" in tables:
            raise SpaceError("origins: autotrick fills it in. Leave it out.")
        _resolve_files(tables, path.parent)
        if code := gather(tables, path.parent):
            tables["code"] = code.model_dump(mode="json")
        space = SearchSpace.model_validate(tables | {"name": path.stem})
        if then is not None:
            then(space)
        for name in space.architectures:
            verify(name)
        space = with_whole_paths(space, path.parent)
        base_answers(space)
        by_hand(space)
        _check_grid(space)
    except (SpaceError, RecipeError, CodeError) as error:
        raise SpaceError(f"{path}: {error}") from None
    return space


def _check_grid(space: SearchSpace) -> None:
    if space.study.sampler == "grid":
        try:
            Grid(space)
        except SpaceError as error:
            raise SpaceError(f"study.sampler: {error}") from None


def files_of(path: Path) -> list[str]:
    """Return the files that a space is read from, the space file first, by their names in its folder.

    Raises:
        CodeError: A file of code is not there.
        SpaceError: The space cannot be read, or names a file that is not in its folder.
    """
    tables = read_toml(path, SpaceError)
    names = [
        *_policy_files(tables).values(),
        *weight_files(tables, path.parent),
        *named_files(tables, path.parent),
    ]
    for name in names:
        if not (path.parent / name).resolve().is_relative_to(path.parent.resolve()):
            raise SpaceError(
                f"{path}: only files of its own folder can be sent with it, but it names {name!r}. "
                "Copy that file into the folder."
            )
    return list(dict.fromkeys([path.name, *names]))


def _resolve_files(tables: dict[str, Any], folder: Path) -> None:
    """Replace `policy = "file:NAME"` by the policy itself, so that recipes carry it whole."""
    for trick, name in _policy_files(tables).items():
        found = read_policy(folder / name)
        if found.trick != trick:
            raise SpaceError(
                f"tricks.{trick}.policy: {FILE + name!r} is of {found.trick}. List that trick "
                f"with its settings: {found.settings!r}."
            )
        table = tables["tricks"][trick]
        table.pop("policy")
        tables.setdefault("origins", {})[trick] = f"{name}: {found.origin}"
        tables["tricks"][trick] = found.settings | table


def _policy_files(tables: dict[str, Any]) -> dict[str, str]:
    """Return the names of the policy files that a space names, by trick."""
    tricks, found = tables.get("tricks"), {}
    for trick in COMPOSED:
        table = tricks.get(trick) if isinstance(tricks, dict) else None
        written = table.get("policy") if isinstance(table, dict) else None
        if isinstance(written, str) and written.startswith(FILE):
            found[trick] = written.removeprefix(FILE)
    return found
