"""The rules of races that a study may record, by name."""

from pydantic import ValidationError

from autotrick.errors import RecordsError
from autotrick.records import StudyRow
from autotrick.tune.sources.ablation_rule import AblationRule
from autotrick.tune.sources.confirm_race import ConfirmRace
from autotrick.tune.sources.race import RaceRule

_RULES: tuple[type[RaceRule], ...] = (AblationRule, ConfirmRace)

RULES = {rule.kind: rule for rule in _RULES}


def race_of(study: StudyRow) -> RaceRule | None:
    """Return the recorded rule of a race; None for a study that is none.

    Raises:
        RecordsError: The rule cannot be read, such as one of another version.
    """
    recorded = study.settings.race
    if recorded is None:
        return None
    fields = dict(recorded)
    kind = fields.pop("kind", None)
    if kind not in RULES:
        raise RecordsError(
            f"study {study.name!r} is a race by the rule {kind!r}, and this version knows "
            f"{', '.join(RULES)}. Use the version that began the study."
        )
    try:
        return RULES[kind].model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise RecordsError(
            f"the race of study {study.name!r} cannot be read: {where}: {first['msg'].lower()}. Use "
            "the version that began the study."
        ) from error
