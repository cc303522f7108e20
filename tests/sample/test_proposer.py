from typing import Any

from autotrick.sample import Proposal, Proposer, Sampler, initial_recipes
from autotrick.space import SearchSpace


def test_the_experts_come_first_and_then_the_sampler(space: SearchSpace) -> None:
    proposer, sampler = Proposer(space, seed=3), Sampler(space, seed=3)
    known = initial_recipes(space)
    for number, (_, recipe) in enumerate(known):
        sampler.tell(number, recipe, None, "running")

    asked = [proposer.ask(number) for number in range(len(known) + 3)]

    rest = range(len(known), len(known) + 3)
    assert asked == [Proposal(r, label) for label, r in known] + [sampler.ask(n) for n in rest]


def test_it_goes_on_from_recorded_trials_as_if_it_had_never_been_away(
    space: SearchSpace, trials: Any
) -> None:
    live, rebuilt = Proposer(space, seed=7), Proposer(space, seed=7)
    for trial in trials:
        live.ask(trial.number)
        trial.tell(live)

    rebuilt.replay(reversed(trials))

    assert rebuilt.ask(40) == live.ask(40)
