import json
from typing import Any

import pytest

from autotrick.domain import Choice, Domain, Float, Integer, PolicyDomain
from autotrick.errors import SpaceError
from autotrick.space.parse_domain import Fixed, check, read, typed, write
from autotrick.tricks.rules import Range

POLICY = PolicyDomain(("Rotate", "Invert"), 5, 2)


@pytest.mark.parametrize(
    ("written", "kind", "domain"),
    [
        (0.5, float, Fixed(0.5)),
        (1, float, Fixed(1.0)),
        (3, int, Fixed(3)),
        ("k", str, Fixed("k")),
        (True, bool, Fixed(True)),
        ([0.1, 0.2], list, Fixed([0.1, 0.2])),
        ([0, 0.5], float, Choice((0.0, 0.5))),
        ([64, 128], int, Choice((64, 128))),
        ([True, False], bool, Choice((True, False))),
        ({"low": 0, "high": 1}, float, Float(0.0, 1.0)),
        ({"low": 0.1, "high": 1, "log": True}, float, Float(0.1, 1.0, log=True)),
        ({"low": 1, "high": 9}, int, Integer(1, 9)),
        ({"low": 2, "high": 8, "step": 3}, int, Integer(2, 8, step=3)),
        ({"low": 1, "high": 9, "log": True}, int, Integer(1, 9, log=True)),
        ({"sub_policies": 3, "operations": 1}, list, PolicyDomain(("Rotate", "Invert"), 3, 1)),
        ({"names": ["Invert"]}, list, PolicyDomain(("Invert",), 5, 2)),
    ],
)
def test_what_is_written_is_read_and_written_again(
    written: Any, kind: type, domain: Domain
) -> None:
    found = read(written, kind, POLICY if isinstance(domain, PolicyDomain) else None)

    assert found == domain and type(found) is type(domain)
    own = POLICY if isinstance(domain, PolicyDomain) else None
    assert read(json.loads(json.dumps(write(found))), kind, own) == found


@pytest.mark.parametrize(
    ("written", "kind", "rule"),
    [
        ("0.5", float, "must be a number, but got '0.5'"),
        (float("nan"), float, "must be a number, but got nan"),
        (True, float, "must be a number, but got True"),
        (True, int, "must be a whole number, but got True"),
        (1.5, int, "must be a whole number, but got 1.5"),
        (1, bool, "must be true or false, but got 1"),
        (2, str, "must be a string, but got 2"),
        (2, list, "must be a list, but got 2"),
        ([], int, "a choice needs at least one option"),
        ([1, 1], int, "the option 1 stands twice"),
        ([1, "2"], int, "must be a whole number, but got '2'"),
        ({"low": 1}, int, "a table here needs `high`"),
        ({"low": 1, "hihg": 2}, int, "unknown key 'hihg'. Did you mean 'high'?"),
        ({"low": 2, "high": 1}, int, "`low < high` must hold, but got low=2, high=1"),
        ({"low": 1.0, "high": 1.0}, float, "`low < high` must hold"),
        ({"low": 0, "high": 1, "log": True}, float, "`low > 0` must hold on a log scale"),
        ({"low": "a", "high": 1}, float, "low must be a number, but got 'a'"),
        ({"low": 0, "high": 1, "log": 1}, float, "must be true or false, but got 1"),
        ({"low": 0.0, "high": 1.0, "step": 1}, float, "`step` is for whole numbers"),
        ({"low": 1, "high": 4, "step": 2}, int, "`step` must be at least 1, divide high - low"),
        ({"low": 1, "high": 5, "step": 2, "log": True}, int, "be 1 on a log scale"),
        ({"low": 1, "high": 5, "step": 0}, int, "`step` must be at least 1"),
        ({"low": 1, "high": 2}, str, "must be a string or a list of options, but got a range"),
        ("search", float, "'search' needs a domain of the setting's own"),
    ],
)
def test_a_fault_says_the_rule_and_what_was_seen(written: Any, kind: type, rule: str) -> None:
    with pytest.raises(SpaceError) as caught:
        read(written, kind)

    assert rule in str(caught.value)


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ({"sub_policies": 0}, "`sub_policies >= 1` and `operations >= 1` must hold"),
        ({"operations": 1.5}, "must be a whole number, but got 1.5"),
        ({"names": ["Invret"]}, "unknown operation 'Invret'. Did you mean 'Invert'?"),
        ({"names": []}, "`names` must list operations, each once"),
        ({"names": ["Invert", "Invert"]}, "`names` must list operations, each once"),
        ({"low": 0}, "unknown key 'low'"),
    ],
)
def test_a_policy_has_rules_of_its_own(written: Any, rule: str) -> None:
    with pytest.raises(SpaceError) as caught:
        read(written, list, POLICY)

    assert rule in str(caught.value)


def test_search_stands_for_the_settings_own_domain() -> None:
    assert read("search", float, Float(0.2, 0.4)) == Float(0.2, 0.4)


@pytest.mark.parametrize("domain", [Float(-1, 1), Float(0, 3), Choice((0.5, 3.0)), Fixed(-0.1)])
def test_both_ends_must_keep_the_rule(domain: Domain) -> None:
    with pytest.raises(SpaceError, match=r"`0 <= x <= 2` must hold, but got (-1|3|3\.0|-0\.1)$"):
        check(domain, Range(0, 2), "x")


def test_a_constant_asks_nobody() -> None:
    assert Fixed(3).answers("n", 3) == {} and Fixed(3).ends() == (3,)
    assert 3 in Fixed(3) and 3.0 not in Fixed(3) and str(Fixed(3)) == "3"
    assert typed(2, float) == 2.0
