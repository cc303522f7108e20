"""What a published claim is here: recipes side by side, and what to look at in them.

The arms of a claim are trained over the same seeds, so that arms of one seed have the same first
weights and the same order of images. What is compared is compared within a seed; the interval is that
of the mean difference over seeds, at 95 %.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from autotrick.data import Dataset
from autotrick.design.regression import Estimate, Fit
from autotrick.recipe import DataRef, Recipe, Settings

CHANCE = 0.1
"""Accuracy that a training which diverged counts with: all data sets here have ten classes."""
ALIKE = 1.0
"""Points within which two accuracies are alike."""
FASHION = DataRef(name="fashion_mnist", image_size=14, validation=0.05)
"""Small images keep all claims together within a quarter of an hour; 3,000 images validate."""
CIFAR = DataRef(name="cifar10", validation=0.05)
"""2,500 images validate."""
TENTH: dict[str, Settings] = {"subset": {"fraction": 0.1}}
DIGITS = DataRef(name="digits", validation=0.3)

Expected = Literal["above", "below", "alike", ""]
Verdict = Literal["yes", "no", "not clear", ""]
Values = NDArray[np.float64]


class Course(BaseModel):
    """One training: its recipe and its epochs.

    Attributes:
        accuracy: By epoch, in [0, 1]; chance from where training diverged.
        lr: Learning rate of each epoch's last update.
        weights: Digest of the last weights; empty where training diverged.
        parameters: Number of weights.
        failure: Why training diverged, in one word; empty if it did not.
        measured: Further numbers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipe: Recipe
    accuracy: tuple[float, ...]
    lr: tuple[float, ...]
    weights: str
    parameters: int
    failure: str = ""
    measured: dict[str, float] = {}

    @property
    def final(self) -> float:
        """Accuracy after the last epoch, in points."""
        return 100 * self.accuracy[-1]

    @property
    def first(self) -> float:
        """Accuracy after the first epoch, in points."""
        return 100 * self.accuracy[0]

    @property
    def roughness(self) -> float:
        """Mean size of the second differences of accuracy over three epochs or more, in points."""
        return float(np.abs(np.diff(100 * np.array(self.accuracy), 2)).mean())

    @property
    def jump(self) -> float:
        """The largest rise from one epoch to the next in the second half, in points."""
        late = self.accuracy[len(self.accuracy) // 2 - 1 :]
        return 100 * max(after - before for before, after in pairwise(late))


Courses = Mapping[str, Sequence[Course]]
"""By arm, in order of seeds."""


@dataclass(frozen=True, slots=True)
class Arm:
    """A recipe, but for seed and fingerprint.

    Attributes:
        teacher: The arm whose network of the same seed teaches this one; empty for none.
        measure: Further numbers of the recipe that need no training.
    """

    name: str
    recipe: Recipe
    teacher: str = ""
    measure: Callable[[Recipe, Dataset], Mapping[str, float]] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference over seeds, and whether it is as the claim has it.

    Attributes:
        expected: Where the claim puts it: `above` or `below` 0, `alike` within `within` of it;
            empty where the claim does not say.
    """

    what: str
    estimate: Estimate
    expected: Expected = ""
    unit: str = "points"
    within: float = ALIKE

    @property
    def held(self) -> Verdict:
        """Whether the whole interval lies where the claim says (yes), or nowhere there (no)."""
        low, high = self.estimate.low, self.estimate.high
        if not self.expected:
            return ""
        if low is None or high is None:
            return "not clear"
        ends = {
            "above": (0.0, np.inf),
            "below": (-np.inf, 0.0),
            "alike": (-self.within, self.within),
        }
        least, most = ends[self.expected]
        if least < low and high < most:
            return "yes"
        return "no" if high < least or low > most else "not clear"


@dataclass(frozen=True, slots=True)
class Claim:
    """A published claim.

    Attributes:
        name: Its row among what the project is to show.
        says: The claim, in a sentence.
        source: Where it was made: authors, title, link.
        setting: What is trained here, in a sentence.
        arms: A teacher stands before whom it teaches.
        judge: What the courses say.
        remark: What else the courses say, in sentences.
    """

    name: str
    title: str
    says: str
    source: str
    setting: str
    arms: tuple[Arm, ...]
    judge: Callable[[Courses], list[Finding]]
    remark: Callable[[Courses], str] | None = None


def values(courses: Sequence[Course], measure: Callable[[Course], float]) -> Values:
    """Return a measure of each seed's course."""
    return np.array([measure(course) for course in courses])


def final(course: Course) -> float:
    return course.final


def first(course: Course) -> float:
    return course.first


def roughness(course: Course) -> float:
    return course.roughness


def jump(course: Course) -> float:
    return course.jump


def mean(differences: Values) -> Estimate:
    """Return the mean of (S,) differences, one a seed, with the interval of Student's t."""
    return Fit(np.ones((len(differences), 1))).coefficient(0, differences[None])


def paired(
    courses: Courses, one: str, other: str, measure: Callable[[Course], float] = final
) -> Estimate:
    """Return by how much a measure of one arm lies above that of another."""
    return mean(values(courses[one], measure) - values(courses[other], measure))


def verdict(findings: Sequence[Finding]) -> str:
    """Return whether a claim was reproduced, by all that it says."""
    held = [finding.held for finding in findings if finding.expected]
    if set(held) == {"yes"}:
        return "yes"
    if "yes" in held:
        return "in part"
    return "no" if "no" in held else "not clear"
