"""A trial in one file, and its reproduction from it: identical, or what explains that it is not."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from autotrick.cli import main
from autotrick.errors import NotFoundError, RecordsError
from autotrick.export.bundle import CHECKPOINT, CONTENT, read_bundle, write_bundle
from autotrick.records import Database
from autotrick.trained import load_model
from tests.export.conftest import COMPLETE, PRUNED, STUDY, Study

pytestmark = pytest.mark.slow


def run(*words: object, cache: Path | None = None) -> Result:
    env = {"XDG_CACHE_HOME": str(cache)} if cache else {}
    return CliRunner(env=env).invoke(main, [str(word) for word in words], catch_exceptions=False)


@pytest.fixture(scope="module")
def bundle(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bundle") / "winner.zip"
    done = run(*("bundle", STUDY, COMPLETE, "-o", path, "--checkpoint", "--database", study.url))
    assert done.exit_code == 0, done.output
    return path


def changed(bundle: Path, to: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """Write a copy of a bundle whose content was changed."""
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(to, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == CONTENT:
                values = json.loads(content)
                change(values)
                content = json.dumps(values).encode()
            new.writestr(name, content)
    return to


def other_weights(values: dict[str, Any]) -> None:
    values["trial"]["reports"][-1]["weights"] = "0123456789abcdef"


def test_another_machine_gets_the_same_weights(bundle: Path, tmp_path: Path) -> None:
    done = run("reproduce", bundle, cache=tmp_path)

    assert done.exit_code == 0, done.output
    assert f"trial {COMPLETE}: bit-identical" in done.stdout
    assert "the recorded weights give" in done.stdout


def test_other_libraries_explain_other_weights(bundle: Path, tmp_path: Path) -> None:
    def change(values: dict[str, Any]) -> None:
        other_weights(values)
        values["trial"]["attempts"][-1]["environment"] |= {"torch": "1.0", "processor": "abacus"}

    path = changed(bundle, tmp_path / "b.zip", change)
    done = run("reproduce", path, cache=tmp_path)

    assert done.exit_code == 0, done.output
    assert "NOT identical, within the tolerance and a change explains it" in done.stdout
    for sentence in ("torch was 1.0 and is", "torch: other library versions", "processor: another"):
        assert sentence in done.stdout
    assert "weights differ from epoch 2 on" in done.stdout


def test_without_a_change_nothing_explains_other_weights(bundle: Path, tmp_path: Path) -> None:
    done = run("reproduce", changed(bundle, tmp_path / "b.zip", other_weights), cache=tmp_path)

    assert done.exit_code == 1
    assert "but nothing explains the difference" in done.stdout


def test_values_beyond_their_tolerance_fail_by_metric(bundle: Path, tmp_path: Path) -> None:
    def change(values: dict[str, Any]) -> None:
        other_weights(values)
        values["trial"]["reports"][-1]["loss"] += 1.0
        values["trial"]["attempts"][-1]["environment"] |= {"torch": "1.0"}

    path = changed(bundle, tmp_path / "b.zip", change)
    refused = run("reproduce", path, "--json", cache=tmp_path)
    accepted = run("reproduce", path, "--tolerance", "loss=2", cache=tmp_path)

    assert (refused.exit_code, accepted.exit_code) == (1, 0), accepted.output
    rows = {row["name"]: row for row in json.loads(refused.stdout)["comparisons"]}
    assert not rows["loss"]["within"] and rows["accuracy"]["within"]
    images = 287
    share = (rows["accuracy"]["recorded"] * images + 1) / (images + 2)
    expected = 2 * (2 * share * (1 - share) / images) ** 0.5
    assert rows["accuracy"]["tolerance"] == pytest.approx(expected, rel=0.05)


def test_other_data_are_told_apart(bundle: Path, tmp_path: Path) -> None:
    def change(values: dict[str, Any]) -> None:
        values["trial"]["recipe"]["data"]["fingerprint"] = "0" * 16
        values["data"]["counts"]["train"][3] += 5
        from autotrick.recipe import Recipe

        recipe = Recipe.model_validate(values["trial"]["recipe"])
        values["trial"]["digest"] = recipe.digest()

    done = run("reproduce", changed(bundle, tmp_path / "b.zip", change), cache=tmp_path)

    assert done.exit_code == 1
    assert "0000000000000000 was recorded" in done.stderr
    assert "What differs: train images of 3:" in done.stderr


def test_bundles_of_the_same_trial_are_equal(
    bundle: Path, database: Database, tmp_path: Path
) -> None:
    again = tmp_path / bundle.name
    write_bundle(database, STUDY, COMPLETE, again, checkpoint=True)

    assert again.read_bytes() == bundle.read_bytes()


def test_load_model_of_a_bundle(bundle: Path, study: Study) -> None:
    inside = load_model(bundle)
    recorded = load_model(study.checkpoint(COMPLETE))

    assert inside.source.digest == recorded.source.digest
    assert (inside.source.study, inside.source.trial) == (STUDY, COMPLETE)


def test_a_bundle_without_checkpoint_has_no_network(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "small.zip"
    size = write_bundle(database, STUDY, PRUNED, path)

    assert size < 50_000
    with pytest.raises(NotFoundError, match=r"has no checkpoint, so it has no network.*reproduce"):
        load_model(path)


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name.replace("__", "/").replace("_json", ".json"), content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not a zip file"),
        (b"PK\x03\x04 cut off", "not a zip file"),
        (zipped(bundle_json=b"{}", **{"..__..__etc__passwd": b""}), r"holds '../../etc/passwd'"),
        (zipped(other=b""), "holds 'other'"),
        (zipped(), "bundle.json among them"),
        (zipped(bundle_json=b"{}"), "does not say"),
        (zipped(bundle_json=b"[" * 100_000), "nest deeper|not JSON"),
        (zipped(bundle_json=b" " * (2**24 + 1)), "16,777,217 bytes"),
        (zipped(bundle_json=b'{"format": "autotrick bundle", "version": 9}'), "version '9'"),
        (zipped(bundle_json=b'{"format": "autotrick bundle", "version": 1}'), "the trial"),
    ],
)
def test_what_is_no_bundle_is_refused_in_a_sentence(
    tmp_path: Path, content: bytes, why: str
) -> None:
    path = tmp_path / "hostile.zip"
    path.write_bytes(content)

    with pytest.raises(RecordsError, match=why), read_bundle(path):
        pass
    done = run("reproduce", path)
    assert done.exit_code == 1 and done.stderr.splitlines()[-1].startswith("Error: ")


def test_a_changed_recipe_is_noticed(bundle: Path, tmp_path: Path) -> None:
    def change(values: dict[str, Any]) -> None:
        values["trial"]["recipe"]["base_lr"] = 0.5

    path = changed(bundle, tmp_path / "b.zip", change)

    with pytest.raises(RecordsError, match="the recipe's digest is"), read_bundle(path):
        pass


def test_a_damaged_checkpoint_is_noticed(bundle: Path, tmp_path: Path) -> None:
    content = bytearray(bundle.read_bytes())
    content[len(content) // 2] ^= 1
    path = tmp_path / "b.zip"
    path.write_bytes(content)

    with pytest.raises(RecordsError, match="checkpoint is damaged"):
        load_model(path)


def test_a_checkpoint_that_is_none_is_refused(bundle: Path, tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(path, "w") as new:
        new.writestr(CONTENT, old.read(CONTENT))
        new.writestr(CHECKPOINT, b"cos\nsystem\n(S'true'\ntR.")

    with pytest.raises(RecordsError, match="its checkpoint is not one"):
        load_model(path)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("reproduce", "nowhere"), "there is no file"),
        (("reproduce", STUDY, "0", "--tolerance", "accuracy=many"), "is not a number from 0 on"),
        (("bundle", STUDY, "9", "-o", "x.zip"), "has no trial 9"),
        (("bundle", STUDY, "0", "-o", "/nonexistent/x.zip"), "cannot be written|No such file"),
    ],
)
def test_bad_words_are_one_line(
    study: Study, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    import re

    done = run(*words, "--database", study.url)

    assert done.exit_code in (1, 2)
    assert re.search(said, done.stderr), done.stderr
