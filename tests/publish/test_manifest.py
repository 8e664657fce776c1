"""The manifest names files, versions and alarms; what is published is listed with them."""

import pytest

from bigdata_emis import schema
from bigdata_emis.context import Context
from bigdata_emis.errors import InputError
from bigdata_emis.publish.manifest import publish_days, published
from bigdata_emis.schema.arrow import arrow_schema
from tests.publish.test_day_quality import DAY, context, manifest_of, write_inventory

__all__ = ["context"]


def test_alarms_of_the_gate_are_kept(context: Context) -> None:
    write_inventory(context, 24, has_power=True)
    assert manifest_of(context, alarms=["totals: unusual"])["alarms"] == ["totals: unusual"]


def test_a_file_of_the_manifest_is_the_version_that_is_listed(context: Context) -> None:
    write_inventory(context, 24, has_power=True)
    (file,) = manifest_of(context)["files"]
    (listed,) = published("a")["versions"]
    assert (listed["table"], listed["day"], listed["version"]) == ("emission_hourly", DAY.isoformat(), file["version"])
    assert file["units"]["emission_g"] == "gram"


def test_a_table_without_a_version_of_the_day_cannot_be_published(context: Context) -> None:
    with pytest.raises(InputError, match="emission_hourly has no version of 2015-12-20"):
        publish_days(("emission_hourly",), context)


def test_the_control_basis_by_which_a_day_is_recalculated_is_named_if_there_is_one(context: Context) -> None:
    write_inventory(context, 24, has_power=True)
    assert "control_source" not in manifest_of(context)["input_versions"]
    basis = arrow_schema(schema.table("control_source")).empty_table()
    (version,) = context.store.write("control_source", basis, [DAY], known_utc=context.known_utc, run_id="b")
    assert manifest_of(context)["input_versions"]["control_source"] == version.version


def test_the_manifest_says_what_is_in_no_number(context: Context) -> None:
    write_inventory(context, 24, has_power=True)
    listed = {row["not_covered_code"]: row for row in manifest_of(context)["not_covered"]}
    assert listed["traffic_nh3"]["title_zh"] == "路段氨"
    assert all(row["reason"] for row in listed.values())
