"""Passwords stay off command lines, messages and what Ray lists."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Command = Callable[..., Result]
Refused = Callable[..., str]


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ("studies", "--database", "postgresql://ann:Sesame7%40x@127.0.0.1:{}/d"),
        ("studies", "--database=postgresql+psycopg://ann:Ses%23ame7@127.0.0.1:{}/d"),
        ("best", "Sesame", "--database", "postgresql://127.0.0.1:{}/d?user=ann&password=Sesame7"),
    ],
)
def test_no_argument_of_the_process_has_the_password(words: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        command = [sys.executable, "-m", "autotrick", *(word.format(port) for word in words)]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        # It has connected, so it is past all that it does to its arguments.
        server.settimeout(60)
        peer, _ = server.accept()
        seen = Path(f"/proc/{process.pid}/cmdline").read_text()
        peer.close()
        server.close()
        _, error = process.communicate(timeout=60)

    assert "me7" not in seen
    assert words[0] in seen and "127.0.0.1" in seen
    assert process.returncode == 1
    assert "me7" not in error and "127.0.0.1" in error and error.count("\n") == 1


@pytest.mark.slow
def test_arguments_arrive_as_they_were_given() -> None:
    code = (
        "import sys, json; from autotrick.__main__ import _arguments;"
        "print(json.dumps([_arguments(), sys.argv[1:]]))"
    )
    words = ["--a=x://u:p@h", "b c", "ü", "x://u:p q@h", ""]

    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
    )

    given, seen = json.loads(done.stdout)
    assert given == words
    assert seen == ["--a=x://***@h", "b c", "ü", "x://***@h", ""]


@pytest.mark.parametrize("descriptor", ["", "x", "9999"])
def test_a_variable_that_names_no_file_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, descriptor: str
) -> None:
    from autotrick.__main__ import _arguments

    monkeypatch.setenv("AUTOTRICK_ARGUMENTS", descriptor)
    monkeypatch.setattr(sys, "argv", ["autotrick", "studies"])

    assert _arguments() == ["studies"]


@pytest.mark.parametrize(
    "words",
    [
        ("studies", "--database", "postgresql://ann:open@Sesame7@127.0.0.1:1/db"),
        ("studies", "--database", "postgresql://ann:Sesame7@[127.0.0.1/db"),
        ("studies", "--database", "mysql://ann:Sesame7@h/db"),
        ("studies", "--database", "host=h password=Sesame7"),
        ("studies", "--database", "postgresql://ann@127.0.0.1:1/db?sslpassword=Sesame7"),
        ("export", "digits", "--optuna", "postgresql://ann:Sesame7@127.0.0.1:1/db"),
        ("import", "mysql://ann:Sesame7@127.0.0.1:1/db"),
        ("follow", "x", "--wait", "1s", "--database", "postgresql://ann:Sesame7@127.0.0.1:1/db"),
    ],
)
def test_no_message_has_the_password(command: Command, study: Path, words: tuple[str, ...]) -> None:
    result = command(*words)

    assert result.exit_code in (1, 2)
    assert "Sesame7" not in result.output


@pytest.mark.parametrize(
    "place",
    [
        "s3://KEY:Sesame7@bucket/x",
        "ftp://ann:Sesame7@127.0.0.1/x",
        "https://h/c?sig=Sesame7",
        "simplecache::s3://K:Sesame7@bucket",
    ],
)
def test_a_storage_with_a_password_is_refused(
    refused: Refused, space: Callable[..., str], place: str
) -> None:
    message = refused("search", space(), "--storage", place)

    assert "must not have a password or key in its URL" in message
    assert "Sesame7" not in message


def test_a_file_may_hold_the_url(command: Command, study: Path, folder: Path) -> None:
    (folder / "url").write_text(f"sqlite:///{study}\n")

    result = command("studies", "--json", "--database", "@url")

    assert json.loads(result.stdout)["study"] == "digits"


@pytest.mark.parametrize("kind", ["missing", "folder", "binary", "empty", "pipe"])
def test_a_file_that_holds_none_is_named(
    refused: Refused, study: Path, tmp_path: Path, kind: str
) -> None:
    file = tmp_path / "url"
    if kind == "folder":
        file.mkdir()
    elif kind == "pipe":
        os.mkfifo(file)
    elif kind != "missing":
        file.write_bytes(b"\xff" if kind == "binary" else b"")

    message = refused("studies", "--database", f"@{file}")

    assert str(file) in message or "URL cannot be understood" in message


@pytest.mark.parametrize("name", ["", "~nobody-here/x", "x" * 5000, "/dev/zero"])
def test_a_name_that_no_file_has_is_a_sentence(refused: Refused, study: Path, name: str) -> None:
    assert "with the database's URL" in refused("studies", "--database", f"@{name}")


def test_a_file_in_the_home_may_hold_the_url(
    command: Command, study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "url").write_text(f"sqlite:///{study}")

    assert command("studies", "--database", "@~/url").exit_code == 0


@pytest.mark.slow
def test_ray_is_told_no_secret() -> None:
    code = """
import os, sys
from autotrick.tune.cluster import credentials
import ray._private.utils as utils
named = utils.get_entrypoint_name
with credentials.without_secrets():
    inside = utils.get_entrypoint_name(), [k for k, v in os.environ.items() if "Sesame7" in v]
os.environ["RAY_JOB_CONFIG_JSON_ENV_VAR"] = '{"runtime_env": {"env_vars": {"PGPASSWORD": "x"}}}'
print(inside, utils.get_entrypoint_name is named, os.environ["MY_URL"], credentials.emptied())
"""
    secrets = {
        "AUTOTRICK_DATABASE": "postgresql://ann:Sesame7@h/d",
        "PGPASSWORD": "Sesame7",
        "MLFLOW_TRACKING_TOKEN": "Sesame7",
        "MY_URL": "postgresql+psycopg://h/d?password=Sesame7",
    }

    done = subprocess.run(
        [sys.executable, "-c", code, "Sesame7"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **secrets},
    )

    assert done.stdout.startswith("('-c', []) True postgresql")
    assert "'AUTOTRICK_DATABASE': ''" in done.stdout
    assert "'PGPASSWORD'" not in done.stdout
