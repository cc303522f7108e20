"""The results database: studies, their trials, and the trials' results.

The same code runs on SQLite (the default) and PostgreSQL (for teams). `study_writes`,
`trial_writes` and `epochs` write; `studies`, `queries` and `trial_reads` read. All take and return
the dataclasses of `rows`. `filter` parses the language of `--where`. `leases` ensures that one
driver at a time works on a study.
"""

from autotrick.records.aggregates import trick_sets
from autotrick.records.bulk import import_study, trial_records
from autotrick.records.database import Database, open_database, upgrade_database
from autotrick.records.epochs import add_checkpoint, add_report, add_reports, forget_checkpoints
from autotrick.records.leases import (
    acquire_lease,
    ask_to_stop,
    await_heartbeat,
    is_alive,
    release_lease,
    renew_lease,
    this_process,
)
from autotrick.records.open_attempts import end_open_attempts
from autotrick.records.pareto import pareto
from autotrick.records.queries import (
    best,
    complete_measures,
    same_recipe,
    trial,
    trials,
    unfinished,
)
from autotrick.records.rejections import (
    add_rejection,
    measured_memory,
    rejection_counts,
    rejections,
)
from autotrick.records.retry import retrying
from autotrick.records.rows import (
    FINAL_STATES,
    TRIAL_STATES,
    AttemptRow,
    CheckpointRow,
    Launch,
    LookRow,
    Point,
    RejectionRow,
    StudyPlan,
    StudyRow,
    TrialRecord,
    TrialRow,
    TrickSet,
)
from autotrick.records.search_settings import SearchSettings
from autotrick.records.spending import trial_hours
from autotrick.records.studies import studies, study, trial_count
from autotrick.records.study_admin import (
    archive_study,
    delete_study,
    extend_study,
    rename_study,
    widen_study,
)
from autotrick.records.study_writes import (
    change_budget,
    check_study_name,
    create_study,
    set_study_state,
)
from autotrick.records.test_looks import close_look, looks, open_look
from autotrick.records.trial_reads import attempts, checkpoints, curves, last_checkpoint, reports
from autotrick.records.trial_writes import (
    add_trial,
    close_attempt,
    describe_attempt,
    finish_trial,
    open_attempt,
)

__all__ = [
    "FINAL_STATES",
    "TRIAL_STATES",
    "AttemptRow",
    "CheckpointRow",
    "Database",
    "Launch",
    "LookRow",
    "Point",
    "RejectionRow",
    "SearchSettings",
    "StudyPlan",
    "StudyRow",
    "TrialRecord",
    "TrialRow",
    "TrickSet",
    "acquire_lease",
    "add_checkpoint",
    "add_rejection",
    "add_report",
    "add_reports",
    "add_trial",
    "archive_study",
    "ask_to_stop",
    "attempts",
    "await_heartbeat",
    "best",
    "change_budget",
    "check_study_name",
    "checkpoints",
    "close_attempt",
    "close_look",
    "complete_measures",
    "create_study",
    "curves",
    "delete_study",
    "describe_attempt",
    "end_open_attempts",
    "extend_study",
    "finish_trial",
    "forget_checkpoints",
    "import_study",
    "is_alive",
    "last_checkpoint",
    "looks",
    "measured_memory",
    "open_attempt",
    "open_database",
    "open_look",
    "pareto",
    "rejection_counts",
    "rejections",
    "release_lease",
    "rename_study",
    "renew_lease",
    "reports",
    "retrying",
    "same_recipe",
    "set_study_state",
    "studies",
    "study",
    "this_process",
    "trial",
    "trial_count",
    "trial_hours",
    "trial_records",
    "trials",
    "trick_sets",
    "unfinished",
    "upgrade_database",
    "widen_study",
]
