from collections.abc import Callable, Mapping
from typing import Any

import pytest

from autotrick.errors import SpaceError
from autotrick.space import Constraints, SearchSpace, load

Make = Callable[[Mapping[str, Any]], SearchSpace]


def test_bounds_are_those_that_are_set(space_with: Make) -> None:
    space = space_with({"constraints": {"parameters": 5000, "latency_ms": 2.5}})

    assert space.constraints.bounds == {"parameters": 5000, "latency_ms": 2.5}
    assert SearchSpace.model_validate(space.model_dump(mode="json")) == space


def test_space_without_bounds_is_written_and_named_as_before(space_with: Make) -> None:
    plain, empty = space_with({}), space_with({"constraints": {}})

    assert "constraints" not in plain.model_dump(mode="json")
    assert plain.constraints == Constraints()
    assert (
        plain.digest() == empty.digest() != space_with({"constraints": {"parameters": 9}}).digest()
    )


@pytest.mark.parametrize(
    ("written", "bytes_"),
    [(7e8, 7e8), ("2 GiB", 2**31), ("1.5 gib", 1.5 * 2**30), ("800MB", 8e8), ("12 b", 12)],
)
def test_memory_is_written_in_bytes_or_with_a_unit(
    space_with: Make, written: object, bytes_: float
) -> None:
    space = space_with({"constraints": {"memory": written}})

    assert space.constraints.bounds == {"memory": bytes_}
    assert SearchSpace.model_validate(space.model_dump(mode="json")) == space


def test_other_bounds_are_written_as_before_there_was_one_on_memory(space_with: Make) -> None:
    space = space_with({"constraints": {"parameters": 9}})

    written = {"parameters": 9.0, "multiply_adds": None, "latency_ms": None}
    assert space.model_dump(mode="json")["constraints"] == written


@pytest.mark.parametrize(
    "written",
    [
        *("parameters = 0", "latency_ms = -1", "parameter = 5", 'multiply_adds = "1e6"'),
        *('memory = "2 Gi"', 'memory = "0 MiB"', "memory = true", 'memory = "much"'),
    ],
)
def test_bound_that_cannot_be_one_is_refused_by_name(tmp_path: Any, written: str) -> None:
    path = tmp_path / "space.toml"
    path.write_text(
        'question = "?"\n[data]\nname = "digits"\n[fixed]\narchitecture = "lenet5"\nepochs = 2\n'
        f"batch_size = 32\nbase_lr = 0.1\n[tricks.mixup]\n[constraints]\n{written}\n"
    )

    with pytest.raises(SpaceError, match=written.split()[0]):
        load(path)
