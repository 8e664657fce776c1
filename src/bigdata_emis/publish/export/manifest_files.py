"""A published day as an export reads it: the files that its manifest names, each compared with its checksum.

Belongs here: the manifest and its files. Does not: which days and hours an export needs (export_hours).
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.errors import InputError
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage.checksums import changed_file, missing_file
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.layout import PUBLISHED

REMEDY = "restore the file from a backup, or run the day again and publish it: the same rows give the same files"
TABLE_OF_REGION = "published_"


@dataclass(frozen=True)
class PublishedDay:
    """One local day of a region, by the manifest that was published with it."""

    store: Store
    day: date
    manifest: dict[str, Any]

    @property
    def partial_reasons(self) -> list[str]:
        """Why the day is published as partial; empty when it is whole."""
        reasons = [str(reason) for reason in self.manifest.get("partial_reasons", [])]
        return reasons or (["published as partial"] if self.manifest.get("is_partial") else [])

    @property
    def unverified(self) -> str:
        """The share of each pollutant that rests on factors nobody has compared with their source; empty without."""
        factors = self.manifest.get("unverified_factors", {})
        shares = ", ".join(f"{code} {share:.4f}" for code, share in factors.get("mass_share", {}).items())
        return f"{shares} (confidence {factors['least_confidence']:g})" if shares else ""

    @property
    def versions(self) -> dict[str, str]:
        """The version of each published table."""
        return {entry["table"]: entry["version"] for entry in self.manifest["files"]}

    def table(self, name: str, columns: list[str]) -> pa.Table:
        """Columns of a published table. Raises ChangedFileError when its file is not what was recorded."""
        entry = next((entry for entry in self.manifest["files"] if entry["table"] == name), None)
        if entry is None:
            raise InputError(f"the manifest of {self.day} names no table {name}", "publish the day again")
        return self._read(entry, name, columns)

    def region_table(self, name: str, columns: list[str]) -> pa.Table:
        """Columns of a table of the registry, or of the cells, with which the day was published."""
        folder = "grid" if name == "grid" else "registry"
        return self._read(self._region_entry(f"{folder}/{name}.parquet"), f"{TABLE_OF_REGION}{name}", columns)

    def grid_document(self) -> dict[str, Any]:
        """The content of grid.json with which the day was published."""
        content = self.store.files.read_bytes(self._verified_path(self._region_entry("grid/grid.json")))
        document: dict[str, Any] = json.loads(content)
        return document

    def _read(self, entry: dict[str, Any], table: str, columns: list[str]) -> pa.Table:
        declared = arrow_schema(schema.table(table))
        wanted = pa.schema([declared.field(name) for name in columns])
        return self.store.files.read_table(self._verified_path(entry), wanted)

    def _region_entry(self, name: str) -> dict[str, Any]:
        path = f"{PUBLISHED}/{self.store.region_id}/{name}"
        entry: dict[str, Any] | None = next((e for e in self.manifest["region_files"] if e["path"] == path), None)
        if entry is None:
            raise InputError(f"the manifest of {self.day} names no file {name}", "publish the day again")
        return entry

    def _verified_path(self, entry: dict[str, Any]) -> str:
        """The file that never changes, once its checksum is that of the manifest."""
        path = f"{self.store.files.base}/{entry['version_path']}"
        try:
            checksum = self.store.files.digest(path)
        except FileNotFoundError:
            raise missing_file(self.store.files.address(path), REMEDY) from None
        if checksum != entry["sha256"]:
            raise changed_file(self.store.files.address(path), REMEDY)
        return path


def find_published_day(store: Store, day: date) -> PublishedDay | None:
    """The day as it is published now; None when it is not. Raises InputError when its manifest cannot be read."""
    content = store.read_document(f"manifest/day={day}.json", tree=PUBLISHED)
    if content is None:
        return None
    try:
        return PublishedDay(store, day, json.loads(content))
    except ValueError:
        raise InputError(f"the manifest of {day} in region {store.region_id} is damaged", REMEDY) from None


def open_published_day(store: Store, day: date) -> PublishedDay:
    """The day as it is published now. Raises InputError when it is not published."""
    found = find_published_day(store, day)
    if found is None:
        raise InputError(
            f"{day} of region {store.region_id} is not published",
            f"run emis day --region {store.region_id} --date {day}",
        )
    return found
