"""The tasks of this folder are known while its tests run, and to no other test."""

from collections.abc import Iterator

import pytest

from autotrick import tasks
from tests.tasks.brightness import BRIGHTNESS
from tests.tasks.stripes import STRIPES

OWN = (BRIGHTNESS, STRIPES)


def withdraw() -> None:
    for task in OWN:
        tasks._TASKS.pop(task.name, None)


withdraw()  # to import their modules has registered them


@pytest.fixture(autouse=True, scope="module")
def registered() -> Iterator[None]:
    for task in OWN:
        tasks.register(task)
    yield
    withdraw()
