import re
from dataclasses import replace
from datetime import UTC, datetime
from math import inf
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from autotrick.analysis.progress import winner
from autotrick.errors import ResourceError
from autotrick.measures import worded
from autotrick.objective import Objective
from autotrick.recipe import Fidelity, Leg
from autotrick.records.rows import RejectionRow, StudyRow, TrialRow
from autotrick.report import tables
from autotrick.report.page import write
from autotrick.space import SearchSpace
from tests.browsing import errors, shown
from tests.simulated import NO_EFFECT, Reports, a_recipe, a_report, a_study, a_trial

TRUTH = NO_EFFECT | {"mixup": 2.0}
STUDY = StudyRow(
    id=1,
    name="simulated",
    question="Does mixup help?",
    space={},
    space_digest="0123456789abcdef",
    metric="accuracy",
    seed=0,
    budget={},
    state="complete",
    created=datetime(2026, 11, 2, tzinfo=UTC),
    counts={"waiting": 0, "running": 0, "complete": 1, "pruned": 0, "failed": 0},
    best=0.9,
    owner=None,
    heartbeat=None,
)


def a_page(
    folder: Path, study: tuple[list[TrialRow], Reports], row: StudyRow = STUDY
) -> tuple[Path, str]:
    """Write a report; return its path, and its text without plotly's library."""
    path = folder / "report.html"
    write(path, row, *study, None)
    text = path.read_text("utf-8")
    library = max(re.findall(r"<script>.*?</script>", text, re.DOTALL), key=len)
    return path, text.replace(library, "")


def test_says_what_helped_with_interval_and_numbers(tmp_path: Path) -> None:
    _, text = a_page(tmp_path, a_study(80, points=TRUTH, seed=4))

    assert "<h1>Does mixup help?</h1>" in text
    row = next(row for row in re.findall(r"<tr>.*?</tr>", text) if ">mixup<" in row)
    cells = re.findall(r">([^<>]*)</td>", row)
    assert cells[:2] == ["mixup", "helps"]
    assert re.fullmatch(r"\+\d\.\d\d", cells[2])
    assert re.fullmatch(r"\+\d\.\d\d to \+\d\.\d\d", cells[3])
    assert int(cells[4]) + int(cells[5]) == 80
    assert "autotrick reproduce simulated" in text
    assert "HC2" in text


@pytest.mark.parametrize("count", [0, 1, 2, 5, 12])
def test_small_studies_have_a_report_too(tmp_path: Path, count: int) -> None:
    _, text = a_page(tmp_path, a_study(count, points=TRUTH))

    assert ("No trials yet." in text) == (count == 0)
    assert "nan" not in re.sub(r'"[^"]*"', "", text.lower().replace("nobody", ""))


def test_where_it_ran_is_said_without_what_is_not_known() -> None:
    facts = {"torch": "2.9.0", "gpu": None, "dirty": False, "threads": {"torch": 1}}

    table = tables.environment(facts)

    assert table.rows == [("dirty", "no"), ("threads.torch", "1"), ("torch", "2.9.0")]


def test_a_study_with_a_reward_is_won_by_its_score() -> None:
    curve = [a_report(1, 0.9)]
    quick = replace(a_trial(0, a_recipe(), [a_report(1, 0.8)]), score=0.8, latency_ms=1.0)
    slow = replace(a_trial(1, a_recipe(), curve), score=0.5, latency_ms=9.0)
    reward = Objective.model_validate({"reward": {"measure": "latency_ms", "target": 1.0}})

    table = tables.leaderboard([slow, quick], reward)

    assert winner([slow, quick]) == quick
    assert table.head[:4] == ("Trial", "Accuracy", "Latency (ms)", "Score")
    assert [row[:4] for row in table.rows] == [
        ("0", "80.00 %", "1", "0.8"),
        ("1", "90.00 %", "9", "0.5"),
    ]
    assert table.numeric == {0, 1, 2, 3, 6, 7, 8, 9, 10}


def test_a_winner_is_compared_with_what_is_like_it_without_tricks(tmp_path: Path) -> None:
    def made(
        number: int, architecture: str, value: float, *tricks: str, base_lr: float = 0.1
    ) -> TrialRow:
        recipe = a_recipe(*tricks, base_lr=base_lr, seed=number)
        recipe = recipe.model_copy(update={"architecture": architecture})
        return a_trial(number, recipe, [a_report(1, value)])

    trials = [
        made(0, "fastnet", 0.9),
        made(1, "lenet5", 0.5),
        made(2, "fastnet", 0.92, "mixup"),
        made(3, "lenet5", 0.6, "mixup"),
        made(4, "fastnet", 0.3, base_lr=3.0),
    ]
    reports = {trial.number: [a_report(1, trial.value or 0)] for trial in trials}

    _, text = a_page(tmp_path, (trials, reports))
    _, other = a_page(tmp_path, (trials[1:], reports))

    assert "With all tricks off, and all else as in it, the accuracy is 90.00 % (n = 1" in text
    assert "The best trial is 2.00 points above that." in text
    assert "With all tricks off" not in other and "points above" not in other


