"""The filter language: what it accepts, what it says, and that SQL means the same as Python."""

import math
import operator
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

from autotrick.errors import FilterError
from autotrick.recipe import EpochReport, Recipe
from autotrick.records import (
    Database,
    StudyPlan,
    StudyRow,
    add_report,
    add_trial,
    best,
    create_study,
    finish_trial,
    open_database,
    studies,
    trials,
)
from autotrick.records.filter import Compare, parse
from autotrick.records.filter_names import Name, names
from autotrick.records.filter_sql import condition
from autotrick.records.rows import FinalState
from autotrick.records.schema import Trial
from autotrick.tricks import peak_lr

MakeRecipe = Callable[..., Recipe]
MakeReport = Callable[..., EpochReport]


DIALECTS: tuple[Callable[[], Dialect], ...] = (sqlite.dialect, postgresql.dialect)
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
HOSTILE = [
    "'; DROP TABLE autotrick_trials; --",
    "x' OR '1'='1",
    "') OR 1=1 --",
    "%' OR 1=1 --",
    "%(x)s :x ? $1 {0}",
    "\\'; SELECT pg_sleep(10); --",
    "/* */ \n\t \x1b \u202e \U0001f600",
]


@pytest.fixture(scope="module")
def filled(databases: Any, plan: StudyPlan, recipe: MakeRecipe, report: MakeReport) -> Any:
    """Forty trials that differ in everything that a filter can name."""
    with open_database(databases.new_database()) as database:
        study = create_study(database, plan)
        fill(database, study, recipe, report)
        yield database


def fill(database: Database, study: StudyRow, recipe: MakeRecipe, report: MakeReport) -> Any:
    draw, more = random.Random(7), random.Random(8)
    for number in range(40):
        tricks: dict[str, dict[str, object]] = {}
        if draw.random() < 0.5:
            tricks["mixup"] = {"alpha": draw.choice([0, 0.25, 0.3, 1.0])}
        if draw.random() < 0.5:
            tricks["label_smoothing"] = {"epsilon": 0.1, "variant": draw.choice(["k", "k-1"])}
        if draw.random() < 0.5:
            tricks["cutout"] = {"length": 0.5, "holes": draw.choice([1, 2])}
        chosen = recipe(
            tricks=tricks,
            architecture=draw.choice(["lenet5", "timm/resnet18"]),
            batch_size=draw.choice([64, 128]),
            weight_decay=draw.choice([0.0, 1e-5, 5e-4]),
            seed=draw.choice([0, 1, 2**53 + 1, 2**63 - 1]),
            accumulation=more.choice([1, 2, 20]),
        )
        origin = draw.choice(["tpe", "random", *HOSTILE])
        launch = add_trial(database, study.id, chosen, origin=origin, launch=number % 5 > 0)
        for epoch in range(1, draw.randint(1, 3)):
            add_report(database, launch.trial_id, report(epoch, draw.choice([0.25, 0.5, 0.9])))
        state: FinalState | None = draw.choice([None, "complete", "pruned", "failed"])
        if state:
            parameters = draw.choice([None, 10_000, 2_000_000])
            reason = draw.choice([None, "asha", "nan_loss"])
            known = {"multiply_adds": 4e6, "latency_ms": 2.5, "robustness": 0.25, "score": 0.5}
            known |= {"memory": 2**33}
            measures = {name: value for name, value in known.items() if more.random() < 0.5}
            finish_trial(
                database,
                launch.trial_id,
                state,
                reason=reason,
                parameters=parameters,
                measures=measures,
            )


