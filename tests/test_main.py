"""`python -m bigdata_emis` is the command `emis`."""

import subprocess
import sys

from bigdata_emis import __version__


def test_the_package_can_be_run_as_the_command() -> None:
    command = [sys.executable, "-m", "bigdata_emis", "version"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == __version__
