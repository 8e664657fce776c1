"""Every region folder that `--region` can name, and whether it can be read.

Belongs here: finding the folders in the order in which they are searched. Does not: reading one (region).
"""

from dataclasses import dataclass
from pathlib import Path

from bigdata_emis.errors import InputError
from bigdata_emis.region import Region, load_region
from bigdata_emis.settings import Settings


@dataclass(frozen=True)
class ListedRegion:
    """A region folder: the region that it describes, or why it cannot be read."""

    region_id: str
    folder: Path
    region: Region | None
    problem: str = ""


def list_regions(where: Settings) -> list[ListedRegion]:
    """The regions in order of their name; of folders with the same name the first one counts, as for a command."""
    folders: dict[str, Path] = {}
    for root in where.regions:
        for folder in _region_folders(root):
            folders.setdefault(folder.name, folder)
    return [_read(region_id, folder) for region_id, folder in sorted(folders.items())]


def _region_folders(root: Path) -> list[Path]:
    """The folders with a region.toml, and those of which this process may not know whether they have one."""
    if not root.is_dir():
        return []
    return sorted(folder for folder in root.iterdir() if folder.is_dir() and _may_describe_region(folder))


def _may_describe_region(folder: Path) -> bool:
    try:
        (folder / "region.toml").lstat()
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def _read(region_id: str, folder: Path) -> ListedRegion:
    try:
        if not (folder / "region.toml").is_file():
            return ListedRegion(
                region_id, folder, None, f"{folder / 'region.toml'} is not a file: write it, or remove it"
            )
        return ListedRegion(region_id, folder, load_region(region_id))
    except InputError as problem:
        return ListedRegion(region_id, folder, None, str(problem))
    except (OSError, ValueError) as problem:
        return ListedRegion(region_id, folder, None, f"{folder} cannot be read: {problem}")
