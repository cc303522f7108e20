"""The spaces that come with autotrick, by name: `quickstart` stands for its file."""

from difflib import get_close_matches
from functools import cache
from pathlib import Path

from autotrick.errors import SpaceError

SUFFIX = ".toml"
_FOLDER = "search_spaces"


@cache
def packaged() -> dict[str, Path]:
    """Return the files of the packaged spaces by name, sorted.

    A wheel has them inside the package, a checkout beside it.
    """
    package = Path(__file__).parents[1]
    folders = (package / _FOLDER, package.parent / _FOLDER)
    folder = next((each for each in folders if each.is_dir()), folders[0])
    return {file.stem: file for file in sorted(folder.glob(f"*{SUFFIX}"))}


def find_space(name: Path | str) -> Path:
    """Return the file of a space, given its path or the name of a packaged one.

    A file of that name comes first.

    Raises:
        SpaceError: There is neither; the message suggests the nearest.
    """
    path = Path(name)
    try:
        there = path.exists()
    except (OSError, ValueError):  # a name that no file can have: reading it says why
        return path
    if there:
        return path
    if str(name) in packaged():
        return packaged()[str(name)]
    raise SpaceError(_missing(path))


def _missing(path: Path) -> str:
    """Return what to say of a space that is not there: where it was looked for, and what is near."""
    where = path.absolute()
    try:
        beside = {file.stem: file for file in sorted(where.parent.glob(f"*{SUFFIX}"))}
    except OSError:
        beside = {}
    said = f"no search space at {where}."
    known = [*beside, *packaged()]
    if near := get_close_matches(path.stem, known, n=1):
        file = beside.get(near[0])
        said += f" Did you mean {str(path.parent / file.name) if file else near[0]!r}?"
    said += f" Spaces in that folder: {', '.join(beside) or 'none'}."
    return f"{said} Packaged spaces: {', '.join(packaged()) or 'none'}."
