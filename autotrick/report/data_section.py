"""The section on a study's images, in the report and in the dashboard."""

from autotrick.data import Dataset, recorded
from autotrick.records.rows import StudyRow
from autotrick.report.class_samples import class_pictures
from autotrick.report.sections import Listed, Part, Pictured, Said, Section
from autotrick.views.data import data_sentence, data_table, data_warnings, validation_sentence


def data_section(study: StudyRow, data: Dataset | None) -> Section | None:
    """Return what is known of a study's images; None if nothing was recorded.

    Args:
        data: The images, for samples of every class; None where they are not on this machine.
    """
    facts = recorded(study.data)
    if facts is None:
        return None
    said = [data_sentence(facts), validation_sentence(facts)]
    parts: list[Part] = [Said([text for text in said if text]), Listed(data_table(facts))]
    if warned := data_warnings(facts):
        parts.append(Said(warned))
    pictures = class_pictures(data) if data is not None else []
    if pictures:
        more = len(facts.classes) - len(pictures)
        rest = f" {more:,} more classes are not shown." if more > 0 else ""
        parts.append(Pictured(pictures, f"Training images of every class, as decoded.{rest}"))
    return Section("The images", parts)