def test_the_winner_by_a_score_is_said_to_be_that(tmp_path: Path) -> None:
    quick = replace(a_trial(0, a_recipe("mixup"), [a_report(1, 0.8)]), score=1.25, latency_ms=1.0)
    slow = replace(a_trial(1, a_recipe(), [a_report(1, 0.9)]), score=0.5, latency_ms=9.0)
    space = {"objective": {"reward": {"measure": "latency_ms", "target": 1.0}}}
    reports = {row.number: [a_report(1, row.value or 0)] for row in (quick, slow)}

    _, text = a_page(tmp_path, ([quick, slow], reports), replace(STUDY, space=space))

    assert "Trial 0 has the best score, 1.25, with 80.00 % validation accuracy" in text
    assert "Trial 0 is 10.00 points below that: the score counts more than accuracy." in text
    assert "part of the difference is luck" not in text
    assert "By score: accuracy x (latency_ms / 1) ^ -0.07." in text


def test_a_winner_whose_settings_changed_says_when_and_to_what() -> None:
    legs = (Leg(after=2, fields={"base_lr": 0.31072}, tricks={"mixup": {"alpha": 0.25}}),)
    found = a_recipe("mixup").model_copy(update={"course": legs})

    settings, _ = tables.recipe(found)

    assert settings.rows[-1] == ("after epoch 2", "base lr 0.3107; mixup alpha 0.25")
    assert not [row for row in settings.rows if row[0] == "course"]


def test_what_early_epochs_leave_out_is_said_in_words() -> None:
    found = a_recipe().model_copy(
        update={"fidelity": Fidelity(of="data", rungs=((2, 0.25), (4, 0.5)))}
    )

    settings, _ = tables.recipe(found)

    assert settings.rows[-1] == ("fidelity", "images: 25 % until epoch 2, 50 % until epoch 4")


def test_bounds_of_millions_are_written_out() -> None:
    assert worded("multiply_adds", 6_000_000) == "6,000,000"
    assert worded("multiply_adds", 2_300_032.0) == "2,300,032"
    assert worded("latency_ms", 0.25) == "0.25"


def test_a_study_of_several_objectives_shows_its_pareto_set(tmp_path: Path) -> None:
    trials = [
        replace(a_trial(0, a_recipe(), [a_report(1, 0.8)]), latency_ms=1.0),
        replace(a_trial(1, a_recipe(), [a_report(1, 0.9)]), latency_ms=2.0),
        replace(a_trial(2, a_recipe(), [a_report(1, 0.7)]), latency_ms=3.0),
    ]
    row = replace(STUDY, space={"objective": {"objectives": ["accuracy", "latency_ms"]}})
    reports = {trial.number: [a_report(1, trial.value or 0)] for trial in trials}

    _, text = a_page(tmp_path, (trials, reports), row)

    pareto = text[text.index("<h2>Pareto set</h2>") : text.index("<h2>Leaderboard</h2>")]
    assert "90.00 %" in pareto and "80.00 %" in pareto and "70.00 %" not in pareto
    assert "Latency (ms)" in pareto and "All 2, by accuracy, the best first." in pareto


def test_a_winner_without_tricks_is_not_called_better_than_itself(tmp_path: Path) -> None:
    curve = [a_report(1, 0.9)]
    reports = Reports()
    reports[0] = curve

    _, text = a_page(tmp_path, ([a_trial(0, a_recipe(), curve)], reports))

    assert "No trial with tricks is better." in text and "0.00 points above" not in text


def test_a_study_that_has_not_reported_has_no_winner(tmp_path: Path) -> None:
    _, text = a_page(tmp_path, ([a_trial(0, a_recipe("mixup"), [], "waiting")], {}))

    assert "there is no best one" in text


def test_says_what_the_constraints_turned_away_and_what_the_others_have(tmp_path: Path) -> None:
    trials, reports = a_study(12, points=TRUTH)
    kept = [replace(trial, parameters=1000 + trial.number, memory=2**29) for trial in trials]
    tables = {"question": "?", "data": {"name": "digits"}, "tricks": {"mixup": {}}}
    tables |= {"fixed": {"architecture": "lenet5", "epochs": 2, "batch_size": 8, "base_lr": 0.1}}
    bounds = {"parameters": 5000, "memory": "1 GiB", "latency_ms": 3.0}
    space = SearchSpace.model_validate({"name": "s", **tables, "constraints": bounds})
    away = [
        *(RejectionRow(2, place, a_recipe(), "parameters", 6e3 + place, 5000) for place in (0, 1)),
        RejectionRow(3, 0, a_recipe(), "memory", inf, 2.0**30),
    ]
    path = tmp_path / "report.html"

    write(path, STUDY, kept, reports, space, refusals=away)

    text = path.read_text("utf-8")
    section = text[text.index("<h2>Constraints</h2>") :]
    rows = re.findall(r"<tr>(.*?)</tr>", section[: section.index("</table>")])
    cells = [re.findall(r">([^<>]*)</td>", row) for row in rows[1:]]
    dash = "\N{EN DASH}"
    assert sorted(cells) == [
        ["latency_ms", "3", "0", dash, "0", dash],
        ["memory", "1 GiB", "1", "more than there is", "12", "512 MiB"],
        ["parameters", "5,000", "2", "6,000 to 6,001", "12", "1,000 to 1,011"],
    ]
    assert "3 proposals rejected before training" in section
    assert "<h2>Constraints</h2>" not in a_page(tmp_path, (trials, reports))[1]


