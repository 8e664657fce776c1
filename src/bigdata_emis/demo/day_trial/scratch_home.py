"""A home of its own for one simulated region, for the time of a block.

Belongs here: the environment in which stages find that home and nothing else. Does not: what is computed in it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bigdata_emis.storage.temporary_files import temporary_folder

PREFIX = "emis-day-trial-"
PLACES = ("EMIS_LAKE", "EMIS_DATABASE", "EMIS_REGIONS")


@contextmanager
def scratch_home() -> Iterator[Path]:
    """Let all settings mean a new empty folder below TMPDIR, which is deleted at the end; the engine stays."""
    before = {name: os.environ.get(name) for name in ("EMIS_HOME", *PLACES)}
    with temporary_folder(PREFIX) as folder:
        for name in PLACES:
            os.environ.pop(name, None)
        os.environ["EMIS_HOME"] = str(folder)
        try:
            yield folder
        finally:
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value