NUMBERS: dict[str, Callable[[Any], Any]] = {
    "number": lambda row: row.number,
    "trial": lambda row: row.number,
    "value": lambda row: row.value,
    "accuracy": lambda row: row.value,
    "epochs": lambda row: row.epochs,
    "seconds": lambda row: row.seconds,
    "parameters": lambda row: row.parameters,
    "params": lambda row: row.parameters,
    "attempts": lambda row: row.attempts,
    "seed": lambda row: row.recipe.seed,
    "batch_size": lambda row: row.recipe.batch_size,
    "accumulation": lambda row: row.recipe.accumulation,
    "base_lr": lambda row: row.recipe.base_lr,
    "lr": lambda row: peak_lr(row.recipe),
    "learning_rate": lambda row: peak_lr(row.recipe),
    "scaling_exponent": lambda row: row.recipe.scaling_exponent,
    "weight_decay": lambda row: row.recipe.weight_decay,
    "momentum": lambda row: row.recipe.momentum,
    "multiply_adds": lambda row: row.multiply_adds,
    "latency_ms": lambda row: row.latency_ms,
    "robustness": lambda row: row.robustness,
    "memory": lambda row: row.memory,
    "score": lambda row: row.score,
    "mixup.alpha": lambda row: row.recipe.tricks.get("mixup", {}).get("alpha"),
    "cutout.holes": lambda row: row.recipe.tricks.get("cutout", {}).get("holes"),
}
TEXTS: dict[str, Callable[[Any], Any]] = {
    "state": lambda row: row.state,
    "digest": lambda row: row.digest,
    "weights": lambda row: row.weights,
    "origin": lambda row: row.origin,
    "reason": lambda row: row.reason,
    "architecture": lambda row: row.recipe.architecture,
    "arch": lambda row: row.recipe.architecture,
    "label_smoothing.variant": lambda row: row.recipe.tricks.get("label_smoothing", {}).get(
        "variant"
    ),
}
SWITCHES = ("mixup", "cutout", "label_smoothing", "ricap")

number_words = st.sampled_from(
    [
        "0",
        "1",
        "-1",
        "2",
        "0.25",
        ".3",
        "0.5",
        "1e6",
        "1E4",
        "64",
        "+128",
        "5e-4",
        "1e-5",
        "20.0",
        "0.30000000000000004",
        "1e400",
        "-1e400",
        "9007199254740993",
        "9223372036854775807",
        "9223372036854775808",
    ]
)
text_words = st.sampled_from(
    ["lenet5", "timm/resnet18", "tpe", "asha", "k-1", "weights of 1", "", *HOSTILE]
)


def quoted(text: str) -> Any:
    return f'"{text}"' if '"' not in text else f"'{text}'"


def number_of(word: str) -> Any:
    return int(word) if word.lstrip("+-").isdecimal() else float(word)


@st.composite
def comparisons(draw: Any) -> Any:
    kind = draw(st.sampled_from(["number", "number in", "text", "text in", "switch", "bare"]))
    if kind.startswith("number"):
        name = draw(st.sampled_from(sorted(NUMBERS)))
        pick, words = NUMBERS[name], draw(st.lists(number_words, min_size=1, max_size=3))
        constants = [number_of(word) for word in words]
        symbol = draw(st.sampled_from(sorted(COMPARE)))
    elif kind.startswith("text"):
        name = draw(st.sampled_from(sorted(TEXTS)))
        legal = st.sampled_from(["complete", "waiting"]) if name == "state" else text_words
        pick, constants = TEXTS[name], draw(st.lists(legal, min_size=1, max_size=3))
        words = [quoted(constant) for constant in constants]
        symbol = draw(st.sampled_from(["=", "!="]))
    else:
        name = draw(st.sampled_from(SWITCHES))
        symbol = draw(st.sampled_from(["=", "!="]))
        word, wanted = draw(st.sampled_from([("on", True), ("off", False), ("TRUE", True)]))
        if kind == "bare":
            return name, lambda row: name in row.recipe.tricks
        return f"{name} {symbol} {word}", lambda row: COMPARE[symbol](
            name in row.recipe.tricks, wanted
        )
    if kind.endswith("in"):
        text = f"{name} IN [{', '.join(words)}]"
        return text, lambda row: pick(row) is not None and pick(row) in constants
    return (
        f"{name}{symbol}{words[0]}",
        lambda row: pick(row) is not None and COMPARE[symbol](pick(row), constants[0]),
    )


