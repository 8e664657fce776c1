"""Files of measured data: where one lies below `--data`, and the message about one that cannot be read.

Belongs here: what the data modules of all tasks share. Does not: the layout of any file.
"""

from pathlib import Path

from bigdata_emis.errors import InputError

LONGEST_REASON = 120
GIVE_FOLDER = "give --data the folder that holds it"
GIVE_FOLDER_OR_YEARS = f"{GIVE_FOLDER}, or other years"


def find_file(data: Path, folder: str, name: str) -> Path | None:
    """A file in the folder of its data set within `data`, or in `data` itself; None where there is none."""
    return next((at / name for at in (data / folder, data) if (at / name).is_file()), None)


def require_file(data: Path, folder: str, name: str, *, remedy: str = GIVE_FOLDER) -> Path:
    """The same, for a file that a task cannot do without.

    Raises InputError when it is missing.
    """
    path = find_file(data, folder, name)
    if path is None:
        raise InputError(f"{data / folder / name} is missing", remedy)
    return path


def unreadable_file(path: Path, problem: Exception, remedy: str) -> InputError:
    """The error of a file that a library cannot read, with the first line of its reason."""
    reason = (str(problem).splitlines() or ["cannot be read"])[0]
    return InputError(f"{path}: {reason[:LONGEST_REASON]}", remedy)
