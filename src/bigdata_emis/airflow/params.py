"""The forms of the DAGs: typed parameters that Airflow shows when a run is triggered by hand.

Belongs here: fields with type, title and limits. Does not: rules between fields (alert_form.py), or the DAGs
themselves.
"""

from collections.abc import Mapping
from typing import Any

from airflow.sdk import Param

from bigdata_emis.airflow.alert_form import LONGEST_CITIES, LONGEST_NOTE, levels

OPTIONAL_TEXT = ["null", "string"]


def alert_params(region_titles: Mapping[str, str]) -> dict[str, Param]:
    """The form of an emergency recalculation."""
    return {
        "region": Param(
            next(iter(region_titles)),
            type="string",
            enum=list(region_titles),
            values_display=dict(region_titles),
            title="region · 区域",
        ),
        "level": Param("orange", type="string", enum=list(levels()), values_display=levels(), title="level · 预警级别"),
        "regional_level": Param(
            None,
            type=OPTIONAL_TEXT,
            enum=[None, *levels()],
            values_display=levels(),
            title="regional_level · 区域提示级别",
            description="prompt of the region: the higher of both levels applies",
        ),
        "cities": _optional("cities · 适用城市", LONGEST_CITIES, "separated by commas; empty: the whole region"),
        "from": Param(type="string", format="date-time", title="from · 开始", description="whole hour"),
        "to": Param(type="string", format="date-time", title="to · 结束", description="whole hour, exclusive"),
        "list": _optional(
            "list · 应急减排清单版本",
            40,
            "as `emis list versions` prints, or newest; empty: the measures of the region",
        ),
        "name": Param(None, type=OPTIONAL_TEXT, maxLength=40, pattern=r"^[\w-]*$", title="name · 情景名称"),
        "measures": Param(
            None,
            type=OPTIONAL_TEXT,
            format="multiline",
            title="measures · 措施清单",
            description="CSV text; empty: the measures of the region",
        ),
        **_moved_params(),
        "note": _optional("note · 事由", LONGEST_NOTE, "why, for the audit trail"),
    }


def _moved_params() -> dict[str, Param]:
    """Rebound and detour, which move emission instead of cutting it."""
    return {
        "rebound": _optional(
            "rebound · 反弹（补产）", 60, "share=0.5,hours=24: production made up after the lift; empty: none"
        ),
        "detour": _optional(
            "detour · 绕行",
            200,
            "share=0.3,classes=HeavyT+MediumT,to=outside, or to=neighbours with links; empty: none",
        ),
        "detour_links": Param(
            None,
            type=OPTIONAL_TEXT,
            format="multiline",
            title="detour_links · 绕行路段",
            description="CSV text with link_id,role (closed or open); empty: every link is left, for outside only",
        ),
    }


def _optional(title: str, longest: int, description: str) -> Param:
    """A text that may be left empty."""
    return Param(None, type=OPTIONAL_TEXT, maxLength=longest, title=title, description=description)


def window_params(*, when_empty: tuple[str, str], text_format: str | None = None) -> dict[str, Param]:
    """A window of time that may be left empty; `when_empty` says which start and end are used then."""
    shape: dict[str, Any] = {"type": OPTIONAL_TEXT} | ({"format": text_format} if text_format else {})
    start, end = when_empty
    return {
        "from": Param(None, **shape, title="from · 开始", description=f"empty: {start}"),
        "to": Param(None, **shape, title="to · 结束", description=f"exclusive; empty: {end}"),
    }
