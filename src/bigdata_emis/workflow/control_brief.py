"""The daily control brief and the orders of a day, written beside the published tables.

Belongs here: what is written where. Does not: numbers or wording (report/brief).
"""

from datetime import date, datetime
from functools import partial
from typing import Any

import pyarrow as pa

from bigdata_emis.control.inventory_versions import EMISSIONS, INVENTORY
from bigdata_emis.control.results.scenario_replay import open_replay
from bigdata_emis.errors import RefusedError
from bigdata_emis.publish.scenarios.scenario_rows import scenario_parameters
from bigdata_emis.region import Region
from bigdata_emis.report.brief.brief_data import DayInventory, gather_brief
from bigdata_emis.report.brief.brief_sheet import brief_document, brief_sheet
from bigdata_emis.report.brief.order_sheet import order_sheet
from bigdata_emis.report.published_view import PublishedView
from bigdata_emis.report.sheet.sheet_files import write_sheet
from bigdata_emis.storage.lake import Store, open_lake
from bigdata_emis.storage.layout import PUBLISHED


def write_brief(region: Region, day: date, *, known_utc: datetime, scenario_id: str = "") -> dict[str, Any]:
    """Write the brief of a day and, where a scenario is in force, its orders; both as page and PDF in each language.

    Raises InputError when there is no such scenario in force on the day.
    """
    view = PublishedView(open_lake(region))
    brief = gather_brief(
        region, day, view, scenario_id=scenario_id, project_day=partial(project_day, region, open_lake(region))
    )
    sheet = brief_sheet(brief, known_utc=known_utc)
    files = write_sheet(view, f"brief/{day}", sheet, tree=PUBLISHED)
    orders: dict[str, str] = {}
    if brief.scenario is not None:
        orders = write_sheet(view, f"brief/{day}-orders", order_sheet(brief, known_utc=known_utc), tree=PUBLISHED)
    return {**brief_document(brief), "files": files, "order_files": orders}


def project_day(region: Region, lake: Store, scenario: dict[str, Any], day: date) -> DayInventory | None:
    """What a scenario projected for a day, from the versions that it names; None where it did not, or they are gone."""
    parameters = scenario_parameters(scenario)
    if str(day) not in parameters.get("projected", []):
        return None
    try:
        replay = open_replay(region, scenario, parameters, lake)
    except RefusedError:
        return None
    pieces = list(replay.lake.pieces(INVENTORY, day, list(EMISSIONS)))
    plain = [(name, pa.string()) for name in ("source_id", "pollutant_code")]
    rows = pa.concat_tables(pieces).select(["source_id", "pollutant_code", "hour_utc", "emission_g"])
    for place, (name, kind) in enumerate(plain):
        rows = rows.set_column(place, name, rows[name].cast(kind))
    columns = ["source_id", "sector_code", "county_id"]
    return DayInventory(rows, replay.lake.read("control_source", [day], columns=columns))
