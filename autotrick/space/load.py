"""Read a space file."""

from pathlib import Path
from typing import Any

from autotrick.augment.files import read as read_policy
from autotrick.errors import RecipeError, SpaceError
from autotrick.models import verify
from autotrick.space.defaults import base_answers, by_hand
from autotrick.space.grid import Grid
from autotrick.space.model import SearchSpace
from autotrick.user_files import read_toml

COMPOSED = ("searched_policy", "policy_schedule")
"""The tricks whose policy may stand in a file."""
FILE = "file:"
"""What their `policy` begins with when it names a JSON file, beside the space file."""


def load(path: Path | str) -> SearchSpace:
    """Return the search space that a TOML file describes.

    Looking up names of torchvision and timm loads these libraries.

    Raises:
        SpaceError: The file is missing, is not TOML, or breaks rules; the message names all of them.
    """
    path = Path(path)
    tables = _tables(path)
    try:
        if "name" in tables:
            raise SpaceError("name: the file's name is the space's name. Leave it out.")
        if "origins" in tables:
            raise SpaceError("origins: autotrick fills it in. Leave it out.")
        _resolve_files(tables, path.parent)
        space = SearchSpace.model_validate(tables | {"name": path.stem})
        base_answers(space)
        by_hand(space)
        _check_grid(space)
        for name in space.architectures:
            verify(name)
    except (SpaceError, RecipeError) as error:
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
        SpaceError: The space cannot be read, or names a file that is not in its folder.
    """
    names = list(_policy_files(_tables(path)).values())
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


def _tables(path: Path) -> dict[str, Any]:
    try:
        return read_toml(path, SpaceError)
    except SpaceError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            raise SpaceError(_missing(path)) from None
        raise


def _missing(path: Path) -> str:
    known = ", ".join(sorted(p.stem for p in path.parent.glob("*.toml"))) or "none"
    return f"no search space at {path}. Spaces in that folder: {known}."
