"""Keeps secrets from Ray, which shows them or passes them on to workers."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from autotrick.redaction import VARIABLES, is_secret_variable


@contextmanager
def without_secrets() -> Iterator[None]:
    """Keep secrets from Ray: it lists a driver's command line, and workers inherit its variables."""
    import ray._private.utils as ray_utils  # once Ray's variables are set

    words, named = sys.argv, ray_utils.get_entrypoint_name
    kept = {name: value for name, value in os.environ.items() if is_secret_variable(name, value)}
    for name in kept:
        del os.environ[name]
    sys.argv = words[:1]
    # Ray reads the command line from the operating system, not from `sys.argv`, and shows it to
    # everybody who can see the cluster.
    ray_utils.get_entrypoint_name = lambda: words[0] if words else "autotrick"
    try:
        yield
    finally:
        sys.argv, ray_utils.get_entrypoint_name = words, named
        os.environ.update(kept)


def emptied() -> dict[str, Any]:
    """Return a runtime environment in which the driver's secrets are empty.

    Variables that the job was submitted with stay: the submitter chose them, and Ray does not allow to
    change them.
    """
    chosen = json.loads(os.environ.get("RAY_JOB_CONFIG_JSON_ENV_VAR") or "{}")
    given = (chosen.get("runtime_env") or {}).get("env_vars") or {}
    return {"env_vars": {name: "" for name in VARIABLES if name not in given}}
