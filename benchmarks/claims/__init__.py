"""Published claims, tried as small studies of paired seeds.

`python -m benchmarks claims [A09 ...] --data-dir DIR` trains the recipes of all claims, or of those
named, as studies that an interrupted run goes on with, keeps their courses in `benchmarks/tables/claims`, and writes `docs/claims.md` with its pictures
from all that is kept. With `--quick` nothing is kept.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.claims import pages
from benchmarks.claims.claim import Claim, Finding
from benchmarks.claims.distillation import DISTILLATION
from benchmarks.claims.few_images import FEW_IMAGES
from benchmarks.claims.first_weights import FIRST_WEIGHTS
from benchmarks.claims.large_batch import LARGE_BATCH
from benchmarks.claims.learning_rates import LEARNING_RATES
from benchmarks.claims.schedules import SCHEDULES
from benchmarks.claims.training import courses, keep, recorded, seeds
from benchmarks.claims.weight_average import WEIGHT_AVERAGE
from benchmarks.row import Row

CLAIMS = {
    claim.name: claim
    for claim in (
        LARGE_BATCH,
        DISTILLATION,
        SCHEDULES,
        LEARNING_RATES,
        FIRST_WEIGHTS,
        WEIGHT_AVERAGE,
        FEW_IMAGES,
    )
}


def run(quick: bool, data_dir: Path, names: Sequence[str] = ()) -> list[Row]:
    """Return every finding of the named claims, of all where none is named."""
    return [row for name in names or CLAIMS for row in _tried(CLAIMS[name], data_dir, quick)]


def _tried(claim: Claim, data_dir: Path, quick: bool) -> Iterator[Row]:
    trained = courses(claim, data_dir, quick=quick)
    if not quick:
        keep(claim, trained.courses, trained.seconds)
        pages.draw(claim, trained.courses)
        pages.PAGE.write_text(page())
    for finding in claim.judge(trained.courses):
        yield _row(claim, finding, len(seeds(quick)))


def _row(claim: Claim, finding: Finding, runs: int) -> Row:
    estimate = finding.estimate
    ends = "no interval"
    if estimate.low is not None and estimate.high is not None:
        ends = f"{estimate.low:+.2f} to {estimate.high:+.2f}"
    held = f"; as claimed: {finding.held}" if finding.held else ""
    name = f"claims: {claim.name}, {finding.what} ({ends}{held})"
    return Row(name, round(estimate.value, 3), None, None, finding.unit, None, runs)


def page() -> str:
    """Return `docs/claims.md`, made from the courses that are kept."""
    return pages.page([(claim, recorded(claim)) for claim in CLAIMS.values()])
