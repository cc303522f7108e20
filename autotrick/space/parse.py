"""Parse the tables of a space file, collecting every fault instead of stopping at the first."""

import itertools
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autotrick.data import find as find_data
from autotrick.domain import Choice, Domain, PolicyDomain, Prior
from autotrick.errors import AutotrickError, SpaceError
from autotrick.limits import beyond, most
from autotrick.measures import COSTS
from autotrick.models import find as find_architecture
from autotrick.models import why_not_for
from autotrick.objective import Objective
from autotrick.own_code import CodeRecord
from autotrick.recipe import DataRef
from autotrick.space import fidelity, parse_domain
from autotrick.space.augmentation_rules import Profile, restrict
from autotrick.space.faults import Faults, read_model
from autotrick.space.fields import FIELDS, REQUIRED, SEARCHABLE, Field
from autotrick.space.own import declare
from autotrick.space.settings import Constraints, NamedRecipe, Pruning, StudySettings
from autotrick.space.slots import Units, why_never
from autotrick.tasks import CLASSIFICATION, Task
from autotrick.tasks import find as find_task
from autotrick.tricks import TRICKS, Setting, build, conflict, unserved, why_not_pretrained
from autotrick.tricks import find as find_trick

TABLES = (
    "question",
    "data",
    "augmentation",
    "fixed",
    "search",
    "architectures",
    "tricks",
    "slots",
    "study",
    "pruning",
    "objective",
    "constraints",
    "recipes",
    "origins",
    "code",
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A trick that a space names.

    Attributes:
        settings: All of the trick's settings, those that the file leaves out at their defaults.
        always: Whether it is on in every recipe.
        prior: Whether the best recipe is expected to use it; None without an expectation.
    """

    settings: Mapping[str, Domain]
    always: bool = False
    prior: Prior | None = None


def resolve(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a SearchSpace.

    Raises:
        SpaceError: All faults in one message.
    """
    faults = Faults()
    faults.note_unknown("key", raw, ("name", *TABLES), "")
    name, question = raw.get("name"), raw.get("question")
    if not isinstance(name, str):
        faults.note("name", f"must be a string, but got {name!r}")
    if not isinstance(question, str) or not question.strip():
        faults.note("question", "a space asks one, in a sentence")
    elif len(question) > most("text"):
        faults.note("question", beyond("text", len(question)))
    code = _code(raw, faults)
    data = _data(raw, faults)
    fixed, search = _fields(raw, faults)
    task = _task(data)
    architectures = _architectures(raw, fixed, search, task, faults)
    profile = read_model(Profile, faults.table(raw, "augmentation"), "augmentation", faults)
    tricks = _tricks(faults.table(raw, "tricks"), profile or Profile(), task, faults)
    _starts(architectures, tricks, faults)
    slots = _slots(faults.table(raw, "slots"), tricks, faults)
    found: dict[str, Any] = {
        "name": name,
        "question": question,
        "data": data,
        "augmentation": profile,
        "fixed": fixed,
        "search": search,
        "architectures": architectures,
        "tricks": tricks,
        "slots": slots,
        "study": read_model(StudySettings, faults.table(raw, "study"), "study", faults),
        "pruning": read_model(Pruning, faults.table(raw, "pruning"), "pruning", faults),
        "objective": _objective(faults.table(raw, "objective"), task, faults),
        "constraints": read_model(
            Constraints, faults.table(raw, "constraints"), "constraints", faults
        ),
        "recipes": _recipes(raw.get("recipes", []), faults),
        "origins": faults.table(raw, "origins"),
        "code": code,
    }
    if found["pruning"] and found["objective"]:
        found["pruning"] = _comparable(found["pruning"], found["objective"], faults)
        fidelity.check(found["pruning"], fixed, faults)
    if tricks.keys() == faults.table(raw, "tricks").keys():
        _together(tricks, slots, faults)
    if faults.messages:
        raise SpaceError(faults.sentence())
    return found


def _code(raw: Mapping[str, Any], faults: Faults) -> CodeRecord:
    """Return the record of the user's own code, after what it declares is known; nothing is imported."""
    code = read_model(CodeRecord, faults.table(raw, "code"), "code", faults) or CodeRecord()
    try:
        declare(code)
    except AutotrickError as error:
        faults.note("code", error)
    return code


def _comparable(pruning: Pruning, objective: Objective, faults: Faults) -> Pruning:
    if pruning.method in ("median", "pb2") and objective.several:
        if "method" not in pruning.model_fields_set:
            return pruning.model_copy(update={"method": "asha"})
        rule = "compares one number, and this space has several objectives. Choose 'asha'"
        faults.note("pruning.method", f"{pruning.method!r} {rule}")
    return pruning


def _data(raw: Mapping[str, Any], faults: Faults) -> DataRef | None:
    table = faults.table(raw, "data")
    # TOML has no null: `validation = false` says that the source brings a split of its own.
    if table.get("validation") is False:
        table["validation"] = None
    if not isinstance(table.get("name"), str):
        faults.note("data.name", "say which images, such as name = 'digits'")
        return None
    try:
        find_data(table["name"])
    except AutotrickError as error:
        faults.note("data.name", error)
    return read_model(DataRef, table, "data", faults, strict=True)


def _task(data: DataRef | None) -> Task:
    """Return the task of the data's targets; classification where the data are not known."""
    try:
        return find_task(None if data is None else find_data(data.name).task)
    except AutotrickError:
        return CLASSIFICATION


def _objective(table: dict[str, Any], task: Task, faults: Faults) -> Objective | None:
    """Return what the space looks for: the task's first metric unless it says more."""
    if task is not CLASSIFICATION:
        table = {"objectives": [task.metric.name]} | table
        if table.get("reward") is not None:
            faults.note("objective.reward", f"weighs accuracy, and the data are for {task.name}")
            return None
        if (bad := "robustness") in (*table["objectives"], *table.get("also", ())):
            rule = f"{bad} is measured of classifiers, and the data are for {task.name}"
            faults.note("objective", rule)
            return None
    found = read_model(Objective, table, "objective", faults)
    known = {metric.name for metric in task.metrics}
    if found and not known & set(found.objectives) and not set(found.objectives) <= COSTS.keys():
        rule = f"of the metrics of {task.name}: {', '.join(sorted(known))}"
        faults.note("objective.objectives", rule)
        return None
    return found


def _recipes(raw: object, faults: Faults) -> tuple[NamedRecipe | None, ...]:
    if not isinstance(raw, list):
        faults.note("recipes", "each one is a table of its own: [[recipes]]")
        return ()
    if len(raw) > most("entries"):
        faults.note("recipes", beyond("entries", len(raw)))
        return ()
    return tuple(
        read_model(NamedRecipe, each, f"recipes.{i}", faults) for i, each in enumerate(raw)
    )


def _fields(raw: Mapping[str, Any], faults: Faults) -> tuple[dict[str, Any], dict[str, Domain]]:
    fixed, search = faults.table(raw, "fixed"), faults.table(raw, "search")
    faults.note_unknown("field", fixed, FIELDS, "fixed")
    if "seed" in search:
        rule = "a seed is not searched: a recipe that comes up again gets the next one by itself"
        faults.note("search.seed", rule)
    faults.note_unknown("field", search.keys() - {"seed"}, SEARCHABLE, "search")
    for name in FIELDS:
        if name in fixed and name in search:
            faults.note(f"search.{name}", "is also in [fixed]. Keep one of them")
    for name in REQUIRED:
        if name not in fixed and name not in search:
            faults.note(name, "must stand in [fixed] or [search]")
    read_fixed = {n: _field(FIELDS[n], fixed[n], "fixed", faults) for n in FIELDS if n in fixed}
    searched = {
        n: _field(FIELDS[n], search[n], "search", faults) for n in SEARCHABLE if n in search
    }
    constants = {n: d.value for n, d in read_fixed.items() if isinstance(d, parse_domain.Fixed)}
    return constants, {n: domain for n, domain in searched.items() if domain is not None}


def _field(spec: Field, written: object, table: str, faults: Faults) -> Domain | None:
    where = f"{table}.{spec.name}"
    try:
        domain = parse_domain.read(written, spec.kind)
        if table == "fixed" and not isinstance(domain, parse_domain.Fixed):
            raise SpaceError("what is fixed has one value. Move it to [search]")
        if table == "search" and isinstance(domain, parse_domain.Fixed):
            raise SpaceError("needs a list of options or a range. Move a constant to [fixed]")
        parse_domain.check(domain, spec.rule, spec.name)
    except SpaceError as error:
        faults.note(where, error)
        return None
    return domain


def _architectures(
    raw: Mapping[str, Any],
    fixed: dict[str, Any],
    search: dict[str, Domain],
    task: Task,
    faults: Faults,
) -> dict[str, dict[str, Domain]]:
    choice = search.get("architecture")
    names: list[object] = [fixed.get("architecture")]
    if isinstance(choice, Choice):
        names = list(choice.options)
    tables = faults.table(raw, "architectures")
    for stray in sorted(tables.keys() - set(names)):
        chosen = ", ".join(str(name) for name in names if name) or "none"
        faults.note(f"architectures.{stray}", f"no recipe has it. Architectures here: {chosen}")
    found: dict[str, dict[str, Domain]] = {}
    for name in (name for name in names if isinstance(name, str)):
        try:
            settings = find_architecture(name).settings
        except AutotrickError as error:
            faults.note("architecture", error)
            continue
        if (why := why_not_for(name, task)) is not None:
            faults.note("architecture", f"{name} {why}")
        where = f"architectures.{name}"
        table = faults.table(tables, name, where)
        found[name] = _settings(settings, {}, table, where, faults)
        _meaningful(settings, found[name], where, faults)
    return found


def _meaningful(
    specs: tuple[Setting, ...], settings: dict[str, Domain], where: str, faults: Faults
) -> None:
    """Note settings that need another one which is always off; drop those that say their default."""
    default = {spec.name: spec.default for spec in specs}
    for spec in specs:
        if spec.omitted and spec.name in settings:
            off = settings[spec.name].ends() == (spec.default,)
            leader = settings.get(spec.needs)
            if off:
                settings.pop(spec.name)
            elif spec.needs and (leader is None or leader.ends() == (default[spec.needs],)):
                faults.note(
                    f"{where}.{spec.name}", f"means nothing without {spec.needs}. Set that too"
                )


def _starts(
    architectures: Mapping[str, Mapping[str, Domain]],
    tricks: Mapping[str, Listed],
    faults: Faults,
) -> None:
    """Note tricks that set the initial weights where an architecture may bring pretrained ones."""
    name = next((name for name, settings in architectures.items() if "pretrained" in settings), "")
    for trick in tricks if name else ():
        if (why := why_not_pretrained(trick)) is not None:
            faults.note(f"tricks.{trick}", f"{name} may be pretrained, and {why}. Leave out one")


def _settings(
    specs: tuple[Setting, ...],
    hints: Mapping[str, Any],
    table: dict[str, Any],
    where: str,
    faults: Faults,
) -> dict[str, Domain]:
    faults.note_unknown("setting", table, [spec.name for spec in specs], where)
    found: dict[str, Domain] = {}
    for spec in specs:
        if spec.omitted and spec.name not in table:
            continue
        try:
            domain = parse_domain.read(
                table.get(spec.name, spec.default), _kind(spec, hints), spec.domain
            )
            parse_domain.check(domain, spec.rule, spec.name)
            found[spec.name] = domain
        except SpaceError as error:
            faults.note(f"{where}.{spec.name}", error)
    return found


def _kind(spec: Setting, hints: Mapping[str, Any]) -> parse_domain.Kind:
    if spec.kinds == (bool, str):
        return parse_domain.FLAG_OR_TEXT
    hint = hints.get(spec.name)
    plain = typing.get_origin(hint) or hint
    return plain if plain in parse_domain.KINDS else type(spec.default)


def _tricks(
    tables: dict[str, Any], profile: Profile, task: Task, faults: Faults
) -> dict[str, Listed]:
    found: dict[str, Listed] = {}
    for name in tables:
        where = f"tricks.{name}"
        try:
            trick = find_trick(name)
        except AutotrickError as error:
            faults.note("tricks", error)
            continue
        if (fault := unserved([trick], task)) is not None:
            faults.note(where, fault.removeprefix(f"{name} "))
            continue
        table = faults.table(tables, name, where)
        always = table.pop("always", False)
        if not isinstance(always, bool):
            faults.note(f"{where}.always", f"must be true or false, but got {always!r}")
        hints = typing.get_type_hints(trick)
        prior = _prior(table, where, faults)
        before = len(faults.messages)
        settings = _settings(trick.settings(), hints, table, where, faults)
        if profile != Profile() and len(faults.messages) == before:
            settings = restrict(name, settings, table, profile, faults)
        found[name] = Listed(settings, always is True, prior)
        if len(faults.messages) == before:
            _corners(name, settings, faults)
    return found


def _prior(table: dict[str, Any], where: str, faults: Faults) -> Prior | None:
    """Pop and return the prior on a trick's switch from its table."""
    written = {key: table.pop(key) for key in parse_domain.PRIOR if key in table}
    try:
        return parse_domain.prior_of(written, bool)
    except SpaceError as error:
        faults.note(where, error)
        return None


def _corners(name: str, settings: Mapping[str, Domain], faults: Faults) -> None:
    """Note the first corner of the ranges where rules between settings break."""
    ends = [
        domain.ends()[:1] if isinstance(domain, PolicyDomain) else domain.ends()
        for domain in settings.values()
    ]
    for values in itertools.islice(itertools.product(*ends), 1024):
        try:
            build(name, dict(zip(settings, values, strict=True)))
        except AutotrickError as error:
            faults.note(f"tricks.{name}", str(error).removeprefix(f"{name}: "))
            return


def _slots(table: dict[str, Any], tricks: Mapping[str, Listed], faults: Faults) -> dict[str, str]:
    slots = [slot for name in tricks if (slot := TRICKS[name].slot)]
    faults.note_unknown("slot", table, dict.fromkeys(slots), "slots")
    for name, value in table.items():
        if value != "always":
            faults.note(f"slots.{name}", f"the one value is 'always', but got {value!r}")
    return {name: value for name, value in table.items() if name in slots}


def _together(tricks: Mapping[str, Listed], slots: Mapping[str, str], faults: Faults) -> None:
    """Note what keeps a listed trick from ever being on."""
    lacking = {name: sorted(TRICKS[name].needs - tricks.keys()) for name in tricks}
    for name, others in lacking.items():
        for other in others:
            faults.note(f"tricks.{name}", f"needs {other}, which is not listed. List it too")
    if any(lacking.values()):
        return
    held = [name for name, listed in tricks.items() if listed.always]
    units = Units({name: listed.always for name, listed in tricks.items()}, slots)
    if not units.satisfiable():
        fault = conflict([TRICKS[name] for name in held])
        rule = fault or "these tricks and slots leave no valid recipe. Loosen an `always`"
        faults.note("tricks", rule)
        return
    for name in sorted(tricks.keys() - units.reachable()):
        faults.note(f"tricks.{name}", f"can never be on: {why_never(name, held)}")
