"""The number of threads that a trial may have: by rule, by OpenMP's limit, and by the system's.

If OpenMP makes a smaller pool than torch expects, oneDNN's loops wait for the missing threads for
ever. If the system cannot start another thread, OpenMP ends the process without an exception.
"""

import os

from autotrick.errors import ResourceError
from autotrick.machine import most_threads

_LIMIT = "OMP_THREAD_LIMIT"


def check_threads(threads: int) -> None:
    """Raise ResourceError if OpenMP or the system allows fewer threads.

    Raises:
        ResourceError: One of them gives fewer.
    """
    limit = os.environ.get(_LIMIT, "").strip()
    # What is not a positive number, OpenMP ignores.
    if limit.isdecimal() and 0 < int(limit) < threads:
        raise ResourceError(
            f"a recipe's threads are {threads}, and {_LIMIT}={limit} allows fewer: training would never "
            f"end. Unset {_LIMIT}, or set it to {threads} or more."
        )
    most = most_threads()
    if threads > 1 and most is not None and threads >= most:
        raise ResourceError(
            f"a recipe's threads are {threads}, and this process may have {most} threads and processes "
            "in all (ulimit -u, or the container's limit of processes). Lower threads, or raise that limit."
        )
