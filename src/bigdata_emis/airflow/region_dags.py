"""Which regions get DAGs, and one import error that names the others.

Belongs here: that a fault in one region folder leaves the DAGs of all others alone. Does not: the DAGs (dag_tasks).
"""

import re

from bigdata_emis.errors import InputError
from bigdata_emis.region import Region
from bigdata_emis.settings import settings
from bigdata_emis.upkeep.region_list import ListedRegion, list_regions

DAG_NAME = re.compile(r"[\w.-]+")
LONGEST_DAG_NAME = 200


def regions() -> list[Region]:
    """Every region whose folder can be read and whose name can be that of a DAG, in order of name."""
    return [listed.region for listed in list_regions(settings()) if listed.region and not _problem(listed)]


def region_titles() -> dict[str, str]:
    """The title of each region: its names, and whether its data are simulated."""
    return {region.region_id: title(region) for region in regions()}


def title(region: Region) -> str:
    """The names of a region in Chinese and English, and whether its data are simulated."""
    return f"{region.name_zh} {region.name_en}{' · 模拟数据 simulated' if region.is_simulated else ''}"


def require_readable_regions() -> None:
    """Raises InputError, with a line for each region folder that has no DAGs, when there are any."""
    problems = [
        f"{listed.region_id}: {problem}" for listed in list_regions(settings()) if (problem := _problem(listed))
    ]
    if problems:
        what = "\n".join(["these regions have no DAGs 以下区域没有 DAG:", *problems])
        raise InputError(what, "the DAGs of all other regions run; correct the files, and this error goes away")


def _problem(listed: ListedRegion) -> str:
    """Why a region has no DAGs; empty when it has."""
    if not listed.region:
        return listed.problem
    if not DAG_NAME.fullmatch(listed.region_id) or len(listed.region_id) > LONGEST_DAG_NAME:
        return (
            f"{listed.folder} has a name that no DAG can have: expected letters, digits, '_', '-' and '.' - "
            "rename the folder"
        )
    return ""
