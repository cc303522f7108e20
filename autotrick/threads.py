"""OpenMP's limit of threads, which torch does not ask for.

Of a pool that OpenMP makes smaller than torch counts on, oneDNN's loops wait for the rest for ever.
"""

import os

from autotrick.errors import ResourceError

_LIMIT = "OMP_THREAD_LIMIT"


def check_threads(threads: int) -> None:
    """Refuse more threads than OpenMP gives here.

    Raises:
        ResourceError: The environment says that it gives fewer.
    """
    limit = os.environ.get(_LIMIT, "").strip()
    # What is no positive number, OpenMP ignores.
    if limit.isdecimal() and 0 < int(limit) < threads:
        raise ResourceError(
            f"a recipe's threads are {threads}, and {_LIMIT}={limit} allows fewer: training would never "
            f"end. Unset {_LIMIT}, or set it to {threads} or more."
        )
