import json
from typing import Any

import jsonschema
import pytest

from autotrick.models import ARCHITECTURES
from autotrick.space import json_schema
from autotrick.tricks import TRICKS

VALIDATOR = jsonschema.Draft202012Validator(json_schema())


@pytest.fixture
def file(tables: dict[str, Any]) -> dict[str, Any]:
    """A space as its file has it: the name is the file's."""
    return {key: value for key, value in tables.items() if key != "name"}


def test_it_is_a_schema_and_plain_json() -> None:
    VALIDATOR.check_schema(VALIDATOR.schema)

    assert json.loads(json.dumps(VALIDATOR.schema)) == VALIDATOR.schema


def test_it_knows_the_catalogues() -> None:
    properties = VALIDATOR.schema["properties"]

    assert properties["tricks"]["properties"].keys() == TRICKS.keys()
    assert properties["architectures"]["properties"].keys() == ARCHITECTURES.keys()
    mixup = properties["tricks"]["properties"]["mixup"]
    assert "Blend each batch" in mixup["description"] and "https://" in mixup["description"]
    assert "Beta(alpha, alpha)" in mixup["properties"]["alpha"]["description"]


@pytest.mark.parametrize(
    ("table", "further"),
    [
        ("tricks", {"mixup": {}}),
        ("tricks", {"mixup": {"always": True, "alpha": 1}}),
        ("tricks", {"mixup": {"alpha": [0.1, 0.2]}}),
        ("tricks", {"mixup": {"alpha": {"low": 0.1, "high": 1, "log": True}}}),
        ("tricks", {"mixup": {"alpha": "search"}}),
        ("tricks", {"searched_policy": {"policy": {"sub_policies": 2, "names": ["Rotate"]}}}),
        ("tricks", {"searched_policy": {"policy": [[["Rotate", 0.5, 0.5]]]}}),
        ("slots", {"mix": "always"}),
        ("search", {"precision": ["fp32", "bf16"]}),
        ("architectures", {"lenet5": {"width": "search"}, "timm/resnet18": {"small": True}}),
        ("data", {"name": "parquet:x", "validation": False}),
        ("study", {"trials": 3, "sampler": "random", "time_budget_min": 10}),
        ("pruning", {"method": "none"}),
    ],
)
def test_right_files_pass(file: dict[str, Any], table: str, further: dict[str, Any]) -> None:
    file[table] = {**file.get(table, {}), **further}

    VALIDATOR.validate(file)


@pytest.mark.parametrize(
    ("table", "further"),
    [
        ("tricks", {"mixpu": {}}),
        ("tricks", {"mixup": {"alfa": 1}}),
        ("tricks", {"mixup": {"alpha": -1}}),
        ("tricks", {"mixup": {"alpha": {"low": 0.1}}}),
        ("tricks", {"mixup": {"alpha": {"low": 0.1, "high": 1, "step": 1}}}),
        ("tricks", {"mixup": {"alpha": []}}),
        ("tricks", {"mixup": {"alpha": "serach"}}),
        ("tricks", {"lion": {"beta1": "search"}}),
        ("tricks", {"searched_policy": {"policy": {"names": ["Rotates"]}}}),
        ("slots", {"mix": "never"}),
        ("slots", {"mxi": "always"}),
        ("fixed", {"epochs": 0}),
        ("fixed", {"base_lr": 0.1}),
        ("fixed", {"architecture": "lenet4"}),
        ("search", {"seed": [0, 1]}),
        ("search", {"momentum": [1.0]}),
        ("architectures", {"lenet4": {}}),
        ("data", {"name": "digit"}),
        ("data", {"name": "folder"}),
        ("study", {"trials": 0}),
        ("recipes", {}),
    ],
)
def test_wrong_files_do_not(file: dict[str, Any], table: str, further: dict[str, Any]) -> None:
    file[table] = {**file.get(table, {}), **further}

    assert not VALIDATOR.is_valid(file)


@pytest.mark.parametrize("name", ["architecture", "batch_size", "epochs"])
def test_a_field_without_default_must_stand_somewhere(file: dict[str, Any], name: str) -> None:
    del file["fixed"][name]

    assert not VALIDATOR.is_valid(file)
