"""The lake as published: of a published day the versions that its manifest names, whatever was computed since.

Belongs here: which version a page reads, and whether its day is published. Does not: what the page shows (day_data).
"""

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.storage.lake import Store, Version
from bigdata_emis.storage.layout import PUBLISHED


class PublishedView(Store):
    """A lake in which a published day has the versions of its manifest; any other day has its newest versions."""

    def __init__(self, lake: Store) -> None:
        super().__init__(lake.files, lake.region_id, lake.time_zone, layout=lake.layout)
        self._manifests: dict[date, dict[str, Any] | None] = {}

    def manifest(self, day: date) -> dict[str, Any] | None:
        """The manifest of a day; None when the day is not published. Raises InputError when it cannot be read."""
        if day not in self._manifests:
            name = f"manifest/day={day}.json"
            content = self.read_document(name, tree=PUBLISHED)
            try:
                self._manifests[day] = None if content is None else dict(json.loads(content))
            except (ValueError, TypeError):
                raise InputError(
                    f"{name} of region {self.region_id} is damaged: expected a JSON object",
                    "publish the day again: emis run publish",
                ) from None
        return self._manifests[day]

    def paths(self, table_name: str, days: Iterable[date], *, as_of: datetime | None = None) -> list[str]:
        """The files that hold these days; of a published day those of the published versions."""
        paths: list[str] = []
        for day in days:
            version = self._named_version(table_name, day) if as_of is None else None
            named = [self.verified_address(version)] if version else None
            paths += named if named is not None else super().paths(table_name, [day], as_of=as_of)
        return paths

    def versions(self, table_name: str, days: Iterable[date]) -> list[Version]:
        """Every version of these days, oldest first; of a published day only the published one."""
        versions: list[Version] = []
        for day in days:
            version = self._named_version(table_name, day)
            versions += [version] if version else super().versions(table_name, [day])
        return versions

    def _named_version(self, table_name: str, day: date) -> Version | None:
        """The version that the manifest names; None for a table that it does not name."""
        manifest = self.manifest(day) or {}
        named = {file["table"]: file["version"] for file in manifest.get("files", [])}
        version_id = named.get(table_name) or manifest.get("input_versions", {}).get(table_name)
        if version_id is None:
            return None
        found = [version for version in self.own_versions(table_name, [day]) if version.version == version_id]
        if not found:
            raise RefusedError(
                f"{day} was published with version {version_id} of {table_name}, which is not in the lake",
                f"run the day again: emis day --region {self.region_id} --date {day}",
            )
        return found[-1]
