"""Reading a space file."""

import tomllib
from pathlib import Path
from typing import Any

from autotrick.augment.files import read as read_policy
from autotrick.errors import RecipeError, SpaceError
from autotrick.models import verify
from autotrick.space.grid import Grid
from autotrick.space.model import SearchSpace
from autotrick.space.prefer import by_hand

FILE = "file:"
"""What a searched policy's `policy` begins with when it names a JSON file, beside the space file."""


def load(path: Path | str) -> SearchSpace:
    """Return the search space that a TOML file describes.

    Names of torchvision and timm are looked up there, which loads them.

    Raises:
        SpaceError: The file is missing, is not TOML, or breaks rules; all that it breaks are named.
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
    """Return the files that a space is read from, by their names beside it; itself comes first.

    Raises:
        SpaceError: It cannot be read, or names a file that is not in its folder.
    """
    name = _policy_file(_tables(path))
    if name is None:
        return [path.name]
    if not (path.parent / name).resolve().is_relative_to(path.parent.resolve()):
        raise SpaceError(
            f"{path}: only files of its own folder can be sent with it, but it names {name!r}. Copy "
            "that file into the folder."
        )
    return [path.name, name]


def _resolve_files(tables: dict[str, Any], folder: Path) -> None:
    """Replace `policy = "file:NAME"` by the policy itself, so that recipes carry it whole."""
    name = _policy_file(tables)
    if name is None:
        return
    found = read_policy(folder / name)
    if found.trick != "searched_policy":
        raise SpaceError(
            f"tricks.searched_policy.policy: {FILE + name!r} is of {found.trick}. List that trick "
            f"with its settings: {found.settings!r}."
        )
    table = tables["tricks"]["searched_policy"]
    table.pop("policy")
    tables["origins"] = {"searched_policy": f"{name}: {found.origin}"}

    tables["tricks"]["searched_policy"] = found.settings | table


def _policy_file(tables: dict[str, Any]) -> str | None:
    """Return the name of the policy file that a space names, if it does."""
    tricks = tables.get("tricks")
    table = tricks.get("searched_policy") if isinstance(tricks, dict) else None
    written = table.get("policy") if isinstance(table, dict) else None
    if not isinstance(written, str) or not written.startswith(FILE):
        return None
    return written.removeprefix(FILE)


def _tables(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SpaceError(_missing(path)) from None
    except OSError as error:
        raise SpaceError(f"{path}: cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SpaceError(f"{path}: is not TOML: it is no UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        raise SpaceError(f"{path}: is not TOML: {error}.") from None


def _missing(path: Path) -> str:
    known = ", ".join(sorted(p.stem for p in path.parent.glob("*.toml"))) or "none"
    return f"no search space at {path}. Spaces in that folder: {known}."
