"""Import the user's own code, and say in one line with file and line what went wrong.

A file beside the space gets a module name of its own, so that two spaces may each have a `nets.py`; it
is imported anew when its source has changed. The folder is searched last, so that a file `random.py`
beside a space does not replace the standard library's.
"""

import importlib
import importlib.util
import sys
import traceback
from collections.abc import Callable
from operator import attrgetter
from pathlib import Path
from types import ModuleType
from typing import Any

from autotrick.errors import CodeError, unknown
from autotrick.own_code.references import Reference
from autotrick.recipe import digest_of


def object_of(
    reference: Reference, files: dict[str, Path], digests: dict[str, str], folder: Path | None
) -> Any:
    """Return the object that a reference names; the module if it names no object.

    Args:
        files: The source files of its unit, by name.
        digests: Their digests.
        folder: The space's folder.

    Raises:
        CodeError: The module cannot be imported, or has no such object.
    """
    module = (
        _from_beside(reference, files, digests)
        if reference.is_file
        else _from_path(reference, folder)
    )
    if not reference.attribute:
        return module
    try:
        return attrgetter(reference.attribute)(module)
    except AttributeError:
        known = [name for name in vars(module) if not name.startswith("_")]
        said = unknown("name", reference.attribute, known)
        raise CodeError(f"{reference.text}: {said}") from None


def guarded(what: str, call: Callable[[], Any], kind: type[Exception] = CodeError) -> Any:
    """Return what a call of the user's own code returns.

    Args:
        what: Begins the message, such as the reference.
        kind: Type of the exception to raise.

    Raises:
        CodeError: The code raised an exception; the message has its file and line.
    """
    try:
        return call()
    except (MemoryError, KeyboardInterrupt):
        raise
    except (Exception, SystemExit) as error:
        raise kind(f"{what}: {described(error)}") from error


def described(error: BaseException) -> str:
    """Return where the user's own code raised an exception, and what it said, as one sentence."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}, line {error.lineno}: {type(error).__name__}: {error.msg}."
    said = " ".join(str(error).split()).rstrip(".")
    name = type(error).__name__
    text = f"{name}: {said}." if said else f"{name}."
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith(("<frozen", str(_HERE)))
    ]
    mine = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    if mine:
        return f"{mine[-1].filename}, line {mine[-1].lineno}: {text}"
    return text


_HERE = Path(__file__).parents[1]
"""The folder of autotrick."""


def _from_beside(
    reference: Reference, files: dict[str, Path], digests: dict[str, str]
) -> ModuleType:
    path = files[reference.module]
    unit = digest_of({"path": str(path.resolve()), **digests})
    name = f"autotrick_own_{path.stem}_{unit}"
    _search(path.parent)
    if name not in sys.modules:
        _forget([other for other in files.values() if other != path])
        guarded(reference.text, lambda: _from_file(name, path))
    return sys.modules[name]


def _from_path(reference: Reference, folder: Path | None) -> ModuleType:
    if folder and not _is_found(reference.unit):
        _search(folder)
    found: ModuleType = guarded(reference.text, lambda: importlib.import_module(reference.module))
    return found


def _from_file(name: str, path: Path) -> None:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None, "a file that ends with .py has a loader"
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and type hints look their module up
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise


def _is_found(unit: str) -> bool:
    try:
        return unit in sys.modules or importlib.util.find_spec(unit) is not None
    except (ImportError, ValueError):
        return False


def _search(folder: Path) -> None:
    """Let Python find modules of the folder, after all others."""
    if (text := str(folder.absolute())) not in sys.path:
        sys.path.append(text)
    importlib.invalidate_caches()


def _forget(files: list[Path]) -> None:
    """Forget modules that were imported from these files, whose source may be another one now."""
    gone = {str(path.resolve()) for path in files}
    for name, module in list(sys.modules.items()):
        origin = getattr(module, "__file__", None)
        if origin and str(Path(origin).resolve()) in gone:
            del sys.modules[name]
