"""What is sent to a cluster, and what is said when it cannot be."""

import subprocess
from pathlib import Path

import pytest

from autotrick.errors import RecordsError, ResourceError, SpaceError
from autotrick.space import files_of
from autotrick.tune.submit import Submission


def command(**fields: object) -> str:
    values = {"space": Path("here/mine.toml"), "study": "mine", "words": ("--trials", "3")}
    return Submission(**(values | fields)).command()  # type: ignore[arg-type]


def test_command_names_the_space_beside_it() -> None:
    text = command(database="postgresql://me@db/results")

    assert text.startswith("python -m autotrick --version || ")
    assert text.endswith(
        "; exec python -m autotrick search mine.toml --study mine "
        "--address auto --trials 3 --database postgresql://me@db/results"
    )


@pytest.mark.parametrize(
    "url", ["postgresql://me:hidden@db/x", "postgresql://db/x?password=hidden"]
)
def test_password_is_not_sent(url: str) -> None:
    with pytest.raises(RecordsError, match="Set AUTOTRICK_DATABASE") as refused:
        command(database=url)

    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    "words",
    [
        ("--mlflow", "http://ann:hidden@h"),
        ("--storage", "s3://KEY:hidden@bucket/x"),
        ("--storage", "https://h/c?sv=1&sig=hidden"),
        ("--tensorboard", "ftp://ann:hidden@h/x"),
    ],
)
def test_no_option_with_a_secret_is_sent(words: tuple[str, str]) -> None:
    with pytest.raises(ResourceError, match="Ray would show it to all") as refused:
        command(words=words, database="sqlite:////x.db")

    assert "hidden" not in str(refused.value)


def test_a_file_on_the_head_may_hold_the_url() -> None:
    assert command(database="@/run/secrets/db").endswith("--database @/run/secrets/db")


def test_cluster_without_a_database_says_so() -> None:
    done = subprocess.run(
        ["sh", "-c", command()], env={}, capture_output=True, text=True, check=False
    )

    assert done.returncode != 0
    assert "AUTOTRICK_DATABASE: set it to the results database" in done.stderr


def test_head_without_autotrick_says_so() -> None:
    text = command(database="sqlite:////x.db")

    done = subprocess.run(
        ["/bin/sh", "-c", text], env={}, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert done.stdout.startswith("the head finds no autotrick with its python. Start Ray where")


def test_words_of_the_user_are_no_words_of_the_shell(tmp_path: Path) -> None:
    text = command(words=("--storage", f"/x; touch {tmp_path}/made"), database="sqlite:////x.db")

    subprocess.run(["sh", "-c", text], env={}, capture_output=True, check=False)

    assert "'/x; touch" in text
    assert list(tmp_path.iterdir()) == []


def test_policy_file_travels_with_its_space(tmp_path: Path) -> None:
    space = tmp_path / "mine.toml"
    space.write_text('[tricks.searched_policy]\npolicy = "file:policies/found.json"\n')

    assert files_of(space) == ["mine.toml", "policies/found.json"]


def test_file_outside_the_folder_is_refused(tmp_path: Path) -> None:
    space = tmp_path / "mine.toml"
    space.write_text('[tricks.searched_policy]\npolicy = "file:../found.json"\n')

    with pytest.raises(SpaceError, match="only files of its own folder"):
        files_of(space)
