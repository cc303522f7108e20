"""How many processors, how much memory and how many threads this process may use.

A machine has more than a process may take of it where an administrator, a batch system or a container
says so: by affinity (`taskset`, Slurm, `docker --cpuset-cpus`), by a quota of a control group
(`docker --cpus`, Kubernetes, systemd), or by `ulimit`. A group's limits bind its subgroups too, so
every group from the process's own up to the one that the container shows is asked, of both versions of
control groups.
"""

import math
import os
import resource
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

ROOT = Path("/")


def processors(root: Path = ROOT) -> int:
    """Return how many processors this process may use at a time; at least 1.

    A fractional quota is rounded down.

    Args:
        root: Where `proc` and `sys` are; tests bring their own.
    """
    quotas = [quota for group in _groups(root, "cpu") if (quota := _quota(group)) is not None]
    return max(1, math.floor(min([_affinity(), *quotas])))


def memory(root: Path = ROOT) -> int:
    """Return the bytes of memory that this process and its children may take in all."""
    limits = [limit for group in _groups(root, "memory") for limit in _memory_limits(group)]
    return min([_physical(), *_address_space(), *limits])


def memory_left(root: Path = ROOT) -> int | None:
    """Return the bytes that can still be allocated before the system kills a process; None if unknown."""
    rooms = [_available(root)]
    for group in _groups(root, "memory"):
        used = _memory_used(group)
        rooms += [None if used is None else limit - used for limit in _memory_limits(group)]
    known = [room for room in rooms if room is not None]
    return max(0, min(known)) if known else None


def most_threads(root: Path = ROOT) -> int | None:
    """Return how many threads and processes may exist at a time; None for no limit."""
    limits = [_number(group / "pids.max") for group in _groups(root, "pids")]
    soft, _ = resource.getrlimit(resource.RLIMIT_NPROC)
    # The kernel does not hold root to it.
    if soft != resource.RLIM_INFINITY and os.geteuid() != 0:
        limits.append(soft)
    return min((limit for limit in limits if limit is not None), default=None)


def _affinity() -> int:
    count = getattr(os, "process_cpu_count", None)  # from Python 3.13 on; it knows PYTHON_CPU_COUNT
    if count is not None:
        return count() or 1
    with suppress(AttributeError, OSError):  # Linux has it, macOS has not
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _physical() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _address_space() -> list[int]:
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return [] if soft == resource.RLIM_INFINITY else [soft]


def _available(root: Path) -> int | None:
    with suppress(OSError, ValueError, IndexError):
        for line in (root / "proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return 1024 * int(line.split()[1])
    return None


def _quota(group: Path) -> float | None:
    """Return a group's processors; None for no limit."""
    with suppress(OSError, ValueError):
        words = (group / "cpu.max").read_text().split()
        if len(words) == 2:
            return _share(words[0], words[1])
    with suppress(OSError, ValueError):
        quota, period = ((group / f"cpu.cfs_{word}_us").read_text() for word in ("quota", "period"))
        return _share(quota, period)
    return None


def _share(quota: str, period: str) -> float | None:
    """Return the quotient; None for `max` and -1, which stand for no limit."""
    if not quota.strip().isdecimal() or int(period) <= 0:
        return None
    return int(quota) / int(period)


def _memory_limits(group: Path) -> list[int]:
    # Above memory.high the kernel does not kill, it stops processes for so long that they stand still.
    names = ("memory.max", "memory.high", "memory.limit_in_bytes")
    return [found for name in names if (found := _number(group / name)) is not None]


def _memory_used(group: Path) -> int | None:
    """Return the bytes that a group holds, less the files that the kernel gives back at need."""
    for used, cache in (
        ("memory.current", "inactive_file"),
        ("memory.usage_in_bytes", "total_inactive_file"),
    ):
        held = _number(group / used)
        if held is not None:
            return max(0, held - _statistic(group / "memory.stat", cache))
    return None


def _statistic(path: Path, name: str) -> int:
    with suppress(OSError, ValueError):
        for line in path.read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == name:
                return int(value)
    return 0


def _number(path: Path) -> int | None:
    """Return the number in a file; None for `max`, and if it is missing or has no number."""
    with suppress(OSError, ValueError):
        return int(path.read_text())
    return None


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """Give the folders of the groups that bind this process, the outermost first.

    Args:
        controller: `cpu`, `memory` or `pids`.
    """
    for path, mount in _memberships(root, controller):
        folder = mount
        yield folder
        for part in path.parts[1:]:
            # A container may be told its group's path on the host, of which it sees the end alone.
            if part == ".." or not (folder / part).is_dir():
                break
            folder = folder / part
            yield folder


def _memberships(root: Path, controller: str) -> list[tuple[PurePosixPath, Path]]:
    """Return the process's groups for a controller, with the folder where their hierarchy is."""
    mounts = _mounts(root)
    found = []
    for line in _lines(root / "proc/self/cgroup"):
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        unified = number == "0" and not controllers
        if not unified and controller not in controllers.split(","):
            continue
        for top, mount in mounts.get("" if unified else controller, ()):
            found.append((_below(PurePosixPath(path), top), mount))
    return found


def _below(path: PurePosixPath, top: PurePosixPath) -> PurePosixPath:
    """Return a group's path as it is seen where only the groups below `top` are mounted."""
    with suppress(ValueError):
        return PurePosixPath("/") / path.relative_to(top)
    return path


def _mounts(root: Path) -> dict[str, list[tuple[PurePosixPath, Path]]]:
    """Return where control groups are mounted, by controller; version 2 has the empty name.

    Each with the group that is the mount's topmost.
    """
    found: dict[str, list[tuple[PurePosixPath, Path]]] = {}
    for line in _lines(root / "proc/self/mountinfo"):
        left, _, right = line.partition(" - ")
        fields, kind = left.split(), right.split()
        if len(fields) < 5 or len(kind) < 3 or kind[0] not in ("cgroup", "cgroup2"):
            continue
        place = PurePosixPath(fields[3]), root / fields[4].lstrip("/")
        for name in [""] if kind[0] == "cgroup2" else kind[2].split(","):
            found.setdefault(name, []).append(place)
    return found or _usual_mounts(root)


def _usual_mounts(root: Path) -> dict[str, list[tuple[PurePosixPath, Path]]]:
    """Return where groups usually are, for kernels that do not tell (some sandboxes)."""
    top, folder = PurePosixPath("/"), root / "sys/fs/cgroup"
    version1 = {name: [(top, folder / name)] for name in ("cpu", "memory", "pids")}
    return {"": [(top, folder)], **version1}


def _lines(path: Path) -> list[str]:
    with suppress(OSError):
        return path.read_text(errors="replace").splitlines()
    return []
