from typing import Any

import pytest

from autotrick.domain import Prior
from autotrick.errors import SpaceError
from autotrick.space import SearchSpace, json_schema

TABLES: dict[str, Any] = {
    "name": "believed",
    "question": "Which?",
    "data": {"name": "cifar10"},
    "fixed": {"architecture": "lenet5", "epochs": 6},
    "search": {
        "batch_size": {"options": [64, 128], "prior": 128},
        "base_lr": {"low": 0.01, "high": 1, "log": True, "prior": 0.1, "confidence": "high"},
    },
    "tricks": {
        "mixup": {"prior": True, "alpha": {"prior": 0.2, "confidence": "low"}},
        "rand_augment": {"prior": False, "num_ops": {"low": 1, "high": 3, "prior": 2}},
    },
}


def space(**search: Any) -> SearchSpace:
    return SearchSpace.model_validate(TABLES | {"search": TABLES["search"] | search})


def test_priors_are_read_and_written() -> None:
    found = space()

    domains = {**found.search, **found.tricks["mixup"].settings}
    assert domains["base_lr"].prior == Prior(0.1, "high")  # type: ignore[attr-defined]
    assert domains["batch_size"].prior == Prior(128)  # type: ignore[attr-defined]
    assert domains["alpha"].prior == Prior(0.2, "low")  # type: ignore[attr-defined]
    assert found.tricks["rand_augment"].prior == Prior(False)
    written = found.model_dump(mode="json")
    assert written["search"]["batch_size"] == {
        "options": [64, 128],
        "prior": 128,
        "confidence": "medium",
    }
    assert SearchSpace.model_validate(written) == found


def test_a_setting_with_but_a_prior_keeps_its_own_range() -> None:
    tables = TABLES | {"tricks": {"mixup": {"alpha": "search"}}}
    own = SearchSpace.model_validate(tables).tricks["mixup"].settings["alpha"]

    believed = space().tricks["mixup"].settings["alpha"]

    assert believed != own and str(believed) == str(own)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"low": 0.1, "high": 1.0, "prior": 2.0}, r"search.base_lr: prior: 2.0 is not in 0.1 to 1"),
        ({"low": 0.1, "high": 1.0, "prior": "x"}, r"search.base_lr: prior: must be a number"),
        (
            {"low": 0.1, "high": 1.0, "prior": 0.2, "confidence": "sure"},
            r"search.base_lr: confidence must be low, medium or high, but got 'sure'",
        ),
        (
            {"low": 0.1, "high": 1.0, "confidence": "low"},
            r"search.base_lr: `confidence` goes with a `prior`",
        ),
        ({"prior": 0.2}, r"search.base_lr: a table here needs `low`"),
        ({"options": 3, "prior": 0.2}, r"search.base_lr: `options` must be a list, but got 3"),
        (
            {"options": [0.1], "low": 0.2, "prior": 0.1},
            r"search.base_lr: unknown key 'low'\. Keys: options",
        ),
    ],
)
def test_what_is_wrong_with_a_prior_is_said(written: Any, message: str) -> None:
    with pytest.raises(SpaceError, match=message):
        space(base_lr=written)


def test_a_switchs_prior_is_true_or_false() -> None:
    with pytest.raises(SpaceError, match=r"tricks.mixup: prior: must be true or false, but got 1"):
        SearchSpace.model_validate(TABLES | {"tricks": {"mixup": {"prior": 1}}})


def test_the_schema_knows_priors_and_the_studys_settings() -> None:
    from jsonschema import Draft202012Validator

    check = Draft202012Validator(json_schema())
    tables = {key: value for key, value in TABLES.items() if key != "name"}
    study = {"sampler": "cmaes", "priors": "published", "duplicates": "reuse"}
    study |= {"warm_start": ["a"], "enqueue": ["a:3"]}  # type: ignore[dict-item]

    assert list(check.iter_errors(tables | {"study": study})) == []
    assert list(check.iter_errors(tables | {"study": {"duplicates": "never"}}))
    wrong = tables["search"] | {"base_lr": {"low": 0.1, "high": 1.0, "confidence": 3}}
    assert list(check.iter_errors(tables | {"search": wrong}))


def test_a_whole_number_serves_as_the_prior_of_floats() -> None:
    for domain in ({"options": [1, 2]}, {"low": 1, "high": 2}):
        found = space(base_lr=domain | {"prior": 2}).search["base_lr"]
        assert found.prior == Prior(2.0) and isinstance(found.prior.value, float)  # type: ignore
