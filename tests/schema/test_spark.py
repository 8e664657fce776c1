"""Declared fields as a Spark schema."""

from bigdata_emis.schema.spark import spark_columns


def test_a_column_has_its_type_and_its_title_with_the_unit_as_comment() -> None:
    assert spark_columns(["energy_kwh", "hour_utc", "flag_codes"]) == (
        "energy_kwh DOUBLE COMMENT 'electric energy in the interval (kilowatt_hour)', "
        "hour_utc TIMESTAMP COMMENT 'start of the hour', "
        "flag_codes ARRAY<STRING> COMMENT 'flags'"
    )


def test_an_apostrophe_in_a_title_is_escaped() -> None:
    assert "bureau\\'s total less lines" in spark_columns(["energy_discrepancy_kwh"])
