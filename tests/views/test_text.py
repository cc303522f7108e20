from datetime import UTC, datetime
from math import inf

import pytest

from autotrick.views import text


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.04, "0.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (61.4, "1 min 01 s"),
        (3599.6, "1 h 00 min"),
        (3725, "1 h 02 min"),
        (3_600_000, "1,000 h 00 min"),
        (None, text.DASH),
    ],
)
def test_duration(seconds: float | None, shown: str) -> None:
    assert text.duration(seconds) == shown


def test_values_and_differences_of_the_metric() -> None:
    assert (text.metric_text(0.91234), text.metric_text(None)) == ("91.23 %", text.DASH)
    shown = [text.points(value).translate(text.ASCII) for value in (0.8, -0.8, 0.0, None)]
    assert shown == ["+0.80", "-0.80", "+0.00", "-"]
    assert text.interval(-0.5, 1.25) == f"{text.MINUS}0.50 to +1.25"
    assert text.interval(None, 1.0) == "none"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("accuracy", 0.5, "50.00 %"),
        ("robustness", 0.25, "25.00 %"),
        ("seconds", 61.0, "1 min 01 s"),
        ("memory", 3 * 2**30, "3 GiB"),
        ("memory", inf, "more than there is"),
        ("multiply_adds", 1234567, "1,234,567"),
        ("latency_ms", 1.23456, "1.235"),
        ("score", None, text.DASH),
    ],
)
def test_measures(name: str, value: float | None, shown: str) -> None:
    assert text.measure(name, value) == shown


def test_factors_counts_and_moments() -> None:
    assert text.factor(1.044).translate(text.ASCII) == "x 1.04"
    assert text.factor(1.044, 1.01, 1.08).translate(text.ASCII) == "x 1.04 (1.01 to 1.08)"
    assert (text.count(1, "trial"), text.count(1000, "trial")) == ("1 trial", "1,000 trials")
    assert text.counts_text({"complete": 2, "failed": 0, "pruned": 1}) == "2 complete, 1 pruned"
    assert text.moment(datetime(2026, 11, 30, 9, 5, 59, tzinfo=UTC)) == "2026-11-30 09:05"
