"""Turns a filter into SQL. Every constant is a bound parameter; names come from a fixed list."""

import math
import operator
from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
)

from autotrick.records.filter import (
    LIMIT,
    Among,
    Compare,
    Constant,
    Every,
    Expression,
    Not,
    Some,
)
from autotrick.records.names import Name
from autotrick.records.schema import Trial

_SETTING = ("tricks", "mixup", "alpha")
"""How the path of a trick's setting looks in a recipe."""

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def condition(expression: Expression, dialect: str) -> ColumnElement[bool]:
    """Return the SQL condition on trials that holds, and otherwise is false and never NULL.

    Args:
        dialect: `sqlite` or `postgresql`; their functions on JSON differ.
    """
    if isinstance(expression, Not):
        return not_(condition(expression.part, dialect))
    if isinstance(expression, Every):
        return and_(*(condition(part, dialect) for part in expression.parts))
    if isinstance(expression, Some):
        return or_(*(condition(part, dialect) for part in expression.parts))
    name = expression.name
    if len(name.path) == len(_SETTING):
        # The column says at once which trials have the trick on; only their JSON is looked into.
        return and_(_on(name.path[1]), _compared(expression, dialect))
    return _compared(expression, dialect)


def _compared(expression: Compare | Among, dialect: str) -> ColumnElement[bool]:
    name = expression.name
    if name.kind == "switch":
        return _switch(expression, dialect)
    operand = _operand(name, dialect)
    if isinstance(expression, Among):
        holds = operand.in_([_bound(name, constant) for constant in expression.constants])
    else:
        compare = _OPERATORS[expression.operator]
        holds = compare(operand, _bound(name, expression.constant))
    return and_(operand.is_not(None), holds)


def _operand(name: Name, dialect: str) -> ColumnElement[Any]:
    """Return the number or text; NULL where the trial has none."""
    if not name.path:
        column: ColumnElement[Any] = Trial.__table__.c[name.text]
        return column
    kind, value = _kind(name, dialect), _value(name, dialect)
    if name.kind == "text":
        return case((kind.in_(["text", "string"]), value))
    return case((kind.in_(["integer", "real", "number"]), cast(value, Double)))


def _switch(expression: Compare | Among, dialect: str) -> ColumnElement[bool]:
    if isinstance(expression, Among):
        wanted = {bool(constant) for constant in expression.constants}
    else:
        wanted = {expression.constant is (expression.operator == "=")}
    if expression.name.is_trick:
        on = _on(expression.name.text)
        return or_(*(on if want else not_(on) for want in wanted))
    kind = _kind(expression.name, dialect)
    # SQLite's JSON has two types for the two truths; PostgreSQL's has one type and two texts.
    truth = kind if dialect == "sqlite" else _value(expression.name, dialect)
    return and_(kind.is_not(None), truth.in_(["true" if on else "false" for on in wanted]))


def _on(trick: str) -> ColumnElement[bool]:
    return Trial.tricks.contains(f" {trick} ", autoescape=True)


def _kind(name: Name, dialect: str) -> ColumnElement[str]:
    """Return the JSON type of the recipe's entry, as the database calls it; NULL without one."""
    if dialect == "sqlite":
        return func.json_type(Trial.recipe, _path(name), type_=String)
    return func.json_typeof(func.json_extract_path(Trial.recipe, *name.path), type_=String)


def _value(name: Name, dialect: str) -> ColumnElement[str]:
    if dialect == "sqlite":
        return func.json_extract(Trial.recipe, _path(name), type_=String)
    return func.json_extract_path_text(Trial.recipe, *name.path, type_=String)


def _path(name: Name) -> str:
    return ".".join(("$", *name.path))


def _bound(name: Name, constant: Constant) -> ColumnElement[Any]:
    if isinstance(constant, str):
        return literal(constant, String)
    column = None if name.path else Trial.__table__.c[name.text]
    if column is None or isinstance(column.type, Double):
        return literal(float(constant), Double)
    if abs(constant) >= LIMIT:
        return literal(math.copysign(math.inf, constant), Double)
    whole = constant == int(constant)
    return literal(int(constant), BigInteger) if whole else literal(constant, Double)
