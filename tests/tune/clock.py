"""A clock that moves when told to."""

from types import ModuleType

import pytest


class Clock:
    """What stands for the module `time` in a module that only asks for the monotonic time."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


def stopped(monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock
