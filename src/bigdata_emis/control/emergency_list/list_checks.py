"""Checks between the rows of a list: repeated rows, shared codes, single counties, levels that do not nest.

Belongs here: what makes an item that can be read unsafe to use. Does not: reading (list_rows, list_items).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from itertools import combinations

from bigdata_emis.codes import Guarantee, ListItemStatus, MeasureKind
from bigdata_emis.control.emergency_list.list_items import LEVEL_ORDER, ListItem, rejected_copy, with_status
from bigdata_emis.control.emergency_list.list_rows import ListRow
from bigdata_emis.errors import InputError, shorten

FEWEST_PLANTS_FOR_COUNTIES = 10
"""In a shorter list, a county with one plant is nothing to ask about."""
ROUNDING = 1e-9
PROTECTED = (Guarantee.LIVELIHOOD, Guarantee.HEAT, Guarantee.WASTE)


def refuse_repeated_codes(rows: Iterable[ListRow]) -> None:
    """Refuse a list in which two plants have one list code: it is the key of the national system.

    Raises:
        InputError: names both rows.
    """
    seen: dict[str, ListRow] = {}
    for row in rows:
        first = seen.setdefault(row.list_code, row) if row.list_code else row
        if first.name != row.name:
            raise InputError(
                f"sheet {shorten(row.sheet)}, row {row.excel_row}: list code {shorten(row.list_code)} of "
                f"{shorten(row.name)} is that of {shorten(first.name)} in row {first.excel_row}",
                "give each plant its own code",
            )


def check_items(items: list[ListItem]) -> list[ListItem]:
    """The items, each with the status that the other rows leave it."""
    rows = list({id(item.row): item.row for item in items}.values())
    for check in (_shared_codes(rows), _single_county(rows), _missing_name, _stopped_guarantee):
        items = [with_status(i, ListItemStatus.ASK_PERSON, r) if (r := check(i)) else i for i in items]
    items = _check_nesting(items)
    repeated = _repeated(rows)
    return [rejected_copy(i, f"same as row {repeated[id(i.row)]}") if id(i.row) in repeated else i for i in items]


def _repeated(rows: list[ListRow]) -> dict[int, int]:
    """The row that each repeated one repeats, by identity of the row."""
    first: dict[object, int] = {}
    repeated: dict[int, int] = {}
    for row in rows:
        if row.content in first:
            repeated[id(row)] = first[row.content]
        else:
            first[row.content] = row.excel_row
    return repeated


def _shared_codes(rows: list[ListRow]) -> Callable[[ListItem], str]:
    plants: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        if row.credit_code:
            plants[row.credit_code].setdefault(row.name, row.excel_row)

    def reason(item: ListItem) -> str:
        others = [row for name, row in plants.get(item.row.credit_code, {}).items() if name != item.row.name]
        return f"credit code shared with row {others[0]} under another name" if others else ""

    return reason


def _single_county(rows: list[ListRow]) -> Callable[[ListItem], str]:
    """A county that one plant of a long list names, and no other, may be a slip."""
    plants = {(row.county, row.name) for row in rows if row.county}
    counts = Counter(county for county, _ in plants)
    single = {county for county, count in counts.items() if count == 1}
    is_slip = len(plants) >= FEWEST_PLANTS_FOR_COUNTIES and len(single) == 1 and len(counts) > 1

    def reason(item: ListItem) -> str:
        return f"county {item.row.county} occurs in this row only" if is_slip and item.row.county in single else ""

    return reason


def _missing_name(item: ListItem) -> str:
    return "" if item.row.name else "the row has no name"


def _stopped_guarantee(item: ListItem) -> str:
    stops = item.reading.kind == MeasureKind.STOP and item.row.guarantee_code in PROTECTED
    return f"contradicts the guarantee class {item.row.guarantee_code}: it would stop the plant" if stops else ""


def _check_nesting(items: list[ListItem]) -> list[ListItem]:
    """Ask about both levels of a row where the higher one cuts less."""
    doubtful: set[tuple[int, str]] = set()
    cuts: dict[int, dict[str, float]] = defaultdict(dict)
    for item in items:
        applied = item.reading.applied_cut_share
        if applied is not None and not item.reading.is_for_vehicles:
            levels = cuts[id(item.row)]
            levels[item.level] = max(applied, levels.get(item.level, 0.0))
    for row, levels in cuts.items():
        for low, high in combinations([level for level in LEVEL_ORDER if level in levels], 2):
            if levels[low] > levels[high] + ROUNDING:
                doubtful |= {(row, low), (row, high)}
    reason = "a higher level cuts less than a lower one"
    return [
        with_status(i, ListItemStatus.ASK_PERSON, reason)
        if (id(i.row), i.level) in doubtful and not i.reading.is_for_vehicles
        else i
        for i in items
    ]
