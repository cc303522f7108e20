import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from autotrick.errors import ResourceError
from autotrick.tune import Resources, check_device, resources
from autotrick.tune.resources import check_names, check_nodes, check_room

PATHS = st.none() | st.from_regex(r"/[a-z]{1,8}(/[a-z ]{1,8}[a-z]){0,2}", fullmatch=True).map(Path)
RESOURCES = st.builds(
    Resources,
    address=st.none() | st.just("10.0.0.1:6379"),
    concurrency=st.none() | st.integers(1, 64),
    cpus_per_trial=st.floats(0.1, 8),
    gpus_per_trial=st.floats(0, 8),
    data_dir=PATHS,
    storage=PATHS.filter(bool),
    cache=PATHS,
)


@given(RESOURCES)
def test_record_gives_them_back(resources: Resources) -> None:
    recorded = json.loads(json.dumps(resources.to_json()))

    assert Resources.from_json(recorded) == resources


def test_paths_are_recorded_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    recorded = Resources(data_dir=Path("data"), storage=Path("files")).to_json()

    assert recorded["data_dir"] == str(tmp_path / "data")
    assert recorded["storage"] == str(tmp_path / "files")
    assert recorded["cache"] is None


@pytest.mark.parametrize(
    ("resources", "slots"),
    [
        (Resources(concurrency=3), 3),
        (Resources(concurrency=5, cpus_per_trial=0.5), 5),
        (Resources(cpus_per_trial=10_000), 1),
    ],
)
def test_slots(resources: Resources, slots: int) -> None:
    assert resources.slots() == slots


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_gpu_that_is_not_there_is_refused() -> None:
    with pytest.raises(ResourceError, match=r"--gpus-per-trial 0\.5 needs a GPU"):
        check_device(Resources(gpus_per_trial=0.5))


def test_gpu_of_a_cluster_is_not_looked_for_here() -> None:
    check_device(Resources(gpus_per_trial=1, address="10.0.0.1:6379"))


SMALL, LARGE = {"CPU": 1.0, "memory": 4e9}, {"CPU": 4.0, "GPU": 1.0, "memory": 2e9}


@pytest.mark.parametrize(
    ("need", "said"),
    [
        ({"cpus": 5.0}, "needs 5 CPU, but the largest node has 4. Lower --cpus-per-trial"),
        ({"gpus": 2.0}, "needs 2 GPU, but the largest node has 1. Lower --gpus-per-trial"),
        ({"memory": 5e9}, "but the largest node gives"),
        ({"cpus": 2.0, "memory": 3e9}, "no node has all of that"),
    ],
)
def test_trial_has_to_fit_on_one_node(need: dict[str, float], said: str) -> None:
    with pytest.raises(ResourceError, match=re.escape(said)):
        check_nodes([SMALL, SMALL, LARGE], **{"cpus": 1.0, "gpus": 0.0, "memory": 0.0} | need)


def test_trial_fits_where_one_node_has_room() -> None:
    check_nodes([SMALL, LARGE], cpus=4.0, gpus=1.0, memory=2e9)


@pytest.fixture
def four(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that may use four processors and 8 GiB."""
    monkeypatch.setattr(resources, "processors", lambda: 4)
    monkeypatch.setattr(resources, "memory_here", lambda: 2**33)


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize(
    ("resources", "slots"),
    [
        (Resources(), 4),
        (Resources(cpus_per_trial=2), 2),
        (Resources(cpus_per_trial=3), 1),
        (Resources(cpus_per_trial=0.01), 16),
        (Resources(concurrency=9), 9),
    ],
)
def test_slots_are_what_the_process_may_use(resources: Resources, slots: int) -> None:
    assert resources.slots() == slots


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize(
    ("resources", "threads", "said"),
    [
        (Resources(), 1, []),
        (Resources(concurrency=8, cpus_per_trial=0.5), 1, []),
        (Resources(concurrency=8, address="10.0.0.1:6379"), 64, []),
        (Resources(concurrency=8), 1, ["8 trials at a time with 1 processors each need 8"]),
        (Resources(cpus_per_trial=5), 5, ["1 trials at a time with 5 processors each need 5"]),
        (Resources(), 64, ["a recipe may have 64 threads, and this process may use 4 processors"]),
    ],
)
def test_more_than_the_processors_is_said(
    resources: Resources, threads: int, said: list[str]
) -> None:
    found = resources.warnings(threads)

    assert [text[: len(begin)] for text, begin in zip(found, said, strict=True)] == said


@pytest.mark.usefixtures("four")
def test_more_workers_than_the_memory_holds_are_refused() -> None:
    check_room(Resources(concurrency=16))
    check_room(Resources(concurrency=1000, address="10.0.0.1:6379"))
    with pytest.raises(ResourceError, match=r"may use 8 GiB\. Lower --concurrency to 16 or less"):
        check_room(Resources(concurrency=17))


@pytest.mark.parametrize(
    "counts",
    [
        {"concurrency": 10**9},
        {"concurrency": 0},
        {"concurrency": -1},
        {"cpus_per_trial": 1e9},
        {"cpus_per_trial": 0},
        {"cpus_per_trial": float("nan")},
        {"gpus_per_trial": 1e9},
        {"gpus_per_trial": -1},
    ],
)
def test_counts_that_cannot_be_meant_are_refused(counts: dict[str, Any]) -> None:
    (name,) = counts

    with pytest.raises(ResourceError, match=f"{name} must be .* and at most 10,000, but got"):
        Resources(**counts)


@pytest.mark.parametrize("option", ["storage", "cache", "data_dir"])
def test_names_that_are_not_text_are_refused(option: str, tmp_path: Path) -> None:
    latin = tmp_path / os.fsdecode(b"caf\xe9")

    with pytest.raises(ResourceError, match=rf"^--{option.replace('_', '-')} is .*caf\\udce9"):
        check_names(Resources(**{option: latin}))  # type: ignore[arg-type]


def test_a_working_folder_whose_name_is_not_text_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / os.fsdecode(b"\xff")
    folder.mkdir()
    monkeypatch.chdir(folder)

    with pytest.raises(ResourceError, match="must be UTF-8 text"):
        check_names(Resources())


def test_other_letters_are_text(tmp_path: Path) -> None:
    check_names(Resources(storage=tmp_path / "caf\u00e9", cache=tmp_path / "\u732b"))
