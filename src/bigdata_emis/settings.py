"""Where things lie and which engine and database are used: read from the environment, once, by whoever asks.

Belongs here: the EMIS_* variables with their defaults. Does not: anything a region decides (region.toml).
"""

import os
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).parent


@dataclass(frozen=True)
class Settings:
    """The places and seams of one process."""

    home: Path
    engine: str
    database: str
    regions: tuple[Path, ...]

    @property
    def lake(self) -> str:
        """Root of the lake: a local path, or an s3:// address from EMIS_LAKE."""
        return os.environ.get("EMIS_LAKE") or str(self.home / "lake")


def settings() -> Settings:
    """The settings in force: EMIS_HOME, EMIS_ENGINE, EMIS_DATABASE, EMIS_LAKE, EMIS_REGIONS (':'-separated folders)."""
    home = Path(os.environ.get("EMIS_HOME") or "var").absolute()
    extra = [Path(folder) for folder in os.environ.get("EMIS_REGIONS", "").split(os.pathsep) if folder]
    return Settings(
        home=home,
        engine=os.environ.get("EMIS_ENGINE") or "sail",
        database=os.environ.get("EMIS_DATABASE") or f"sqlite:///{home / 'emis.sqlite'}",
        regions=(*extra, home / "regions", PACKAGE / "regions"),
    )
