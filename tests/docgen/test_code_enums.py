"""The text of codes.py: an enumeration for each code list."""

import enum

from bigdata_emis import codes, schema
from bigdata_emis.docgen.code_enums import code_enums


def test_every_code_is_a_member_of_the_class_of_its_list():
    scope: dict[str, object] = {}
    exec(code_enums(), scope)  # noqa: S102
    for name, members in schema.codes().items():
        enumeration = scope["".join(part.capitalize() for part in name.split("_"))]
        assert isinstance(enumeration, enum.EnumMeta)
        assert [member.value for member in enumeration] == list(members)


def test_a_code_becomes_a_name_in_capitals():
    assert codes.Pollutant("PM2.5").name == "PM2_5"
    assert codes.Grade("B-").name == "B_MINUS"


def test_a_member_is_the_text_that_tables_hold():
    assert codes.Pollutant.SO2 == "SO2"
    assert f"{codes.AlertLevel.RED}" == "red"
