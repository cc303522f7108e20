"""The filter language of `--where`: `arch = "resnet18" and mixup.alpha > 0.3 and params < 1e6`.

    expression   conjunction ("or" conjunction)*
    conjunction  negation ("and" negation)*
    negation     "not" negation | "(" expression ")" | comparison
    comparison   NAME ("=" | "!=" | "<" | "<=" | ">" | ">=") VALUE
               | NAME "in" "[" VALUE ("," VALUE)* "]"
               | NAME                        a trick or a switch: it is on
    VALUE        0.3 | 1e6 | "text" | 'text' | on | off | true | false

A name is a field of the trial, of its recipe, a trick, or a trick's setting (`mixup.alpha`). Of an
augmentation policy it is an operation (`searched_policy.policy.Rotate`: the policy uses it), or a part
of an entry (`searched_policy.policy.0.1.magnitude > 0.5`: of the second operation of the first
sub-policy; so too `operation` and `probability`). What a trial does not have (the setting of a trick that is off, the value of a trial without reports)
compares as false with every operator; `not` turns that into true, as the logic has two values.
"""

import re
from dataclasses import dataclass
from typing import Literal, cast

from autotrick.errors import FilterError, unknown
from autotrick.records.filter_names import Name, names, policy_entry
from autotrick.records.rows import TRIAL_STATES

Operator = Literal["=", "!=", "<", "<=", ">", ">="]
Constant = bool | int | float | str

# Limits on an expression, far below what the databases and Python's stack can handle.
MOST_CHARACTERS = 4000
MOST_NESTING = 50
# Integers in the databases are below this.
LIMIT = 2**63

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<number>[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)
      | (?P<text>"[^"]*"|'[^']*')
      | (?P<operator><=|>=|!=|=|<|>)
      | (?P<mark>[()\[\],])
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*(\.([A-Za-z_][A-Za-z0-9_]*|[0-9]+))*)""",
    re.VERBOSE | re.ASCII,
)
_SWITCH = {"on": True, "off": False, "true": True, "false": False}
_RESERVED = {"and", "or", "not", "in", *_SWITCH}


@dataclass(frozen=True, slots=True)
class Compare:
    """Compares a name with a constant of its kind."""

    name: Name
    operator: Operator
    constant: Constant


@dataclass(frozen=True, slots=True)
class In:
    """Holds if a name equals one of several constants."""

    name: Name
    constants: tuple[Constant, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Holds if its part does not."""

    part: "Expression"


@dataclass(frozen=True, slots=True)
class And:
    """Holds if all its parts do."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Holds if at least one of its parts does."""

    parts: tuple["Expression", ...]


Expression = Compare | In | Not | And | Or


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int

    def __str__(self) -> str:
        return repr(self.text) if self.text else "the end"


def parse(text: str) -> Expression:
    """Parse an expression of the filter language.

    Raises:
        FilterError: The expression breaks the grammar, has an unknown name, or compares different
            kinds; the message gives the character.
    """
    if len(text) > MOST_CHARACTERS:
        raise FilterError(
            f"a filter has at most {MOST_CHARACTERS} characters, but got {len(text)}."
        )
    return _Parser(_tokens(text), names()).parse()


class _Parser:
    def __init__(self, tokens: list[_Token], names: dict[str, Name]) -> None:
        self._tokens = tokens
        self._names = names
        self._next = 0
        self._depth = 0

    def parse(self) -> Expression:
        found = self._expression()
        if self._token.kind != "end":
            raise _error("`and`, `or` or the end", self._token)
        return found

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _advance(self) -> _Token:
        token = self._token
        self._next += 1
        return token

    def _accept(self, *texts: str) -> bool:
        """Skip the next token if it is one of these words or marks; return whether it was."""
        found = self._token.kind in {"word", "mark"} and self._token.text.lower() in texts
        self._next += found
        return found

    def _expression(self) -> Expression:
        parts = [self._conjunction()]
        while self._accept("or"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _conjunction(self) -> Expression:
        parts = [self._negation()]
        while self._accept("and"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _negation(self) -> Expression:
        token = self._token
        self._depth += 1
        if self._depth > MOST_NESTING:
            raise FilterError(
                f"a filter nests at most {MOST_NESTING} deep, and this one nests deeper {_where(token)}."
            )
        if self._accept("not"):
            found: Expression = Not(self._negation())
        elif self._accept("("):
            found = self._expression()
            self._expect(")")
        else:
            found = self._comparison()
        self._depth -= 1
        return found

    def _comparison(self) -> Expression:
        token = self._advance()
        if token.kind != "word" or token.text.lower() in _RESERVED:
            raise _error("a name", token)
        name = self._names.get(token.text) or policy_entry(token.text)
        if name is None:
            message = unknown("name", token.text, self._names).rstrip(".")
            raise FilterError(f"{message}. It is {_where(token)}.")
        if self._token.kind == "operator":
            return self._compare(name)
        if self._accept("in"):
            return In(name, self._list(name))
        if name.kind != "switch":
            raise _error(f"a comparison, such as `{token.text} = ...`", self._token)
        return Compare(name, "=", True)

    def _compare(self, name: Name) -> Compare:
        token = self._advance()
        if name.kind != "number" and token.text not in {"=", "!="}:
            raise FilterError(
                f"{name.text} is a {name.kind}, which compares with = and != only, but got "
                f"{token} {_where(token)}."
            )
        return Compare(name, cast("Operator", token.text), self._constant(name))

    def _list(self, name: Name) -> tuple[Constant, ...]:
        self._expect("[")
        constants = [self._constant(name)]
        while self._accept(","):
            constants.append(self._constant(name))
        self._expect("]")
        return tuple(constants)

    def _expect(self, mark: str) -> None:
        if not self._accept(mark):
            raise _error(repr(mark), self._token)

    def _constant(self, name: Name) -> Constant:
        token = self._advance()
        if name.kind == "number" and token.kind == "number":
            return _number(token.text)
        if name.kind == "text" and token.kind == "text":
            return _text(name, token)
        if name.kind == "switch" and token.text.lower() in _SWITCH:
            return _SWITCH[token.text.lower()]
        example = {"number": "a number", "text": 'a text in "quotes"', "switch": "on or off"}
        raise _error(f"{example[name.kind]} for {name.text}", token)


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            rest = _Token("", text[position : position + 12], position)
            what = "a closing quote" if rest.text[0] in "\"'" else "a name, a value or an operator"
            raise _error(what, rest)
        kind = match.lastgroup or ""
        if kind != "space":
            found.append(_Token(kind, match.group(), position))
        position = match.end()
    return [*found, _Token("end", "", len(text))]


def _number(text: str) -> int | float:
    """Return the number; an integer too large for a column becomes a float."""
    if text.lstrip("+-").isdecimal() and abs(int(text)) < LIMIT:
        return int(text)
    return float(text)


def _text(name: Name, token: _Token) -> str:
    text = token.text[1:-1]
    if any(mark == "\0" or "\ud800" <= mark <= "\udfff" for mark in text):
        raise FilterError(f"a text has a character that no record has, {_where(token)}.")
    if name.text == "state" and text not in TRIAL_STATES:
        raise FilterError(unknown("state", text, TRIAL_STATES))
    return text


def _error(expected: str, token: _Token) -> FilterError:
    return FilterError(f"expected {expected}, but got {token} {_where(token)}.")


def _where(token: _Token) -> str:
    return f"at character {token.position + 1}"
