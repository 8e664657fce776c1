"""Notices in the folders of the archive and of the truth that their content is simulated.

Belongs here: these texts. Does not: the README of the region folder (region_files).
"""

from pathlib import Path

ARCHIVE_NOTICE = """# Archive of simulated providers 模拟数据

The replay server of the demonstration serves these files. All feeds are simulated, except `air_quality` and `weather`,
which were measured at twelve Beijing stations.
"""
TRUTH_NOTICE = """# Hidden truth of a simulated region 模拟数据

Activity, emission, compliance and faults of the simulation; nothing here is an observation. No stage reads these files;
`emis demo --score` compares the inventory with them.
"""


def write_notices(archive: Path, truth: Path) -> None:
    """Say in both folders that their content is simulated."""
    (archive / "README.md").write_text(ARCHIVE_NOTICE, "utf-8")
    (truth / "README.md").write_text(TRUTH_NOTICE, "utf-8")
