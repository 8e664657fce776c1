"""The state of the registry and the lake, and whether the clock agrees with what they hold.

Belongs here: what belongs to the whole system. Does not: files and folders as such (machine_health), one region.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from bigdata_emis.errors import InputError
from bigdata_emis.settings import Settings
from bigdata_emis.storage import database
from bigdata_emis.storage.database_connection import shown_address
from bigdata_emis.storage.files import Files
from bigdata_emis.storage.lake import CLOCK_TOLERANCE
from bigdata_emis.storage.locks import brief_lock
from bigdata_emis.storage.registries.registry_identity import owner_of_lake, registry_id
from bigdata_emis.storage.temporary_files import SUFFIX, process_tag
from bigdata_emis.upkeep.health.health_finding import HealthFinding, HealthLevel
from bigdata_emis.window import END_OF_TIME_UTC

FIRST_COMMAND = "any command that writes, such as `emis day`, creates it"
PROBE = b"emis doctor was here"


def check_registry() -> Iterator[HealthFinding]:
    """Whether the database answers, has the newest schema, and may be written. Raises InputError when it does not."""
    shown = shown_address()
    if not database.can_be_read():
        yield HealthFinding("registry", HealthLevel.WARN, f"{shown}: there is none yet", FIRST_COMMAND)
        return
    if not database.can_be_written():
        remedy = "let the user of emis own the file and its folder"
        yield HealthFinding("registry", HealthLevel.FAIL, f"{shown} cannot be written", remedy)
        return
    yield HealthFinding("registry", HealthLevel.OK, f"{shown} answers, schema {database.newest_revision()}")


def check_lake(where: Settings) -> Iterator[HealthFinding]:
    """Whether the lake takes, returns and deletes a file, has locks, and belongs to this registry.

    Whose it is, is not asked where the registry cannot be read, which check_registry reports.
    Raises InputError when it cannot be written.
    """
    files = Files(where.lake)
    shown = files.address(files.base)
    if not files.list_names(files.base):
        yield HealthFinding("lake", HealthLevel.WARN, f"{shown}: there is none yet", FIRST_COMMAND)
        return
    with suppress(InputError):
        yield _compare_owner(files, shown)
    probe = f"{files.base}/.doctor.{process_tag()}.{SUFFIX}"
    try:
        files.write(probe, PROBE)
        is_same = files.read_bytes(probe) == PROBE
        with brief_lock(where.home):
            pass
    finally:
        files.delete(probe)
    level = HealthLevel.OK if is_same else HealthLevel.FAIL
    what = f"{shown} can be read and written" if is_same else f"{shown} returns other bytes than were written"
    yield HealthFinding("lake", level, what, "" if is_same else "check the disk")


def _compare_owner(files: Files, shown: str) -> HealthFinding:
    owner = owner_of_lake(files)
    if owner is None:
        return HealthFinding("lake", HealthLevel.WARN, f"{shown} belongs to no registry yet", FIRST_COMMAND)
    if not database.can_be_read() or owner != registry_id():
        remedy = "set EMIS_DATABASE to the registry of this lake, or EMIS_LAKE to the lake of this registry"
        return HealthFinding("lake", HealthLevel.FAIL, f"{shown} belongs to registry {owner}, not to this one", remedy)
    return HealthFinding("lake", HealthLevel.OK, f"{shown} belongs to this registry")


def check_clock(now_utc: datetime) -> Iterator[HealthFinding]:
    """Whether anything that is published was known later than now; nothing where the registry cannot be read."""
    try:
        if not database.can_be_read():
            return
    except InputError:
        return  # check_registry reports it
    known = database.query("published_as_of", region_id="", known_utc=END_OF_TIME_UTC)["known_utc"].to_pylist()
    newest = max((instant for instant in known if instant is not None), default=None)
    if newest is not None and newest > now_utc + CLOCK_TOLERANCE:
        what = f"it is {now_utc:%Y-%m-%dT%H:%MZ}, but a version was published at {newest:%Y-%m-%dT%H:%MZ}"
        yield HealthFinding("clock", HealthLevel.FAIL, what, "set the clock of this machine")
        return
    yield HealthFinding("clock", HealthLevel.OK, f"{now_utc:%Y-%m-%dT%H:%MZ}, not before any published version")
