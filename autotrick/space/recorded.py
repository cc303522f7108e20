"""Spaces read from a database, which another version may have recorded."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from autotrick.errors import SpaceError
from autotrick.space.model import SearchSpace
from autotrick.space.settings import Pruning, StudySettings


def recorded_space(space: Mapping[str, Any]) -> tuple[SearchSpace | None, str]:
    """Return the space of a recorded study, or None and the reason why it cannot be read."""
    try:
        return SearchSpace.model_validate(space), ""
    except SpaceError as error:
        return None, str(error)
    except ValidationError as error:  # of what no file of a space holds, such as `origins`
        first = error.errors()[0]
        return None, f"{'.'.join(map(str, first['loc']))}: {first['msg'].lower()}"


def space_to_search(study: str, space: Mapping[str, Any]) -> SearchSpace:
    """Return the space of a recorded study that is to be resumed.

    Raises:
        SpaceError: Another version recorded it, and it uses something that this version lacks.
    """
    found, fault = recorded_space(space)
    if found is None:
        raise SpaceError(
            f"study {study!r} was recorded by another version of autotrick, and this one cannot go on "
            f"with it: {fault}"
        )
    return found


def recorded_pruning(space: Mapping[str, Any]) -> Pruning | None:
    """Return the pruning of a recorded study; None if it cannot be read."""
    try:
        return Pruning.model_validate(space.get("pruning", {}))
    except ValidationError:
        return None


def recorded_precision(space: Mapping[str, Any]) -> float:
    """Return the precision that a recorded study asks for; the default if it cannot be read."""
    found = space.get("study", {}).get("precision")
    known = isinstance(found, int | float) and found > 0
    default: float = StudySettings.model_fields["precision"].default
    return float(found) if known else default