def combined(parts: Any) -> Any:
    def negated(part: Any) -> Any:
        return f"not ({part[0]})", lambda row: not part[1](row)

    def joined(pair: Any) -> Any:
        (one, two), word = pair
        if word == "and":
            return f"({one[0]}) and ({two[0]})", lambda row: one[1](row) and two[1](row)
        return f"({one[0]} or {two[0]})", lambda row: one[1](row) or two[1](row)

    pairs = st.tuples(st.tuples(parts, parts), st.sampled_from(["and", "or"]))
    return st.one_of(parts.map(negated), pairs.map(joined))


@pytest.mark.slow
def test_a_filter_finds_what_python_finds(filled: Any) -> None:
    rows = trials(filled, "mixing")
    assert len({row.state for row in rows}) == 5

    @settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
    @given(st.recursive(comparisons(), combined, max_leaves=6))
    def check(example: Any) -> Any:
        text, holds = example
        assert trials(filled, "mixing", where=text) == [row for row in rows if holds(row)]

    check()


def test_and_binds_tighter_than_or(filled: Any) -> None:
    rows = trials(filled, "mixing")

    found = trials(filled, "mixing", where="mixup or cutout and number < 9 or not ricap = off")

    tricks = [(row, row.recipe.tricks) for row in rows]
    assert found == [
        row for row, on in tricks if "mixup" in on or ("cutout" in on and row.number < 9)
    ]
    assert 0 < len(found) < len(rows)


def test_the_setting_of_a_trick_that_is_off_never_compares(filled: Any) -> None:
    below = trials(filled, "mixing", where="mixup.alpha <= 0.3")
    above = trials(filled, "mixing", where="mixup.alpha > 0.3")
    neither = trials(filled, "mixing", where="not (mixup.alpha <= 0.3 or mixup.alpha > 0.3)")

    assert below and above
    assert neither == trials(filled, "mixing", where="mixup = off")


def test_best_takes_a_filter_too(filled: Any) -> None:
    expected = [
        row
        for row in trials(filled, "mixing")
        if row.state == "complete" and row.value is not None and row.value < 0.9
    ]

    found = best(filled, "mixing", where="value < 0.9")

    assert [row.value for row in found] == [0.5, 0.25]
    assert sorted(row.number for row in found) == [row.number for row in expected]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_a_text(filled: Any, text: str) -> None:
    rows = trials(filled, "mixing")

    found = trials(filled, "mixing", where=f"origin = {quoted(text)}")

    assert found == [row for row in rows if row.origin == text]
    assert 0 < len(found) < len(rows)


@pytest.mark.parametrize(
    "text", [*HOSTILE, "1=1", "value > 0.5; DROP TABLE autotrick_trials", "(SELECT 1) = 1"]
)
def test_a_hostile_expression_is_refused_and_changes_nothing(filled: Any, text: str) -> None:
    before = studies(filled)

    with pytest.raises(FilterError):
        trials(filled, "mixing", where=text)

    assert studies(filled) == before


