from datetime import UTC, datetime, timedelta

import pytest

from dashboards.parts import ago


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(3, "just now"), (61, "1 minute ago"), (3599, "59 minutes ago"), (7300, "2 hours ago")],
)
def test_a_moment_is_said_in_one_unit(seconds: int, said: str) -> None:
    assert ago(datetime.now(UTC) - timedelta(seconds=seconds)) == said
