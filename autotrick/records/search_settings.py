"""The settings of a search, as a study's `budget` column stores them."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from autotrick.errors import RecordsError


class SearchSettings(BaseModel):
    """A study's budget, where it runs, and what it starts from.

    The recorded JSON keys are the attributes' names, except where the list below gives another one.
    Unknown keys, of other versions, stay as they are.

    Attributes:
        trials: Total number of trials; 0 if it is not recorded.
        trial_hours: Limit on trial-hours; None for no limit.
        cost_per_hour: Price of a trial-hour, in any currency; None if unknown.
        max_cost: Limit on the cost; None for no limit.
        plateau: The condition that ends a search which no longer improves, as in a space's
            `[study]`.
        plateau_since: Number of the first trial that counts for the plateau.
        resources: Where and how it runs, as `autotrick.tune.Resources` writes it; None for an
            imported study.
        warm_start: Recipes and trials from earlier studies, as `autotrick.sample.WarmStart` writes
            them (`heritage`).
        recipes: The recipes and seeds of a list study (`list`); None if recipes are sampled.
        plan: The phases of the study with their budgets, as `autotrick.tune.sources` writes them; None
            for a study that only searches, such as all that were begun before there were phases.
        race: The rule by which recipes of a list study are dropped early; None if none is.
        confirmation: Candidates and look of a confirmation, as `autotrick.analysis.confirmation` reads
            them; None for other studies.
        transfer: Of a study that repeats another one's screen on other data, why tricks were left out
            (`left_out`, by name); None for any other.
        ladder: Of a study that adds the tricks of a trial one at a time, the number of that trial and the
            `order` of the tricks; None for any other.
    """

    model_config = ConfigDict(
        frozen=True, extra="allow", populate_by_name=True, serialize_by_alias=True
    )

    trials: int = 0
    trial_hours: float | None = None
    cost_per_hour: float | None = None
    max_cost: float | None = None
    plateau: dict[str, Any] | None = None
    plateau_since: int = 0
    resources: dict[str, Any] | None = None
    warm_start: dict[str, Any] | None = Field(default=None, alias="heritage")
    recipes: dict[str, Any] | None = Field(default=None, alias="list")
    plan: dict[str, Any] | None = None
    race: dict[str, Any] | None = None
    confirmation: dict[str, Any] | None = None
    transfer: dict[str, Any] | None = None
    ladder: dict[str, Any] | None = None

    @classmethod
    def of(cls, study: str, budget: Mapping[str, Any]) -> "SearchSettings":
        """Return the settings in a study's recorded budget.

        Raises:
            RecordsError: The settings cannot be read, such as those of another version.
        """
        try:
            return cls.model_validate(budget)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise RecordsError(
                f"the budget of study {study!r} cannot be read: {where}: {first['msg'].lower()}."
            ) from error

    def to_json(self) -> dict[str, Any]:
        """Return the settings as plain JSON, without those that are not set."""
        return self.model_dump(mode="json", exclude_defaults=True)
