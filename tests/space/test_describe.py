from collections.abc import Callable
from typing import Any

from autotrick.space import SearchSpace, SpaceSize, decisions, size

Make = Callable[[dict[str, Any]], SearchSpace]


def test_decisions_are_listed_with_domain_and_condition(space_with: Make) -> None:
    tables: dict[str, Any] = {
        "fixed": {"epochs": 6, "batch_size": 64},
        "search": {"architecture": ["lenet5", "fastnet"], "base_lr": [0.1, 0.2]},
        "architectures": {"fastnet": {"width": [0.25, 0.5]}},
        "tricks": {
            "mixup": {"alpha": {"low": 0.1, "high": 1.0}},
            "cutmix": {},
            "linear_warmup": {"always": True, "length": [0.1, 0.2]},
        },
    }

    listed = [(each.name, str(each.domain), each.when) for each in decisions(space_with(tables))]

    assert listed == [
        ("architecture", "lenet5, fastnet", ""),
        ("fastnet.width", "0.25, 0.5", "architecture is fastnet"),
        ("base_lr", "0.1, 0.2", ""),
        ("slot.mix", "off, cutmix, mixup", ""),
        ("mixup.alpha", "0.1 to 1", "mixup is on"),
        ("linear_warmup.length", "0.1, 0.2", ""),
    ]
    assert size(space_with(tables)) == SpaceSize(decisions=6, conditional=2)


def test_a_policy_takes_three_answers_an_operation(space_with: Make) -> None:
    policy = {"sub_policies": 2, "operations": 3}

    found = size(space_with({"tricks": {"searched_policy": {"policy": policy}}}))

    assert found == SpaceSize(decisions=1 + 1 + 18, conditional=18)


def test_the_one_architecture_is_no_condition(space_with: Make) -> None:
    space = space_with({"architectures": {"lenet5": {"width": [1.0, 2.0]}}})

    assert [each.when for each in decisions(space)] == ["", ""]
