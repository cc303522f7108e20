from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from autotrick.data import load
from autotrick.design.regression import Estimate
from autotrick.recipe import DataRef, Recipe
from autotrick.train import train
from benchmarks import __main__ as command
from benchmarks.claims import CLAIMS, pages, training
from benchmarks.claims.claim import (
    DIGITS,
    Arm,
    Claim,
    Course,
    Courses,
    Expected,
    Finding,
    Verdict,
    mean,
    paired,
    verdict,
)
from benchmarks.claims.large_batch import slope, variance

HERE = 2
"""Seeds of what is trained in this process."""
FEW = Recipe(data=DIGITS, architecture="lenet5", epochs=3, batch_size=256, base_lr=0.05)


def finding(low: float, high: float, expected: Expected) -> Finding:
    return Finding("a - b", Estimate((low + high) / 2, low, high), expected)


def course(*accuracy: float) -> Course:
    lr = (0.1,) * len(accuracy)
    return Course(recipe=FEW, accuracy=accuracy, lr=lr, weights="ab", parameters=7)


@pytest.mark.parametrize(
    ("low", "high", "expected", "held"),
    [
        (0.1, 2.0, "above", "yes"),
        (-0.1, 2.0, "above", "not clear"),
        (-2.0, -0.1, "above", "no"),
        (-2.0, -0.1, "below", "yes"),
        (-0.9, 0.9, "alike", "yes"),
        (-0.9, 1.1, "alike", "not clear"),
        (1.1, 1.2, "alike", "no"),
        (0.1, 2.0, "", ""),
    ],
)
def test_a_finding_holds_where_its_whole_interval_does(
    low: float, high: float, expected: Expected, held: Verdict
) -> None:
    assert finding(low, high, expected).held == held


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        ([finding(1, 2, "above"), finding(-9, 9, "")], "yes"),
        ([finding(1, 2, "above"), finding(-2, -1, "above")], "in part"),
        ([finding(-1, 2, "above"), finding(-2, -1, "above")], "no"),
        ([finding(-1, 2, "above")], "not clear"),
    ],
)
def test_a_claim_is_reproduced_when_all_that_it_says_is_found(
    findings: list[Finding], said: str
) -> None:
    assert verdict(findings) == said


def test_the_interval_is_that_of_a_paired_t_test() -> None:
    ones, others = [0.80, 0.85, 0.90, 0.83, 0.79], [0.78, 0.84, 0.85, 0.84, 0.75]
    courses = {"one": [course(a) for a in ones], "other": [course(b) for b in others]}
    differences = 100 * (np.array(ones) - np.array(others))
    reach = 2.776445 * differences.std(ddof=1) / np.sqrt(5)

    found = paired(courses, "one", "other")

    assert found.value == pytest.approx(differences.mean())
    assert (found.low, found.high) == pytest.approx(
        (differences.mean() - reach, differences.mean() + reach), rel=1e-4
    )


def test_a_smooth_course_has_no_roughness_and_small_rises() -> None:
    smooth, steps = course(0.1, 0.3, 0.5, 0.7), course(0.1, 0.1, 0.6, 0.7)

    assert smooth.roughness == pytest.approx(0)
    assert steps.roughness == pytest.approx((50 + 40) / 2)
    assert smooth.jump == pytest.approx(20)
    assert steps.jump == pytest.approx(50)


@pytest.mark.slow
def test_the_variance_of_the_gradient_falls_as_one_over_the_batch() -> None:
    ref = DataRef(name="digits", image_size=14, validation=0.3)
    data = load(ref)
    slopes = []
    for seed in range(3):
        recipe = FEW.model_copy(update={"data": data.resolve(ref), "seed": seed})
        slopes.append(slope(variance(recipe, data)))

    assert np.mean(slopes) == pytest.approx(-1, abs=0.15)


def one_more(claim: Claim, *arms: Arm) -> Claim:
    def judge(courses: Courses) -> list[Finding]:
        return [Finding("all", mean(np.array([c.final for c in courses[arms[0].name]])))]

    return Claim(claim.name, "t", "says.", "source", "setting.", arms, judge)


