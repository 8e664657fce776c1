"""Where the files of a region lie below the root of its lake.

Belongs here: paths as text, by table, day, feed and document. Does not: any access to the files (files, lake).

    current/<region>/<table>/day=YYYY-MM-DD/<table>.parquet     the newest version, at a stable path
    published/<region>/<table>/day=YYYY-MM-DD/<table>.parquet   the published version, at a stable path
    published/<region>/.sets/<set>/<digest>/                    the files of a published set; `current` leads to one
    history/<region>/<table>/day=YYYY-MM-DD/<sha256>.parquet    every version, with one JSON record each
    raw/<region>/<feed>/day=YYYY-MM-DD/                         answers of the providers as received
    parsed/<region>/<feed>/day=YYYY-MM-DD/                      what was parsed of them; can be deleted at any time
    cut/<region>/day=YYYY-MM-DD/                                what recalculations know of a day; can be deleted, too
    lock/<region>/                                              lock files
"""

from dataclasses import dataclass
from datetime import date

from bigdata_emis import schema

CURRENT, PUBLISHED, HISTORY = "current", "published", "history"
SCENARIO = "scenario_id"
SETS = ".sets"


@dataclass(frozen=True)
class Layout:
    """The paths of one region below the root of its lake."""

    root: str
    region_id: str

    def table_folder(self, table_name: str, *, tree: str = CURRENT) -> str:
        """The folder with the days of a table."""
        return f"{self.root}/{tree}/{self.region_id}/{table_name}"

    def day_folder(self, table_name: str, day: date, *, tree: str = CURRENT) -> str:
        """The folder with the stable file of a day (of a table of scenarios: with one file per scenario)."""
        return f"{self.table_folder(table_name, tree=tree)}/day={day}"

    def stable_file(self, table_name: str, day: date, *, tree: str = CURRENT) -> str:
        """The path at which readers find the newest, or the published, version of a day."""
        return f"{self.day_folder(table_name, day, tree=tree)}/{table_name}.parquet"

    def history_folder(self, table_name: str, day: date) -> str:
        """The folder with every version of a day and its record."""
        return f"{self.root}/{HISTORY}/{self.region_id}/{table_name}/day={day}"

    def raw_folder(self, feed_id: str, day: date) -> str:
        """The folder with what was received from a feed for a day."""
        return f"{self.root}/raw/{self.region_id}/{feed_id}/day={day}"

    def parsed_folder(self, feed_id: str, day: date) -> str:
        """The folder with what was parsed of the raw files of a feed and day."""
        return f"{self.root}/parsed/{self.region_id}/{feed_id}/day={day}"

    def cut_folder(self, day: date) -> str:
        """The folder with what recalculations know of a day, so that the next one computes only what differs."""
        return f"{self.root}/cut/{self.region_id}/day={day}"

    def document_file(self, name: str, *, tree: str = CURRENT) -> str:
        """The path of a document next to the tables (manifest, report)."""
        return f"{self.root}/{tree}/{self.region_id}/{name}"

    def set_folder(self, name: str) -> str:
        """The folder with the files of a published set, and the link to those that are published now."""
        return f"{self.root}/{PUBLISHED}/{self.region_id}/{SETS}/{name}"

    def has_folder_by_scenario(self, table_name: str) -> bool:
        """Whether the versions of a day of this table lie in a folder for each scenario."""
        return is_keyed_by_scenario(table_name)

    def relative(self, path: str) -> str:
        """A path of the lake, relative to its root."""
        return path.removeprefix(f"{self.root}/")


@dataclass(frozen=True)
class ScenarioLayout(Layout):
    """The same lake for one scenario: in tables keyed by scenario it has its own file each day, and its own history."""

    scenario_id: str

    def stable_file(self, table_name: str, day: date, *, tree: str = CURRENT) -> str:
        """The file of this scenario in the folder of the day."""
        name = self.scenario_id if is_keyed_by_scenario(table_name) else table_name
        return f"{self.day_folder(table_name, day, tree=tree)}/{name}.parquet"

    def history_folder(self, table_name: str, day: date) -> str:
        """The folder with the versions of a day that this scenario wrote."""
        folder = super().history_folder(table_name, day)
        return f"{folder}/{SCENARIO}={self.scenario_id}" if is_keyed_by_scenario(table_name) else folder

    def has_folder_by_scenario(self, table_name: str) -> bool:
        """Whether versions of this table lie in one folder per scenario: here only in that of this scenario."""
        return False


def is_keyed_by_scenario(table_name: str) -> bool:
    """Whether the key of the table begins with the scenario."""
    return schema.table(table_name).key[0] == SCENARIO


def day_of_folder(name: str) -> date | None:
    """The day that the name of a folder states; None of a folder that is not one of a day."""
    try:
        return date.fromisoformat(name.removeprefix("day=")) if name.startswith("day=") else None
    except ValueError:
        return None
