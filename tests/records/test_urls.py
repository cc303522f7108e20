"""What people write as a database's URL: read as they mean it, or refused in a line without secrets."""

from pathlib import Path

import pytest
from sqlalchemy import make_url

from autotrick.errors import RecordsError
from autotrick.records import open_database
from autotrick.records.urls import parse
from tests.postgres import PostgresServer

ENCODE = "Up to the host write %40 for @"
BLANKS = "cannot be understood"


def refusal(url: str, *, create: bool = True) -> str:
    with pytest.raises(RecordsError) as caught:
        open_database(url, create=create, late=create)
    line = str(caught.value)
    assert len(line.splitlines()) == 1
    return line


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("", "It looks like sqlite:///autotrick.db or postgresql://user@host/name."),
        ("   ", "It looks like sqlite:///autotrick.db"),
        ("results.db", "For the file results.db: sqlite:///results.db"),
        ("/data/results.db", "For the file /data/results.db: sqlite:////data/results.db"),
        ("sqlite:results.db", "For the file results.db: sqlite:///results.db"),
        ("sqlite:/data/results.db", "For the file /data/results.db: sqlite:////data/results.db"),
        ("sqlite://results.db", "Write sqlite:///results.db, or sqlite:////FOLDER/FILE"),
        ("sqlite://data/results.db", "Write sqlite:///data/results.db"),
        ("sqlite://", "a database in memory"),
        ("sqlite:///", "a database in memory"),
        ("sqlite:///:memory:", "a database in memory"),
        ("sqlite:////", "names a file, but got the folder sqlite:////"),
        ("sqlite:///data/", "Write sqlite:///data/autotrick.db"),
        ("sqlite:///~/results.db", "A ~ is not replaced in a URL"),
        ("sqlite:///results.db?mode=ro", "takes a path and no options"),
        ("sqlite:///file:results.db?uri=true", "takes a path and no options"),
        ("sqlite+aiosqlite:///results.db", "Write sqlite:///FILE"),
        ("sqlite:////dev/null", "must be a file, and it is not"),
        ("sqlite:///" + 300 * "a", "cannot be used: File name too long"),
        ("sqlite:///a\nb.db", "on one line"),
        ("sqlite:///a%00b.db", "cannot be printed"),
        ("mysql://ann@host/db", "must be sqlite or postgresql, but got 'mysql'"),
        ("jdbc:postgresql://host/db", "must be sqlite or postgresql"),
        ("postgresql+asyncpg://ann@host/db", "Write postgresql://USER@HOST/NAME"),
        ("postgresql+psycopg2://ann@host/db", "Write postgresql://USER@HOST/NAME"),
        ("postgresql://ann@::1:5432/db", "IPv6 address stands in brackets"),
        ("postgresql://ann@host:port/db", "A port is a number"),
        ("postgresql://ann@ho st/db", "blanks are written %20"),
        ("postgresql://ann@host/db?user=a&user=b", "the option user more than once"),
        ("postgresql://ann@host/db?sslmod=require", "Did you mean 'sslmode'?"),
        ("postgresql://ann@host/db?connect_timeout=soon", "must be a whole number"),
        ("postgresql://ann@/db?host=a,b&port=1,2,3", "number of hosts and ports don't match"),
    ],
)
def test_what_cannot_be_is_refused_with_the_right_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, advice: str
) -> None:
    monkeypatch.chdir(tmp_path)

    assert advice in refusal(url)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:open@sesame7@127.0.0.1:1/db",
        "postgresql://ann:p@ss/sesame7@127.0.0.1:1/db",
        "postgresql://ann:p@ss?sesame7@127.0.0.1:1/db",
        "postgresql://ann:p@ss#sesame7@127.0.0.1:1/db",
        "postgresql://ann@corp:sesame7@127.0.0.1:1/db",
        "postgresql://corp/ann:sesame7@127.0.0.1:1/db",
        "postgresql://ann:sesame7@127.0.0.1:1/db?user=ann@corp",
    ],
)
def test_password_that_cannot_be_told_from_the_host_is_not_shown(url: str) -> None:
    line = refusal(url)

    assert ENCODE in line
    assert "sesame7" not in line


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:sesame7@127.0.0.1:1/db",
        "postgres://ann:sesame7@127.0.0.1:1/db",
        "postgresql://ann:open/sesame7@127.0.0.1:1/db",
        "postgresql://ann:open?sesame7@127.0.0.1:1/db",
        "postgresql://ann:open#sesame7@127.0.0.1:1/db",
        "postgresql://ann:50%sesame7@127.0.0.1:1/db",
        "postgresql://ann:open%40sesame7@127.0.0.1:1/db",
        "postgresql://ann@127.0.0.1:1/db?password=sesame7",
        "postgresql://ann@127.0.0.1:1/db?password=open@sesame7",
        "postgresql://ann@127.0.0.1:1/db?sslpassword=sesame7",
        "postgresql://ann:sesame7@127.0.0.1:1,127.0.0.1:2/db",
        "postgresql://ann:sesame7@[::1]:1/db",
        "postgresql://ann:sesame7@%2Fno%2Fsuch%2Ffolder/db",
        "postgresql://ann:sesame7@127.0.0.1:1/" + 300 * "d",
        " postgresql://ann:sesame7@127.0.0.1:1/db\n",
    ],
)
def test_server_that_is_not_there_is_named_without_the_password(url: str) -> None:
    line = refusal(url)

    assert "the database postgresql://ann" in line and "cannot be used: " in line
    assert "sesame7" not in line


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("postgresql://ann:a/b?c#d@host/db", {"password": "a/b?c#d", "host": "host"}),
        ("postgresql://ann:a%40b@host/db", {"password": "a@b", "host": "host"}),
        ("postgresql://ann:@host/db", {"username": "ann", "host": "host"}),
        ("postgresql://ann@host/db", {"username": "ann", "password": None}),
        ("postgresql://host/db", {"username": None, "host": "host", "database": "db"}),
        ("postgresql://ann@[fe80::1]:77/db", {"host": "fe80::1", "port": 77}),
        ("POSTGRES://ann@host/db", {"drivername": "postgresql"}),
        ("sqlite:///my studies/ä.db", {"database": "my studies/ä.db"}),
        ("SQLite:////a/b.db", {"database": "/a/b.db"}),
    ],
)
def test_url_is_read_as_it_is_meant(url: str, meant: dict[str, object]) -> None:
    found = parse(url)

    assert {name: getattr(found, name) for name in meant} == meant


@pytest.mark.postgresql
@pytest.mark.parametrize("form", ["socket in the host", "several sockets", "two slashes"])
def test_socket_is_reached_in_each_form(postgresql: PostgresServer, form: str) -> None:
    url = postgresql.new_database()
    name, socket = make_url(url).database, str(postgresql.folder).replace("/", "%2F")
    forms = {
        "socket in the host": f"postgresql://autotrick@{socket}/{name}",
        "several sockets": f"postgresql://autotrick@%2Fnowhere,{socket}/{name}",
        "two slashes": url.replace("postgresql://", "postgres://"),
    }

    with open_database(forms[form]) as database:
        assert database.dialect == "postgresql"

    postgresql.give_back(url)
