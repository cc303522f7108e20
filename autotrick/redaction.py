"""Find secrets in URLs and in texts that quote them, and leave them out of everything shown.

A password that is not percent-encoded makes a URL ambiguous: in `postgresql://ann:a@b/c@host/db` it may
end at either `@`. The parsing here errs on the side of hiding: where a user name is followed by a colon,
everything up to the last `@` that can belong to it is secret.
"""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, quote_plus, unquote, unquote_plus

HIDDEN = "***"
VARIABLES = (
    "AUTOTRICK_DATABASE",
    "PGPASSWORD",
    "MLFLOW_TRACKING_USERNAME",
    "MLFLOW_TRACKING_PASSWORD",
    "MLFLOW_TRACKING_TOKEN",
)
"""Environment variables that only the process that a user started needs."""

_SCHEME = re.compile(r"(?:^|(?<=::))[A-Za-z][A-Za-z0-9+.-]*://")
# A host and its port: nothing in it can be a user name.
_HOST = re.compile(r"(?:[^:@]*|\[[0-9A-Fa-f:.%]*\](?::\d*)?)")
_HOST_AND_PORT = re.compile(r"[^:@]+:\d+")
_QUERY = re.compile(r"[^?#@]*\?[A-Za-z_][\w.-]*=[\w.@+%-]*(?:&[A-Za-z_][\w.-]*=[\w.@+%-]*)*")
_PARAMETER = re.compile(r"(?P<mark>[?&;#])(?P<key>[^=&;#?]+)=(?P<value>[^&;#?]*)")

# Schemes whose user name is not secret; elsewhere (https, s3) it may be a token or a key.
_NAMED = frozenset(
    {
        *("postgresql", "postgres", "cockroachdb", "mysql", "mariadb", "mssql", "oracle", "sqlite"),
        *("ssh", "sftp", "ftp", "ftps", "smb", "hdfs", "webhdfs"),
        *("abfs", "abfss", "wasb", "wasbs"),  # container@account
    }
)
_SECRET_WORDS = re.compile(
    r"passw|passphrase|secret|token|apikey|accesskey|accountkey|privatekey|sharedkey|credential|"
    r"signature|authorization|bearer|^(?:pwd|pass|pw|sig|sas|key|auth|jwt|userpwd)$"
)
_IN_TEXT = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s'\"<>]+")
_NAME = (
    r"[A-Za-z0-9_.\-]{0,40}?(?:passw(?:or)?d|passphrase|secret|token|api_?key|access_?key(?:_id)?)"
)
# `password=x` as in a connection string, `'password': 'x'` as in a printed mapping.
_ASSIGNED = re.compile(
    rf"(?i)\b({_NAME})(\s*=\s*|['\"]\s*:\s*)"
    r"('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[^\s,;&)}\]]+)"
)
_SHORT = 4
"""Secrets with fewer characters are replaced only where they stand as words of their own."""


def redacted_url(url: str) -> str:
    """Return a URL that is safe to show: `***` for a password, and no secret parameters.

    It takes any URL: of a database, a server or a storage, chained (`simplecache::s3://...`) and malformed
    ones as well.
    """
    return "".join(part.head + part.hidden + part.rest for part in _parts(url))


def without_secrets(url: str) -> str:
    """Return a URL that is safe to record; it still works if credentials come from elsewhere."""
    return "".join(part.head + part.name + part.rest for part in _parts(url))


def has_secret(url: str) -> bool:
    """Return whether a URL contains a secret."""
    return any(part.secrets for part in _parts(url))


def secrets_of(url: str) -> frozenset[str]:
    """Return the secrets of a URL: as written, decoded and encoded."""
    found = {secret for part in _parts(url) for secret in part.secrets}
    return frozenset(form for secret in found for form in _forms(secret) if form)


def redacted(text: str, *urls: str) -> str:
    """Return a text, such as another library's error, without secrets.

    Args:
        urls: URLs that the text may quote, whole or in part. Secrets of other URLs in the text, and those
            after `password=` and the like, are found without them.
    """
    for url in urls:
        shown = redacted_url(url)
        if shown != url:
            text = text.replace(url, shown)
        for secret in sorted(_quoted(url), key=len, reverse=True):
            text = _replaced(text, secret)
    text = _IN_TEXT.sub(lambda match: redacted_url(match[0]), text)
    return _ASSIGNED.sub(_assigned, text)


def is_secret_variable(name: str, value: str) -> bool:
    """Return whether a variable holds a secret of a database, which workers do not need."""
    return name in VARIABLES or (value.startswith(("postgres", "mysql")) and has_secret(value))


def public_environment() -> dict[str, str]:
    """Return this process's environment without secrets, for a helper process."""
    return {k: v for k, v in os.environ.items() if not is_secret_variable(k, v)}


