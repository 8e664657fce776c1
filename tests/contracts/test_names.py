"""Names agree with units: the suffix of every declared field is the unit it carries."""

import re

import pint

from bigdata_emis import schema

UNITS = pint.UnitRegistry()
SUFFIXES = {
    "_kwh": "kilowatt_hour",
    "_kw": "kilowatt",
    "_gj": "gigajoule",
    "_g": "gram",
    "_t": "metric_ton",
    "_km": "kilometer",
    "_m": "meter",
    "_km2": "kilometer**2",
    "_deg": "degree",
    "_degc": "degree_Celsius",
    "_hpa": "hectopascal",
    "_mm": "millimeter",
    "_h": "hour",
    "_hour": "hour",
    "_min": "minute",
    "_km_per_h": "kilometer/hour",
    "_m_per_s": "meter/second",
    "_veh_per_h": "1/hour",
    "_veh_per_km": "1/kilometer",
    "_g_per_km": "gram/kilometer",
    "_g_per_h": "gram/hour",
    "_kg_per_h": "kilogram/hour",
    "_g_per_d": "gram/day",
    "_g_per_kwh": "gram/kilowatt_hour",
    "_kg_per_d": "kilogram/day",
    "_ug_per_m3": "microgram/meter**3",
    "_mg_per_m3": "milligram/meter**3",
    "_m3_per_h": "meter**3/hour",
    "_kwh_per_t": "kilowatt_hour/metric_ton",
    "_gj_per_kwh": "gigajoule/kilowatt_hour",
    "_share": "1",
    "_count": "1",
    "_index": "1",
    "_number": "1",
    "_aqi": "1",
    "_iaqi": "1",
    "_correction": "1",
    "_g_per_mol": "gram/mole",
    "_ppm": "ppm",
}
KINDS = {"_utc": ("instant",), "_id": ("string",), "_code": ("string",), "_codes": ("strings",), "_share": ("number",)}
CARRIED_ELSEWHERE = {
    "capacity_per_h",
    "emission_factor_g_per_unit",
    "uncontrolled_factor_g_per_unit",
    "condensable_factor_g_per_unit",
    "class_factor_g_per_unit",
    "class_factor_g_per_unit_p05",
    "class_factor_g_per_unit_p95",
    "gas_m3_per_unit",
}
"""Their unit rides in activity_unit_code, as their notes say."""
PERCENTILE = re.compile(r"_p\d\d$")


def _suffix(name: str) -> str | None:
    plain = PERCENTILE.sub("", name)
    fitting = [suffix for suffix in SUFFIXES if plain.endswith(suffix)]
    return max(fitting, key=len) if fitting else None


def test_suffix_agrees_with_unit():
    names = [name for name in schema.fields() if _suffix(name) and name not in CARRIED_ELSEWHERE]
    kinds = {name: schema.field(name).kind for name in names}
    assert {name: kind for name, kind in kinds.items() if kind not in ("number", "integer")} == {}
    assert {name: schema.field(name).unit for name in names if not _has_unit_of_suffix(name)} == {}


def _has_unit_of_suffix(name: str) -> bool:
    declared, expected = schema.field(name), SUFFIXES[_suffix(name) or ""]
    if re.fullmatch(r"([a-z]+)_per_([a-z]+)", name) and declared.note.endswith("conversion"):
        return True
    return UNITS.Unit("" if declared.unit == "1" else declared.unit) == UNITS.Unit("" if expected == "1" else expected)


def test_field_with_a_unit_shows_it_in_its_name():
    with_unit = [field for field in schema.fields().values() if field.unit not in ("", "1")]
    hidden = [field.name for field in with_unit if _suffix(field.name) is None and field.name not in CARRIED_ELSEWHERE]
    assert [name for name in hidden if not schema.field(name).note.endswith("conversion")] == []


def test_suffix_agrees_with_kind():
    odd = {
        name: field.kind
        for name, field in schema.fields().items()
        for suffix, kinds in KINDS.items()
        if PERCENTILE.sub("", name).endswith(suffix) and field.kind not in kinds
    }
    assert odd == {}


def test_every_boolean_is_a_claim():
    booleans = [name for name, field in schema.fields().items() if field.kind == "boolean"]
    assert [name for name in booleans if not name.startswith(("is_", "has_"))] == []


def test_every_unit_is_known():
    assert [f.name for f in schema.fields().values() if f.unit not in ("", "1") and not _parses(f.unit)] == []


def _parses(unit: str) -> bool:
    try:
        UNITS.Unit(unit)
    except pint.UndefinedUnitError:
        return False
    return True


def test_every_code_list_that_a_field_names_exists():
    assert sorted(code_lists_in_use() - set(schema.codes())) == []


def test_every_code_list_is_used_by_a_field():
    assert sorted(set(schema.codes()) - code_lists_in_use()) == []


def code_lists_in_use() -> set[str]:
    """Of the fields, and of the fields as a table declares them."""
    of_tables = (f for table in schema.tables().values() for f in table.fields)
    return {f.code_list for f in (*schema.fields().values(), *of_tables) if f.code_list}


def test_every_field_has_both_titles():
    assert [f.name for f in schema.fields().values() if not f.title_en or not f.title_zh] == []


def test_every_code_has_both_titles():
    assert [
        (c.code_list, c.code)
        for codes in schema.codes().values()
        for c in codes.values()
        if not c.title_en or not c.title_zh
    ] == []
