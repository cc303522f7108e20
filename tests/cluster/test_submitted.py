"""A search that is sent to a cluster goes on by itself, is followed, stopped, and taken up again."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

BOARD = Path(__file__).parents[2] / "dashboards" / "grafana" / "autotrick.json"


def board_metrics() -> set[str]:
    """Return the names of all metrics that the Grafana board asks for."""
    return set(re.findall(r"\bray_autotrick_\w+", BOARD.read_text()))


@pytest.mark.slow
@pytest.mark.ray
def test_a_sent_search_is_followed_stopped_and_resumed(apart: Callable[[str], Any]) -> None:
    pytest.importorskip("aiohttp", reason="the dashboard needs the packages of ray[default]")

    found = apart("submitted.py")

    code, out, _ = found["sent"]
    assert code == 0, found
    assert out.startswith("The cluster searches sent as job sent-")
    assert found["stopped"][0] == 0 and "stops after the current epochs" in found["stopped"][1]
    code, out, _ = found["followed"]
    assert code == 0, found
    assert "2 trials are left: autotrick resume sent (or submit its space again)" in out
    assert found["halfway"][:2] == ["stopped", None]
    assert found["halfway"][2]["waiting"] == 2
    assert set(found["reasons"]) == {"asked to stop"}
    assert found["again"][0] == 1 and "nobody searches study 'sent'" in found["again"][2]
    assert found["strange"][0] == 1
    assert "If it asks for a token" in found["strange"][2].splitlines()[-1]
    assert (found["resent"][0], found["last"][0]) == (0, 0), found
    assert "[2/2] trial" in found["last"][2]
    assert found["end"][0] == "complete" and found["end"][1]["complete"] == 2
    assert found["tries"] == [2, 2]
    assert found["epochs"] == [list(range(1, 101))] * 2
    assert not found["secret_shown"]
    shown = board_metrics()
    # Nothing fails here, and Ray shows only what was counted once.
    assert shown - found["metrics"].keys() == {"ray_autotrick_failures_total"}
    assert 'study="sent"' in found["metrics"]["ray_autotrick_trials"]
