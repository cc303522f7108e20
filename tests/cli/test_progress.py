import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from rich.console import Console

from autotrick.cli.progress import Watch, sparkline
from autotrick.recipe import DataRef, EpochReport, Recipe
from autotrick.tune import Event

Say = Callable[..., Event]


@pytest.fixture
def say() -> Say:
    recipe = Recipe(
        data=DataRef(name="digits"),
        architecture="lenet5",
        epochs=3,
        batch_size=8,
        base_lr=0.1,
        tricks={"mixup": {"alpha": 0.25}},
    )

    def make(
        kind: str, number: int, epoch: int = 0, accuracy: float = 0.5, note: str = ""
    ) -> Event:
        report = EpochReport(
            epoch=max(1, epoch),
            accuracy=accuracy,
            loss=1,
            train_loss=1,
            lr=0.1,
            seconds=1,
            weights="w",
        )
        return Event(kind, number, recipe, report if epoch else None, note)

    return make


@pytest.fixture(params=[False, True], ids=["lines", "live"])
def live(request: pytest.FixtureRequest) -> bool:
    chosen: bool = request.param
    return chosen


def test_every_end_is_a_line(say: Say, live: bool, capsys: pytest.CaptureFixture[str]) -> None:
    with Watch(4, 1, None, live=live) as watch:
        watch(say("started", 1))
        watch(say("epoch", 1, 1, 0.4))
        watch(say("lost", 1, note="its worker died; it goes on from its checkpoint"))
        watch(say("epoch", 1, 3, 0.8))
        watch(say("complete", 1, 3, 0.8))
        watch(say("pruned", 2, 1, 0.1))
        watch(say("failed", 3, note="the loss became nan in epoch 1. Lower base_lr."))

    text = capsys.readouterr().err
    best = "[2/4] trial 1 complete 80.00 % *best* epochs 3/3, lenet5, mixup(alpha=0.25)"
    assert best in text
    assert "[3/4] trial 2 pruned 10.00 % epochs 1/3" in text
    assert (
        "[4/4] trial 3 failed (the loss became nan in epoch 1. Lower base_lr.) - epochs 0" in text
    )
    assert "trial 1: its worker died" in text
    assert watch.done == 4