@pytest.mark.parametrize("dialect", [kind() for kind in DIALECTS])
def test_no_constant_reaches_the_sql_text(dialect: Dialect) -> None:
    text = 'arch = "needle1" and origin in ["needle2"] and value > 0.777 and mixup.alpha != 777'

    sql = condition(parse(text), 1).compile(dialect=dialect)

    assert "needle" not in str(sql) and "777" not in str(sql)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a name, but got the end at character 1"),
        ("value >", "expected a number for value, but got the end at character 8"),
        ("value > 0.5 arch", "expected `and`, `or` or the end, but got 'arch' at character 13"),
        ("(value > 0.5", "expected '.', but got the end at character 13"),
        ("value > 0.5)", "expected `and`, `or` or the end, but got '.' at character 12"),
        ("epochs", "expected a comparison, such as `epochs = ...`, but got the end"),
        ("value == 0.5", "expected a number for value, but got '=' at character 8"),
        ("value > 'high'", "expected a number for value, but got \"'high'\" at character 9"),
        ("value > on", "expected a number for value, but got 'on' at character 9"),
        ("arch = lenet5", "expected a text in \"quotes\" for architecture, but got 'lenet5'"),
        ('arch > "lenet5"', "architecture is a text, which compares with = and != only"),
        ("mixup < on", "mixup is a switch, which compares with = and != only"),
        ("mixup = 1", "expected on or off for mixup, but got '1' at character 9"),
        ("number in []", "expected a number for number, but got ']' at character 12"),
        ("number in [1 2]", "expected ']', but got '2' at character 14"),
        ('arch = "lenet5', "expected a closing quote, but got '\"lenet5' at character 8"),
        ("value > 0.5 & mixup", "expected a name, a value or an operator, but got '& mixup'"),
        ("0.5 < value", "expected a name, but got '0.5' at character 1"),
        ("and = 1", "expected a name, but got 'and' at character 1"),
        ('state = "done"', "unknown state 'done'.* States: complete, failed, pruned, running"),
        (
            "mixpu",
            "unknown name 'mixpu'. Did you mean 'mixup'[?] Names: [0-9]+, such as mixup, .* at ch",
        ),
        ("mixup.alhpa > 1", "Did you mean 'mixup.alpha'[?]"),
        ('origin = "\0"', "a text has a character that no record has, at character 10"),
        ('origin = "\ud800"', "a text has a character that no record has, at character 10"),
        (
            "not " * 60 + "mixup",
            "a filter nests at most 50 deep, and this one nests deeper at character 201",
        ),
        ("(" * 1000, "a filter nests at most 50 deep"),
        ("mixup or " * 1000, "a filter has at most 4000 characters, but got 9000"),
        ("value > " + "9" * 3990 + "x", "expected `and`, `or` or the end, but got 'x'"),
        ("value > \u0661", "expected a name, a value or an operator"),
    ],
)
def test_a_wrong_filter_says_what_and_where(text: str, message: str) -> None:
    with pytest.raises(FilterError, match=message):
        parse(text)


def test_a_filter_of_the_greatest_length_runs(filled: Any) -> None:
    text = ("mixup and " * 500)[:3990].rpartition(" and ")[0]

    assert len(trials(filled, "mixing", where=text)) > 0


@given(st.one_of(st.text(max_size=40), st.text(alphabet="()[]=<>!,.'\"1e in not mixup value")))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    message = ""

    try:
        parse(text)
    except FilterError as error:
        message = str(error)

    assert len(message.splitlines()) <= 1


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_name_compiles(dialect: Callable[[], Dialect]) -> None:
    constants = {"number": "0.5", "text": '"complete"', "switch": "on"}

    for text, name in names().items():
        sql = condition(parse(f"{text} = {constants[name.kind]}"), 1)
        assert str(sql.compile(dialect=dialect()))


def test_a_switch_among_the_settings_reads_json_truth(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    for flag in (True, False, "yes", None):
        tricks = {"mixup": {"flag": flag}} if flag is not None else {}
        add_trial(database, study.id, recipe(tricks=tricks), origin="x")

    found = {}
    for constant in (True, False):
        test = Compare(Name("mixup.flag", "switch", "setting"), "=", constant)
        with database.reading() as connection:
            chosen = select(Trial.number).where(condition(test, study.id))
            found[constant] = connection.execute(chosen).scalars().all()

    assert found == {True: [0], False: [1]}


def test_infinity_is_above_all_numbers(filled: Any) -> None:
    assert trials(filled, "mixing", where="number < 1e999") == trials(filled, "mixing")
    assert trials(filled, "mixing", where="weight_decay > -1e999") == trials(filled, "mixing")
    limit = parse("number < 1e999")
    assert isinstance(limit, Compare)
    assert limit.constant == math.inf
