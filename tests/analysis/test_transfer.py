"""Which tricks carry over, against planted effects on two data sets."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from autotrick.analysis.transfer import Carries, Screened, TransferMatrix, transfer_matrix
from autotrick.design.screening import Screen
from autotrick.random_streams import key_of
from autotrick.recipe import EpochReport
from autotrick.records import TrialRow
from autotrick.space import OFF, SearchSpace, all_off
from tests.simulated import a_report, a_trial

TRICKS = ("flip", "pad_crop", "label_smoothing", "ema", "cutout", "mixup", "cosine_decay")
SPACE = SearchSpace.model_validate(
    {
        "name": "made",
        "question": "Which tricks help?",
        "data": {"name": "digits"},
        "fixed": {"architecture": "lenet5", "epochs": 1, "batch_size": 64, "base_lr": 0.1},
        "tricks": {name: {} for name in TRICKS},
    }
)
HOME = {"flip": 1.0, "pad_crop": -1.0, "ema": 1.0, "cutout": 1.0, "mixup": 0.0}


def screened(
    data: str, effects: Mapping[str, float], *, noise: float = 0.3, seed: int = 0, runs: int = 24
) -> Screened:
    """Make a screen of two halves; `noise` is in points."""
    screen, base = Screen(SPACE, seed=0), all_off(SPACE)
    rng = np.random.default_rng(key_of(seed, data))
    trials: list[TrialRow] = []
    curves: dict[int, list[EpochReport]] = {}
    for half in (0, 1):
        for row, levels in enumerate(screen.half(half, runs)):
            recipe = screen.recipe(base, levels, half=half, runs=runs, row=row)
            value = 80 + sum(effects.get(o, 0.0) for o in levels.values()) + rng.normal(0, noise)
            number = len(trials)
            curves[number] = [a_report(1, value / 100)]
            trial = a_trial(number, recipe, curves[number])
            design = {"half": half, "row": row, "base": 0, "seed": half, "levels": dict(levels)}
            trials.append(replace(trial, phase="screen", design=design))
    return Screened(f"on_{data}", data, trials, curves)


def said(matrix: TransferMatrix, i: int = 0) -> dict[str, Carries]:
    return {row.trick: row.cells[i].carries for row in matrix.rows}


def test_tricks_that_lose_or_keep_their_effect_are_told_apart() -> None:
    there = {"flip": 1.0, "pad_crop": -1.0, "ema": 0.0, "cutout": -1.0, "mixup": 1.5}
    matrix = transfer_matrix(screened("home", HOME), [screened("other", there)])

    found = said(matrix)
    assert found["flip"] is found["pad_crop"] is Carries.YES
    assert found["ema"] is found["cutout"] is Carries.NO
    assert found["mixup"] is Carries.NEW
    assert found["label_smoothing"] is Carries.NOTHING
    assert set(matrix.lost()) == {("ema", "other"), ("cutout", "other")}
    assert [row.trick for row in matrix.rows][-1] == "pad_crop"


def test_a_weaker_effect_of_the_same_clear_sign_carries_over() -> None:
    home, there = HOME | {"flip": 3.0}, HOME | {"flip": 1.0}
    matrix = transfer_matrix(screened("home", home), [screened("other", there)])

    cell = next(row for row in matrix.rows if row.trick == "flip").cells[0]
    assert cell.high is not None and cell.high < 0
    assert cell.carries is Carries.YES


def test_what_noise_hides_is_not_said() -> None:
    others = [screened("other", HOME, noise=4.0, seed=1)]
    matrix = transfer_matrix(screened("home", HOME), others)

    assert Carries.NO not in said(matrix).values()
    assert Carries.UNCLEAR in said(matrix).values()


def test_a_trick_that_was_left_out_says_why() -> None:
    other = replace(screened("other", HOME), left_out={"flip": "does flip"})
    matrix = transfer_matrix(screened("home", HOME), [other])

    cell = next(row for row in matrix.rows if row.trick == "flip").cells[0]
    assert (cell.carries, cell.note, cell.effect) == (Carries.LEFT_OUT, "does flip", None)


def test_every_data_set_has_its_cell() -> None:
    others = [screened("a", HOME), screened("b", {})]
    matrix = transfer_matrix(screened("home", HOME), others)

    assert matrix.others == ("a", "b")
    assert said(matrix, 0)["flip"] is Carries.YES
    assert said(matrix, 1)["flip"] is Carries.NO


def test_intervals_of_differences_hold_the_truth_and_equal_effects_are_not_called_lost() -> None:
    held, lost, count = 0, 0, 0
    for seed in range(25):
        home = screened("home", HOME, seed=2 * seed, noise=0.6)
        other = screened("other", HOME, seed=2 * seed + 1, noise=0.6)
        matrix = transfer_matrix(home, [other])
        for row in matrix.rows:
            cell = row.cells[0]
            assert cell.low is not None and cell.high is not None
            held += cell.low <= 0 <= cell.high
            count += 1
        lost += len(matrix.lost())
    assert held / count >= 0.9
    assert lost / count <= 0.04


def test_no_effect_is_told_without_whole_trials() -> None:
    empty = Screened("on_other", "other", [], {})
    matrix = transfer_matrix(screened("home", HOME), [empty])

    assert set(said(matrix).values()) == {Carries.UNCLEAR}
    assert all(OFF not in row.trick for row in matrix.rows)
