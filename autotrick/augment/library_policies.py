"""Translate the names and strings of torchvision's and timm's policies into our terms."""

import re
from collections.abc import Mapping
from typing import Any

from autotrick.augment.files import PolicyFile
from autotrick.augment.policies import AUTO_AUGMENT, AUTO_AUGMENT_RANGE, TIMM_RANGE, Policy
from autotrick.domain import Value
from autotrick.errors import TrickError, unknown

TORCHVISION = "AutoAugmentPolicy."
TIMM = ("original", "originalr", "v0", "v0r")
EXAMPLES = (*AUTO_AUGMENT, *TIMM, "3a", "rand-m9-n2-mstd0.5-inc1", "augmix-m5-w4-d2")

_FACTORS = ("Color", "Contrast", "Brightness", "Sharpness")


def library_policy(text: str) -> PolicyFile:
    """Return the policy that a name or a string of torchvision or timm stands for.

    Known are torchvision's `AutoAugmentPolicy` (`CIFAR10`, `AutoAugmentPolicy.CIFAR10`), and of timm
    `original`, `originalr`, `v0`, `v0r`, `3a`, and strings that begin with `rand` and `augmix`.

    Raises:
        TrickError: The text is unknown, or stands for something that autotrick cannot do.
    """
    name = text.removeprefix(TORCHVISION).lower()
    head, *sections = name.split("-")
    if name in AUTO_AUGMENT:
        found = "torchvision.transforms.AutoAugmentPolicy"
        settings: dict[str, Value] = {"policy": _as_lists(AUTO_AUGMENT[name])}
        return PolicyFile("searched_policy", settings, {"made_from": f"{found}.{name.upper()}"})
    if name in TIMM:
        return _timm_policy(name)
    readers = {"3a": _three_augment, "rand": _rand_augment, "augmix": _augmix}
    if head not in readers:
        raise TrickError(unknown("policy", text, EXAMPLES, plural="policies"))
    trick, settings, differences = readers[head](_sections(text, sections))
    provenance: dict[str, Value] = {"made_from": f"timm {text}"}
    if differences:
        provenance["differences"] = [*differences]
    return PolicyFile(trick, settings, provenance)


Read = tuple[str, dict[str, Value], list[str]]


def _as_lists(policy: Policy) -> Value:
    return [[[*step] for step in steps] for steps in policy]


def _sections(text: str, sections: list[str]) -> dict[str, float]:
    """Return the sections of a string by their key: `m9` is m: 9."""
    found: dict[str, float] = {}
    for section in sections:
        match = re.fullmatch(r"([a-z]+)(\d+(?:\.\d+)?)", section)
        if not match:
            raise TrickError(
                f"{text!r}: the section {section!r} is not a word and a number, such as m9. "
                "Leave it out."
            )
        found[match[1]] = float(match[2])
    return found


def _checked(sections: Mapping[str, float], known: Mapping[str, float]) -> dict[str, float]:
    for key in sections:
        if key not in known:
            raise TrickError(unknown("section", key, known))
    return {**known, **sections}


def _three_augment(sections: Mapping[str, float]) -> Read:
    _checked(sections, {})
    return "three_augment", {"probability": 1.0, "jitter": 0.0}, []


def _rand_augment(sections: Mapping[str, float]) -> Read:
    known = {"m": 10.0, "n": 2.0, "p": 0.5, "mstd": 0.0, "mmax": 10.0, "inc": 0.0}
    given = _checked(sections, known)
    if given["mmax"] != 10:
        raise TrickError("timm_rand_augment: magnitudes end at 10. Leave `mmax` out.")
    return (
        "timm_rand_augment",
        {
            "num_ops": int(given["n"]),
            "magnitude": given["m"],
            "magnitude_std": min(given["mstd"], 100.0),
            "probability": given["p"],
            "increasing": bool(given["inc"]),
        },
        ["bilinear and black outside, not bilinear or bicubic by chance and the mean colour"],
    )


def _augmix(sections: Mapping[str, float]) -> Read:
    given = _checked(sections, {"m": 3.0, "w": 3.0, "d": 0.0, "b": 0.0, "a": 1.0})
    if given["a"] != 1 or given["b"] != 0:
        raise TrickError(
            "augmix: mixes are of alpha 1 and not blended one by one. Leave out a and b."
        )
    settings: dict[str, Value] = {
        "severity": int(given["m"]),
        "width": int(given["w"]),
        "depth": int(given["d"]),
        "all_operations": True,
        "interpolation": "bilinear",
    }
    return (
        "augmix",
        settings,
        [
            "strengths from 0.1 on, translations up to a third of the side (timm: 0, 0.45)",
            "bilinear and black outside, not bilinear or bicubic by chance and the mean colour",
        ],
    )


def _timm_policy(name: str) -> PolicyFile:
    """Return one of timm's lists of sub-policies, read from the installed timm."""
    from timm.data.auto_augment import auto_augment_policy

    policy: Any = [[_step(step) for step in steps] for steps in auto_augment_policy(name)]
    differences = [
        "brightness, colour, contrast and sharpness go either way",
        "bilinear and black outside, not bilinear or bicubic by chance and the mean colour",
    ]
    if name != "original":
        differences.append("posterize leaves 4 bits at least, where timm leaves down to 0")
    provenance: dict[str, Value] = {"made_from": f"timm {name}", "differences": [*differences]}
    settings: dict[str, Value] = {"policy": policy, "interpolation": "bilinear"}
    return PolicyFile("searched_policy", settings, provenance)


def _step(step: Any) -> list[Value]:
    """Return timm's operation as [name, probability, strength]."""
    name, share = str(step.name), step.magnitude / 10
    plain = re.sub("Original$|Increasing$|Rel$", "", name)
    if plain == "Posterize":
        whole = int(4 * share)
        bits = {"PosterizeOriginal": whole + 4, "PosterizeIncreasing": 4 - whole}.get(name, whole)
        share = min(1.0, (8 - bits) / AUTO_AUGMENT_RANGE.posterize)
    elif plain == "Solarize":
        share = max(0.0, 1 - int(256 * share) / 255)
    elif plain.startswith("Translate"):
        share *= TIMM_RANGE.translate / AUTO_AUGMENT_RANGE.translate
    elif plain in _FACTORS:
        share = abs(1.8 * share - 0.9) / AUTO_AUGMENT_RANGE.enhance
    return [plain, float(step.prob), round(share, 9)]
