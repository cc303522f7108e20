"""The user's own code of a space: what it names, imported when a user gives the space's file.

`gather` reads the tables of a file, imports what they name, and returns the record that a study keeps.
`declare` makes a record known without importing anything: that is how recorded spaces are read.
`bring` imports what a record names, for those who train.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from autotrick import data, models
from autotrick.data import own as own_data
from autotrick.domain import Domain, Value
from autotrick.errors import CodeError, SpaceError, unknown
from autotrick.models import own as own_models
from autotrick.own_code import PREFIX, CodeRecord, Entry, parse, registry
from autotrick.own_code.references import Reference, installed, module_reference
from autotrick.space import parse_domain
from autotrick.tricks import NAMES, Setting, Trick
from autotrick.tricks import own as own_tricks
from autotrick.tricks.rules import Anything, Flag, Range, Rule, Text

_RULES: dict[type, Rule] = {
    bool: Flag(),
    int: Range(None, None),
    float: Range(None, None),
    str: Text("a text"),
}


def gather(tables: Mapping[str, Any], folder: Path) -> CodeRecord:
    """Import the user's own code that a space file names, and return the record of it.

    Args:
        tables: Of the file.
        folder: The file's folder.

    Raises:
        CodeError: Something cannot be imported, breaks its contract, or has a name that is taken.
        SpaceError: `[code]` is wrong.
    """
    modules = _modules(tables)
    held = _Gathered(folder)
    for module in modules:
        held.module(module)
    held.data(_text(_table(tables, "data").get("name")))
    for name in _architectures(tables):
        held.architecture(name)
    for name in _table(tables, "tricks"):
        held.trick(name)
    record = held.record(modules)
    registry.remember(record)
    registry.permit(entry.source for _, _, entry in record.entries())
    return record


class _Gathered:
    """The networks, tricks and data of one space, as far as they were found."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._offered: dict[str, tuple[type[Trick], str]] = {}
        self._units: set[str] = set()
        self._found: dict[str, dict[str, Entry]] = {"data": {}, "architectures": {}, "tricks": {}}

    def module(self, name: str) -> None:
        """Import a module of `[code] modules`, which offers its tricks."""
        module = self._bring(module_reference(name))
        for kind in own_tricks.tricks_in(module, name):
            source = f"{PREFIX}{name}:{kind.__qualname__}"
            if (other := self._offered.get(kind.name)) is not None:
                raise CodeError(
                    f"{other[1]} and {source} are both called {kind.name!r}. Rename one."
                )
            own_tricks.check(kind, source)
            self._offered[kind.name] = kind, source

    def trick(self, name: str) -> None:
        if (offered := self._offered.get(name)) is not None:
            kind, source = offered
        elif (reference := self._installed("tricks", name, taken=name in NAMES)) is not None:
            kind, source = self._bring(reference), reference.text
            if getattr(kind, "name", None) != name:
                raise CodeError(
                    f"{source}: its `name` is {getattr(kind, 'name', None)!r}, but its entry point is called "
                    f"{name!r}. Give both one name."
                )
        else:
            if name not in NAMES and name in own_tricks.SOURCES:
                raise SpaceError(f"tricks: {unknown('trick', name, (*NAMES, *self._offered))}")
            return
        own_tricks.register(kind, source)
        self._found["tricks"][name] = Entry(source=source, declared=declared_trick(kind))

    def architecture(self, name: str) -> None:
        if name.startswith(PREFIX):
            reference = parse(name)
        else:
            known = name in models.architectures()
            found = self._installed("architectures", name, taken=known)
            if found is None:
                return
            reference = found
        made = own_models.register(name, self._bring(reference), reference.text)
        declared = {"summary": made.summary, "settings": _settings_json(made.settings)}
        self._found["architectures"][name] = Entry(source=reference.text, declared=declared)

    def data(self, name: str) -> None:
        if name.startswith(PREFIX):
            reference = parse(name)
        else:
            found = self._installed("data", name, taken=name in data.sources())
            if found is None:
                return
            reference = found
        own_data.register(name, self._bring(reference), reference.text)
        self._found["data"][name] = Entry(source=reference.text)

    def record(self, modules: tuple[str, ...]) -> CodeRecord:
        """Return the record of what was found."""
        files = {unit: found for unit, found in registry.files().items() if unit in self._units}
        if not files:
            return CodeRecord()
        return CodeRecord(
            modules=modules,
            folder=str(self._folder.absolute()),
            files=dict(sorted(files.items())),
            **self._found,
        )

    def _bring(self, reference: Reference) -> Any:
        made = registry.bring(reference, self._folder)
        self._units.add(reference.unit)
        return made

    def _installed(self, kind: str, name: str, *, taken: bool) -> Reference | None:
        """Return the entry point of that name; None if there is none.

        Raises:
            CodeError: autotrick has something of that name.
        """
        found = installed(kind).get(name)
        if found is not None and taken:
            raise CodeError(
                f"{found.origin} brings {name!r} as an entry point, and autotrick has one of that name itself. "
                "Rename that of the package."
            )
        return found.reference if found else None


def declare(record: CodeRecord) -> None:
    """Make the networks, tricks and data of a record known by what they declare; nothing is imported."""
    for name, entry in record.architectures.items():
        summary = str(entry.declared.get("summary", ""))
        own_models.stand_in(name, entry.source, summary, _settings(entry.declared))
    for name, entry in record.tricks.items():
        own_tricks.stand_in(name, entry.source, entry.declared, _settings(entry.declared))
    for name, entry in record.data.items():
        own_data.stand_in(name, entry.source)
    registry.remember(record)


