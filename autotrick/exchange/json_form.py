"""Studies and trials as JSON values of a file, and back with every field checked."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    SerializerFunctionWrapHandler,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)

from autotrick.errors import RecordsError
from autotrick.recipe import EpochReport, Recipe
from autotrick.records import (
    AttemptRow,
    LookRow,
    RejectionRow,
    StudyPlan,
    StudyRow,
    TrialRecord,
    TrialRow,
)
from autotrick.records.rows import FINAL_STATES, AttemptState, StudyState, TrialState
from autotrick.redaction import without_secrets
from autotrick.tasks import ACCURACY
from autotrick.views.trial import TrialDetail


def _json(table: dict[str, Any]) -> dict[str, Any]:
    json.dumps(table, allow_nan=False)
    return table


# Limits of the databases: a file may hold any value.
_Table = Annotated[dict[str, Any], AfterValidator(_json)]
_Count = Annotated[int, Field(ge=0, lt=2**31)]
_Whole = Annotated[int, Field(ge=0, lt=2**63)]
_Amount = Annotated[FiniteFloat, Field(ge=0)]


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True)


class RejectionForm(_Form):
    """A proposal that was rejected before training.

    Attributes:
        value: None if it was too large to measure, for which JSON has no number.
    """

    number: _Count
    place: _Count
    recipe: Recipe
    measure: str
    value: FiniteFloat | None
    bound: FiniteFloat

    @classmethod
    def of(cls, row: RejectionRow) -> "RejectionForm":
        """Return a rejection as a file holds it."""
        known = {name: getattr(row, name) for name in cls.model_fields}
        return cls(**known | {"value": None if math.isinf(row.value) else row.value})

    def row(self) -> RejectionRow:
        """Return the rejection as the database takes it."""
        return RejectionRow(
            **dict(self) | {"value": math.inf if self.value is None else self.value}
        )


class LookForm(_Form):
    """A look at the test split of a study, or of one that it belongs to."""

    number: Annotated[int, Field(ge=1, lt=2**31)]
    candidates: tuple[_Table, ...]
    result: _Table | None
    forced: bool
    created: AwareDatetime
    finished: AwareDatetime | None

    @classmethod
    def of(cls, row: LookRow) -> "LookForm":
        """Return a look as a file holds it."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})

    def row(self) -> LookRow:
        """Return the look as the database takes it."""
        return LookRow(**dict(self))


