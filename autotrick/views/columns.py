"""The columns of all tables of studies, trials, epochs and attempts."""

from collections.abc import Sequence
from functools import partial

from autotrick.objective import Objective
from autotrick.tasks import Metric, metric_of
from autotrick.views import text
from autotrick.views.study import StudyView
from autotrick.views.table import Column
from autotrick.views.trial import AttemptView, EpochView, TrialView

STUDY = Column[StudyView]("Study", lambda study: study.name)
QUESTION = Column[StudyView]("Question", lambda study: study.question)
STUDY_STATE = Column[StudyView]("State", lambda study: study.state)
COUNTS = Column[StudyView]("Trials", lambda study: study.counts, text.counts_text)
OBJECTIVE = Column[StudyView]("Objective", lambda study: study.objective)
BEST = Column[StudyView](
    "Best", lambda study: text.metric_text(study.best, metric_of(study.metric)), numeric=True
)
CREATED = Column[StudyView]("Created (UTC)", lambda study: study.created, text.moment)
COMPLETE = Column[StudyView]("Complete", lambda study: study.counts["complete"], numeric=True)
PRUNED = Column[StudyView]("Pruned", lambda study: study.counts["pruned"], numeric=True)
FAILED = Column[StudyView]("Failed", lambda study: study.counts["failed"], numeric=True)
OPEN = Column[StudyView](
    "Open", lambda study: study.counts["running"] + study.counts["waiting"], numeric=True
)
PARENT = Column[StudyView](
    "Parent", lambda study: f"{study.parent} ({study.purpose})" if study.parent else ""
)
STUDIES = (STUDY, STUDY_STATE, COUNTS, OBJECTIVE, BEST, CREATED)


def studies(shown: Sequence[StudyView]) -> tuple[Column[StudyView], ...]:
    """Return the columns of a list of studies in a terminal, with parents if a study has one."""
    return (*STUDIES, *[PARENT] * any(study.parent for study in shown))


NUMBER = Column[TrialView]("Trial", lambda trial: trial.number, numeric=True)
STATE = Column[TrialView]("State", lambda trial: text.with_reason(trial.state, trial.reason))
EPOCHS_DONE = Column[TrialView](
    "Epochs", lambda trial: f"{trial.epochs}/{trial.recipe.epochs}", numeric=True
)
TIME = Column[TrialView]("Time", lambda trial: trial.seconds, text.duration, numeric=True)
ARCHITECTURE = Column[TrialView]("Architecture", lambda trial: trial.recipe.architecture)
BATCH = Column[TrialView]("Batch", lambda trial: trial.recipe, text.batch, numeric=True)
BASE_LR = Column[TrialView]("Base LR", lambda trial: trial.recipe.base_lr, text.rate, numeric=True)
LR = Column[TrialView]("LR", lambda trial: trial.lr, text.rate, numeric=True)
WEIGHTS = Column[TrialView]("Weights", lambda trial: trial.parameters, text.number, numeric=True)
TRICKS = Column[TrialView]("Tricks", lambda trial: trial.recipe, text.tricks)
TRICKS_WITH_SETTINGS = Column[TrialView](
    "Tricks", lambda trial: trial.recipe, text.tricks_with_settings
)
ORIGIN = Column[TrialView]("Origin", lambda trial: trial.origin)
SCORE = Column[TrialView](
    "Score", lambda trial: trial.score, partial(text.measure, "score"), numeric=True
)


def value(metric: Metric) -> Column[TrialView]:
    """Return the column of the trials' values."""
    written = partial(text.metric_text, metric=metric)
    return Column(metric.title.capitalize(), lambda trial: trial.value, written, numeric=True)


def trials(metric: Metric, also: Sequence[Column[TrialView]] = ()) -> tuple[Column[TrialView], ...]:
    """Return the columns of a list of trials in a terminal.

    Args:
        metric: That the study looks for.
        also: Columns that follow the values.
    """
    first = (NUMBER, STATE, value(metric), *also)
    return (*first, EPOCHS_DONE, TIME, ARCHITECTURE, BATCH, LR, TRICKS_WITH_SETTINGS)


_MEASURE_TITLES = {
    "parameters": "Weights",
    "seconds": "Time",
    "latency_ms": "Latency (ms)",
    "multiply_adds": "Multiply-adds",
    "robustness": "On corrupted",
}


def measure(name: str) -> Column[TrialView]:
    """Return the column of a measure; one that only another version knows is shown by its name."""
    return Column(
        _MEASURE_TITLES.get(name, name),
        lambda trial: trial.measures.get(name),
        partial(text.measure, name),
        numeric=True,
    )


def counted(
    objective: Objective, *, scored: bool, shown: Sequence[str] = ()
) -> tuple[Column[TrialView], ...]:
    """Return the columns of what a study looks for besides the metric.

    Args:
        scored: Whether trials have a score.
        shown: Measures that the table shows anyway.
    """
    wanted = dict.fromkeys((*objective.names, *objective.also))
    measures = [measure(name) for name in wanted if name not in (objective.metric.name, *shown)]
    return (*measures, *[SCORE] * scored)


_EPOCH = Column[EpochView]("Epoch", lambda report: report.epoch, numeric=True)
_EPOCHS = (
    Column[EpochView]("Loss", lambda report: report.loss, text.loss, numeric=True),
    Column[EpochView]("Train loss", lambda report: report.train_loss, text.loss, numeric=True),
    Column[EpochView]("LR", lambda report: report.lr, text.rate, numeric=True),
    Column[EpochView]("Time", lambda report: report.seconds, text.duration, numeric=True),
    Column[EpochView]("Weights", lambda report: report.weights),
)
OVER_RAW = Column[EpochView](
    "Over raw", lambda report: report.gain_over_raw, text.points, numeric=True
)
ON_MIXED = Column[EpochView](
    "On mixed", lambda report: report.agreement, text.percent, numeric=True
)


def _metric(name: str) -> Column[EpochView]:
    title = metric_of(name).title.capitalize()
    return Column(
        title, lambda report: report.metrics.get(name), partial(text.measure, name), numeric=True
    )


def epochs(reports: Sequence[EpochView]) -> tuple[Column[EpochView], ...]:
    """Return the columns of a trial's epochs, with those that only some trials have."""
    further = [OVER_RAW] * any(report.gain_over_raw is not None for report in reports)
    further += [ON_MIXED] * any(report.agreement is not None for report in reports)
    names = dict.fromkeys(name for report in reports for name in report.metrics)
    return (_EPOCH, *map(_metric, names), *_EPOCHS, *further)


ATTEMPTS = (
    Column[AttemptView]("Attempt", lambda attempt: attempt.number, numeric=True),
    Column[AttemptView]("State", lambda attempt: attempt.state),
    Column[AttemptView]("Reason", lambda attempt: attempt.reason or ""),
    Column[AttemptView]("Started (UTC)", lambda attempt: f"{attempt.started:%Y-%m-%d %H:%M:%S}"),
    Column[AttemptView]("Time", lambda attempt: attempt.seconds, text.duration, numeric=True),
    Column[AttemptView]("Node", lambda attempt: attempt.node or ""),
    Column[AttemptView]("Device", lambda attempt: attempt.device or ""),
)
