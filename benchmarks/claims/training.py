"""Train a claim's arms over seeds, as studies of lists of recipes, and keep what they came to."""

import gzip
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from autotrick import records
from autotrick.data import Dataset, load
from autotrick.data.cache import default_folder
from autotrick.errors import DataError
from autotrick.recipe import DataRef, EpochReport, Recipe, Settings, digest_of
from autotrick.records import Database, StudyRow, TrialRow
from autotrick.train.environment import environment
from autotrick.tune import Resources, run_recipes
from autotrick.tune.session import STALE_S, cluster
from benchmarks.children import say
from benchmarks.claims.claim import CHANCE, DIGITS, FASHION, Arm, Claim, Course, Courses
from benchmarks.images import DEBIAN

FOLDER = Path(__file__).parent.parent / "tables" / "claims"
SEEDS = 5
QUICK_SEEDS, QUICK_EPOCHS = 3, 3
_QUICK = DataRef(name="digits", image_size=16, validation=0.3)


def seeds(quick: bool) -> range:
    """Return the seeds of every arm."""
    return range(QUICK_SEEDS if quick else SEEDS)


@dataclass(frozen=True, slots=True)
class Trained:
    """What the arms of a claim came to.

    Attributes:
        seconds: Time of all epochs.
    """

    courses: dict[str, list[Course]]
    seconds: float


def courses(claim: Claim, data_dir: Path, *, quick: bool) -> Trained:
    """Train every arm with every seed, as studies in a database of the user's cache folder.

    A run that was interrupted goes on where it was. Once all is trained the studies are deleted, so
    that the next run trains anew.

    Args:
        quick: Fewer seeds and epochs, and digits in place of other images.

    Raises:
        DataError: The claim's images are neither there nor installed.
    """
    arms = [shortened(arm) for arm in claim.arms] if quick else list(claim.arms)
    data, place = _loaded(arms[0].recipe.data, data_dir)
    with ExitStack() as stack:
        folder = default_folder() / "claims"
        if quick:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="autotrick-claims-")))
        folder.mkdir(parents=True, exist_ok=True)
        database = stack.enter_context(records.open_database(f"sqlite:///{folder}/claims.db"))
        resources = Resources(storage=folder / "files", data_dir=place)
        stack.enter_context(cluster(resources))
        studies = _Studies(database, resources, claim.name)
        found = studies.courses(arms, seeds(quick))
        studies.delete()
    for arm in arms:
        if arm.measure:
            found[arm.name] = [
                one.model_copy(update={"measured": dict(arm.measure(one.recipe, data))})
                for one in found[arm.name]
            ]
    return Trained({arm.name: found[arm.name] for arm in arms}, studies.seconds)


def shortened(arm: Arm) -> Arm:
    """Return an arm with fewer epochs, over images that need no download."""
    tricks = {name: settings for name, settings in arm.recipe.tricks.items() if name != "subset"}
    change = {
        "data": arm.recipe.data if arm.recipe.data == DIGITS else _QUICK,
        "epochs": min(arm.recipe.epochs, QUICK_EPOCHS),
        "tricks": tricks,
    }
    return Arm(arm.name, arm.recipe.model_copy(update=change), arm.teacher, arm.measure)


def _loaded(ref: DataRef, data_dir: Path) -> tuple[Dataset, Path]:
    """Return the data of a claim, and the folder that they are in."""
    try:
        return load(ref, data_dir=data_dir), data_dir
    except DataError:
        if ref.name != FASHION.name or not DEBIAN.is_dir():
            raise
        return load(ref, data_dir=DEBIAN), DEBIAN