def test_only_a_study_without_a_screen_says_what_that_means(tmp_path: Path) -> None:
    trials, reports = a_study(12, points=TRUTH)
    screened = [replace(trial, phase="screen") for trial in trials]

    assert "This study has no screen" in a_page(tmp_path, (trials, reports))[1]
    assert "This study has no screen" not in a_page(tmp_path, (screened, reports))[1]
    assert "This study has no screen" not in a_page(tmp_path, ([], {}))[1]


def test_the_design_of_a_screen_is_folded_up(tmp_path: Path) -> None:
    def made(number: int, levels: dict[str, str], *tricks: str) -> TrialRow:
        trial = a_trial(number, a_recipe(*tricks), [a_report(1, 0.8 + number / 100)])
        design = {"half": number // 2, "row": number % 2, "levels": levels}
        return replace(trial, phase="screen", design=design)

    trials = [
        a_trial(9, a_recipe(), [a_report(1, 0.5)]),
        made(3, {"slot.mix": "off", "flip": "flip"}, "flip"),
        made(0, {"slot.mix": "cutmix", "flip": "off"}, "cutmix"),
        replace(made(1, {"slot.mix": "off", "flip": "flip"}, "flip"), state="running"),
    ]

    table = tables.screen(trials)
    _, text = a_page(tmp_path, (trials, {t.number: [a_report(1, 0.8)] for t in trials}))

    assert table.head == ("Trial", "Half", "mix", "flip", "Accuracy")
    assert table.rows == [
        ("0", "1", "cutmix", "", "80.00 %"),
        ("1", "1", "", "on", "running"),
        ("3", "2", "", "on", "83.00 %"),
    ]
    assert "<details><summary>The design of the screen</summary>" in text
    assert tables.screen(trials[:1]).rows == []


def test_in_short_stays_short_at_240_trials(tmp_path: Path) -> None:
    study = a_study(240, points={f"trick_{i}": 0.3 * (i % 5 - 2) for i in range(24)}, keep=0.67)

    _, text = a_page(tmp_path, study)

    short = text[text.index("<h2>In short</h2>") : text.index("</section>")]
    words = re.sub(r"<[^>]*>", " ", short).split()
    assert len(words) < 260


def test_text_of_the_database_stays_text(tmp_path: Path) -> None:
    evil = "</script><script>alert(1)</script>&<img src=x>"
    trials = [a_trial(0, a_recipe(evil), [a_report(1, 0.5)])]
    reports = {0: [a_report(1, 0.5)]}

    _, text = a_page(tmp_path, (trials, reports), replace(STUDY, question=evil, name=evil))

    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert text.count("</script>") == 2


def test_needs_no_network(tmp_path: Path) -> None:
    _, text = a_page(tmp_path, a_study(20, points=TRUTH))

    assert not re.search(r"(src|href|url\()\s*=?\s*['\"]?(https?:)?//", text)
    assert "default-src 'none'" in text


@pytest.mark.slow
def test_ten_thousand_trials_stay_small(tmp_path: Path) -> None:
    trials, reports = a_study(200, points=TRUTH, keep=0.67)
    many = [replace(trials[i % 200], number=i) for i in range(10_000)]

    path, text = a_page(tmp_path, (many, {i: reports[i % 200] for i in range(10_000)}))

    assert path.stat().st_size < 8_000_000
    assert "2,000 of 10,000" in text
    assert "60 of 10,000" in text


def test_a_folder_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match=r"the report cannot be written to .*: No such file"):
        write(tmp_path / "nowhere" / "r.html", STUDY, [], {}, None)


@pytest.mark.slow
@pytest.mark.browser
def test_every_figure_is_drawn(tmp_path: Path, browser: Chrome) -> None:
    path, text = a_page(tmp_path, a_study(60, points=TRUTH, keep=0.67))

    browser.get(shown(path))

    figures = browser.execute_script("return document.querySelectorAll('.plot').length")
    drawn = browser.execute_script("return document.querySelectorAll('.plot .main-svg').length")
    assert figures == text.count('class="plot"') == 6
    assert drawn >= figures
    assert errors(browser) == []
