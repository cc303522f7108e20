"""The source files behind a reference, and their digests.

A unit is what is digested and sent together. Of a package it is all its Python files; of a file beside
the space it is that file with the files of its folder that it imports, and those that these import.
"""

import ast
import hashlib
import importlib.machinery
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

from autotrick.errors import CodeError
from autotrick.limits import beyond, most
from autotrick.own_code.references import Reference


def files_of(reference: Reference, folder: Path | None) -> dict[str, Path]:
    """Return the source files of a reference's unit by name; nothing is imported.

    Names are relative, with `/`: `nets.py` and `layers.py`, or `mypackage/nets.py`.

    Args:
        folder: The space's folder; None if there is none.

    Raises:
        CodeError: There is no such file or package, or it has no Python source.
    """
    if reference.is_file:
        return _beside(reference, folder)
    spec = top_spec(reference.unit, folder)
    places = list(spec.submodule_search_locations or ())
    if not places:
        origin = Path(spec.origin or "")
        if origin.suffix != ".py":
            raise CodeError(f"{reference.text}: {reference.unit} is not written in Python.")
        return {f"{reference.unit}.py": origin}
    found: dict[str, Path] = {}
    for place in map(Path, places):
        for path in sorted(place.rglob("*.py")):
            found.setdefault(f"{reference.unit}/{path.relative_to(place).as_posix()}", path)
    if not found:
        raise CodeError(f"{reference.text}: {reference.unit} has no Python files.")
    if len(found) > most("code_files"):
        raise CodeError(f"{reference.text}: {beyond('code_files', len(found))}.")
    return found


def top_spec(unit: str, folder: Path | None) -> importlib.machinery.ModuleSpec:
    """Return where Python finds a package or module, which is looked for in the folder last.

    Raises:
        CodeError: It is neither installed nor in the folder.
    """
    path = [*sys.path, *([str(folder)] if folder else [])]
    spec = importlib.machinery.PathFinder.find_spec(unit, path)
    if spec is None:
        # Editable installs bring finders of their own.
        try:
            spec = importlib.util.find_spec(unit)
        except (ImportError, ValueError):
            spec = None
    if spec is None:
        where = f" or lies in {folder}" if folder else ""
        raise CodeError(
            f"no package {unit!r} is installed for {sys.executable}{where}. Install it there, or name a "
            "file beside the space: python:FILE.py:NAME."
        )
    return spec


def digests(files: dict[str, Path]) -> dict[str, str]:
    """Return 16 hex digits for each file by name; how lines end does not matter.

    Raises:
        CodeError: A file cannot be read, or all together are too large.
    """
    return {name: digest_of_source(content) for name, content in contents(files).items()}


def digest_of_source(content: bytes) -> str:
    """Return 16 hex digits that name a source text, however its lines end."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()[:16]


def contents(files: dict[str, Path]) -> dict[str, bytes]:
    """Return the content of each file by name.

    Raises:
        CodeError: A file cannot be read, or all together are too large.
    """
    found: dict[str, bytes] = {}
    total = 0
    for name, path in sorted(files.items()):
        try:
            found[name] = path.read_bytes()
        except OSError as error:
            raise CodeError(f"{path}: cannot be read: {error.strerror or error}.") from None
        total += len(found[name])
        if total > most("code_bytes"):
            raise CodeError(f"{path.parent}: {beyond('code_bytes', total)}.")
    return found


def _beside(reference: Reference, folder: Path | None) -> dict[str, Path]:
    base = folder or Path()
    first = base / reference.module
    if not first.is_file():
        known = ", ".join(sorted(path.name for path in first.parent.glob("*.py"))) or "none"
        raise CodeError(
            f"{reference.text}: there is no file {first.absolute()}. Python files in that folder: {known}."
        )
    found: dict[str, Path] = {}
    waiting = [first]
    while waiting and len(found) < most("code_files"):
        path = waiting.pop()
        name = path.relative_to(base).as_posix()
        if name not in found:
            found[name] = path
            waiting += _imported(path, first.parent)
    return dict(sorted(found.items()))


def _imported(path: Path, folder: Path) -> Iterator[Path]:
    """Yield the files of the folder that a file imports; none if its syntax is wrong."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module] if node.module else [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            top = name.partition(".")[0]
            if (file := folder / f"{top}.py").is_file():
                yield file
            elif (package := folder / top / "__init__.py").is_file():
                yield from sorted(package.parent.rglob("*.py"))
