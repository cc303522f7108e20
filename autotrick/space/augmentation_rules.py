"""Rules on augmentation: which changes keep the label of a data set's images true."""

import itertools
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from autotrick.augment.policies import MEANINGS, TRANSFORMATIONS
from autotrick.domain import Domain, PolicyDomain
from autotrick.errors import AutotrickError, unknown
from autotrick.recipe import Settings
from autotrick.space.faults import Faults
from autotrick.tricks import TRICKS, build

_WRITING = ("flip", "vertical_flip", "right_angle")
DOUBTFUL: Mapping[str, tuple[str, ...]] = dict.fromkeys(
    ("digits", "mnist", "kmnist", "usps", "svhn"), _WRITING
)
"""What changes the meaning of known data sets: a mirrored 2 is none, a 6 on its head is a 9."""

_COLOUR = frozenset({"channel_permutation"})
"""Tricks that do nothing to grey images."""


class Profile(BaseModel):
    """Which changes keep the label of an image true; all of them when left out.

    Attributes:
        allowed: The only changes permitted, such as `["translate", "brightness"]`.
        forbidden: Changes that are not permitted, such as `["flip", "right_angle"]`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    allowed: tuple[str, ...] | None = None
    forbidden: tuple[str, ...] = ()

    @field_validator("allowed", "forbidden")
    @classmethod
    def _check_names(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for name in names or ():
            if name not in TRANSFORMATIONS:
                raise ValueError(unknown("transformation", name, TRANSFORMATIONS).rstrip("."))
        return names

    @model_validator(mode="after")
    def _one(self) -> "Profile":
        if self.allowed is not None and self.forbidden:
            raise ValueError("`allowed` or `forbidden`, not both")
        return self

    def bars(self, transformation: str) -> bool:
        """Return whether a change is forbidden."""
        return transformation in self.forbidden or (
            self.allowed is not None and transformation not in self.allowed
        )


def restrict(
    name: str,
    settings: dict[str, Domain],
    written: Mapping[str, Any],
    profile: Profile,
    faults: Faults,
) -> dict[str, Domain]:
    """Return a trick's settings without the operations that the profile forbids.

    Note as faults what cannot be left out: forbidden operations that the file lists by name, and
    values of settings at which the trick makes a forbidden change.
    """
    kept = dict(settings)
    for key, domain in settings.items():
        if isinstance(domain, PolicyDomain):
            meant = {op: MEANINGS[op] for op in domain.operations if op in MEANINGS}
            barred = [op for op, meaning in meant.items() if profile.bars(meaning)]
            table = written.get(key)
            if isinstance(table, Mapping) and "names" in table and barred:
                what = f"names {', '.join(barred)}, which [augmentation] bars. Leave them out"
                faults.note(f"tricks.{name}.{key}", what)
            left = tuple(op for op in domain.operations if op not in barred)
            kept[key] = PolicyDomain(left or ("Identity",), domain.sub_policies, domain.length)
    found = _barred(name, kept, profile)
    if found:
        what = f"{found}, which [augmentation] bars. Leave it out"
        if "policy" in kept and isinstance(kept["policy"].ends()[0], list):
            what += ", or search the policy, which keeps to the rest"
        elif TRICKS[name].slot == "policy":
            what += ", or list searched_policy, which keeps to the rest"
        faults.note(f"tricks.{name}", what)
    return kept


def _barred(name: str, settings: Mapping[str, Domain], profile: Profile) -> str | None:
    """Return, as a clause, the forbidden changes that a trick makes; None if it makes none."""
    ends = [d.ends()[:1] if isinstance(d, PolicyDomain) else d.ends() for d in settings.values()]
    for values in itertools.islice(itertools.product(*ends), 256):
        chosen = dict(zip(settings, values, strict=True))
        try:
            done = build(name, chosen).transformations()
        except AutotrickError:  # said elsewhere
            continue
        barred = sorted(filter(profile.bars, done))
        if barred:
            policy: Any = chosen.get("policy")
            which = f"policy {policy!r} " if isinstance(policy, str) else ""
            return f"{which}does {', '.join(barred)}{_by(policy, profile)}"
    return None


def _by(policy: Any, profile: Profile) -> str:
    """Return, in brackets, the forbidden operations of a policy; nothing for other settings."""
    if not isinstance(policy, list):
        return ""
    used = dict.fromkeys(operation for steps in policy for operation, _, _ in steps)
    names = [op for op in used if op in MEANINGS and profile.bars(MEANINGS[op])]
    return f" ({', '.join(names)})"


def unsuitable(
    data: str, profile: Profile, tricks: Mapping[str, Mapping[str, Domain]]
) -> list[str]:
    """Return a sentence for each change that makes labels of a known data set untrue.

    Args:
        data: The name of the data set.
        profile: The space's own. If it says anything, the user has decided: no warnings.
        tricks: The settings of the listed tricks.
    """
    if profile != Profile() or data not in DOUBTFUL:
        return []
    usual = Profile(forbidden=DOUBTFUL[data])
    return [
        f"{name} {found}, which changes what images of {data} show. Leave it out, or say that it is "
        f"meant: [augmentation] allowed = [...]."
        for name, settings in tricks.items()
        if (found := _barred(name, settings, usual))
    ]


def why_unsuitable(
    data: str, profile: Profile, tricks: Mapping[str, Settings], *, channels: int
) -> dict[str, str]:
    """Return, by trick of a recipe, why it does not suit other images; nothing for those that do.

    Args:
        data: The name of their data set.
        profile: What is said of them; if that is nothing, what is known of the data set counts.
        tricks: With their settings.
        channels: Of the images, 1 or 3.
    """
    usual = Profile(forbidden=DOUBTFUL.get(data, ())) if profile == Profile() else profile
    found: dict[str, str] = {}
    for name, settings in tricks.items():
        barred = sorted(filter(usual.bars, build(name, settings).transformations()))
        if barred:
            found[name] = f"does {', '.join(barred)}, which changes what images of {data} show"
        elif channels == 1 and name in _COLOUR:
            found[name] = f"reorders colours, and images of {data} are grey"
    return found
