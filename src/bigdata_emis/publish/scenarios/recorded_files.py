"""The files of a scenario against what was recorded: every table, in the history and where readers of the lake look.

Belongs here: which files are compared, and what becomes of one that differs. Does not: checksums (storage), publishing
(scenario_files).
"""

import logging
from datetime import date

from bigdata_emis.publish.scenarios.hours_in_force import Row
from bigdata_emis.publish.scenarios.scenario_files import scenario_store
from bigdata_emis.publish.scenarios.scenario_rows import days_with_moved
from bigdata_emis.region import Region
from bigdata_emis.storage.checksums import SCENARIO_TABLES, changed_file, remedy_of
from bigdata_emis.storage.lake import Version
from bigdata_emis.storage.scenario_lake import ScenarioStore

log = logging.getLogger(__name__)


def verify_draft_files(region: Region, row: Row) -> None:
    """Compare every file of a draft with its record, also those at the stable paths, which its approver may have read.

    Raises ChangedFileError for the first that is missing or differs.
    """
    store = scenario_store(region, row)
    for version in _recorded_versions(region, row, store):
        store.verify(version)
        if not _is_current(store, version):
            raise changed_file(store.files.address(_stable_path(store, version)), remedy_of(version.table))


def restore_stable_files(region: Region, row: Row) -> None:
    """Compare the files of a decided scenario with their records; a stable one that differs is written again, and said.

    Raises ChangedFileError when a file of the history is missing or differs.
    """
    store = scenario_store(region, row)
    for version in _recorded_versions(region, row, store):
        store.verify(version)
        if not _is_current(store, version):
            path = store.files.address(_stable_path(store, version))
            log.warning("%s is not what was recorded; it is written again from its version %s", path, version.version)
            store.make_current(version)


def _recorded_versions(region: Region, row: Row, store: ScenarioStore) -> list[Version]:
    """The newest version of each table and day."""
    days = days_with_moved(region, row)
    return list({(v.table, v.day): v for name in SCENARIO_TABLES for v in store.versions(name, days)}.values())


def _stable_path(store: ScenarioStore, version: Version) -> str:
    return store.layout.stable_file(version.table, date.fromisoformat(version.day))


def _is_current(store: ScenarioStore, version: Version) -> bool:
    path = _stable_path(store, version)
    return store.files.exists(path) and store.files.digest(path) == version.sha256
