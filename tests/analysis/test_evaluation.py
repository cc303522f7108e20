import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics
from sklearn.calibration import calibration_curve

from autotrick.analysis.calibration import BINS, calibration
from autotrick.analysis.evaluation import confusions, score, weakest

CLASSES = tuple("abcdef")


def predictions(num: int = 400, classes: int = 6, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.full(classes, 0.4), num)
    sharper = probabilities**0.7
    sharper /= sharper.sum(axis=1, keepdims=True)
    labels = np.array([rng.choice(classes, p=row) for row in sharper])
    return probabilities, labels


def test_classes_are_scored_as_scikit_learn_does() -> None:
    probabilities, labels = predictions()
    predicted = probabilities.argmax(axis=1)

    found = score(probabilities, labels, CLASSES)

    precision, recall, f1, images = metrics.precision_recall_fscore_support(labels, predicted)
    np.testing.assert_allclose(
        np.array([row.precision for row in found.by_class], float), precision
    )
    np.testing.assert_allclose(np.array([row.recall for row in found.by_class], float), recall)
    np.testing.assert_allclose(np.array([row.f1 for row in found.by_class], float), f1)
    assert [row.images for row in found.by_class] == images.tolist()
    np.testing.assert_array_equal(found.confusion, metrics.confusion_matrix(labels, predicted))
    assert found.accuracy == metrics.accuracy_score(labels, predicted)
    assert found.balanced_accuracy == pytest.approx(
        metrics.balanced_accuracy_score(labels, predicted)
    )
    assert found.macro_f1 == pytest.approx(metrics.f1_score(labels, predicted, average="macro"))
    assert found.top5 == metrics.top_k_accuracy_score(labels, probabilities, k=5)


def test_probabilities_are_scored_as_scikit_learn_does() -> None:
    probabilities, labels = predictions()

    found = calibration(probabilities, labels)

    assert found.nll == pytest.approx(metrics.log_loss(labels, probabilities))
    truth = np.eye(6)[labels]
    assert found.brier == pytest.approx(((probabilities - truth) ** 2).sum(axis=1).mean())
    sure = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    shares, means = calibration_curve(right, sure, n_bins=BINS)
    there = [each for each in found.bins if each.images]
    np.testing.assert_allclose(np.array([each.accuracy for each in there], float), shares)
    np.testing.assert_allclose(np.array([each.confidence for each in there], float), means)
    weights = np.array([each.images for each in there]) / len(labels)
    assert found.ece == pytest.approx((weights * np.abs(shares - means)).sum())


def test_brier_score_of_two_classes_is_twice_that_of_scikit_learn() -> None:
    probabilities, labels = predictions(classes=2)

    found = calibration(probabilities, labels)

    assert found.brier == pytest.approx(2 * metrics.brier_score_loss(labels, probabilities[:, 1]))


def test_true_probabilities_have_the_error_of_chance() -> None:
    rng = np.random.default_rng(1)
    probabilities = rng.dirichlet(np.full(4, 0.5), 20_000)
    labels = (probabilities.cumsum(axis=1) > rng.random((20_000, 1))).argmax(axis=1)

    found = calibration(probabilities, labels)

    assert found.ece == pytest.approx(found.ece_by_chance, rel=0.5)
    assert found.ece < 0.02


def test_a_certain_mistake_has_a_finite_loss() -> None:
    found = calibration(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([0, 1]))

    assert found.nll == pytest.approx(-np.log(1e-12) / 2)
    assert (found.ece, found.brier) == (0.5, 1.0)
    assert [each.images for each in found.bins][-1] == 2


def test_interval_is_that_of_wilson() -> None:
    probabilities = np.tile([0.9, 0.1], (100, 1))

    found = score(probabilities, np.repeat([0, 1], [90, 10]), ("a", "b"))

    # Agresti and Coull (1998): 90 of 100.
    assert (round(found.low, 4), round(found.high, 4)) == (0.8256, 0.9448)


def test_classes_without_images_have_no_recall_and_do_not_count() -> None:
    probabilities = np.eye(3)[[0, 0, 1]]

    found = score(probabilities, np.array([0, 0, 0]), ("a", "b", "c"))

    assert [row.recall for row in found.by_class] == [2 / 3, None, None]
    assert [row.precision for row in found.by_class] == [1.0, 0.0, None]
    assert found.balanced_accuracy == 2 / 3
    assert [row.name for row in weakest(found)] == ["a"]


def test_most_confident_mistakes_and_least_certain_images_come_first() -> None:
    probabilities = np.array([[0.6, 0.4], [0.05, 0.95], [0.3, 0.7], [0.51, 0.49]])

    found = score(probabilities, np.array([0, 0, 0, 1]), ("a", "b"), ["w", "x", "y", "z"])

    assert [image.name for image in found.mistakes] == ["x", "y", "z"]
    assert [image.name for image in found.uncertain] == ["z", "w", "y", "x"]
    assert [image.name for image in found.surest] == ["w"]
    first = found.mistakes[0]
    assert (first.true, first.predicted, first.probability) == ("a", "b", 0.95)
    assert first.true_probability == 0.05 and not first.right


def test_confusions_are_counted_by_pair() -> None:
    labels = np.array([0, 0, 0, 1, 2])
    probabilities = np.eye(3)[[1, 1, 2, 0, 2]]

    found = confusions(score(probabilities, labels, ("a", "b", "c")))

    assert [(row.true, row.predicted, row.images) for row in found] == [
        ("a", "b", 2),
        ("b", "a", 1),
        ("a", "c", 1),
    ]
    assert found[0].share == 2 / 3


@given(st.integers(2, 12), st.integers(1, 60), st.integers(0, 1000))
def test_counts_add_up(classes: int, num: int, seed: int) -> None:
    probabilities, labels = predictions(num, classes, seed)

    found = score(probabilities, labels, [str(i) for i in range(classes)])

    assert found.confusion.sum() == num == sum(each.images for each in found.calibration.bins)
    assert found.low <= found.accuracy <= found.high
    assert 0 <= found.calibration.ece <= 1 and 0 <= found.calibration.brier <= 2
    assert (found.top5 is None) == (classes <= 5)
    wrong = num - int(np.trace(found.confusion))
    assert len(found.mistakes) == min(wrong, 24)
