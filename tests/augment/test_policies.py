import math

import pytest
from torchvision import transforms

from autotrick.augment.policies import AUTO_AUGMENT, MILD, OPERATIONS, fault


@pytest.mark.parametrize("name", AUTO_AUGMENT)
def test_published_policies_are_those_of_torchvision(name: str) -> None:
    theirs = transforms.AutoAugment(transforms.AutoAugmentPolicy(name)).policies

    ours = [
        tuple((operation, chance, round(9 * strength)) for operation, chance, strength in steps)
        for steps in AUTO_AUGMENT[name]
    ]

    assert ours == [
        tuple((operation, chance, place or 0) for operation, chance, place in steps)
        for steps in theirs
    ]


@pytest.mark.parametrize("policy", [*AUTO_AUGMENT.values(), MILD, []])
def test_shipped_policies_have_no_fault(policy: list[list[list[object]]]) -> None:
    assert fault(policy) is None


def test_operations_have_one_name_each() -> None:
    assert len({*OPERATIONS}) == len(OPERATIONS) == 17


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        ("Rotate", "a policy is a list of sub-policies, but got 'Rotate'."),
        ([[], "Rotate"], "sub-policy 1 must be a list of operations, but is 'Rotate'."),
        ([["Rotate"]], "sub-policy 0: a step is [operation, probability, magnitude], but got"),
        ([[["Rotat", 1, 1]]], "sub-policy 0: unknown operation 'Rotat'. Did you mean 'Rotate'?"),
        ([[[[], 1, 1]]], "sub-policy 0: unknown operation '[]'."),
        ([[["Rotate", 1.5, 1]]], "`0 <= probability <= 1` must hold for Rotate, but got 1.5."),
        ([[["Rotate", 1, -0.1]]], "`0 <= magnitude <= 1` must hold for Rotate, but got -0.1."),
        ([[["Rotate", 1, math.nan]]], "`0 <= magnitude <= 1` must hold for Rotate, but got nan."),
        ([[["Rotate", True, 1]]], "`0 <= probability <= 1` must hold for Rotate, but got True."),
    ],
)
def test_a_fault_says_where_and_what(policy: object, sentence: str) -> None:
    assert sentence in (fault(policy) or "")
