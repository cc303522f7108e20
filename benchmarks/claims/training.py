"""Train a claim's arms over seeds, and keep what they came to."""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from autotrick.data import Dataset, load
from autotrick.errors import DataError, TrainingError
from autotrick.recipe import DataRef, Recipe, Settings
from autotrick.train import Checkpoint, Snapshot, train
from autotrick.train.environment import environment
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


def courses(claim: Claim, data_dir: Path, *, quick: bool) -> dict[str, list[Course]]:
    """Train every arm with every seed, one seed after the other.

    Args:
        quick: Fewer seeds and epochs, and digits in place of other images.

    Raises:
        DataError: The claim's images are neither there nor installed.
    """
    found: dict[str, list[Course]] = {arm.name: [] for arm in claim.arms}
    arms = [_shortened(arm) for arm in claim.arms] if quick else claim.arms
    data = _loaded(arms[0].recipe.data, data_dir)
    for seed in seeds(quick):
        say(f"claims: {claim.name}, seed {seed + 1} of {len(seeds(quick))}")
        with TemporaryDirectory(prefix="autotrick-claims-") as folder:
            for name, course in _of_seed(arms, seed, data, Path(folder)):
                found[name].append(course)
    return found


def _shortened(arm: Arm) -> Arm:
    tricks = {name: settings for name, settings in arm.recipe.tricks.items() if name != "subset"}
    change = {
        "data": arm.recipe.data if arm.recipe.data == DIGITS else _QUICK,
        "epochs": min(arm.recipe.epochs, QUICK_EPOCHS),
        "tricks": tricks,
    }
    return Arm(arm.name, arm.recipe.model_copy(update=change), arm.teacher, arm.measure)


def _loaded(ref: DataRef, data_dir: Path) -> Dataset:
    try:
        return load(ref, data_dir=data_dir)
    except DataError:
        if ref.name != FASHION.name or not DEBIAN.is_dir():
            raise
        return load(ref, data_dir=DEBIAN)


def _of_seed(
    arms: Sequence[Arm], seed: int, data: Dataset, folder: Path
) -> Iterator[tuple[str, Course]]:
    """Train the arms with one seed; teachers leave a checkpoint in the folder."""
    teachers = {arm.teacher for arm in arms if arm.teacher}
    kept: dict[str, Checkpoint] = {}
    for arm in arms:
        recipe = arm.recipe.model_copy(update={"seed": seed, "data": data.resolve(arm.recipe.data)})
        if arm.teacher:
            recipe = _taught(recipe, kept[arm.teacher])
        last, course = _trained(recipe, data)
        if arm.measure:
            course = course.model_copy(update={"measured": dict(arm.measure(recipe, data))})
        if arm.name in teachers and last:
            kept[arm.name] = last.save(folder / arm.name)
        yield arm.name, course


def _taught(recipe: Recipe, teacher: Checkpoint) -> Recipe:
    settings: Settings = {"teacher": str(teacher.path), "checksum": teacher.checksum[:16]}
    distilled = recipe.tricks["distillation"] | settings
    return recipe.model_copy(update={"tricks": recipe.tricks | {"distillation": distilled}})


def _trained(recipe: Recipe, data: Dataset) -> tuple[Snapshot | None, Course]:
    last: list[Snapshot] = []

    def on_epoch(snapshot: Snapshot) -> bool:
        last[:] = [snapshot]
        return True

    failure = ""
    try:
        train(recipe, data, on_epoch=on_epoch)
    except TrainingError as error:
        failure = error.reason
    reports = last[0].reports if last else ()
    accuracy = [round(report.accuracy, 6) for report in reports]
    course = Course(
        recipe=recipe,
        accuracy=(*accuracy, *[CHANCE] * (recipe.epochs - len(accuracy))),
        lr=tuple(float(f"{report.lr:.6g}") for report in reports),
        weights="" if failure else reports[-1].weights,
        parameters=last[0].parameters if last else 0,
        failure=failure,
    )
    return (last[0] if last else None), course


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
