import json
import re
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from autotrick.errors import ResourceError
from autotrick.tune import Resources, check_device
from autotrick.tune.resources import check_nodes

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
