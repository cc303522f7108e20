"""`python -m autotrick` is the `autotrick` command."""

import sys


def main() -> None:
    """Run the command; Ctrl-C ends it without a traceback while it still loads, too."""
    try:
        from autotrick.cli import main as command
    except KeyboardInterrupt:
        sys.exit("\nAborted!")
    command()


if __name__ == "__main__":
    if not sys.flags.safe_path:
        # The working folder, which Python puts first: a file `statistics.py` there is not the standard
        # library's. A checkout that is not installed is still found.
        sys.path.append(sys.path.pop(0))
    main()