class _Studies:
    """The studies of one claim: one of all arms without a teacher, and one per seed of the others.

    Attributes:
        seconds: Time of all epochs.
    """

    def __init__(self, database: Database, resources: Resources, claim: str) -> None:
        self.seconds = 0.0
        self._database = database
        self._resources = resources
        self._claim = claim
        self._names: list[str] = []

    def delete(self) -> None:
        """Delete the studies and their checkpoints."""
        for name in reversed(self._names):
            for path in records.delete_study(self._database, name, stale_after=STALE_S):
                Path(path).unlink(missing_ok=True)

    def courses(self, arms: Sequence[Arm], seeds: Sequence[int]) -> dict[str, list[Course]]:
        alone = {arm.name: arm.recipe for arm in arms if not arm.teacher}
        parent = self._run(self._claim, alone, seeds, None)
        found = self._courses(parent)
        taught = [arm for arm in arms if arm.teacher]
        for seed in seeds if taught else ():
            recipes = {arm.name: self._taught(arm, parent, seed) for arm in taught}
            study = self._run(f"{self._claim}-seed-{seed}", recipes, [seed], parent.name)
            for name, course in self._courses(study).items():
                found.setdefault(name, []).extend(course)
        return found

    def _run(
        self, name: str, recipes: Mapping[str, Recipe], seeds: Sequence[int], parent: str | None
    ) -> StudyRow:
        """Run recipes as a study; other recipes or seeds are a study of another name."""
        plain = {label: recipe.model_dump(mode="json") for label, recipe in recipes.items()}
        name = f"{name}-{digest_of({'recipes': plain, 'seeds': list(seeds)})[:8]}"
        say(f"claims: {name}, {len(recipes)} recipes with {len(seeds)} seeds")
        study = run_recipes(
            recipes,
            self._database,
            name=name,
            seeds=seeds,
            parent=parent,
            resources=self._resources,
        )
        if study.state != "complete":
            sys.exit(f"claims: {name} was interrupted. The same command goes on.")
        self._names.append(name)
        return study

    def _taught(self, arm: Arm, parent: StudyRow, seed: int) -> Recipe:
        """Return an arm's recipe with its teacher's last checkpoint of the same seed."""
        teacher = next(
            row
            for row in records.trials(self._database, parent.name)
            if row.origin == arm.teacher and row.recipe.seed == seed
        )
        kept = records.checkpoints(self._database, parent.name)[teacher.number][-1]
        settings: Settings = {"teacher": kept.path, "checksum": kept.checksum[:16]}
        distilled = arm.recipe.tricks["distillation"] | settings
        return arm.recipe.model_copy(
            update={"tricks": arm.recipe.tricks | {"distillation": distilled}}
        )

    def _courses(self, study: StudyRow) -> dict[str, list[Course]]:
        reports = records.reports(self._database, study.name)
        found: dict[str, list[Course]] = {}
        for row in records.trials(self._database, study.name):
            self.seconds += row.seconds
            found.setdefault(row.origin, []).append(_course(row, reports.get(row.number, [])))
        return found


def _course(row: TrialRow, reports: Sequence[EpochReport]) -> Course:
    failure = (row.reason or "failed") if row.state == "failed" else ""
    accuracy = [round(report.accuracy, 6) for report in reports]
    return Course(
        recipe=row.recipe,
        accuracy=(*accuracy, *[CHANCE] * (row.recipe.epochs - len(accuracy))),
        lr=tuple(float(f"{report.lr:.6g}") for report in reports),
        weights="" if failure else reports[-1].weights,
        parameters=row.parameters or 0,
        failure=failure,
    )


@dataclass(frozen=True, slots=True)
class Record:
    """What was trained for a claim, and where.

    Attributes:
        versions: Of torch and this package, as trials record them.
    """

    courses: Courses
    versions: dict[str, str]
    seconds: float


def keep(claim: Claim, found: Courses, seconds: float) -> Path:
    """Write a claim's courses where the page finds them, and return the file."""
    FOLDER.mkdir(exist_ok=True)
    file = FOLDER / f"{claim.name}.json.gz"
    here = environment()
    content = {
        "seconds": round(seconds),
        "versions": {name: str(here[name]) for name in ("torch", "autotrick") if name in here},
        "courses": {
            arm: [course.model_dump(mode="json") for course in courses]
            for arm, courses in found.items()
        },
    }
    # Without the time of writing, which git knows.
    file.write_bytes(gzip.compress(json.dumps(content).encode(), mtime=0))
    return file


def recorded(claim: Claim) -> Record | None:
    """Return what was kept of a claim; None before it was tried."""
    file = FOLDER / f"{claim.name}.json.gz"
    if not file.exists():
        return None
    content = json.loads(gzip.decompress(file.read_bytes()))
    courses = {
        arm: [Course.model_validate(course) for course in listed]
        for arm, listed in content["courses"].items()
    }
    return Record(courses, content["versions"], content["seconds"])
