"""Decide on a first search: what suits these images, in this time, on this machine.

Every decision has its reason, which the space says in a comment. What cannot be known from files, such as
whether a mirrored image keeps its label, is a guess and is called one.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autotrick.begin.survey import Survey
from autotrick.data.facts import LOPSIDED, TYPICAL, standard_error
from autotrick.space.augmentation_rules import DOUBTFUL

WRITING = ("flip", "vertical_flip", "right_angle")
_SIDES = (32, 48, 64, 96, 128)
_SMALL = 64
"""Largest side that images keep as they are."""
_LEAST = 12
"""Smallest side that all networks take."""
_SQUARE = 1.1
"""Median aspect up to which images count as square."""
_EPOCHS = (3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40)
_UPDATES = 600
"""Updates in a trial that a small network needs to learn something."""
_TRIALS = (24, 40, 96)
"""Fewest trials; enough for a screen of five tricks or more; no more are needed."""
_SHARE = 0.85
"""Part of the time budget that trials get: Ray starts, images are validated on, a last trial is waited for."""
_TRICKS_COST = 1.3
"""How much longer trials with tricks take than those without."""
_CHARACTERS = re.compile(
    r"digits?|numbers?|letters?|char(acter)?s?|glyphs?|symbols?|alphabets?|kanji|kana|plates?", re.I
)
_WORDS = re.compile(r"zero|one|two|three|four|five|six|seven|eight|nine", re.I)
_SIDED = re.compile(r"(?<![a-z])(left|right|clockwise|anticlockwise|mirrored)(?![a-z])", re.I)

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listed:
    """A trick in the space.

    Attributes:
        settings: As a space writes them.
        why: A few words.
    """

    name: str
    settings: Values
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A first search.

    Attributes:
        survey: Of the images.
        image_size: Side that all images get; None keeps theirs.
        resize: How they become square; None says nothing.
        validation: Share that is carved off; None where there is a validation split.
        architectures: Names, the quickest first.
        widths: The settings of `fastnet`'s width.
        pretrained: Architectures whose weights are at hand.
        batch_sizes: One or several.
        base_lr: The ends of the range.
        forbidden: Transformations that change what these images show.
        guess: What is guessed of the images, as a sentence; empty without a guess.
        tricks: Those to decide on.
        epochs: Of a trial.
        trials: Of the study.
        precision: Half-width of an interval that the screen should reach, in points.
        budget_s: Time budget in seconds.
        epoch_s: Measured seconds of an epoch of the first network.
        slots: Trials at a time.
        short: Whether the time does not suffice for what a search needs.
    """

    survey: Survey
    image_size: int | None
    resize: str | None
    validation: float | None
    architectures: tuple[str, ...]
    widths: tuple[float, ...]
    pretrained: tuple[str, ...] = ()
    batch_sizes: tuple[int, ...]
    base_lr: tuple[float, float]
    forbidden: tuple[str, ...] = ()
    guess: str = ""
    tricks: tuple[Listed, ...]
    epochs: int
    trials: int
    precision: float
    budget_s: float
    epoch_s: float = 0.0
    slots: int = 1
    short: bool = False

    @property
    def trained(self) -> int:
        """Number of images that are trained on."""
        return self.survey.images - self.carved

    @property
    def carved(self) -> int:
        """Number of images that are carved off for validation."""
        return _carved(self.survey, self.validation)

    @property
    def seconds(self) -> float:
        """Expected time of all trials, none of them stopped early."""
        return _TRICKS_COST * self.epoch_s * self.epochs * self.trials / self.slots


@dataclass(frozen=True, slots=True)
class Start:
    """What is decided before the speed is measured; `image_size` may shrink after it."""

    image_size: int | None
    resize: str | None
    validation: float | None
    architectures: tuple[str, ...]
    widths: tuple[float, ...]
    batch_sizes: tuple[int, ...]
    base_lr: tuple[float, float]


Speed = Callable[[Start], float]
"""Returns the seconds of an epoch of the first network, without tricks."""


