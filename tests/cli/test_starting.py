import subprocess
import sys

INTERRUPTED = """
import runpy, sys

class Interrupting:
    def find_spec(name, path=None, target=None):
        if name == "click":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupting)
sys.argv = ["autotrick", "--help"]
runpy.run_module("autotrick", run_name="__main__")
"""


def test_an_interrupt_while_the_command_loads_is_no_traceback() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False
    )

    assert done.returncode == 130
    assert done.stderr.split() == ["Aborted!"] and not done.stdout
