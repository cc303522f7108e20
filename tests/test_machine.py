"""What a process may use, by control groups of both versions, by affinity, and by `ulimit`."""

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autotrick import machine

Tree = Callable[..., Path]

V2 = "cgroup2 cgroup2 rw"
CPU = "cgroup cgroup rw,cpu,cpuacct"
MEMORY = "cgroup cgroup rw,memory"

MANY, MUCH = 64, 2**40


@pytest.fixture(autouse=True)
def _large_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_affinity", lambda: MANY)
    monkeypatch.setattr(machine, "_physical", lambda: MUCH)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Return a function that makes `/proc` and `/sys` of a machine, and returns where they are."""

    def make(member: str, mounts: dict[str, tuple[str, str]], files: dict[str, str]) -> Path:
        lines = [
            f"{30 + i} 23 0:{i} {top} /sys/fs/cgroup{place} rw,relatime - {kind}"
            for i, (place, (top, kind)) in enumerate(mounts.items())
        ]
        proc = tmp_path / "proc/self"
        proc.mkdir(parents=True)
        (proc / "cgroup").write_text(member)
        if lines:
            (proc / "mountinfo").write_text("\n".join(lines))
        for name, text in files.items():
            file = tmp_path / "sys/fs/cgroup" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return tmp_path

    return make


CPUS = {
    "version 2": ("0::/\n", {"": ("/", V2)}, {"cpu.max": "150000 100000\n"}, 1),
    "version 2, no limit": ("0::/\n", {"": ("/", V2)}, {"cpu.max": "max 100000\n"}, MANY),
    "version 2, nested": (
        "0::/a/b\n",
        {"": ("/", V2)},
        {"a/cpu.max": "300000 100000\n", "a/b/cpu.max": "max 100000\n"},
        3,
    ),
    "version 2, the inner is less": (
        "0::/a/b\n",
        {"": ("/", V2)},
        {"a/cpu.max": "300000 100000\n", "a/b/cpu.max": "200000 100000\n"},
        2,
    ),
    "version 2, another's group": ("0::/a\n", {"": ("/", V2)}, {"b/cpu.max": "1000 1000\n"}, MANY),
    "less than one": ("0::/\n", {"": ("/", V2)}, {"cpu.max": "50000 100000\n"}, 1),
    "version 1": (
        "4:cpu,cpuacct:/\n",
        {"/cpu": ("/", CPU)},
        {"cpu/cpu.cfs_quota_us": "400000\n", "cpu/cpu.cfs_period_us": "100000\n"},
        4,
    ),
    "version 1, no limit": (
        "4:cpu,cpuacct:/\n",
        {"/cpu": ("/", CPU)},
        {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"},
        MANY,
    ),
    "version 1, nested in a job": (
        "5:memory:/slurm\n4:cpu,cpuacct:/slurm/job_7/step_0\n",
        {"/cpu": ("/", CPU)},
        {
            "cpu/cpu.cfs_quota_us": "-1\n",
            "cpu/cpu.cfs_period_us": "100000\n",
            "cpu/slurm/job_7/cpu.cfs_quota_us": "200000\n",
            "cpu/slurm/job_7/cpu.cfs_period_us": "100000\n",
            "cpu/slurm/job_7/step_0/cpu.cfs_quota_us": "-1\n",
            "cpu/slurm/job_7/step_0/cpu.cfs_period_us": "100000\n",
        },
        2,
    ),
    "a container told its path on the host": (
        "4:cpu,cpuacct:/docker/abc\n",
        {"/cpu": ("/docker/abc", CPU)},
        {"cpu/cpu.cfs_quota_us": "200000\n", "cpu/cpu.cfs_period_us": "100000\n"},
        2,
    ),
    "a path that the container does not show": (
        "0::/kubepods/pod1/c\n",
        {"": ("/", V2)},
        {"cpu.max": "500000 100000\n"},
        5,
    ),
    "above the namespace": ("0::/../../x\n", {"": ("/", V2)}, {"cpu.max": "200000 100000\n"}, 2),
    "mounts not told": ("0::/a\n", {}, {"a/cpu.max": "200000 100000\n"}, 2),
    "rubbish": ("nonsense\n0::/\n", {"": ("/", V2)}, {"cpu.max": "many\n"}, MANY),
    "no groups": ("", {}, {}, MANY),
}


@pytest.mark.parametrize(("member", "mounts", "files", "expected"), CPUS.values(), ids=CPUS)
def test_processors_of_groups(
    tree: Tree,
    member: str,
    mounts: dict[str, tuple[str, str]],
    files: dict[str, str],
    expected: int,
) -> None:
    assert machine.processors(tree(member, mounts, files)) == expected


MEMORIES = {
    "version 2": (
        "0::/a/b\n",
        {"": ("/", V2)},
        {"a/memory.max": "7\n", "a/b/memory.max": "max"},
        7,
    ),
    "version 2, high": ("0::/\n", {"": ("/", V2)}, {"memory.max": "9", "memory.high": "8"}, 8),
    "version 1": (
        "4:memory:/a\n",
        {"/memory": ("/", MEMORY)},
        {
            "memory/memory.limit_in_bytes": "9223372036854771712\n",
            "memory/a/memory.limit_in_bytes": "7\n",
        },
        7,
    ),
    "no limit": ("0::/\n", {"": ("/", V2)}, {"memory.max": "max\n"}, MUCH),
    "more than there is": ("0::/\n", {"": ("/", V2)}, {"memory.max": f"{2 * MUCH}\n"}, MUCH),
}


@pytest.mark.parametrize(("member", "mounts", "files", "expected"), MEMORIES.values(), ids=MEMORIES)
def test_memory_of_groups(
    tree: Tree,
    member: str,
    mounts: dict[str, tuple[str, str]],
    files: dict[str, str],
    expected: int,
) -> None:
    assert machine.memory(tree(member, mounts, files)) == expected


def test_memory_that_is_left_counts_every_group_and_no_files(tree: Tree) -> None:
    root = tree(
        "0::/a\n",
        {"": ("/", V2)},
        {
            "a/memory.max": "1000",
            "a/memory.current": "900",
            "a/memory.stat": "anon 500\ninactive_file 400\n",
            "memory.max": "max",
        },
    )
    (root / "proc/meminfo").write_text("MemTotal: 90 kB\nMemAvailable:    50 kB\n")

    assert machine.memory_left(root) == 500


def test_memory_that_is_left_where_nothing_tells(tree: Tree) -> None:
    assert machine.memory_left(tree("", {}, {})) is None


def test_threads_of_a_container(tree: Tree) -> None:
    root = tree("0::/a\n", {"": ("/", V2)}, {"a/pids.max": "100\n", "pids.max": "max\n"})

    assert machine.most_threads(root) == 100


ASK = "from autotrick import machine; print(machine.processors(), machine.memory())"


def asked(*before: str) -> tuple[int, int]:
    command = [*before, sys.executable, "-c", ASK]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    processors, memory = done.stdout.split()
    return int(processors), int(memory)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="Linux has affinity")
def test_processors_of_a_pinned_process() -> None:
    one = min(os.sched_getaffinity(0))

    assert asked("taskset", "-c", str(one))[0] == 1


def test_memory_of_a_process_with_a_limit() -> None:
    assert asked("bash", "-c", 'ulimit -v 4000000; exec "$@"', "-")[1] == 4_000_000 * 1024


@pytest.fixture
def group() -> Iterator[Path]:
    """A real control group that this process may make; skips where it may not."""
    made = machine.ROOT / "sys/fs/cgroup/cpu" / f"autotrick-{uuid.uuid4().hex[:8]}"
    try:
        made.mkdir()
    except OSError:
        pytest.skip("no control group of version 1 can be made here")
    yield made
    made.rmdir()


def test_processors_of_a_real_group(group: Path) -> None:
    (group / "cpu.cfs_quota_us").write_text("100000")

    enter = f'echo $$ > {group}/cgroup.procs; exec "$@"'

    assert asked("bash", "-c", enter, "-")[0] == 1
