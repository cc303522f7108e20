"""`python -m autotrick` is the `autotrick` command."""

import os
import sys

_VARIABLE = "AUTOTRICK_ARGUMENTS"
"""Names the open file with the arguments, between a process and itself; never set by people."""


def main() -> None:
    """Run the command; Ctrl-C ends it without a traceback while it still loads, too."""
    try:
        words = _arguments()
        from autotrick.cli import main as command
    except KeyboardInterrupt:
        sys.stderr.write("\nAborted!\n")
        sys.exit(130)
    command(args=words)


def _arguments() -> list[str]:
    """Return the command line's arguments, after secrets in them were hidden from everybody else.

    Every user of a machine can list the arguments of all processes. So a process with a password in one
    starts itself anew with redacted arguments, and reads the real ones from a file without a name.
    """
    import json  # here: the working folder, which may have a json.py, comes last by now

    words = sys.argv[1:]
    if descriptor := os.environ.pop(_VARIABLE, ""):
        try:
            with open(int(descriptor), encoding="utf-8") as file:  # noqa: PTH123 -- a descriptor
                return [str(word) for word in json.load(file)]
        except (OSError, ValueError):
            return words
    public = [_redacted(word) for word in words]
    if public != words and sys.orig_argv[-len(words) :] == words and os.name == "posix":
        _start_anew(words, public)
    return words


def _redacted(word: str) -> str:
    from autotrick.redaction import redacted_url

    option, mark, value = word.partition("=") if word.startswith("--") else ("", "", word)
    return option + mark + (redacted_url(value) if "://" in value else value)


def _start_anew(words: list[str], public: list[str]) -> None:
    """Replace this process by one with other visible arguments; return if that is not possible."""
    import json
    import tempfile

    try:
        with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
            json.dump(words, file)
            file.flush()
            os.lseek(file.fileno(), 0, os.SEEK_SET)
            os.set_inheritable(file.fileno(), True)
            os.environ[_VARIABLE] = str(file.fileno())
            os.execv(sys.executable, [sys.executable, *sys.orig_argv[1 : -len(words)], *public])
    except OSError:
        os.environ.pop(_VARIABLE, None)


if __name__ == "__main__":
    if not sys.flags.safe_path:
        # The working folder, which Python puts first: a file `statistics.py` there is not the standard
        # library's. A checkout that is not installed is still found.
        sys.path.append(sys.path.pop(0))
    main()
