"""Feeds of which only counts are stored: which tables, and which keys do not go with it."""

import pytest

from bigdata_emis import flow, schema
from bigdata_emis.collect.edge.edge_tables import EDGE_TABLES, received_table
from bigdata_emis.collect.feed_config import read_feed
from bigdata_emis.errors import InputError
from tests.collect.feed_builders import region

GATE = {"format": "csv", "drop": "drop/{day}.csv"}


def test_the_stored_table_is_one_of_a_feed_and_the_other_is_never_written():
    written = {table for stage in flow.STAGES for table in stage.writes}
    assert set(EDGE_TABLES) <= written
    assert {schema.table(name).layer for name in EDGE_TABLES.values()} == {"edge"}
    assert {table.name for table in schema.tables().values() if table.layer == "edge"} == set(EDGE_TABLES.values())


def test_most_feeds_are_stored_as_they_are_read():
    assert received_table("power_reading") == "power_reading"


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ({"drop_rows": "new"}, 'drop_rows = "new"'),
        ({"cumulative": ["vehicle_id"]}, "cumulative"),
        ({"cursor_column": "changed", "database_secret": "DB", "query_sql": "select :from :to"}, "cursor_column"),
    ],
)
def test_a_feed_whose_answers_lack_rows_of_their_hours_is_refused(tmp_path, key, said):
    with pytest.raises(InputError, match=said):
        read_feed(region(tmp_path, gate=GATE | key), "gate", "gate_reading")


def test_a_column_is_one_of_the_rows_as_they_are_read(tmp_path):
    feed = read_feed(region(tmp_path, gate=GATE | {"columns": {"hphm": "vehicle_id"}}), "gate", "gate_reading")
    assert (feed.table_name, feed.stored_table, feed.is_reduced) == ("gate_record", "gate_reading", True)
    with pytest.raises(InputError, match="entry_count"):
        read_feed(region(tmp_path, gate=GATE | {"columns": {"n": "entry_count"}}), "gate", "gate_reading")
