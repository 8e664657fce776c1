"""`emis compliance trucks`: trucks at the gates of plants beside the orders on them.

Belongs here: arguments and lines. Does not: the document (control/transport).
"""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from bigdata_emis.cli.options import JsonOption, RegionOption, answer
from bigdata_emis.cli.tables import in_local_time, table_lines

TITLES = [
    *(
        "plant 企业",
        "verdict 结论",
        ">banned entered 禁行车进厂",
        ">trucks 货车进厂",
        ">unknown 不明",
        ">usual a day 平日",
    ),
    *("first 首次", "last 末次", "reason 依据"),
]
STAGE_TITLES = ["plant 企业", "class 车型", "fuel 燃料", "stage 阶段", ">entered 进厂", "order 指令"]


def trucks(
    region: RegionOption,
    date: Annotated[str, typer.Option("--date", "-d", help="local day")],
    level: Annotated[str, typer.Option("--level", help="alert level; default what was in force on the day")] = "",
    plant: Annotated[str, typer.Option("--plant", help="only this plant: enterprise_id or name")] = "",
    json_: JsonOption = False,
) -> None:
    """Trucks that entered plants beside the stages that were ordered off, the most first; of one plant by stage."""
    from bigdata_emis.control.transport.truck_document import judge_trucks
    from bigdata_emis.region import load_region
    from bigdata_emis.storage.registries.registry_identity import prepare_registry
    from bigdata_emis.window import parse_day

    loaded = load_region(region)
    prepare_registry()
    document = judge_trucks(loaded, day=parse_day(date), level=level, plant=plant)
    local = in_local_time(document, loaded.time_zone)
    answer(document, json_, lambda: truck_lines(local, by_stage=bool(plant)), region=region)


def truck_lines(document: Mapping[str, Any], *, by_stage: bool) -> list[str]:
    """The orders of a day with their plants, as tables."""
    lines = []
    for order in document["orders"]:
        lines += [f"{order['level']}, {order['from_utc']} … {order['to_utc']} ({order['source']})"]
        if not order["plants"]:
            lines += ["no plant has an order on its trucks at this level 该级别无企业运输管控指令"]
            continue
        lines += [_count_line(order["plants"]), *table_lines(TITLES, map(_cells, order["plants"]))]
        for plant in order["plants"]:
            lines += [f"{_name(plant)}: {source}" for source in plant["sources"]] if by_stage else []
        if by_stage:
            lines += table_lines(STAGE_TITLES, [row for plant in order["plants"] for row in _stage_rows(plant)])
    return lines


def _count_line(plants: list[Mapping[str, Any]]) -> str:
    verdicts = [plant["verdict"] for plant in plants]
    counts = ", ".join(f"{verdicts.count(code)} {word}" for code, word in _verdict_words().items() if code in verdicts)
    return f"{len(plants)} plants with an order on their trucks 有运输管控指令的企业: {counts}"


def _verdict_words() -> dict[str, str]:
    from bigdata_emis.schema import codes

    return {code: f"{one.title_en} {one.title_zh}" for code, one in codes()["compliance"].items()}


def _cells(plant: Mapping[str, Any]) -> list[str]:
    usual = plant["usual_ordered_off_per_day"]
    return [
        _name(plant),
        _verdict_words()[plant["verdict"]],
        f"{plant['ordered_off']}",
        f"{plant['entries']}",
        f"{plant['unknown_entries'] or ''}",
        "—" if usual is None else f"{usual:.1f}",
        plant["first_hour_utc"] or "—",
        plant["last_hour_utc"] or "—",
        f"{plant['reason']} {plant['reason_zh']}",
    ]


def _stage_rows(plant: Mapping[str, Any]) -> list[list[str]]:
    from bigdata_emis.schema import codes

    names = ("vehicle_class", "fuel", "emission_stage")
    return [
        [
            _name(plant),
            *(_both(codes()[name][trip[f"{name}_code"]]) for name in names),
            str(trip["entries"]),
            "ordered off 禁行" if trip["is_ordered_off"] else "",
        ]
        for trip in plant["trips"]
    ]


def _both(code: Any) -> str:
    return f"{code.title_en} {code.title_zh}"


def _name(plant: Mapping[str, Any]) -> str:
    return f"{plant['enterprise_id']} {plant['name_zh'] or plant['name_en'] or ''}".strip()
