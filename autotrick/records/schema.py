"""The tables. Their names have a prefix, so that they can share a database with other tables."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    desc,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

PREFIX = "autotrick_"
VERSION_TABLE = f"{PREFIX}alembic_version"


class UtcTime(TypeDecorator[datetime]):
    """A time in UTC: with a time zone in Python, without one in SQLite, which has none."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        assert value.tzinfo is not None, "times in the database are aware"
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    # JSON and not JSONB on PostgreSQL: JSONB rewrites 1e16 as an integer, and a recipe that comes
    # back with another type has another digest.
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcTime,
        float: Double,
        str: String,
        Mapping[str, Any]: JSON,
        Sequence[Any]: JSON,
    }
    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "fk": "%(table_name)s_%(column_0_name)s_fkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        }
    )


class Study(Base):
    __tablename__ = f"{PREFIX}studies"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    question: Mapped[str] = mapped_column(Text)
    space: Mapped[Mapping[str, Any]]
    space_digest: Mapped[str]
    metric: Mapped[str]
    seed: Mapped[int] = mapped_column(BigInteger)
    budget: Mapped[Mapping[str, Any]]
    state: Mapped[str]
    # The next trial's number. The transaction that adds a trial increments it, so that numbers have
    # no gaps and adding a trial reads no other.
    trials: Mapped[int]
    owner: Mapped[str | None]
    heartbeat: Mapped[datetime | None]
    created: Mapped[datetime]
    archived: Mapped[bool] = mapped_column(server_default=false())
    # The spaces before this one, oldest first; NULL for a study that was never widened.
    earlier_spaces: Mapped[Sequence[Any] | None]
    # Why the last driver ended.
    ended: Mapped[str | None] = mapped_column(Text)
    # Facts about its data: classes with their counts, notes on files that were left out.
    data: Mapped[Mapping[str, Any] | None]
    # The study that this one belongs to, such as the search whose winners it confirms.
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey(f"{PREFIX}studies.id", ondelete="SET NULL")
    )
    # The kind of study; NULL is a search, `list` a list of recipes x seeds.
    purpose: Mapped[str | None] = mapped_column(Text)
    # NULL is classification.
    task: Mapped[str | None] = mapped_column(Text)


