"""A confirmation that is killed in its race, and between its look's record and its result."""

import json
from collections.abc import Callable

import pytest

from autotrick import records
from autotrick.errors import AutotrickError
from tests.tune.places import Place
from tests.tune.test_confirm import search_of

pytestmark = [pytest.mark.slow, pytest.mark.ray]
WORDS = ("confirm", "life", "--top", "1", "--seeds", "2", "--storage", "files")


def looks(place: Place) -> list[records.LookRow]:
    try:
        with records.open_database(place.url, create=False) as database:
            return records.looks(database, "life")
    except AutotrickError:
        return []


def unfinished(place: Place) -> bool:
    return any(look.result is None for look in looks(place))


def test_a_killed_confirmation_looks_at_the_test_split_once(
    make_place: Callable[[str], Place], database_url: str
) -> None:
    place = make_place(database_url)
    search_of(place.url, place.folder)
    place.study = "life-confirm"

    racing = place.start(*WORDS)
    place.wait_for_epochs(1, racing)
    racing.kill()
    racing.communicate()
    assert looks(place) == []

    looking = place.start("resume", "life-confirm")
    place.until(lambda: looks(place), looking)
    looking.kill()
    looking.communicate()
    between = looks(place)
    killed_between = unfinished(place)

    # A kill that came too late is no test of what is between.
    assert killed_between
    for words in (("resume", "life-confirm"), WORDS):
        status, out, err = place.run(*words)
        assert status == 0, err
        assert "test images" in out

    after = looks(place)
    assert [(look.number, look.forced) for look in after] == [(1, False)]
    assert after[0].result is not None
    assert (after[0].created, after[0].candidates) == (between[0].created, between[0].candidates)
    rows = place.rows()
    assert [row.state for row in rows] == ["complete"] * 4
    assert len({row.digest for row in rows}) == 4
    status, out, err = place.run(*WORDS, "--json")
    assert status == 0, err
    told = [row["test"] for row in json.loads(out)["recipes"]]
    assert all(test is not None and test["images"] == 359 for test in told)
