"""One question, and the recipes that may answer it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from operator import attrgetter
from typing import Annotated, Any, Literal, Protocol

from pydantic import (
    BaseModel,
    ConfigDict,
    InstanceOf,
    JsonValue,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from autotrick.data import find as find_data
from autotrick.domain import Choice, Chooser, Domain, ReplayChooser, Scalar, Value
from autotrick.errors import SpaceError
from autotrick.models import find as find_architecture
from autotrick.objective import Objective
from autotrick.own_code import CodeRecord
from autotrick.recipe import DataRef, Fidelity, Recipe, Settings, digest_of
from autotrick.space import parse_domain
from autotrick.space.augmentation_rules import Profile, unsuitable
from autotrick.space.faults import Faults, read_model
from autotrick.space.fidelity import fidelity_of
from autotrick.space.fields import CIRCUMSTANCES, FIELDS
from autotrick.space.own import code_of
from autotrick.space.parse import Listed, resolve
from autotrick.space.settings import Constraints, NamedRecipe, Pruning, StudySettings
from autotrick.space.slots import OFF, Unit, Units
from autotrick.tasks import CLASSIFICATION, Task
from autotrick.tasks import find as find_task


def _written(listed: Listed) -> JsonValue:
    table = {name: parse_domain.write(domain) for name, domain in listed.settings.items()}
    always = {"always": True} if listed.always else {}
    return table | always | parse_domain.written_prior(listed.prior)


Term = Annotated[InstanceOf[Domain], PlainSerializer(parse_domain.write, return_type=JsonValue)]
Switch = Annotated[InstanceOf[Listed], PlainSerializer(_written, return_type=JsonValue)]


class SearchSpace(BaseModel):
    """One question, and the recipes that may answer it.

    `model_dump(mode="json")` writes it as a space file would, with everything filled in that the
    file leaves to the catalogue; `model_validate` reads both. Raises SpaceError, with all faults in
    one message.

    Attributes:
        name: The file's name without suffix.
        question: In a sentence; reports show it as their title.
        data: The images; the fingerprint is filled in when they are loaded.
        augmentation: What may be done to the images.
        fixed: Fields of Recipe that stay the same in every trial.
        search: Fields of Recipe that vary.
        architectures: The settings of every architecture that can be chosen.
        tricks: The listed tricks.
        slots: Slots of which one listed trick is always on.
        study: Number of trials and the sampler.
        pruning: When a trial that falls behind is ended early.
        objective: What the study looks for; the task's first metric unless the file says more.
        constraints: Upper bounds that every recipe must keep, checked before training.
        recipes: Tried first, together with the published defaults.
        origins: Of tricks whose settings `load` took from a file, where those were found.
        code: Networks, tricks and data of the user's own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    question: str
    data: DataRef
    augmentation: Profile
    fixed: dict[str, Scalar]
    search: dict[str, Term]
    architectures: dict[str, dict[str, Term]]
    tricks: dict[str, Switch]
    slots: dict[str, Literal["always"]]
    study: StudySettings
    pruning: Pruning
    objective: Objective
    constraints: Constraints
    recipes: tuple[NamedRecipe, ...]
    origins: dict[str, str] = {}
    code: CodeRecord = CodeRecord()

    @model_validator(mode="before")
    @classmethod
    def _resolved(cls, raw: Any) -> dict[str, Any]:
        if not isinstance(raw, Mapping):
            raise SpaceError(f"a search space is a table, but got {raw!r}.")
        return resolve(raw)

    @model_serializer(mode="wrap")
    def _written(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # A study that asks for nothing further is written as it was before there was a choice.
        found: dict[str, Any] = write(self)
        if self.objective == Objective():
            found.pop("objective", None)
        if self.constraints == Constraints():
            found.pop("constraints", None)
        if not self.code:
            found.pop("code", None)
        return found

    def digest(self) -> str:
        """Return 16 hex digits that name what may vary and what is looked for.

        They are the same whatever the file and the study are called.
        """
        kept = {"data", "fixed", "search", "architectures", "tricks", "slots"}
        if self.objective != Objective():
            kept.add("objective")
        if self.constraints != Constraints():
            kept.add("constraints")
        found = self.model_dump(mode="json", include=kept)
        if self.fidelity:
            found["fidelity"] = self.fidelity.model_dump(mode="json")
        if self.code:
            found["code"] = self.code.digests()
        return digest_of(found)

    def with_study(self, **changes: object) -> "SearchSpace":
        """Return the space with other settings of `[study]`, such as `sampler="random"`.

        Raises:
            SpaceError: The setting is unknown, or cannot have that value.
        """
        faults = Faults()
        study = read_model(StudySettings, self.study.model_dump() | changes, "study", faults)
        if faults.messages:
            raise SpaceError(faults.sentence())
        return self.model_copy(update={"study": study})

    def warnings(self) -> list[str]:
        """Return a warning for each trick that may make this data set's labels untrue."""
        settings = {name: listed.settings for name, listed in self.tricks.items()}
        return unsuitable(self.data.name, self.augmentation, settings)

    def most(self, name: str) -> int:
        """Return the largest value that recipes of this space have of a field such as `epochs`."""
        whole = self.fixed.get(name, Recipe.model_fields[name].default)
        ends = self.search[name].ends() if name in self.search else [whole]
        return max(end for end in ends if isinstance(end, int))

    @property
    def fidelity(self) -> Fidelity | None:
        """What the early epochs of every recipe leave out."""
        return fidelity_of(self.pruning, self.most("epochs"))

    @cached_property
    def task(self) -> Task:
        """What is learnt: the task of the data's targets."""
        return find_task(find_data(self.data.name).task)

    @property
    def recorded_task(self) -> str | None:
        """Name of the task as databases keep it; None is classification."""
        return None if self.task is CLASSIFICATION else self.task.name

    @cached_property
    def units(self) -> Units:
        """The decisions on tricks."""
        listed = {name: switch.always for name, switch in self.tricks.items()}
        return Units(listed, self.slots)

    def decide(self, choose: Chooser) -> Recipe:
        """Return a valid recipe, deciding every piece of it through `choose`.

        The architecture and its settings come first, then batch size, base rate and the other
        fields, then the tricks in the order of the catalogue, each with its settings. Nothing is
        asked that cannot matter: settings of what is off, tricks that an earlier decision rules out.
        """
        return self._walk(_Drawing(choose))

    def answers(self, recipe: Recipe) -> dict[str, Scalar]:
        """Return the decisions that lead to `recipe`: `decide(ReplayChooser(...))` gives it back.

        Seed and fingerprint are not decisions; they may differ from the space's.

        Raises:
            SpaceError: The recipe is not of this space.
        """
        found = self._walk(reading := _Reading(recipe))
        for part in ("architecture", "architecture_settings", "tricks"):
            if getattr(found, part) != getattr(recipe, part):
                raise SpaceError(
                    f"{part}: {getattr(recipe, part)!r} is not of the space {self.name!r}."
                )
        return reading.table

    def adapted(self, recipe: Recipe) -> Recipe:
        """Return a recipe of another space as one of this space.

        Data, epochs, seed and numerics are this space's; everything else must lie within it.

        Raises:
            SpaceError: The recipe cannot be expressed in this space.
        """
        found = self.decide(ReplayChooser(self.answers(recipe)))
        for name in ("task", *FIELDS):
            here, there = getattr(found, name), getattr(recipe, name)
            if name not in CIRCUMSTANCES and here != there:
                raise SpaceError(
                    f"{name}: {there!r} there, and fixed at {here!r} in {self.name!r}."
                )
        return found

    def _walk(self, hand: "_Hand") -> Recipe:
        fields: dict[str, Any] = dict(self.fixed)
        settings: Settings = {}
        for name in FIELDS:
            if name in self.search:
                fields[name] = hand.take(name, self.search[name], attrgetter(name))
            if name == "architecture":
                settings = self._network(hand, fields[name])
        tricks = self._tricks(hand)
        fields |= {"tricks": tricks, "fidelity": self.fidelity}
        if self.code:
            fields["code"] = code_of(self.code, fields["architecture"], tricks)
        return Recipe(data=self.data, architecture_settings=settings, task=self.task.name, **fields)

    def _network(self, hand: "_Hand", architecture: str) -> Settings:
        """Return the settings of an architecture, without those that are omitted at their default."""
        found: Settings = {}
        domains = self.architectures[architecture]
        for spec in find_architecture(architecture).settings:
            if spec.name not in domains or (spec.needs and spec.needs not in found):
                continue
            value = hand.take(
                f"{architecture}.{spec.name}",
                domains[spec.name],
                partial(_network_setting, spec.name, spec.default if spec.omitted else None),
            )
            if not (spec.omitted and value == spec.default):
                found[spec.name] = value
        return found

    def _tricks(self, hand: "_Hand") -> dict[str, Settings]:
        found: dict[str, Settings] = {}
        for i, unit in enumerate(self.units.units):
            options = self.units.open(i, frozenset(found))
            name = options[0] if len(options) == 1 else _choose(hand, unit, options)
            if name != OFF:
                domains = self.tricks[name].settings
                found[name] = self._settings(hand, name, domains, partial(_trick, name))
        return found

    def _settings(
        self,
        hand: "_Hand",
        owner: str,
        domains: Mapping[str, Domain],
        read: Callable[[Recipe], Settings],
    ) -> Settings:
        return {
            name: hand.take(f"{owner}.{name}", domain, partial(_setting, read, name))
            for name, domain in domains.items()
        }


def _network_setting(name: str, omitted: Value | None, recipe: Recipe) -> Value | None:
    """Return a setting of a recipe's network; `omitted` where the recipe does not say it."""
    return recipe.architecture_settings.get(name, omitted)


def _trick(name: str, recipe: Recipe) -> Settings:
    # None of the trick's settings is there where another space's recipe goes without it.
    return recipe.tricks.get(name, {})


def _setting(read: Callable[[Recipe], Settings], name: str, recipe: Recipe) -> Value:
    return read(recipe).get(name)


def switch(unit: Unit, options: tuple[str, ...]) -> tuple[str, Choice]:
    """Return the name and the options of the decision on a unit.

    A decision that earlier ones narrow has a name of its own: samplers rely on the options of a
    name to stay the same.
    """
    if len(unit.tricks) == 1:
        return unit.name, Choice((False, True))
    name = unit.name if options == unit.options else f"{unit.name}.{'|'.join(options)}"
    return name, Choice(options)


def unit_of(name: str) -> str:
    """Return the unit of a decision on tricks, whatever `switch` calls it; other names stay."""
    return ".".join(name.split(".")[:2]) if name.startswith("slot.") else name


def _choose(hand: "_Hand", unit: Unit, options: tuple[str, ...]) -> str:
    name, domain = switch(unit, options)

    def on(recipe: Recipe) -> Value:
        held = next((trick for trick in unit.tricks if trick in recipe.tricks), OFF)
        return held != OFF if len(unit.tricks) == 1 else held

    taken = hand.take(name, domain, on)
    if isinstance(taken, bool):
        return unit.name if taken else OFF
    return str(taken)


class _Hand(Protocol):
    """Where the value of a decision comes from."""

    def take(self, name: str, domain: Domain, read: Callable[[Recipe], Value]) -> Any: ...


@dataclass(frozen=True, slots=True)
class _Drawing:
    choose: Chooser

    def take(self, name: str, domain: Domain, read: Callable[[Recipe], Value]) -> Any:
        return domain.draw(name, self.choose)


@dataclass(frozen=True, slots=True)
class _Reading:
    recipe: Recipe
    table: dict[str, Scalar] = field(default_factory=dict)

    def take(self, name: str, domain: Domain, read: Callable[[Recipe], Value]) -> Any:
        value = read(self.recipe)
        if value not in domain:
            raise SpaceError(
                f"{name}: {value!r} is not in {domain}; another space made this recipe."
            )
        self.table.update(domain.answers(name, value))
        return value
