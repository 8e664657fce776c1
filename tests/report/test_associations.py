"""What the page of a day is told of associations and of the change of emission."""

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.report.associations import associations, changes
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.storage.lake import Store

ZONE = "Asia/Shanghai"
DAY = date(2015, 12, 21)
START = datetime(2015, 12, 20, 16, tzinfo=UTC)


def stored(tmp_path, name, rows):
    store = Store(str(tmp_path), "city", ZONE)
    table = schema.table(name)
    whole = [{**{field.name: None for field in table.fields}, **row} for row in rows]
    store.write(
        name,
        conform(pa.Table.from_pylist(whole, pa.schema(list(arrow_schema(table)))), table),
        [DAY],
        known_utc=START,
        run_id="r",
    )
    return store


def test_change_is_summed_over_sectors_in_the_order_of_the_factors(tmp_path):
    about = {"pollutant_code": "NOx", "base_from_utc": START - timedelta(days=7), "from_utc": START}
    rows = [
        {**about, "sector_code": sector, "change_factor_code": factor, "base_emission_g": base, "change_g": change}
        for sector, base, parts in (
            ("mobile", 4000.0, (1000.0, 0.0, -500.0, 0.0)),
            ("dust", 1000.0, (200.0, 0.0, 0.0, 0.0)),
        )
        for factor, change in zip(("activity", "structure", "intensity", "control"), parts, strict=True)
    ]
    told = changes(DAY, stored(tmp_path, "emission_change", rows), time_zone=ZONE)
    assert [(row["factor"]["en"], row["change_kg"]) for row in told] == [
        ("activity", 1.2),
        ("structure", 0.0),
        ("intensity", -0.5),
        ("control", 0.0),
    ]
    assert {(row["base"], row["base_kg"]) for row in told} == {("2015-12-14", 5.0)}


def test_picture_shows_aggregated_indicators_and_words_know_plants(tmp_path):
    about = {
        "association_method_code": "prewhitened",
        "lag_h": 0,
        "from_utc": START,
        "to_utc": START,
        "last_hour_utc": START,
        "strength": 0.5,
        "q_value": 0.01,
    }
    rows = [
        {**about, "indicator": "power:coking", "target": "stack:NOx"},
        {**about, "indicator": "power_enterprise:E1", "target": "own_stack:NOx"},
        {**about, "indicator": "power:cement", "target": "stack:NOx", "strength": None},
    ]
    told = associations(DAY, stored(tmp_path, "association", rows))
    assert [row["indicator"] for row in told["rows"]] == ["power:coking"]
    assert told["methods"] == [
        {
            "code": "prewhitened",
            "en": schema.codes()["association_method"]["prewhitened"].title_en,
            "zh": schema.codes()["association_method"]["prewhitened"].title_zh,
        }
    ]
    assert told["titles"]["power:coking"] == {"en": "energy: coking", "zh": "用电·焦化"}
    assert "Of 1 plants with monitors, the power of 1" in told["words"]["en"]


def test_day_without_either_tells_nothing(tmp_path):
    store = Store(str(tmp_path), "city", ZONE)
    assert changes(DAY, store, time_zone=ZONE) == []
    assert associations(DAY, store) == {"rows": [], "methods": [], "titles": {}, "words": {"en": "", "zh": ""}}