@pytest.mark.parametrize("note", ["KeyError: '[/x]'", "[red]", ":smile:", "no file /a/[b]/c"])
def test_note_that_looks_like_markup_is_shown(
    say: Say, live: bool, note: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Watch(1, 0, None, live=live) as watch:
        watch(say("started", 0))
        watch(say("failed", 0, note=note))

    assert note in capsys.readouterr().err


def test_only_a_better_one_is_called_best(say: Say, capsys: pytest.CaptureFixture[str]) -> None:
    with Watch(3, 0, 0.7, live=False) as watch:
        for number, accuracy in enumerate((0.6, 0.8, 0.75)):
            watch(say("complete", number, 3, accuracy))

    lines = capsys.readouterr().err.splitlines()
    assert ["*best*" in line for line in lines] == [False, True, False]


def test_study_that_is_resumed_counts_on(say: Say, capsys: pytest.CaptureFixture[str]) -> None:
    with Watch(30, 28, 0.9, live=False) as watch:
        watch(say("complete", 29, 3))

    assert capsys.readouterr().err.startswith("[29/30] trial 29")


@pytest.mark.parametrize(
    ("values", "drawn"),
    [([], ""), ([0.5], "▁"), ([0.0, 1.0], "▁█"), ([0.3] * 3, "▁▁▁"), ([0.0, 0.5, 1.0], "▁▅█")],
)
def test_sparkline(values: list[float], drawn: str) -> None:
    assert sparkline(values) == drawn


def test_sparkline_shows_the_last_twenty() -> None:
    assert len(sparkline([i / 100 for i in range(50)])) == 20


def test_live_view_shows_rungs_and_the_rate(say: Say, capsys: pytest.CaptureFixture[str]) -> None:
    with Watch(9, 0, None, live=True) as watch:
        for number, kind in enumerate(("paused", "paused", "pruned")):
            watch(say("started", number))
            watch(say("epoch", number, 1, 0.4))
            watch(say(kind, number, 1, 0.4))
        watch(say("started", 0))
        watch(say("epoch", 0, 2, 0.6))
        text = Console(width=120, file=io.StringIO(), record=True)
        text.print(watch._picture())

    shown = text.export_text()
    assert "rungs  epoch 1: 1 paused, 1 cut" in shown
    assert "trials/h, about" in shown
    assert "2/3    60.00 %" in shown
    capsys.readouterr()


def test_a_narrow_live_view_has_a_line_a_trial_and_says_all_else_whole(
    say: Say, capsys: pytest.CaptureFixture[str]
) -> None:
    many = {name: {"probability": 0.25} for name in ("cutmix", "label_smoothing", "pad_crop")}
    with Watch(9, 0, None, live=True) as watch:
        for number in (0, 1):
            event = say("epoch", number, 1, 0.4)
            watch(replace(event, recipe=event.recipe.model_copy(update={"tricks": many})))
        watch(say("complete", 2, 3, 0.6))
        text = Console(width=60, file=io.StringIO(), record=True)
        text.print(watch._picture())
    lines = text.export_text().splitlines()

    assert len(lines) == 1 + 2 + 1 + 1
    assert lines[3].startswith(" best 60.00 % (trial 2), ") and lines[3].endswith(" left")
    assert "1/9 0:00:0" in lines[4]
    capsys.readouterr()


def test_before_the_first_trial_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with Watch(9, 0, None, live=True) as watch:
        assert watch._live
        text = Console(width=60, file=io.StringIO(), record=True)
        text.print(watch._live.renderable)

    assert "waiting for the first trial" in text.export_text()
    capsys.readouterr()


def drawn(watch: Watch, width: int, height: int = 40) -> list[str]:
    """Return what the live view shows in a terminal."""
    text = Console(width=width, height=height, file=io.StringIO(), record=True)
    watch._console = text
    text.print(watch._picture())
    return text.export_text().splitlines()


@pytest.mark.parametrize("width", [50, 80, 120])
def test_numbers_and_curves_are_whole_however_narrow_the_terminal(
    say: Say, capsys: pytest.CaptureFixture[str], width: int
) -> None:
    many = {name: {"probability": 0.25} for name in ("cutmix", "label_smoothing", "pad_crop")}
    with Watch(99, 0, None, live=True) as watch:
        for epoch in range(1, 4):
            event = say("epoch", 31, epoch, epoch / 4)
            recipe = event.recipe.model_copy(update={"tricks": many, "epochs": 100})
            watch(replace(event, recipe=recipe))
        row = drawn(watch, width)[1]

    assert row.startswith(" 31       3/100  75.00 %   ▁▅█")
    capsys.readouterr()


def test_more_running_trials_than_lines_leave_the_rest_in_sight(
    say: Say, capsys: pytest.CaptureFixture[str]
) -> None:
    with Watch(99, 0, None, live=True) as watch:
        for number in range(64):
            watch(say("epoch", number, 1))
        lines = drawn(watch, 80, height=24)

    assert len(lines) < 24
    assert "+ 48" in lines[17]
    assert lines[-2].startswith(" best") and "0/99" in lines[-1]
    capsys.readouterr()


def test_an_unfinished_trial_that_is_ahead_is_named(
    say: Say, capsys: pytest.CaptureFixture[str]
) -> None:
    with Watch(9, 0, None, live=True) as watch:
        watch(say("complete", 0, 3, 0.7))
        watch(say("epoch", 1, 2, 0.9))
        watch(say("paused", 1, 2, 0.9))
        ahead = drawn(watch, 80)
        watch(say("pruned", 1, 2, 0.9))
        gone = drawn(watch, 80)

    assert " ahead  trial 1 with 90.00 % after epoch 2" in ahead
    assert not any("ahead" in line for line in gone)
    capsys.readouterr()


def test_a_population_is_told_by_its_generations(
    say: Say, capsys: pytest.CaptureFixture[str]
) -> None:
    with Watch(5, 0, None, live=False, members=2) as watch:
        for number, accuracy in ((1, 0.4), (2, 0.3)):
            watch(say("epoch", number, 1, accuracy))
            watch(say("paused", number, 1, accuracy))
        assert capsys.readouterr().err == ""
        for number, accuracy in ((1, 0.6), (3, 0.5)):
            watch(say("epoch", number, 2, accuracy))
            watch(say("paused", number, 2, accuracy))
        lines = capsys.readouterr().err.splitlines()
        seen = drawn(watch, 80)
        watch(say("pruned", 2, 1, 0.3))
        ended = drawn(watch, 80)

    # The third trial has taken the second one's place.
    assert " 1/5 " in seen[-1] and " 1/5 " in ended[-1]
    assert lines == [
        "[0/5] population after epoch 1/3: best trial 1 with 40.00 %, last 30.00 %",
    ]
    assert " population  2 of 2 members wait after epoch 2" in seen
    # Two members of three epochs each, and both have had two of them.
    (told,) = (line for line in seen if line.startswith(" best"))
    assert "epochs/h, about" in told and told.endswith(" left")
