"""`python -m bigdata_emis` is the command `emis`."""

import subprocess
import sys

from bigdata_emis import __version__


def test_the_package_can_be_run_as_the_command() -> None:
    command = [sys.executable, "-m", "bigdata_emis", "version"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == __version__


def test_a_command_whose_output_is_closed_works_without_it() -> None:
    command = f"{sys.executable} -m bigdata_emis version <&- >&- 2>&-"
    assert subprocess.run(["sh", "-c", command], check=False).returncode == 0


def test_a_full_disk_below_the_output_is_one_line() -> None:
    command = f"{sys.executable} -m bigdata_emis version > /dev/full"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("emis: a file or the output of the command: No space left on device")
