"""Declarations: every field, code and table is read once, and a wrong declaration is refused with its place."""

from dataclasses import replace
from pathlib import Path

import pytest

from bigdata_emis.errors import SchemaError
from bigdata_emis.schema import model


def test_a_field_has_its_unit_and_its_bounds() -> None:
    share = model.field("cut_share")
    assert (share.kind, share.unit, share.minimum, share.maximum) == ("number", "1", 0.0, 1.0)


def test_a_code_has_titles_in_both_languages() -> None:
    red = model.codes()["alert_level"]["red"]
    assert (red.title_en, red.title_zh) == ("red", "红色预警")


def test_a_table_has_its_fields_in_order_with_the_key_among_them() -> None:
    table = model.table("power_hourly")
    assert table.names[:2] == ("meter_id", "hour_utc")
    assert set(table.key) <= set(table.names)
    assert table.layer == "lake"


@pytest.mark.parametrize(("read", "name"), [(model.field, "colour_of_smoke"), (model.table, "smoke")])
def test_an_undeclared_name_is_refused(read, name: str) -> None:
    with pytest.raises(SchemaError, match=f"'{name}' is not declared"):
        read(name)


@pytest.mark.parametrize(
    "change", [{"key": ()}, {"key": ("smoke",)}, {"required": ("smoke",)}, {"time": "smoke"}, {"layer": "attic"}]
)
def test_a_table_with_a_wrong_declaration_cannot_be_built(change: dict[str, object]) -> None:
    with pytest.raises(SchemaError, match="table power_hourly"):
        replace(model.table("power_hourly"), **change)


def test_a_field_of_an_unknown_kind_cannot_be_built() -> None:
    with pytest.raises(SchemaError, match="kind 'colour' is unknown; use one of string, integer"):
        replace(model.field("energy_kwh"), kind="colour")


def test_a_row_with_a_comma_too_many_is_named_by_file_and_row(tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    path.write_text("code,title_en\na,first\nb,second, third\n", "utf-8")
    with pytest.raises(SchemaError, match=r"codes\.csv row 2: expected 2 columns; put text that holds a comma"):
        model._rows(path)


def test_a_table_can_give_a_field_a_title_of_its_own() -> None:
    daily = {f.name: f for f in model.table("emission_total_daily").fields}
    assert (daily["emission_g"].title_en, daily["emission_g"].title_zh) == ("emission of the day", "日排放量")
    assert (daily["emission_g"].unit, daily["emission_g"].kind) == ("gram", "number")
    assert model.field("emission_g").title_en == "emission in the hour"


def test_a_title_of_a_column_that_the_table_does_not_have_is_refused() -> None:
    with pytest.raises(SchemaError, match="table t: titles or code lists of .*smoke"):
        model._fields_of_table("t", ("emission_g",), {"titles": {"smoke": ["smoke", "烟"]}})


def test_a_table_gives_a_field_its_own_code_list_and_leaves_that_of_another_table_alone() -> None:
    lists = {name: {f.name: f.code_list for f in model.table(name).fields}["status"] for name in ("scenario", "run")}
    assert lists == {"scenario": "scenario_status", "run": "run_status"}
    assert model.field("status").code_list == ""


def test_a_code_list_of_a_column_that_the_table_does_not_have_is_refused() -> None:
    with pytest.raises(SchemaError, match="table t: titles or code lists of .*smoke"):
        model._fields_of_table("t", ("status",), {"code_lists": {"smoke": "run_status"}})


def test_a_convention_is_declared_once_in_both_languages_and_an_unknown_one_is_refused() -> None:
    said = model.table("emission_hourly").conventions
    assert [c.name for c in said][:2] == ["nox_as_no2", "vocs_total_mass"]
    assert all(c.text_en and c.text_zh for c in model.conventions().values())
    with pytest.raises(SchemaError, match="table t: convention 'smoke' is not declared"):
        model._convention("t", "smoke")


def test_every_convention_is_that_of_a_table() -> None:
    used = {convention.name for table in model.tables().values() for convention in table.conventions}
    assert used == set(model.conventions())