def propose(
    survey: Survey,
    *,
    budget_s: float,
    slots: int,
    gpu: bool,
    pretrained: tuple[str, ...],
    speed: Speed,
) -> Proposal:
    """Return the search that suits the images and the time.

    Images are made smaller as long as the fewest trials do not fit into the time.

    Args:
        budget_s: Time budget in seconds.
        slots: Number of trials at a time.
        gpu: Whether trials run on a GPU.
        pretrained: Architectures whose weights are on this machine.
        speed: Measures.
    """
    start = begin(survey, gpu=gpu, pretrained=bool(pretrained))
    room = _SHARE * budget_s * slots / _TRICKS_COST
    while True:
        epoch_s = speed(start)
        epochs, trials = _fitted(survey, start, room / max(epoch_s, 1e-6))
        smaller = _smaller(survey, start)
        if trials >= _TRIALS[0] or smaller is None:
            break
        start = smaller
    if short := trials < _TRIALS[0]:
        epochs, trials = _shortest(epochs, room / max(epoch_s, 1e-6))
    forbidden, guess = forbidden_changes(survey)
    images = _validated(survey, start.validation)
    points = 100 * standard_error(TYPICAL, images)
    return Proposal(
        survey=survey,
        image_size=start.image_size,
        resize=start.resize,
        validation=start.validation,
        architectures=start.architectures,
        widths=start.widths,
        pretrained=pretrained,
        batch_sizes=start.batch_sizes,
        base_lr=start.base_lr,
        forbidden=forbidden,
        guess=guess,
        tricks=_tricks(survey, forbidden, trials),
        epochs=epochs,
        trials=max(trials, _TRIALS[0] // 2),
        precision=round(min(max(points / 2, 0.5), 2.0), 1),
        budget_s=budget_s,
        epoch_s=epoch_s,
        slots=slots,
        short=short,
    )


def begin(survey: Survey, *, gpu: bool, pretrained: bool = False) -> Start:
    """Return what is decided before anything is measured; pretrained networks need larger images."""
    sizes, grey = survey.sizes, survey.channels == 1
    side: int | None = None
    resize = None
    if not (sizes.one and max(sizes.low) <= _SMALL and min(sizes.low) >= _LEAST):
        most = _SIDES[-1] if gpu or pretrained else _SMALL
        fitting = [each for each in _SIDES if each <= min(max(sizes.side, _SIDES[0]), most)]
        side = 16 if sizes.side < _SIDES[0] // 2 else fitting[-1]
        resize = "crop" if sizes.aspect > _SQUARE else None
    share = _share(survey)
    images = survey.images - _carved(survey, share)
    batches = _batches(images)
    simple = grey and (side or max(sizes.low)) <= _SIDES[0]
    return Start(
        image_size=side,
        resize=resize,
        validation=share,
        architectures=("lenet5", "fastnet") if simple else ("fastnet",),
        widths=(0.25, 0.5, 1.0) if gpu else (0.125, 0.25),
        batch_sizes=batches,
        base_lr=(0.05, 0.8) if batches[0] <= 32 else (0.02, 0.5),
    )


def _share(survey: Survey) -> float | None:
    """Return the share of the training images to validate on: more of few, which are noisy."""
    if survey.own_validation:
        return None
    if survey.images < 2000:
        return 0.3
    return 0.2 if survey.images < 20_000 else 0.1


def _carved(survey: Survey, share: float | None) -> int:
    """Return how many images the share takes, each class in proportion and at least one of it."""
    if share is None:
        return 0
    return sum(max(1, math.floor(n * share + 0.5)) for n in survey.counts["train"] if n)


def _validated(survey: Survey, share: float | None) -> int:
    return _carved(survey, share) if share else sum(survey.counts["validation"])


def _batches(images: int) -> tuple[int, ...]:
    """Return batch sizes of which an epoch has a dozen updates or more, as far as there are images."""
    for most, sizes in ((300, (8, 16)), (1500, (16, 32)), (6000, (32, 64)), (30_000, (64, 128))):
        if images < most:
            kept = tuple(size for size in sizes if size <= max(images // 2, 1))
            return kept or (max(images // 2, 1),)
    return (128, 256)


def _smaller(survey: Survey, start: Start) -> Start | None:
    """Return a start with smaller images; None where they are as small as makes sense."""
    now = start.image_size or max(survey.sizes.low)
    below = [side for side in _SIDES if side < now]
    if not below:
        return None
    resize = "crop" if survey.sizes.aspect > _SQUARE else None
    return Start(
        image_size=below[-1],
        resize=resize,
        validation=start.validation,
        architectures=start.architectures,
        widths=start.widths[:2],
        batch_sizes=start.batch_sizes,
        base_lr=start.base_lr,
    )


def updates_of(survey: Survey, start: Start) -> int:
    """Return the number of updates in an epoch, with the largest batch."""
    images = survey.images - _carved(survey, start.validation)
    return max(1, images // start.batch_sizes[-1])


def _fitted(survey: Survey, start: Start, epochs_in_all: float) -> tuple[int, int]:
    """Return epochs of a trial, and trials, for so many epochs in all.

    As many epochs as give a small network its updates, if enough trials are left for a screen of the
    tricks; otherwise fewer, down to a third of that. Where time is left, trials become longer.
    """
    updates = updates_of(survey, start)
    wanted = min(_EPOCHS, key=lambda epochs: abs(epochs - _UPDATES / updates))
    least = max(_EPOCHS[0], wanted // 3)
    for epochs in sorted((e for e in _EPOCHS if least <= e <= wanted), reverse=True):
        if epochs_in_all / epochs >= _TRIALS[1]:
            break
    longer = [e for e in _EPOCHS if wanted <= e <= 2 * wanted and epochs_in_all / e >= _TRIALS[2]]
    epochs = max([epochs, *longer])
    return epochs, min(int(epochs_in_all / epochs), _TRIALS[2])


def _shortest(epochs: int, epochs_in_all: float) -> tuple[int, int]:
    """Return fewer epochs, and trials, where the time does not suffice for the fewest trials."""
    fewer = [e for e in _EPOCHS if e < epochs and epochs_in_all / e >= _TRIALS[0]]
    chosen = max(fewer, default=_EPOCHS[0])
    return chosen, min(int(epochs_in_all / chosen), _TRIALS[0])


def forbidden_changes(survey: Survey) -> tuple[tuple[str, ...], str]:
    """Return the transformations that change what the images show, and the guess that says so."""
    if survey.name in DOUBTFUL:
        return DOUBTFUL[survey.name], ""
    names = survey.classes
    single = all(len(name) == 1 and name.isalnum() for name in names)
    written = sum(bool(_CHARACTERS.search(name) or _WORDS.fullmatch(name)) for name in names)
    grey_numbers = survey.channels == 1 and all(name.isdigit() for name in names)
    if single or grey_numbers or 2 * written > len(names):
        return WRITING, (
            "A guess, from the names of the classes: they are characters or numbers. A mirrored or turned "
            "one is another one or none."
        )
    sided = [name for name in names if _SIDED.search(name.replace("_", " "))]
    if sided:
        return WRITING, (
            f"A guess, from the names of the classes: left and right matter ({sided[0]}), so nothing is "
            "mirrored or turned."
        )
    return (), "A guess: a mirrored image shows the same class. If it does not, forbid flips."


def _tricks(survey: Survey, forbidden: tuple[str, ...], trials: int) -> tuple[Listed, ...]:
    """Return the tricks to decide on, fewer for fewer trials: a screen has more runs than tricks."""
    few = survey.images < 5000
    counts = [n for n in survey.counts["train"] if n]
    ranked = [
        Listed("cosine_decay", {}, "the rate falls to zero; nearly always worth it"),
        Listed("label_smoothing", {"epsilon": {"low": 0.02, "high": 0.2}}, "softer targets"),
        Listed("pad_crop", {"padding": {"low": 0.05, "high": 0.15}}, "shifted copies"),
        Listed("flip", {}, "mirrored copies"),
        Listed("ema", {"half_life": "search"}, "an average of the weights"),
        Listed("mixup", {"alpha": {"low": 0.05, "high": 1.0}}, "blends of two images"),
        Listed("cutout", {"length": {"low": 0.1, "high": 0.5}}, "hides a square"),
        Listed("linear_warmup", {"length": {"low": 0.0, "high": 0.25}}, "the rate rises first"),
        Listed("trivial_augment", {"probability": "search"}, "one random change of each image"),
        Listed("colour_jitter", {"strength": "search"}, "other light and colours"),
        Listed("cutmix", {"alpha": "search", "probability": "search"}, "a patch of another image"),
        Listed("initialisation", {}, "initial weights by the size of the layers"),
    ]
    if counts and max(counts) >= LOPSIDED * min(counts):
        ranked.insert(
            2, Listed("class_balance", {"power": "search"}, "small classes are seen more")
        )
    if not few:
        ranked.sort(key=lambda trick: trick.name == "trivial_augment")
    barred = {"flip", "trivial_augment"} if "flip" in forbidden else set()
    barred |= {"colour_jitter"} if survey.channels == 1 else set()
    # Blends of two images share a slot: one is enough to begin with.
    barred |= {"cutmix"} if trials < _TRIALS[2] else set()
    suited = [trick for trick in ranked if trick.name not in barred]
    return tuple(suited[: max(4, min(10, trials // 7))])
