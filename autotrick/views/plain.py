"""Values as plain JSON: dictionaries, lists, texts, numbers, true, false and null."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel


def plain(value: Any) -> Any:
    """Return a value as JSON would hold it, at any depth; numbers that are not finite stay as they are."""
    if isinstance(value, BaseModel):
        return plain(value.model_dump())
    if isinstance(value, Mapping):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return value.isoformat() if isinstance(value, datetime) else value
