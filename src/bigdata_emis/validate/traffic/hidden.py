"""What is hidden from the models: a list in a file, or a draw by seed; and the predictions written out.

Belongs here: the file of sensors or ISO weeks, and OUT.csv. Does not: what is done with them (volume, speed).
"""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from bigdata_emis.errors import InputError, shorten
from bigdata_emis.text_file import read_text_file

SEED = 13
LARGEST_LIST_BYTES = 1 << 20
HEADERS = ("sensor", "sensor_id", "id", "week", "iso_week")
COLUMNS = ("time", "id", "value", "p05", "p95")


def read_hidden(path: Path) -> list[str]:
    """The identifiers of a list, one a line or the first column of a CSV; a header and remarks (#) are skipped.

    Raises:
        InputError: the file cannot be read, lists nothing, or lists an identifier twice.
    """
    lines = read_text_file(path, largest_bytes=LARGEST_LIST_BYTES).splitlines()
    cells = [line.split(",")[0].strip().strip('"') for line in lines if not line.lstrip().startswith("#")]
    names = [cell for cell in cells if cell]
    if names and names[0].lower() in HEADERS:
        names = names[1:]
    if not names:
        raise InputError(f"{path} lists nothing to hide", "write one sensor or ISO week (2016-W05) a line")
    twice = next((name for number, name in enumerate(names) if name in names[:number]), None)
    if twice is not None:
        raise InputError(f"{path}: {shorten(twice)} is listed twice", "list each once")
    return names


def draw_hidden(names: Sequence[str], share: float) -> list[str]:
    """A share of the names, at least one, drawn by a constant seed."""
    count = max(1, round(share * len(names)))
    return sorted(np.random.default_rng(SEED).choice(np.array(names), size=count, replace=False).tolist())


def check_writable(path: Path) -> None:
    """Refuse a file of predictions that could not be written, before anything is computed."""
    folder = path.absolute().parent
    if path.is_dir():
        what = "is a folder"
    elif not folder.is_dir():
        what = f"the folder {folder} does not exist"
    elif not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        what = "cannot be written"
    else:
        return
    raise InputError(f"--predictions {path}: {what}", "give --predictions a file in an existing folder")


def write_predictions(path: Path, rows: pd.DataFrame) -> None:
    """Write time, id, value, p05 and p95, whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    partial = None
    try:
        with tempfile.NamedTemporaryFile("w", dir=path.absolute().parent, suffix=".partial", delete=False) as file:
            partial = Path(file.name)
            rows[list(COLUMNS)].to_csv(file, index=False, float_format="%.3f", lineterminator="\n")
        partial.chmod(0o644)
        partial.replace(path)
    except OSError as problem:
        if partial is not None:
            partial.unlink(missing_ok=True)
        raise InputError(f"--predictions {path}: {problem.strerror}", "give a file that can be written") from None
