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
    "written", ["parameters = 0", "latency_ms = -1", "parameter = 5", 'multiply_adds = "1e6"']
)
def test_bound_that_cannot_be_one_is_refused_by_name(tmp_path: Any, written: str) -> None:
    path = tmp_path / "space.toml"
    path.write_text(
        'question = "?"\n[data]\nname = "digits"\n[fixed]\narchitecture = "lenet5"\nepochs = 2\n'
        f"batch_size = 32\nbase_lr = 0.1\n[tricks.mixup]\n[constraints]\n{written}\n"
    )

    with pytest.raises(SpaceError, match=written.split()[0]):
        load(path)
