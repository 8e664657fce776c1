"""The settings of a process, from the environment: folders, engine and database.

Belongs here: the EMIS_* variables with their defaults. Does not: anything a region decides (region.toml).
"""

import os
from dataclasses import dataclass
from pathlib import Path

from bigdata_emis.errors import InputError

REGISTRY_FILE = "emis.sqlite"
LAKE_SCHEMES = ("s3", "file")
PACKAGE = Path(__file__).parent


@dataclass(frozen=True)
class Settings:
    """Folders, engine and database of one process."""

    home: Path
    engine: str
    database: str
    regions: tuple[Path, ...]

    @property
    def lake(self) -> str:
        """Root of the lake: a local path, or an s3:// address from EMIS_LAKE. Raises InputError for another scheme."""
        root = os.environ.get("EMIS_LAKE") or str(self.home / "lake")
        scheme, mark, place = root.partition("://")
        if not root.strip() or (mark and not place.strip("/ ")):
            raise InputError(f"EMIS_LAKE '{root}' names no place", "set it to a path, or to an address with a bucket")
        if mark and scheme not in LAKE_SCHEMES:
            raise InputError(
                f"EMIS_LAKE '{root}' has an unknown scheme",
                f"set it to a path, or to an address of {', '.join(f'{s}://' for s in LAKE_SCHEMES)}",
            )
        return root


def settings() -> Settings:
    """The current settings: EMIS_HOME, EMIS_ENGINE, EMIS_DATABASE, EMIS_LAKE, EMIS_REGIONS (':'-separated folders).

    Creates EMIS_HOME when it does not exist.

    Raises:
        InputError: EMIS_HOME cannot be created.
    """
    home = Path(os.environ.get("EMIS_HOME") or "var").absolute()
    _create(home)
    extra = [Path(folder) for folder in os.environ.get("EMIS_REGIONS", "").split(os.pathsep) if folder]
    return Settings(
        home=home,
        engine=os.environ.get("EMIS_ENGINE") or "sail",
        database=os.environ.get("EMIS_DATABASE") or sqlite_address(home / REGISTRY_FILE),
        regions=(*extra, home / "regions", PACKAGE / "regions"),
    )


def sqlite_address(path: Path) -> str:
    """The address of a database in a file; % and ? would otherwise be read as parts of an address."""
    return f"sqlite:///{str(path).replace('%', '%25').replace('?', '%3F')}"


def _create(home: Path) -> None:
    """Create the folder, so that a home that cannot exist is refused here, once. A read-only home serves readers."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise InputError(
            f"EMIS_HOME {home} cannot be created: {problem.strerror}", "name a folder that you can write to"
        ) from None
