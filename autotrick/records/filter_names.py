"""The names of the filter language: fields of trials and recipes, tricks, and their settings."""

import re
from dataclasses import dataclass
from typing import Literal

from autotrick.augment.policies import OPERATIONS
from autotrick.domain import PolicyDomain, Value
from autotrick.records.recipe_columns import POLICY_PARTS
from autotrick.tasks import metrics
from autotrick.tricks import TRICKS, Setting

Kind = Literal["number", "text", "switch"]

# `lr` is the resolved peak learning rate, `base_lr` the one at 256 examples per update.
_COLUMNS: dict[str, Kind] = {
    "number": "number",
    "state": "text",
    "value": "number",
    "epochs": "number",
    "seconds": "number",
    "parameters": "number",
    "attempts": "number",
    "seed": "number",
    "digest": "text",
    "weights": "text",
    "origin": "text",
    "phase": "text",
    "reason": "text",
    "architecture": "text",
    "batch_size": "number",
    "accumulation": "number",
    "base_lr": "number",
    "lr": "number",
    "scaling_exponent": "number",
    "weight_decay": "number",
    "momentum": "number",
    "multiply_adds": "number",
    "latency_ms": "number",
    "robustness": "number",
    "memory": "number",
    "score": "number",
}
_ALIASES = {
    "trial": "number",
    "params": "parameters",
    "learning_rate": "lr",
    "arch": "architecture",
}
_ENTRY = re.compile(
    r"(?P<trick>\w+)\.(?P<setting>\w+)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\."
    rf"(?P<part>{'|'.join(POLICY_PARTS)})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name of the filter language and where the database stores its value.

    Attributes:
        kind: The kind of its values; a switch is on or off.
        storage: A column of trials of that name; or rows of settings, which a trial has if the trick
            is on. An operation of a policy is stored like a trick: a trial has its row if it is used.
    """

    text: str
    kind: Kind
    storage: Literal["column", "trick", "setting"] = "column"


def names() -> dict[str, Name]:
    """Return every name of the filter language, including aliases."""
    found = {text: Name(text, kind) for text, kind in _COLUMNS.items()}
    found |= {alias: found[text] for alias, text in _ALIASES.items()}
    found |= dict.fromkeys(metrics(), found["value"])
    for trick, declared in TRICKS.items():
        found[trick] = Name(trick, "switch", "trick")
        for setting in declared.settings():
            kind = _kind(setting)
            text = f"{trick}.{setting.name}"
            if kind is not None:
                found[text] = Name(text, kind, "setting")
            elif isinstance(setting.domain, PolicyDomain):
                uses = (f"{text}.{operation}" for operation in OPERATIONS)
                found |= {use: Name(use, "switch", "trick") for use in uses}
    return found


def policy_entry(text: str) -> Name | None:
    """Return the name of a part of a policy's entry, such as `searched_policy.policy.0.1.magnitude`.

    They are not among `names`: a policy may have any number of entries.
    """
    match = _ENTRY.fullmatch(text)
    if match is None or not _is_policy(match["trick"], match["setting"]):
        return None
    return Name(text, "text" if match["part"] == "operation" else "number", "setting")


def _is_policy(trick: str, setting: str) -> bool:
    declared = TRICKS[trick].settings() if trick in TRICKS else ()
    return any(spec.name == setting and isinstance(spec.domain, PolicyDomain) for spec in declared)


def _kind(setting: Setting) -> Kind | None:
    """Return the kind of the setting's values; None for lists and tables."""
    sample: Value = setting.default
    if sample is None and setting.domain is not None:
        sample = setting.domain.ends()[0]
    if isinstance(sample, bool):
        return "switch"
    if isinstance(sample, int | float):
        return "number"
    return "text" if isinstance(sample, str) else None
