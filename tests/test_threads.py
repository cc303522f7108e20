import pytest
from pydantic import ValidationError

from autotrick import threads as thread_rules
from autotrick.errors import ResourceError
from autotrick.limits import most
from autotrick.recipe import DataRef, Recipe
from autotrick.threads import check_threads


@pytest.mark.parametrize("threads", [0, -1, most("threads") + 1, 7000, 10**6, 10**30])
def test_threads_of_a_recipe_have_a_limit(threads: int) -> None:
    with pytest.raises(ValidationError, match="threads"):
        Recipe(
            data=DataRef(name="digits"),
            architecture="lenet5",
            epochs=1,
            batch_size=8,
            base_lr=0.1,
            threads=threads,
        )


def test_threads_that_the_system_does_not_start_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(thread_rules, "most_threads", lambda: 100)

    check_threads(99)
    with pytest.raises(ResourceError, match="threads are 100, and this process may have 100"):
        check_threads(100)
