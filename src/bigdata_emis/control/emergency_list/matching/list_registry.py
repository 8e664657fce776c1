"""Plants and lines of the registry that the rows of an emergency list are about; what fits several ways is a question.

Belongs here: matching rows with lines. Does not: the measures of a match (list_measures), decisions (list_review).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from bigdata_emis.codes import ListItemStatus, ListWordRole
from bigdata_emis.control.emergency_list import list_words
from bigdata_emis.control.emergency_list.list_words import plain
from bigdata_emis.storage import database

SHOWN_LINES = 4

Row = dict[str, Any]
Place = tuple[str, int]
"""Sheet and row of the list."""


class NotMatched(Enum):
    """Why a row of the list is about no line of the inventory, in English and in Chinese."""

    NO_PLANT = (
        "the plant is not in the registry, neither by credit code nor by name",
        "登记中无此企业（统一社会信用代码与名称均不符）",
    )
    NO_LINE = ("the plant has no line of this name or industry", "该企业登记中无此名称或行业的生产线")
    SEVERAL_LINES = (
        "the row names one unit, and several lines of the plant fit: name the line with settle --line",
        "本行为单台设备，而该企业有多条生产线相符；请指定生产线",
    )
    SEVERAL_ROWS = (
        "several rows of the list fit the same lines of the plant: name the line with settle --line",
        "清单中多行与该企业的相同生产线相符；请指定生产线",
    )
    NOT_IN_INVENTORY = ("its lines are not in the inventory of the day", "其生产线不在当日排放清单中")

    @property
    def in_english(self) -> str:
        """As the command prints it."""
        return self.value[0]

    @property
    def in_chinese(self) -> str:
        """As the exported list has it."""
        return self.value[1]


@dataclass(frozen=True)
class LineMatch:
    """The lines that a row is about. reason: why there are none; fitting: those of an unclear match."""

    lines: tuple[str, ...] = ()
    reason: NotMatched | None = None
    fitting: tuple[str, ...] = ()

    @property
    def question(self) -> str:
        """What a person has to decide about the match; empty when the match is clear, or there is none."""
        if self.reason not in (NotMatched.SEVERAL_LINES, NotMatched.SEVERAL_ROWS):
            return ""
        more = f" and {len(self.fitting) - SHOWN_LINES} more" if len(self.fitting) > SHOWN_LINES else ""
        return f"{self.reason.in_english}: {', '.join(self.fitting[:SHOWN_LINES])}{more}"


class ListRegistry:
    """Enterprises and production lines of a region, by credit code and by name, and the rows that fit each line."""

    def __init__(self, region_id: str, items: Iterable[Row]) -> None:
        enterprises = database.read("enterprise", region_id).to_pylist()
        self.ids = {row["enterprise_id"] for row in enterprises}
        self.by_name = {plain(row["name_zh"]): row["enterprise_id"] for row in enterprises if row["name_zh"]}
        self.lines: dict[str, list[Row]] = {}
        for line in database.read("production_line", region_id).to_pylist():
            self.lines.setdefault(line["enterprise_id"], []).append(line)
        self.named_by: dict[str, set[Place]] = {}
        self.fitted_by: dict[str, set[Place]] = {}
        for item in filter(_is_about_lines, items):
            enterprise = self.enterprise(item)
            named = self._named(enterprise, item)
            for line in named or self._alike(enterprise, item):
                (self.named_by if named else self.fitted_by).setdefault(line, set()).add(_place(item))

    def match(self, item: Row) -> LineMatch:
        """The lines of the plant that the row of an item is about: those decided, else named, else of its industry.

        Lines that another row names are of that row. A row that names one unit of several, or whose lines another row
        fits as well, is a question.
        """
        enterprise = self.enterprise(item)
        if not enterprise:
            return LineMatch(reason=NotMatched.NO_PLANT)
        named = self._named(enterprise, item)
        if named:
            return LineMatch(named)
        alike, own = self._alike(enterprise, item), {_place(item)}
        if not alike:
            return LineMatch(reason=NotMatched.NO_LINE)
        fitting = tuple(line for line in alike if not self.named_by.get(line, set()) - own)
        if not fitting or any(self.fitted_by.get(line, set()) - own for line in fitting):
            return LineMatch(reason=NotMatched.SEVERAL_ROWS, fitting=alike)
        if len(fitting) > 1 and list_words.has(ListWordRole.SINGLE_UNIT, plain(item["line_name"] or "")):
            return LineMatch(reason=NotMatched.SEVERAL_LINES, fitting=fitting)
        return LineMatch(fitting)

    def enterprise(self, item: Row) -> str:
        """The plant of an item, by its credit code, else by its name; empty when none is registered."""
        code, name = item["credit_code"] or "", plain(item["enterprise_name"] or "")
        return code if code in self.ids else self.by_name.get(name, "")

    def lines_of_plant(self, item: Row) -> list[str]:
        """Every line of the plant of an item."""
        return [line["production_line_id"] for line in self.lines.get(self.enterprise(item), [])]

    def question(self, item: Row) -> str:
        """What a person has to decide about the lines of an item that may be used otherwise."""
        return self.match(item).question if _is_about_lines(item) else ""

    def _named(self, enterprise: str, item: Row) -> tuple[str, ...]:
        """The lines that a person named, else the one whose identifier the row has."""
        wanted = item["matched_line_ids"] or [item["line_name"] or ""]
        own = [line["production_line_id"] for line in self.lines.get(enterprise, [])]
        return tuple(line for line in own if line in wanted)

    def _alike(self, enterprise: str, item: Row) -> tuple[str, ...]:
        """The lines of the industry of the row, else the only line of the plant."""
        lines = self.lines.get(enterprise, [])
        alike = [line for line in lines if line["industry_code"] == item["industry_code"]]
        return tuple(line["production_line_id"] for line in alike or (lines if len(lines) == 1 else []))


def _is_about_lines(item: Row) -> bool:
    return item["list_item_status_code"] == ListItemStatus.ACCEPTED and not item["vehicle_class_codes"]


def _place(item: Row) -> Place:
    return item["sheet_name"], item["excel_row_number"]