class StudyForm(_Form):
    """A study without its trials.

    Attributes:
        format: Version of the file format; it counts up when older files cannot be read as they are.
        metric: The study's objective; files may call it `objective` too.
        data: Notes on the data set.
        parent: Name of the study that it belongs to; importing links it to one of that name.
        purpose: What it is for; None is a search.
        task: Name of its task; None is classification.
        refusals: Proposals that violated its constraints.
        looks: At its test split; a study in another database must not get its first look again.
    """

    format: Literal[1] = 1
    name: str
    question: str
    space: _Table
    space_digest: str
    metric: str = Field(validation_alias=AliasChoices("metric", "objective"))
    seed: _Whole
    budget: _Table
    earlier_spaces: list[_Table] | None = None
    state: StudyState
    ended: str | None = None
    archived: bool = False
    data: _Table | None = None
    parent: str | None = None
    purpose: str | None = None
    task: str | None = None
    refusals: tuple[RejectionForm, ...] = ()
    looks: tuple[LookForm, ...] = ()

    @field_validator("looks")
    @classmethod
    def _once(cls, looks: tuple[LookForm, ...]) -> tuple[LookForm, ...]:
        if len({look.number for look in looks}) < len(looks):
            raise ValueError("each look at the test split has its own number")
        return looks

    @model_serializer(mode="wrap")
    def _as_ever(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what says nothing: earlier versions read the files of searches for classifiers."""
        table: dict[str, Any] = write(self)
        for name in ("parent", "purpose", "task"):
            if table.get(name) is None:
                table.pop(name, None)
        if not table.get("looks"):
            table.pop("looks", None)
        return table

    @classmethod
    def of(
        cls,
        row: StudyRow,
        refusals: Iterable[RejectionRow] = (),
        looks: Iterable[LookRow] = (),
    ) -> "StudyForm":
        """Return a study as a file holds it."""
        names = cls.model_fields.keys() - {"format", "refusals", "looks"}
        values = {name: getattr(row, name) for name in names}
        values["budget"] = _public(row.budget)
        values["refusals"] = tuple(map(RejectionForm.of, refusals))
        values["looks"] = tuple(map(LookForm.of, looks))
        try:
            return cls(**values)
        except ValidationError:  # recorded by another version: written as it is
            return cls.model_construct(**values)

    def plan(self, name: str | None) -> StudyPlan:
        """Return the study as the database takes it, under another name if one is given."""
        names = [field.name for field in fields(StudyPlan)]
        values = self.model_dump(include=set(names))
        return StudyPlan(**(values | ({} if name is None else {"name": name})))


class AttemptForm(_Form):
    """One execution of a trial."""

    number: _Count
    state: AttemptState
    reason: str | None
    started: AwareDatetime
    ended: AwareDatetime | None
    node: str | None
    device: str | None
    environment: _Table | None
    cpus: _Amount | None = None
    gpus: _Amount | None = None


class TrialForm(_Form):
    """A trial with its epochs and attempts."""

    number: _Count
    state: TrialState
    recipe: Recipe
    digest: str
    origin: str
    value: FiniteFloat | None
    epochs: _Count
    seconds: _Amount
    parameters: _Whole | None
    weights: str | None
    reason: str | None
    created: AwareDatetime
    finished: AwareDatetime | None
    multiply_adds: _Whole | None = None
    latency_ms: FiniteFloat | None = None
    robustness: FiniteFloat | None = None
    memory: _Whole | None = None
    score: FiniteFloat | None = None
    lr: FiniteFloat | None = None
    phase: str | None = None
    design: _Table | None = None
    reports: tuple[EpochReport, ...]
    attempts: tuple[AttemptForm, ...]

    @model_validator(mode="after")
    def _ended(self) -> "TrialForm":
        if (self.finished is None) is (self.state in FINAL_STATES):
            raise ValueError("a trial has a time of finishing exactly when its state is final")
        named = self.reports[-1].metrics if self.reports else {ACCURACY.name: self.value}
        accurate = list(named) == [ACCURACY.name]
        if accurate and self.value is not None and not ACCURACY.possible(self.value):
            raise ValueError(f"the value of a trial is an accuracy in [0, 1], not {self.value}")
        return self

    def record(self) -> TrialRecord:
        """Return the trial as the database takes it.

        Raises:
            RecordsError: The recipe does not have the digest that the file says.
        """
        if self.recipe.digest() != self.digest:
            raise RecordsError(
                f"trial {self.number}: the recipe's digest is {self.recipe.digest()}, but the file "
                f"says {self.digest}. The file was changed, or is another version's."
            )
        tries = tuple(AttemptRow(id=0, **dict(attempt)) for attempt in self.attempts)
        values = {name: getattr(self, name) for name in _SHARED}
        row = TrialRow(id=0, study="", attempts=len(tries), **values)
        return TrialRecord(row, self.reports, tries)


_SHARED = TrialForm.model_fields.keys() - {"reports", "attempts"}


def trial_json(record: TrialRecord) -> dict[str, Any]:
    """Return a trial as files hold it: the keys of `TrialDetail` that a file can be read back from."""
    values = TrialDetail.of(record.trial, record.reports, record.tries).to_json()
    return {name: _without_infinities(values[name]) for name in TrialForm.model_fields}


def read_study(values: Any, where: str) -> StudyForm:
    """Return the study of a file.

    Args:
        where: Where the values stand in the file; begins the error message.

    Raises:
        RecordsError: The values are not what `autotrick export` writes.
    """
    try:
        return StudyForm.model_validate(values)
    except ValidationError as error:
        raise _wrong(error, where) from error


def read_trial(values: Any, where: str) -> TrialRecord:
    """Return a trial of a file.

    Args:
        where: Where the values stand in the file; begins the error message.

    Raises:
        RecordsError: The values are not what `autotrick export` writes.
    """
    try:
        return TrialForm.model_validate(values).record()
    except ValidationError as error:
        raise _wrong(error, where) from error


def _public(budget: Mapping[str, Any]) -> dict[str, Any]:
    """Return a budget without the secrets that older versions recorded in the storage's URL."""
    resources = budget.get("resources")
    if not isinstance(resources, Mapping):
        return dict(budget)
    plain = {
        name: without_secrets(value) if isinstance(value, str) else value
        for name, value in resources.items()
    }
    return {**budget, "resources": plain}


def _wrong(error: ValidationError, where: str) -> RecordsError:
    first = error.errors()[0]
    key = ".".join(map(str, first["loc"]))
    return RecordsError(
        f"{where} is not what `autotrick export` writes: {key or 'all of it'}: {first['msg']}."
    )


def _without_infinities(value: Any) -> Any:
    """Return JSON with numbers that are not finite as texts, which pydantic reads as numbers."""
    if isinstance(value, Mapping):
        return {key: _without_infinities(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_without_infinities(entry) for entry in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
