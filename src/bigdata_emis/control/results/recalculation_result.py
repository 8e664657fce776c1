"""The result of a recalculation, and the document that the command prints of it.

Belongs here: what is known when all is written. Does not: how it is computed (recalculate), its types (documents).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from bigdata_emis.control.days.reused_pieces import ReusedDay
from bigdata_emis.control.documents import (
    AccountingDocument,
    MeasureWithoutEffect,
    MovedRow,
    OrderDocument,
    ProjectionRecord,
    RecalculationDocument,
    ScenarioParameters,
    UngradedSources,
)
from bigdata_emis.control.inventory_versions import InventoryVersions
from bigdata_emis.control.scenario.ledger import describe_ledger
from bigdata_emis.storage.lake import Version
from bigdata_emis.window import Window


@dataclass(frozen=True)
class RecalculationResult:
    """The scenario that a recalculation wrote, with its ledger and the inventory that it rests on."""

    scenario_id: str
    run_id: str
    region_id: str
    time_zone: str
    level: str
    window: Window
    ledger: pa.Table
    versions: list[Version]
    files: list[str]
    complete_share: float
    hours_present: int
    inventory: InventoryVersions
    parameters: ScenarioParameters
    without_effect: list[MeasureWithoutEffect]
    ungraded: UngradedSources
    minor_road_fleet: str | None
    seconds: float
    accounting: AccountingDocument | None = None
    projection: ProjectionRecord | None = None
    orders: list[OrderDocument] = field(default_factory=list)
    moved: list[MovedRow] = field(default_factory=list)
    reused: Mapping[date, ReusedDay] = field(default_factory=dict)

    @property
    def order_in_words(self) -> str:
        """The window with its level, or with those of the orders of an event that changes, in order of time."""
        levels = " then ".join(order["level"] for order in self.orders) or self.level
        return f"{levels} {self.window.from_utc:%Y-%m-%dT%HZ} to {self.window.to_utc:%Y-%m-%dT%HZ}"

    @property
    def days_without_inventory(self) -> list[date]:
        """The days of the window that have no inventory at all."""
        inventory = self.inventory
        present = {*inventory.days, *inventory.unpublished_days, *inventory.projected_days}
        return [day for day in self.window.days(self.time_zone) if day not in present]

    def document(self) -> RecalculationDocument:
        """The document that the command prints."""
        document: RecalculationDocument = {
            "scenario": self.scenario_id,
            "run": self.run_id,
            "region": self.region_id,
            "level": self.level,
            "from_utc": self.window.from_utc.isoformat(),
            "to_utc": self.window.to_utc.isoformat(),
            "seconds": self.seconds,
            "complete_share": self.complete_share,
            "is_partial": self.complete_share < 1,
            "hours_present": self.hours_present,
            "hours_expected": self.window.hours,
            "projection": self.projection,
            "mass_share_by_method": self.inventory.mass_share_by_method(),
            "feed_capture_share": self.inventory.feed_capture_share(),
            "is_draft_inventory": self.inventory.is_draft,
            "days_without_inventory": [str(day) for day in self.days_without_inventory],
            "unpublished_days": [str(day) for day in self.inventory.unpublished_days],
            "replaced_days": [str(day) for day in self.inventory.replaced_days],
            "without_effect": self.without_effect,
            "ungraded_counted_as_d": self.ungraded,
            "minor_road_fleet": self.minor_road_fleet,
            "ledger": describe_ledger(self.ledger),
            "files": self.files,
            "reused": [
                {"day": str(day), "scenario": one.scenario_id, "pieces": one.pieces, "reused": one.reused_pieces}
                for day, one in self.reused.items()
            ],
            "parameters": self.parameters,
        }
        if self.orders:
            document["orders"] = self.orders
        if self.moved:
            document["moved"] = self.moved
        if self.accounting is not None:
            document["accounting"] = self.accounting
        return document
