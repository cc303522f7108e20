"""Policies as JSON files: what to do to images, and where the policy comes from.

    {"format": "autotrick policy 1", "trick": "searched_policy", "settings": {"policy": [...]},
     "provenance": {"study": "...", "trial": 12, ...}}

Such a file is data: use it in a study on other images, edit it, pass it on.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autotrick.atomic_file import whole_file
from autotrick.augment import policies
from autotrick.domain import Value
from autotrick.errors import TrickError
from autotrick.user_files import read_json

FORMAT = "autotrick policy 1"


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A trick of slot `policy` with its settings.

    Attributes:
        trick: `searched_policy` where the policy is a list of sub-policies.
        settings: As a recipe writes them.
        provenance: Where it was found (study, trial, recipe, data, accuracy), or the name that it was
            made from and how it differs from that.
    """

    trick: str
    settings: dict[str, Value]
    provenance: dict[str, Value] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """Where it was found, as a clause; empty if the file does not say."""
        known = self.provenance
        if "study" not in known:
            return str(known.get("made_from", ""))
        accuracy = known.get("accuracy")
        reached = f", {100 * accuracy:.2f} % there" if isinstance(accuracy, float) else ""
        text = f"trial {known.get('trial')} of study {known['study']} on {known.get('data')}"
        return f"{text}{reached} (recipe {known.get('recipe')})"

    def json(self) -> dict[str, Any]:
        """Return the content of the file."""
        return {
            "format": FORMAT,
            "trick": self.trick,
            "settings": self.settings,
            "provenance": self.provenance,
        }


def write(found: PolicyFile, path: Path | str) -> None:
    """Write the file, a line for each sub-policy.

    Raises:
        TrickError: The file cannot be written.
    """
    path, content = Path(path), found.json()
    text = json.dumps(content, indent=2)
    policy = found.settings.get("policy")
    if isinstance(policy, list):
        lines = ",\n      ".join(json.dumps(steps) for steps in policy)
        marked = json.dumps(content | {"settings": found.settings | {"policy": "@"}}, indent=2)
        text = marked.replace('"@"', f"[\n      {lines}\n    ]" if policy else "[]", 1)
    try:
        with whole_file(path) as partial:
            partial.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise TrickError(f"{path}: cannot be written: {error.strerror}.") from None


def read(path: Path | str) -> PolicyFile:
    """Return the policy of a file.

    Raises:
        TrickError: The file is missing, is not a policy file, or its policy breaks a rule.
    """
    path = Path(path)
    content = read_json(path, TrickError)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise TrickError(
            f"{path}: is not a policy file: `format` must be {FORMAT!r}. "
            "Make one with `autotrick policy export`."
        )
    trick, settings = content.get("trick"), content.get("settings")
    provenance = content.get("provenance", {})
    if not (isinstance(trick, str) and isinstance(settings, dict) and isinstance(provenance, dict)):
        raise TrickError(f"{path}: `trick`, `settings` and `provenance` must be there.")
    fault = policies.fault(settings["policy"]) if isinstance(settings.get("policy"), list) else None
    if fault:
        raise TrickError(f"{path}: {fault}")
    return PolicyFile(trick, settings, provenance)
