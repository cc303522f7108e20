"""No secret of a URL is shown, however it is written."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotrick.redaction import (
    has_secret,
    public_environment,
    redacted,
    redacted_url,
    secrets_of,
    userinfo,
    without_secrets,
)

WITH_SECRETS = [
    ("postgresql://ann:Sesame7@host/db", "postgresql://ann:***@host/db"),
    ("postgresql+psycopg://ann:p%40Sesame7@host/db", "postgresql+psycopg://ann:***@host/db"),
    # Characters that should have been percent-encoded.
    ("postgresql://ann:open@Sesame7@127.0.0.1:1/db", "postgresql://ann:***@127.0.0.1:1/db"),
    ("postgresql://ann:o/p#e?n:Sesame7@host:5432/db", "postgresql://ann:***@host:5432/db"),
    ("postgresql://ann:12/Sesame7@host/db", "postgresql://ann:***@host/db"),
    ("postgresql://ann:x@y/Sesame7@host/db", "postgresql://ann:***@host/db"),
    ("postgresql://ann:?a=Sesame7@host/db", "postgresql://ann:***@host/db"),
    ("postgresql://ann:5?Sesame7!=x@host/db", "postgresql://ann:***@host/db"),
    ("postgresql://ann@corp:Sesame7@host/db", "postgresql://ann@corp:***@host/db"),
    ("postgresql://ann%3ASesame7@host/db", "postgresql://ann:***@host/db"),
    ("postgresql://ann:Sesame7@[::1]:5432/db", "postgresql://ann:***@[::1]:5432/db"),
    ("postgresql://ann:pass word Sesame7@host/db", "postgresql://ann:***@host/db"),
    # Parameters, also with encoded names and odd separators.
    (
        "postgresql://host/db?password=Sesame7&sslmode=require",
        "postgresql://host/db?sslmode=require",
    ),
    ("postgresql://host/db?sslmode=a&sslpassword=Sesame7", "postgresql://host/db?sslmode=a"),
    ("postgresql://host/db?pass%77ord=Sesame7", "postgresql://host/db"),
    ("postgresql://host/db?password=a#b&Sesame7&sslmode=a", "postgresql://host/db?sslmode=a"),
    ("https://host/c?sv=1&sig=Sesame7%2F&se=2", "https://host/c?sv=1&se=2"),
    ("https://host/c?X-Amz-Signature=Sesame7", "https://host/c"),
    ("https://host/c#access_token=Sesame7", "https://host/c"),
    ("https://host/c?next=postgresql%3A%2F%2Fu%3ASesame7%40h%2Fd", "https://host/c"),
    ("s3://bucket/files?access_key=Sesame7;secret=Sesame7", "s3://bucket/files"),
    # Where the name itself is a key or a token.
    ("s3://Sesame7KEY:Sesame7/x+y@bucket/files", "s3://***@bucket/files"),
    ("https://Sesame7@host:5000", "https://***@host:5000"),
    ("http://ann:Sesame7@host:5000", "http://***@host:5000"),
    ("simplecache::s3://K:Sesame7@bucket/x", "simplecache::s3://***@bucket/x"),
    ("ftp://ann:Sesame7@host/x", "ftp://ann:***@host/x"),
    # No URL at all.
    ("ann:Sesame7@host/db", "***@host/db"),
    ("host=h password='Sesame7 x' user=u", "host=h password=*** user=u"),
]


PLAIN = [
    "sqlite:///autotrick.db",
    "sqlite:////home/me@corp/a:b@c.db",
    "postgresql://ann@host/db?application_name=me@corp",
    "postgresql:///db?host=/run/postgresql",
    "http://localhost:5000",
    "http://[::1]:5000/a@b",
    "https://host:5000/x?user=me@corp",
    "s3://bucket/a@b/c",
    "abfs://container@account.dfs.core.windows.net/files",
    "file:///tmp/a@b:c@d",
    "studies/a.jsonl",
]


@pytest.mark.parametrize(("url", "shown"), WITH_SECRETS)
def test_secrets_are_left_out(url: str, shown: str) -> None:
    public = redacted_url(url)

    assert public == shown
    assert "Sesame7" not in public
    assert has_secret(url)


@pytest.mark.parametrize("url", PLAIN)
def test_what_is_not_secret_stays(url: str) -> None:
    assert redacted_url(url) == url
    assert not has_secret(url)


@pytest.mark.parametrize(("url", "shown"), WITH_SECRETS)
def test_redacting_twice_changes_nothing(url: str, shown: str) -> None:
    assert redacted_url(shown) == shown


def test_secrets_are_known_as_written_decoded_and_encoded() -> None:
    known = secrets_of("postgresql://ann:p%40s%2Fs@host/db")

    assert {"p%40s%2Fs", "p@s/s"} <= known


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("postgresql://ann:open@Sesame7@h:1/d", "failed to resolve host 'Sesame7@h:1': no name"),
        ("postgresql://ann:p%40Sesame7@h/d", "connection to ann, p@Sesame7 failed"),
        ("postgresql://ann:p%40Sesame7@h/d", "invalid URL postgresql://ann:p%40Sesame7@h/d"),
        ("http://ann:Sesame7@h", "nonnumeric port: 'Sesame7@h'"),
        ("postgresql://h/d", "invalid dsn: host=h password=Sesame7 user=u"),
        ("postgresql://h/d", "{'host': 'h', 'password': 'x Sesame7', 'user': 'u'}"),
        ("postgresql://h/d", "see postgresql://u:Sesame7@other/d, or s3://K:Sesame7@b."),
        ("sqlite://", 'Authorization token="Sesame7"'),
    ],
)
def test_texts_of_other_libraries_are_redacted(url: str, text: str) -> None:
    shown = redacted(text, url)

    assert "Sesame7" not in shown
    assert "***" in shown


@pytest.mark.parametrize(
    "text",
    [
        "password authentication failed for user 'ann'",
        "If it asks for a token, set RAY_AUTH_MODE=token.",
        "no MLflow server answers at http://localhost:5000: refused",
        "the database postgresql://ann@h/d cannot be used",
    ],
)
def test_texts_without_secrets_stay(text: str) -> None:
    assert redacted(text, "postgresql://ann@h/d") == text


def test_user_and_password_are_taken_out_decoded() -> None:
    assert userinfo("http://ann:p%40ss@host:5000/x") == ("http://host:5000/x", "ann", "p@ss")
    assert userinfo("http://host:5000/x") == ("http://host:5000/x", "", "")


@pytest.mark.parametrize(
    ("url", "recorded"),
    [
        ("ftp://ann:Sesame7@host/x", "ftp://ann@host/x"),
        ("s3://K:Sesame7@bucket/x?token=Sesame7", "s3://bucket/x"),
        ("simplecache::http://ann:Sesame7@host/x", "simplecache::http://host/x"),
    ],
)
def test_what_is_recorded_works_with_credentials_from_elsewhere(url: str, recorded: str) -> None:
    assert without_secrets(url) == recorded


def test_helping_processes_get_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOTRICK_DATABASE", "sqlite:///x.db")
    monkeypatch.setenv("PGPASSWORD", "Sesame7")
    monkeypatch.setenv("MY_URL", "postgresql://ann:Sesame7@h/d")
    monkeypatch.setenv("MY_PLAIN_URL", "postgresql://ann@h/d")

    environment = public_environment()

    assert environment.keys().isdisjoint({"AUTOTRICK_DATABASE", "PGPASSWORD", "MY_URL"})
    assert {"MY_PLAIN_URL", "PATH"} <= environment.keys()


# An unescaped space would end the URL in a text; what is quoted whole is replaced before.
_MARKS = "@:/?#&=%;+ []()abc1-._~!$'\"\\\\,|^<>{}"


@given(
    before=st.text(_MARKS, max_size=8),
    after=st.text(_MARKS, max_size=8),
    head=st.sampled_from(["postgresql+psycopg", "s3", "http", "ftp", "simplecache::s3", "redis"]),
    user=st.sampled_from(["ann", "", "ann%40corp"]),
    rest=st.sampled_from(["h", "127.0.0.1:5432/d", "[::1]:5/", "h1:1,h2:2/d?a=b&c=d", "/d#x"]),
    encoded=st.booleans(),
)
def test_no_password_is_shown_whatever_is_in_it(
    before: str, after: str, head: str, user: str, rest: str, encoded: bool
) -> None:
    password = before + "Sesame7" + after
    url = f"{head}://{user}:{quote(password, safe='') if encoded else password}@{rest}"

    assert "Sesame7" not in redacted_url(url)
    assert "Sesame7" not in without_secrets(url)
    assert "Sesame7" not in redacted(f"cannot connect to {url}: refused", url)
