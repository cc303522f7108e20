"""`python -m autotrick` is the `autotrick` command."""

import sys


def main() -> None:
    """Run the command; Ctrl-C ends it without a traceback while it still loads, too."""
    try:
        from autotrick.cli import main as command
    except KeyboardInterrupt:
        sys.stderr.write("\nAborted!\n")
        sys.exit(130)
    command()


if __name__ == "__main__":
    main()
