"""The emission of a row of a list beside that of the published inventory, and where they differ too much.

Belongs here: the comparison in words. Does not: the emission of the inventory (own_numbers), the sheet (plant_sheet).
"""

from collections.abc import Sequence
from typing import NamedTuple

from bigdata_emis.codes import Pollutant
from bigdata_emis.control.emergency_list.list_versions import Row
from bigdata_emis.control.emergency_list.matching.list_registry import ListRegistry, NotMatched
from bigdata_emis.control.emergency_list.own_numbers.inventory_columns import InventoryBase

COMPARED = (Pollutant.SO2, Pollutant.NOX, Pollutant.VOCS)
"""Pollutants that a list and an inventory name alike; what a list calls PM has no size."""
LARGEST_FACTOR = 5.0
"""Above this factor either way the two cannot both be right. The project's own choice."""
NO_INVENTORY = "无已发布排放清单，未核对"


class InventoryCheck(NamedTuple):
    """What the inventory has of a row, in words, and the warning where it differs too much; empty without one."""

    inventory: str
    warning: str


def check_against_inventory(items: Sequence[Row], registry: ListRegistry, base: InventoryBase | None) -> InventoryCheck:
    """The emission of the lines of a row by the inventory, compared with what the list states of it.

    items: the measures of one row.
    """
    if base is None:
        return InventoryCheck(NO_INVENTORY, "")
    match = registry.match(items[0])
    present = [line for line in match.lines if line in base.kg_per_d]
    if not present:
        why = (match.reason or NotMatched.NOT_IN_INVENTORY).in_chinese
        return InventoryCheck(f"{base.mark}：未核对：{why}", "")
    known = {name: sum(base.kg_per_d[line].get(name, 0.0) for line in present) for name in COMPARED}
    shown = "，".join(f"{name} {kg:.4g}" for name, kg in known.items())
    far = [text for name in COMPARED if (text := _difference(name, items[0], known[name]))]
    warning = f"与排放清单相差超过{LARGEST_FACTOR:g}倍，请核对单位、生产线与工况：{'；'.join(far)}" if far else ""
    return InventoryCheck(f"{base.mark}：{shown}", warning)


def _difference(pollutant: str, item: Row, inventory_kg: float) -> str:
    """Both emissions with their factor where it is too large; an emission of zero on one side alone is, too."""
    stated = (item["emissions"].get(pollutant) or {}).get("emission_kg_per_d")
    if stated is None or (stated <= 0 and inventory_kg <= 0):
        return ""
    low, high = sorted((stated, inventory_kg))
    if low > 0 and high / low <= LARGEST_FACTOR:
        return ""
    factor = f"（{high / low:.0f}倍）" if low > 0 else ""
    return f"{pollutant} 清单申报 {stated:.4g}，排放清单 {inventory_kg:.4g}{factor}"
