import re
from pathlib import Path

import numpy as np
import pytest

from autotrick.analysis.evaluation import (
    CorruptionScores,
    EvaluatedNetwork,
    Evaluation,
    Robustness,
    score,
)
from autotrick.augment.corruptions import CORRUPTIONS, MOVES, corrupt
from autotrick.errors import ResourceError
from autotrick.report.confusion import confusion_figure
from autotrick.report.corruptions import robustness_figure
from autotrick.report.evaluation import write_evaluation
from autotrick.report.reliability import reliability_figure


def evaluation(classes: int, *, robust: bool = False, size: int = 8) -> Evaluation:
    rng = np.random.default_rng(classes)
    num = 8 * classes
    labels = np.arange(num) % classes
    logits = rng.normal(0, 1, (num, classes))
    logits[np.arange(num), labels] += 2.5
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    names = ["<b>&", *(f"class_{i}" for i in range(1, classes))]
    images = rng.integers(0, 256, (num, size, size, 1)).astype(np.uint8)
    scores = score(probabilities, labels, names)
    rows = {image.row for image in (*scores.mistakes, *scores.uncertain, *scores.surest)}
    measured, looks = None, {}
    if robust:
        found, moves = (
            tuple(
                CorruptionScores(kind.name, kind.family, (0.8, 0.7, 0.6, 0.5, 0.4))
                for kind in kinds.values()
            )
            for kinds in (CORRUPTIONS, MOVES)
        )
        measured = Robustness(num, scores.accuracy, "CIFAR-10-C", found, moves, ("frost: ice",))
        looks = {
            name: np.stack([corrupt(images[:1], name, s)[0] for s in range(1, 6)])
            for name in (*CORRUPTIONS, *MOVES)
        }
    network = EvaluatedNetwork("photos", 7, "complete", None, "resnet20", 3, 3, "0" * 16)
    pictures = {row: images[row] for row in rows}
    return Evaluation(
        network, "validation", "digits", scores, measured, ("A note.",), None,
        probabilities, labels, pictures, looks,
    )  # fmt: skip


def body(path: Path) -> str:
    """Return the page without its scripts and styles."""
    return re.sub(r"<(script|style)\b.*?</\1>", "", path.read_text(), flags=re.S)


def test_page_holds_all_that_it_shows(tmp_path: Path) -> None:
    found = evaluation(10, robust=True)

    write_evaluation(tmp_path / "page.html", found)

    shown = body(tmp_path / "page.html")
    scores = found.scores
    pictures = sum(map(len, (scores.mistakes, scores.uncertain, scores.surest, CORRUPTIONS, MOVES)))
    assert shown.count('src="data:image/png;base64,') == pictures
    assert not re.search(r'(src|href)="(?!data:)', shown)
    assert "<b>&amp;" not in shown and "&lt;b&gt;&amp;" in shown
    assert "A note." in shown and "15 bins of equal width" in shown
    assert shown.count('class="plot"') == 3


@pytest.mark.parametrize(("classes", "folded"), [(3, False), (24, False), (100, True)])
def test_many_classes_are_folded(classes: int, folded: bool, tmp_path: Path) -> None:
    write_evaluation(tmp_path / "page.html", evaluation(classes))

    shown = body(tmp_path / "page.html")
    assert (f"All {classes} classes" in shown) == folded
    assert "Under common corruptions" not in shown


def test_large_images_are_shrunk(tmp_path: Path) -> None:
    write_evaluation(tmp_path / "small.html", evaluation(3, size=100))
    write_evaluation(tmp_path / "large.html", evaluation(3, size=400))

    small, large = ((tmp_path / name).stat().st_size for name in ("small.html", "large.html"))
    assert "image/jpeg" in body(tmp_path / "large.html")
    assert large < small + 500_000


def test_a_page_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="cannot be written to"):
        write_evaluation(tmp_path / "nowhere" / "page.html", evaluation(3))


def test_confusion_has_right_and_wrong_cells_of_their_own() -> None:
    found = evaluation(10).scores

    right, wrong = confusion_figure(found).data

    expected = np.diag(found.confusion / found.confusion.sum(axis=1))
    np.testing.assert_allclose(np.diag(np.array(right.z, float)) ** 2, expected)
    counts = np.array([[int(text or 0) for text in row] for row in wrong.text])
    np.testing.assert_array_equal(counts, found.confusion - np.diag(np.diag(found.confusion)))


def test_a_hundred_classes_have_no_numbers_in_their_cells() -> None:
    made = confusion_figure(evaluation(100).scores)

    assert made.data[0].text is None
    assert len(made.layout.xaxis.ticktext) <= 60


def test_reliability_shows_bins_with_images() -> None:
    found = evaluation(10).scores.calibration

    _, network, bars = reliability_figure(found).data

    there = [each for each in found.bins if each.images]
    np.testing.assert_allclose(network.y, [100 * (each.accuracy or 0.0) for each in there])
    assert sum(bars.y) == pytest.approx(100)


def test_robustness_begins_with_the_images_as_they_are() -> None:
    found = evaluation(3, robust=True).robustness
    assert found is not None

    lines = robustness_figure(found).data

    assert {line.y[0] for line in lines} == {100 * found.clean}
    families = ["noise", "blur", "weather", "digital", "geometry"]
    assert [line.name for line in lines[-5:]] == families
    np.testing.assert_allclose(lines[-1].y[1:], [80, 70, 60, 50, 40])
