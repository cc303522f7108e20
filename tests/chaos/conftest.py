"""A folder where commands run in processes of their own."""

from tests.tune.conftest import cache, make_place

__all__ = ["cache", "make_place"]