def trained_here(claim: Claim) -> dict[str, list[Course]]:
    """Train the arms that have no teacher in this process, one seed after the other."""
    found: dict[str, list[Course]] = {}
    for arm in map(training.shortened, claim.arms):
        data = load(arm.recipe.data)
        for seed in range(HERE):
            recipe = arm.recipe.model_copy(
                update={"seed": seed, "data": data.resolve(arm.recipe.data)}
            )
            result = train(recipe, data)
            found.setdefault(arm.name, []).append(
                Course(
                    recipe=recipe,
                    accuracy=tuple(report.accuracy for report in result.reports),
                    lr=tuple(report.lr for report in result.reports),
                    weights=result.reports[-1].weights,
                    parameters=result.parameters,
                    measured=dict(arm.measure(recipe, data)) if arm.measure else {},
                )
            )
    return found


@pytest.mark.slow
@pytest.mark.ray
def test_arms_are_trained_as_studies_to_the_weights_of_a_training_here() -> None:
    wild = FEW.model_copy(update={"data": DIGITS, "architecture": "fastnet", "base_lr": 1e6})
    claim = one_more(CLAIMS["A17"], *CLAIMS["A17"].arms)
    alone = next(arm for arm in claim.arms if arm.name == "alone")

    trained = training.courses(claim, Path("/nowhere"), quick=True)
    diverged = training.courses(one_more(claim, Arm("wild", wild)), Path("/nowhere"), quick=True)

    check("A17", trained.courses)
    assert list(trained.courses) == ["teacher", "alone", "taught"] and trained.seconds > 0
    assert {len(courses) for courses in trained.courses.values()} == {training.QUICK_SEEDS}
    here = trained_here(one_more(claim, alone))["alone"]
    assert [c.weights for c in trained.courses["alone"][:HERE]] == [c.weights for c in here]
    found = diverged.courses["wild"]
    assert {c.failure for c in found} == {"nan_loss"}
    assert {len(c.accuracy) for c in found} == {training.QUICK_EPOCHS}
    assert {c.final for c in found} == {10.0}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(CLAIMS.keys() - {"A17"}))
def test_a_claim_is_kept_and_told(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = CLAIMS[name]
    monkeypatch.setattr(training, "FOLDER", tmp_path / "kept")
    found = trained_here(claim)
    training.keep(claim, found, 1.5)
    record = training.recorded(claim)

    assert record is not None
    assert record.courses == found
    assert {len(courses) for courses in found.values()} == {HERE}
    check(name, found)
    told = pages.page([(claim, record), (CLAIMS["A25"], None)])
    assert f"| {CLAIMS['A25'].title} | not tried yet |" in told
    for finding in claim.judge(found):
        assert f"| {finding.what} | {finding.estimate.value:+.2f}" in told
    for arm in claim.arms:
        assert f"| {arm.name} |" in told
    if name in pages.FIGURES:
        assert f"img/claim_{name}.png" in told
        assert len(pages.FIGURES[name](found).data) >= 4


def check(name: str, found: dict[str, list[Course]]) -> None:
    """Hold a claim's arms to what they are to differ in."""
    if name == "A17":
        assert {c.parameters for c in found["taught"]} == {c.parameters for c in found["alone"]}
        checksums = {c.recipe.tricks["distillation"]["checksum"] for c in found["taught"]}
        assert len(checksums) == training.QUICK_SEEDS
        assert digests(found["taught"]).isdisjoint(digests(found["alone"]))
    if name == "A25":
        cosine, step = found["cosine"][0].lr, found["step"][0].lr
        assert all(before > after for before, after in pairwise(cosine))
        assert step[-1] == pytest.approx(step[0] / 100)
    if name == "A31":
        assert len(found) == len({c.recipe.digest() for (c, *_) in found.values()}) == 20


def digests(courses: Sequence[Course]) -> set[str]:
    return {course.weights for course in courses}


def test_names_after_claims_are_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def run(quick: bool, data_dir: Path, names: tuple[str, ...] = ()) -> list[Any]:
        asked.append((quick, names))
        return []

    package = SimpleNamespace(run=run, CLAIMS=CLAIMS)
    monkeypatch.setattr(command, "import_module", lambda _: package)
    done = CliRunner().invoke(command.main, ["claims", "A25", "C46", "--quick"])

    assert done.exit_code == 0, done.output
    assert asked == [(True, ("A25", "C46"))]


def test_an_unknown_claim_is_one_line_and_exit_2() -> None:
    done = CliRunner().invoke(command.main, ["claims", "A52"])

    assert done.exit_code == 2
    assert done.output.count("\n") == 1
    assert "unknown claim 'A52'" in done.output
