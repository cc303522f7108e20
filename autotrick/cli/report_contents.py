"""Gathering what a report shows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autotrick import records
from autotrick.analysis.progress import winner
from autotrick.cli.open_for_reading import open_for_reading
from autotrick.cli.output import console
from autotrick.data import Dataset, load
from autotrick.errors import AutotrickError
from autotrick.records import Database, StudyRow, TrialRow
from autotrick.report.class_samples import recorded_images
from autotrick.report.page import write
from autotrick.report.samples import Samples
from autotrick.space.recorded import recorded_space
from autotrick.trusted_locations import own_folder
from autotrick.views.linked import linked


def write_report(study: str, path: Path, data_dir: Path | None, url: str) -> Path:
    """Write the HTML report of a study, with the winner's images if its data are on this machine.

    Raises:
        NotFoundError: There is no study of that name.
        ResourceError: The file cannot be written.
    """
    with open_for_reading(url, study) as database:
        row = records.study(database, study)
        trials = records.trials(database, study)
        reports = records.reports(database, study)
        belongs = linked(database, row)
        away = records.rejections(database, study)
        best = winner(trials)
        where = _environment(database, study, best) if best else None
    data = _data(row, best, data_dir)
    images = _images(best, data) if best and data else None
    space, _ = recorded_space(row.space)
    write(
        path,
        row,
        trials,
        reports,
        space,
        images=images,
        environment=where,
        refusals=away,
        linked=belongs,
        data=data,
    )
    return path


def _environment(database: Database, study: str, best: TrialRow) -> Mapping[str, Any] | None:
    known = [a.environment for a in records.attempts(database, study, best.number)]
    return next((facts for facts in reversed(known) if facts), None)


def _data(study: StudyRow, best: TrialRow | None, data_dir: Path | None) -> Dataset | None:
    """Return the study's images; None, with a note on stderr, where they are not on this machine."""
    recorded = study.settings.resources or {}
    folder = data_dir or (Path(recorded["data_dir"]) if recorded.get("data_dir") else None)
    try:
        if best is None:
            return recorded_images(study)
        return load(best.recipe.data, data_dir=folder, cache_dir=own_folder(recorded, "cache"))
    except AutotrickError as error:
        console(stderr=True).print(f"without the winner's images: {error}", style="yellow")
        return None


def _images(best: TrialRow, data: Dataset) -> Samples | None:
    """Return what the winner's recipe does to real images; None, with a note on stderr, if it fails."""
    from autotrick.train import preview

    try:
        return preview(best.recipe, data)
    except AutotrickError as error:
        console(stderr=True).print(f"without the winner's images: {error}", style="yellow")
        return None
