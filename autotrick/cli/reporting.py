"""What `report` and `dashboard` need to gather."""

from pathlib import Path

from autotrick import records
from autotrick.records import open_database


def write_report(study: str, path: Path, data_dir: Path | None, url: str) -> Path:
    """Write the HTML report of a study; with the winner's images where the data are here."""
    with open_database(url, create=False) as database:
        row = records.study(database, study)
    raise NotImplementedError(row, path, data_dir)


def serve_dashboard(url: str, host: str, port: int) -> None:
    """Serve the pages until interrupted."""
    raise NotImplementedError(url, host, port)
