"""Write a proposal as a space file, with the reason of every decision beside it."""

import json
from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from autotrick.begin.proposal import Proposal
from autotrick.data.facts import TYPICAL, standard_error
from autotrick.data.files import counted, escaped

_WIDTH = 96
_CLASSES = 6


def space_text(found: Proposal, *, made: str, device: str) -> str:
    """Return the TOML of a proposal.

    Args:
        made: The command that made it.
        device: What the speed was measured on, such as `2 processors`.
    """
    return (
        "\n".join([*_head(found, made), *_data(found), *_fixed(found), *_rest(found, device)])
        + "\n"
    )


def _comment(text: str) -> Iterator[str]:
    # Names of files and classes come from outside: no line of theirs may end the comment.
    for line in wrap(escaped(text), _WIDTH - 2):
        yield f"# {line}"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        inside = ", ".join(f"{key} = {_value(each)}" for key, each in value.items())
        return f"{{ {inside} }}"
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)


def _one_or_many(values: tuple[Any, ...]) -> str:
    return _value(values[0] if len(values) == 1 else values)


def _head(found: Proposal, made: str) -> Iterator[str]:
    survey = found.survey
    names = ", ".join(survey.classes[:_CLASSES])
    more = f" and {len(survey.classes) - _CLASSES} more" if len(survey.classes) > _CLASSES else ""
    yield from _comment(
        f"Written by `{made}`, to be changed. {survey.images:,} images of {len(survey.classes)} classes "
        f"({names}{more})."
    )
    yield ""
    name = survey.name.rpartition(":")[2].rstrip("/").rpartition("/")[2]
    yield f"question = {_value(f'Which tricks help a small network on {escaped(name)} in {found.epochs} epochs?')}"
    yield ""


def _data(found: Proposal) -> Iterator[str]:
    survey = found.survey
    yield "[data]"
    if ":" in survey.name and not survey.name.partition(":")[2].startswith(("/", "~")):
        yield "# The path starts in the folder where autotrick runs, or in --data-dir."
    yield f"name = {_value(survey.name)}"
    yield from _size(found)
    yield from _validation(found)
    yield ""
    yield from _changes(found)


def _size(found: Proposal) -> Iterator[str]:
    survey = found.survey
    if found.image_size:
        low, high = survey.sizes.low, survey.sizes.high
        between = f"{low[1]}x{low[0]}" + ("" if low == high else f" to {high[1]}x{high[0]}")
        smaller = min(low) > found.image_size
        why = (
            "Small ones train fast, and tricks that help at one size mostly help at the next"
            if smaller
            else "All get one size"
            if max(low) >= found.image_size
            else "They are enlarged, so that convolutions have room"
        )
        yield from _comment(f"The images have {between} pixels. {why}.")
        yield f"image_size = {found.image_size}"
    if found.resize:
        yield from _comment(
            f"The middle is cut out, because images are {survey.sizes.aspect:.2f} times as long as wide. "
            '"pad" keeps all of them, "squash" stretches.'
        )
        yield f"resize = {_value(found.resize)}"


def _validation(found: Proposal) -> Iterator[str]:
    survey = found.survey
    images = found.carved or sum(survey.counts.get("validation", (0,)))
    error = 100 * standard_error(TYPICAL, images)
    if found.validation is None:
        yield from _comment(
            f"The data set has {counted(images, 'validation image')} of its own: an accuracy of 90 % has a "
            f"standard error of {error:.1f} points."
        )
    else:
        yield from _comment(
            f"{images:,} of {survey.images:,} images choose the winner: an accuracy of 90 % has a standard "
            f"error of {error:.1f} points. With fewer, luck chooses."
        )
        yield f"validation = {found.validation}"


def _changes(found: Proposal) -> Iterator[str]:
    if found.guess:
        yield from _comment(found.guess)
    if found.forbidden:
        yield "[augmentation]"
        yield f"forbidden = {_value(found.forbidden)}"
    elif found.guess:
        yield "# [augmentation]"
        yield '# forbidden = ["flip", "vertical_flip", "right_angle"]'
    yield ""


def _fixed(found: Proposal) -> Iterator[str]:
    networks = (*found.architectures, *found.pretrained)
    searched = len(networks) > 1
    yield "[fixed]"
    if not searched:
        yield f"architecture = {_value(networks[0])}"
    yield f"epochs = {found.epochs}"
    if len(found.batch_sizes) == 1:
        yield f"batch_size = {found.batch_sizes[0]}"
    yield "momentum = 0.9"
    yield ""
    yield "[search]"
    if searched:
        yield f"architecture = {_value(networks)}"
    if len(found.batch_sizes) > 1:
        updates = found.trained // found.batch_sizes[-1]
        yield f"# With {found.batch_sizes[-1]}, an epoch has {counted(updates, 'update')}."
        yield f"batch_size = {_value(found.batch_sizes)}"
    low, high = found.base_lr
    yield "# For 256 examples; `autotrick lr-find` suggests a narrower range."
    yield f"base_lr = {{ low = {low}, high = {high}, log = true }}"
    yield "weight_decay = { low = 1e-5, high = 2e-3, log = true }"
    yield ""
    yield from _networks(found)


def _networks(found: Proposal) -> Iterator[str]:
    if "fastnet" in found.architectures:
        yield "[architectures.fastnet]"
        yield f"width = {_one_or_many(found.widths)}"
        yield ""
    for name in found.pretrained:
        yield from _comment(
            "Its published weights are on this machine. With few images they usually help more than any "
            "trick. `freeze` trains the last layer alone."
        )
        yield f"[architectures.{_value(name)}]"
        yield "pretrained = true"
        yield 'freeze = ["none", "head"]'
        yield ""
    if not found.pretrained and found.survey.images < 5000:
        yield from _comment(
            "Few images: a pretrained network usually helps more than any trick. None is listed, because "
            "no published weights are on this machine."
        )
        yield ""


def _rest(found: Proposal, device: str) -> Iterator[str]:
    yield "# Each trick may be on or off; its settings are drawn only when it is on."
    for trick in found.tricks:
        yield f"[tricks.{trick.name}]  # {trick.why}"
        for key, value in trick.settings.items():
            yield f"{key} = {_value(value)}"
        yield ""
    yield "[study]"
    yield from _comment(
        f"Measured here: {_seconds(found.epoch_s)} an epoch without tricks, {found.slots} at a time on {device}; all trials take about {_minutes(found.seconds)}."
    )
    yield f"trials = {found.trials}"
    yield f"time_budget_min = {_number(found.budget_s / 60)}"
    yield "# The screen ends when every trick's 95 % interval is within this many points of its effect."
    yield f"precision = {found.precision}"
    yield ""
    if found.epochs >= 4:
        yield "# In the search after the screen, only the better half goes on at each rung."
        yield "[pruning]"
        yield 'method = "asha"'
        yield f"first = {max(1, found.epochs // 4)}"
        yield "factor = 2"


def _number(value: float) -> str:
    return f"{value:.6g}"


def _seconds(value: float) -> str:
    return f"{value:.2g} s" if value < 10 else f"{value:.0f} s"


def _minutes(seconds: float) -> str:
    return f"{max(1, round(seconds))} s" if seconds < 90 else f"{round(seconds / 60)} minutes"