def bring(record: CodeRecord, folder: Path | None) -> None:
    """Import the networks, tricks and data of a record, which runs their modules.

    Args:
        folder: The folder of files beside the space; None takes the recorded one.

    Raises:
        CodeError: Something cannot be imported or breaks its contract.
    """
    at = folder or (Path(record.folder) if record.folder else None)
    for kind, name, entry in record.entries():
        made = registry.bring(parse(entry.source), at)
        if kind == "tricks":
            own_tricks.register(made, entry.source)
        elif kind == "architectures":
            own_models.register(name, made, entry.source)
        else:
            own_data.register(name, made, entry.source)
    registry.remember(record)


def record_of(
    architectures: Iterable[str], tricks: Iterable[str], data: str | None = None
) -> CodeRecord:
    """Return the record of these networks and tricks and this data set, as far as they are the user's own.

    Entries come from the newest record of this process that has them.
    """
    wanted = {
        "architectures": set(architectures),
        "tricks": set(tricks),
        "data": {data} if data else set(),
    }
    parts: dict[str, Any] = {kind: {} for kind in wanted}
    files: dict[str, dict[str, str]] = {}
    folder, modules = "", list[str]()
    for record in registry.latest():
        for kind, name, entry in record.entries():
            if name in wanted[kind] and name not in parts[kind]:
                parts[kind][name] = entry
                unit = parse(entry.source).unit
                files.setdefault(unit, record.files.get(unit, {}))
                folder = folder or record.folder
                modules += [one for one in record.modules if one not in modules]
    if not files:
        return CodeRecord()
    return CodeRecord(
        modules=tuple(modules), folder=folder, files=dict(sorted(files.items())), **parts
    )


def code_of(record: CodeRecord, architecture: str, tricks: Iterable[str]) -> dict[str, str]:
    """Return the digests of the code that a recipe trains with, by unit.

    That of its data is not among them: they have a fingerprint.
    """
    entries = [record.architectures.get(architecture), *map(record.tricks.get, tricks)]
    units = {parse(entry.source).unit for entry in entries if entry}
    return {unit: digest for unit, digest in record.digests().items() if unit in units}


def declared_trick(kind: Any) -> dict[str, Any]:
    """Return what a trick declares as plain JSON values; empty where it is not a trick."""
    if not (isinstance(kind, type) and issubclass(kind, Trick)):
        return {}
    return own_tricks.declaration(kind) | {"settings": _settings_json(kind.settings())}


def _settings_json(settings: tuple[Setting, ...]) -> list[dict[str, Any]]:
    return [
        {
            "name": spec.name,
            "about": spec.about,
            "default": spec.default,
            "neutral": spec.neutral,
            "domain": parse_domain.write(spec.domain) if spec.domain else None,
        }
        for spec in settings
    ]


def _settings(declared: Mapping[str, Any]) -> tuple[Setting, ...]:
    """Return the settings of a declaration.

    Raises:
        SpaceError: They are not what this version writes.
    """
    try:
        return tuple(_setting(one) for one in declared.get("settings", ()))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SpaceError(
            f"code: what is recorded of your own code cannot be read: {error}."
        ) from None


def _setting(one: Mapping[str, Any]) -> Setting:
    default: Value = one["default"]
    rule = _RULES.get(type(default), Anything())
    domain: Domain | None = None
    if one.get("domain") is not None and type(default) in _RULES:
        domain = parse_domain.read(one["domain"], type(default))
    return Setting(str(one["name"]), str(one["about"]), default, rule, domain, one.get("neutral"))


def _modules(tables: Mapping[str, Any]) -> tuple[str, ...]:
    table = tables.get("code", {})
    if not isinstance(table, Mapping):
        raise SpaceError(f"code: must be a table, but got {table!r}.")
    for key in table:
        if key != "modules":
            raise SpaceError(f"code: {unknown('key', str(key), ['modules'])}")
    modules = table.get("modules", [])
    if not isinstance(modules, list) or not all(isinstance(one, str) for one in modules):
        raise SpaceError(
            f"code.modules: must be a list of modules or files, such as ['tricks.py'], but got {modules!r}."
        )
    return tuple(modules)


def _architectures(tables: Mapping[str, Any]) -> list[str]:
    """Return the architectures that a space can choose, as far as its tables are right."""
    named = _table(tables, "search").get("architecture")
    if isinstance(named, Mapping):
        named = named.get("options")
    options = named if isinstance(named, list) else []
    every = [_table(tables, "fixed").get("architecture"), *options]
    return [name for name in every if isinstance(name, str)]


def _table(tables: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = tables.get(key, {})
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def named_files(tables: Mapping[str, Any], folder: Path) -> list[str]:
    """Return the files of code in a space's folder that the space needs; nothing is imported.

    Raises:
        CodeError: One is not there.
        SpaceError: `[code]` is wrong.
    """
    from autotrick.own_code.files import files_of

    references = [module_reference(one) for one in _modules(tables)]
    names = [_text(_table(tables, "data").get("name")), *_architectures(tables)]
    references += [parse(name) for name in names if name.startswith(PREFIX)]
    root = folder.resolve()
    found: dict[str, None] = {}
    for reference in references:
        for name, path in files_of(reference, folder).items():
            if path.resolve() == (root / name):
                found[name] = None
    return list(found)
