"""Turns a filter into SQL. Every constant is a bound parameter; every name is from a fixed list."""

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
    literal,
    not_,
    or_,
    select,
)

from autotrick.records.filter import (
    LIMIT,
    And,
    Compare,
    Constant,
    Expression,
    In,
    Not,
    Or,
)
from autotrick.records.filter_names import Name
from autotrick.records.recipe_columns import switch_text, text_key
from autotrick.records.schema import Trial, TrialSetting

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def condition(expression: Expression, study_id: int) -> ColumnElement[bool]:
    """Return the SQL condition on a study's trials; it is true or false, never NULL."""
    if isinstance(expression, Not):
        return not_(condition(expression.part, study_id))
    if isinstance(expression, And):
        return and_(*(condition(part, study_id) for part in expression.parts))
    if isinstance(expression, Or):
        return or_(*(condition(part, study_id) for part in expression.parts))
    if expression.name.storage == "column":
        return _comparison(Trial.__table__.c[expression.name.text], expression)
    if expression.name.storage == "trick":
        on = _has_setting(study_id, expression.name)
        return or_(*(on if wanted else not_(on) for wanted in _switch_values(expression)))
    if expression.name.kind == "switch":
        texts = TrialSetting.text.in_(
            [switch_text(wanted) for wanted in _switch_values(expression)]
        )
        return _has_setting(study_id, expression.name, TrialSetting.value.is_(None), texts)
    if expression.name.kind == "text":
        holds = _comparison(TrialSetting.__table__.c.text, expression)
        return _has_setting(study_id, expression.name, TrialSetting.value.is_(None), holds)
    holds = _comparison(TrialSetting.__table__.c.value, expression)
    return _has_setting(study_id, expression.name, holds)


def _has_setting(study_id: int, name: Name, *holds: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that a trial has a setting of that name for which the conditions hold.

    `IS TRUE` makes the databases look up the settings once, by index, and then read the trials in
    the requested order. Without it PostgreSQL misjudges the settings' distribution, which differs
    from name to name, and takes a second.
    """
    chosen = select(TrialSetting.number).where(
        TrialSetting.study_id == study_id, TrialSetting.name == name.text, *holds
    )
    return Trial.number.in_(chosen).is_(True)


def _comparison(column: ColumnElement[Any], expression: Compare | In) -> ColumnElement[bool]:
    if isinstance(expression, In):
        holds = column.in_([_constant(column, constant) for constant in expression.constants])
    else:
        compare = _OPERATORS[expression.operator]
        holds = compare(column, _constant(column, expression.constant))
    return and_(column.is_not(None), holds)


def _switch_values(expression: Compare | In) -> set[bool]:
    if isinstance(expression, In):
        return {bool(constant) for constant in expression.constants}
    return {expression.constant is (expression.operator == "=")}


def _constant(column: ColumnElement[Any], constant: Constant) -> ColumnElement[Any]:
    if isinstance(constant, str):
        of_setting = column is TrialSetting.__table__.c.text
        return literal(text_key(constant) if of_setting else constant, String)
    if isinstance(column.type, Double):
        return literal(float(constant), Double)
    if abs(constant) >= LIMIT:
        return literal(math.copysign(math.inf, constant), Double)
    whole = constant == int(constant)
    return literal(int(constant), BigInteger) if whole else literal(constant, Double)