class Trial(Base):
    __tablename__ = f"{PREFIX}trials"
    __table_args__ = (
        UniqueConstraint("study_id", "number"),
        Index(f"{PREFIX}trials_best_idx", "study_id", "state", desc("value"), "seconds", "number"),
        Index(None, "study_id", "digest"),
        Index(None, "study_id", "tricks", "state", "value"),
        # Only studies with a reward have scores; for others the index costs nothing.
        Index(
            f"{PREFIX}trials_score_idx",
            "study_id",
            "state",
            desc("score"),
            "seconds",
            "number",
            sqlite_where=text("score IS NOT NULL"),
            postgresql_where=text("score IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey(Study.id, ondelete="CASCADE"))
    number: Mapped[int]
    state: Mapped[str]
    recipe: Mapped[Mapping[str, Any]]
    digest: Mapped[str]
    seed: Mapped[int] = mapped_column(BigInteger)
    origin: Mapped[str]
    value: Mapped[float | None]
    epochs: Mapped[int]
    seconds: Mapped[float]
    attempts: Mapped[int]
    parameters: Mapped[int | None] = mapped_column(BigInteger)
    weights: Mapped[str | None]
    reason: Mapped[str | None] = mapped_column(Text)
    created: Mapped[datetime]
    finished: Mapped[datetime | None]
    # Copies of fields of the recipe that filters and groupings need often: a database would have to
    # parse the recipe's JSON trial by trial. `tricks` holds the sorted names, each between blanks.
    architecture: Mapped[str | None]
    batch_size: Mapped[int | None] = mapped_column(BigInteger)
    base_lr: Mapped[float | None]
    tricks: Mapped[str | None] = mapped_column(Text)
    scaling_exponent: Mapped[float | None]
    weight_decay: Mapped[float | None]
    momentum: Mapped[float | None]
    # Measures other than accuracy, seconds and parameters, and the objective's score.
    multiply_adds: Mapped[int | None] = mapped_column(BigInteger)
    latency_ms: Mapped[float | None]
    robustness: Mapped[float | None]
    memory: Mapped[int | None] = mapped_column(BigInteger)
    score: Mapped[float | None]
    # The optimizer's resolved peak learning rate, and the number of batches per update.
    lr: Mapped[float | None]
    accumulation: Mapped[int | None] = mapped_column(BigInteger)
    # The phase of the study's plan that it belongs to; NULL for a study without one.
    phase: Mapped[str | None] = mapped_column(Text)
    # Its place in the design of its phase, and the probability with which each trick was switched.
    design: Mapped[Mapping[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class Rejection(Base):
    __tablename__ = f"{PREFIX}refusals"

    study_id: Mapped[int] = mapped_column(
        ForeignKey(Study.id, ondelete="CASCADE"), primary_key=True
    )
    # The trial that it was proposed for, and how many proposals were rejected for it before.
    number: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    recipe: Mapped[Mapping[str, Any]]
    measure: Mapped[str]
    # NULL stands for more than can be measured.
    value: Mapped[float | None]
    bound: Mapped[float]
    created: Mapped[datetime]


class TrialSetting(Base):
    """The settings of a trial, for filters, which then need not read the recipe's JSON.

    Each trick that is on has a row with the trick's name, and each of its settings has a row with
    its name in the filter language and its number or text.
    """

    __tablename__ = f"{PREFIX}settings"
    __table_args__ = (
        Index(f"{PREFIX}settings_value_idx", "study_id", "name", "value", "text", "number"),
        {"sqlite_with_rowid": False},
    )

    # Rows are deleted with their study: a foreign key to the trials would be checked row by row.
    study_id: Mapped[int] = mapped_column(
        ForeignKey(Study.id, ondelete="CASCADE"), primary_key=True
    )
    # The trial's number: with it, instead of an id, the indexes of trials suffice for a filter.
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float | None]
    text: Mapped[str | None]


class Environment(Base):
    __tablename__ = f"{PREFIX}environments"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    facts: Mapped[Mapping[str, Any]]


class Attempt(Base):
    __tablename__ = f"{PREFIX}attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    trial_id: Mapped[int] = mapped_column(ForeignKey(Trial.id, ondelete="CASCADE"))
    number: Mapped[int]
    state: Mapped[str]
    reason: Mapped[str | None] = mapped_column(Text)
    started: Mapped[datetime]
    ended: Mapped[datetime | None]
    node: Mapped[str | None]
    device: Mapped[str | None]
    environment_id: Mapped[int | None] = mapped_column(ForeignKey(Environment.id))
    # The CPUs and GPUs, or fractions of them, that it occupied.
    cpus: Mapped[float | None]
    gpus: Mapped[float | None]

    # At most one execution of a trial runs at a time: the database rejects a second open attempt.
    __table_args__ = (
        UniqueConstraint("trial_id", "number"),
        Index(
            f"{PREFIX}attempts_open_idx",
            "trial_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )


class Report(Base):
    __tablename__ = f"{PREFIX}reports"
    __table_args__ = {"sqlite_with_rowid": False}

    trial_id: Mapped[int] = mapped_column(
        ForeignKey(Trial.id, ondelete="CASCADE"), primary_key=True
    )
    epoch: Mapped[int] = mapped_column(primary_key=True)
    attempt: Mapped[int]
    accuracy: Mapped[float | None]
    # All metrics by name; NULL if accuracy is the only one.
    metrics: Mapped[Mapping[str, Any] | None]
    # NULL stands for NaN, which SQLite cannot store.
    loss: Mapped[float | None]
    train_loss: Mapped[float | None]
    lr: Mapped[float | None]
    seconds: Mapped[float]
    weights: Mapped[str]
    extra: Mapped[Mapping[str, Any]]
    created: Mapped[datetime]


class StoredCheckpoint(Base):
    __tablename__ = f"{PREFIX}checkpoints"

    trial_id: Mapped[int] = mapped_column(
        ForeignKey(Trial.id, ondelete="CASCADE"), primary_key=True
    )
    epoch: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(Text)
    checksum: Mapped[str]
    bytes: Mapped[int] = mapped_column(BigInteger)
    created: Mapped[datetime]


class TestLook(Base):
    """A look at the test split. Its row is written before the first test image is read."""

    __tablename__ = f"{PREFIX}test_looks"

    study_id: Mapped[int] = mapped_column(
        ForeignKey(Study.id, ondelete="CASCADE"), primary_key=True
    )
    # Counted from 1.
    number: Mapped[int] = mapped_column(primary_key=True)
    # What is looked at: labels, trials and digests of their weights.
    candidates: Mapped[Sequence[Any]]
    # What was found; NULL until all candidates are evaluated.
    result: Mapped[Mapping[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    forced: Mapped[bool] = mapped_column(server_default=false())
    created: Mapped[datetime]
    finished: Mapped[datetime | None]
