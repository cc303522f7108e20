"""A user's package with own network, data and trick is searched on two nodes, and reproduced."""

import json
from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.slow
@pytest.mark.ray
def test_a_package_reaches_both_nodes_and_a_trial_of_it_is_reproduced(
    apart: Callable[[str], Any],
) -> None:
    found = apart("user_package_nodes.py")

    assert (found["search"], found["states"]) == (0, ["complete"] * 4), found
    assert (found["nodes"], found["code"]) == (2, ["dotpack"])
    assert found["reproduce"] == 0 and "bit-identical" in found["said"]
    assert found["export"] == 0
    files = json.loads(found["files"])
    assert {"model.safetensors", "model.pt2", "model.onnx", "model.json"} <= {*files["files"]}
    assert [*files["not_written"]] == ["train.py"]
    assert "does not read data of dots" in files["not_written"]["train.py"]
    assert json.loads(found["catalogue"])["origin"] == "dotpack 1.2"
    assert "bit-identical" in found["changed"]
    assert "dotpack/layers.py has changed since then" in found["changed"]
    # Reading imports nothing: the package is broken by now.
    assert len(found["best"].splitlines()) == 4