def userinfo(url: str) -> tuple[str, str, str]:
    """Return a URL without its user, and the decoded user and password; both may be empty."""
    start = _SCHEME.match(url)
    head = start[0] if start else ""
    rest = url[len(head) :]
    end = _userinfo_end(rest)
    user, _, password = rest[: max(end, 0)].partition(":")
    return head + rest[end + 1 :], unquote(user), unquote(password)


def is_secret_name(key: str) -> bool:
    """Return whether a parameter of that name holds a secret: `password`, `access_key`, `sig`."""
    plain = re.sub(r"[^a-z0-9]", "", unquote(key).lower())
    return _SECRET_WORDS.search(plain) is not None


@dataclass(frozen=True, slots=True)
class _Part:
    """One URL of a chain.

    Attributes:
        name: The user with its `@`, if not secret.
        hidden: The same for showing, with a mark in place of secrets.
        secrets: The parts left out.
    """

    head: str
    rest: str = ""
    name: str = ""
    hidden: str = ""
    secrets: tuple[str, ...] = ()


def _parts(url: str) -> list[_Part]:
    starts = [match.start() for match in _SCHEME.finditer(url)]
    if not starts:
        found = [match[3].strip("'\"") for match in _ASSIGNED.finditer(url)]
        if found:
            return [_Part(_ASSIGNED.sub(_assigned, url), secrets=tuple(found))]
        return [_part("", url)]
    ends = [*starts[1:], len(url)]
    chained = [_Part(url[: starts[0]])]
    for start, end in zip(starts, ends, strict=True):
        head, mark, rest = url[start:end].partition("://")
        chained.append(_part(head + mark, rest))
    return chained


def _part(head: str, rest: str) -> _Part:
    end = _userinfo_end(rest)
    user, rest = (rest[:end], rest[end + 1 :]) if end >= 0 else ("", rest)
    name, secrets = _user(head, user)
    hidden = name
    if secrets:
        hidden = f"{name.removesuffix('@')}:{HIDDEN}@" if name else f"{HIDDEN}@"
    rest, more = _query(rest)
    return _Part(head, rest, name, hidden, (*secrets, *more))


def _userinfo_end(rest: str) -> int:
    """Return where the `@` behind the user and the password is, or -1."""
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    last = rest.rfind("@")
    if last < 0 or _HOST.fullmatch(authority):
        return -1
    own = authority.rfind("@")
    if own >= 0 and ":" not in authority[:own]:
        return own
    if own < 0 and _HOST_AND_PORT.fullmatch(authority) and _QUERY.fullmatch(rest):
        return -1
    return last


def _user(head: str, user: str) -> tuple[str, list[str]]:
    """Return the user name with its `@` if it is safe to show, and the secrets before that `@`."""
    if not user:
        return "", []
    name, colon, password = user.partition(":")
    decoded, inner, hidden = unquote(name).partition(":")
    if inner:
        name, password = decoded, unquote(hidden) + (f":{password}" if colon else "")
    if head.removesuffix("://").partition("+")[0].lower() in _NAMED:
        return (f"{name}@" if name else ""), [password] if password else []
    return "", [part for part in (name, password) if part]


def _query(rest: str) -> tuple[str, list[str]]:
    """Return a path with its query without secret parameters, and the secrets."""
    shown, secrets, i = "", list[str](), 0
    while match := _PARAMETER.search(rest, i):
        shown += rest[i : match.start()]
        i = match.end()
        if is_secret_name(match["key"]):
            # A secret may itself have a `#` or a `&` that is not encoded.
            i = _secret_end(rest, i)
            secrets.append(rest[match.start("value") : i])
        elif "://" in unquote(match["value"]) and has_secret(unquote(match["value"])):
            secrets += [match["value"], *secrets_of(unquote(match["value"]))]
        else:
            shown += match[0]
    shown += rest[i:]
    if "?" not in shown and "?" in rest and "&" in shown:
        shown = shown.replace("&", "?", 1)
    return shown, secrets


def _secret_end(rest: str, i: int) -> int:
    """Return where a secret parameter ends: at the next parameter with a name."""
    follows = re.compile(r"&[^=&]+=").search(rest, i)
    return follows.start() if follows else len(rest)


def _forms(secret: str) -> Iterable[str]:
    for form in (secret, unquote(secret), unquote_plus(secret)):
        yield from (form, quote(form, safe=""), quote(form), quote_plus(form))


def _quoted(url: str) -> set[str]:
    """Return how another library may quote a URL's secrets: whole, or cut at a punctuation mark."""
    whole = secrets_of(url)
    return {*whole, *(piece for secret in whole for piece in re.split(r"[@:/?#]", secret) if piece)}


def _replaced(text: str, secret: str) -> str:
    if len(secret) >= _SHORT and not secret.isalpha():
        return text.replace(secret, HIDDEN)
    return re.sub(rf"(?<![A-Za-z0-9]){re.escape(secret)}(?![A-Za-z0-9])", HIDDEN, text)


def _assigned(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}{HIDDEN}"
