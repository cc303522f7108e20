"""What differs between a recorded space and another one, key by key."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

_PARTS = (
    *("data", "fixed", "search", "architectures", "tricks", "slots"),
    *("objective", "constraints", "pruning"),
)
"""The tables that tell one space from another; `[study]` may change from one start to the next."""
_FOUND = {"data.fingerprint", "data.validation"}
"""What loading the data fills in."""
_SHOWN = 6
_LONGEST = 60


def differences(recorded: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Return the keys in which two spaces differ, with both values; empty if none does.

    Args:
        recorded: The space of a study, as the database has it.
        new: The other one, in the same form.
    """
    found = [
        said
        for part in _PARTS
        for said in _between(part, recorded.get(part, {}), new.get(part, {}))
    ]
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return "; ".join(found[:_SHOWN]) + more


def _between(key: str, old: Any, new: Any) -> Iterator[str]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping) and not _is_value(old, new):
        for name in dict.fromkeys([*old, *new]):
            below = f"{key}.{name}"
            if below in _FOUND:
                continue
            if name not in old:
                yield f"{below} is new"
            elif name not in new:
                yield f"{below} is gone"
            else:
                yield from _between(below, old[name], new[name])
    else:
        yield f"{key} is {_written(new)} and was {_written(old)}"


def _is_value(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Return whether tables are values to show whole, such as `{low = 0.1, high = 0.5}`."""
    return any({"low", "values"} & side.keys() for side in (old, new))


def _written(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
