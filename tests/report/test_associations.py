"""The sections on associations and on the change of emission."""

from datetime import timedelta

import pytest

from bigdata_emis import schema
from bigdata_emis.report.associations import association_section, change_section, series_title
from tests.report.stores import DAY, START, ZONE, empty_store, write_rows


def store_rows(tmp_path, name, rows):
    store = empty_store(tmp_path)
    write_rows(store, name, rows)
    return store


def test_a_change_is_summed_over_sectors_in_the_order_of_the_driving_factors(tmp_path):
    about = {"pollutant_code": "NOx", "base_from_utc": START - timedelta(days=7), "from_utc": START}
    rows = [
        {**about, "sector_code": sector, "change_factor_code": factor, "base_emission_g": base, "change_g": change}
        for sector, base, parts in (
            ("mobile", 4000.0, (1000.0, 0.0, -500.0, 0.0)),
            ("dust", 1000.0, (200.0, 0.0, 0.0, 0.0)),
        )
        for factor, change in zip(("activity", "structure", "intensity", "control"), parts, strict=True)
    ]
    section = change_section(DAY, store_rows(tmp_path, "emission_change", rows), time_zone=ZONE)
    assert [(row["factor"]["en"], row["change_kg"]) for row in section] == [
        ("activity", 1.2),
        ("structure", 0.0),
        ("intensity", -0.5),
        ("control", 0.0),
    ]
    assert {(row["base"], row["base_kg"]) for row in section} == {("2015-12-14", 5.0)}


def test_the_heat_map_has_aggregated_indicators_and_the_sentences_count_plants(tmp_path):
    about = {
        "association_method_code": "prewhitened",
        "lag_h": 0,
        "from_utc": START,
        "to_utc": START,
        "last_hour_utc": START,
        "strength": 0.123456,
        "q_value": 0.01,
    }
    rows = [
        {**about, "indicator": "power:coking", "target": "stack:NOx"},
        {**about, "indicator": "power_enterprise:E1", "target": "own_stack:NOx"},
        {**about, "indicator": "power:cement", "target": "stack:NOx", "strength": None},
    ]
    section = association_section(DAY, store_rows(tmp_path, "association", rows))
    assert [(row["indicator"], row["strength"]) for row in section["rows"]] == [("power:coking", 0.1235)]
    titled = schema.codes()["association_method"]["prewhitened"]
    assert section["methods"] == [{"code": "prewhitened", "en": titled.title_en, "zh": titled.title_zh}]
    assert section["titles"]["power:coking"] == {"en": "energy: coking", "zh": "用电·焦化"}
    assert "Of 1 plants with stack monitors, the hourly power of 1" in section["words"]["en"]


def test_a_day_without_rows_has_empty_sections(tmp_path):
    store = empty_store(tmp_path)
    assert change_section(DAY, store, time_zone=ZONE) == []
    empty = {"rows": [], "methods": [], "titles": {}, "words": {"en": "", "zh": ""}}
    assert association_section(DAY, store) == empty


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("air_quality:PM2.5", {"en": "air quality: PM2.5", "zh": "空气质量·PM2.5"}),
        ("traffic:speed", {"en": "roads: speed", "zh": "道路·车速"}),
        ("power_enterprise:E1", {"en": "plant energy: E1", "zh": "企业用电·E1"}),
        ("new_kind:new_name", {"en": "new_kind: new_name", "zh": "new_kind·new_name"}),
    ],
)
def test_a_series_has_a_title_in_both_languages(name, title):
    assert series_title(name) == title
