"""Where the files of a region lie, in the lake itself and for one scenario."""

from datetime import date

from bigdata_emis.storage.layout import PUBLISHED, Layout, ScenarioLayout, is_keyed_by_scenario

DAY = date(2015, 12, 20)
LAKE = Layout("root", "jjj")
SCENARIO = ScenarioLayout("root", "jjj", "orange-1")


def test_a_day_has_one_stable_file_in_each_tree() -> None:
    name = "emission_hourly"
    assert LAKE.stable_file(name, DAY) == "root/current/jjj/emission_hourly/day=2015-12-20/emission_hourly.parquet"
    assert LAKE.stable_file(name, DAY, tree=PUBLISHED).startswith("root/published/jjj/emission_hourly/")


def test_versions_answers_and_documents_have_folders_of_their_own() -> None:
    assert LAKE.history_folder("emission_hourly", DAY) == "root/history/jjj/emission_hourly/day=2015-12-20"
    assert LAKE.raw_folder("power", DAY) == "root/raw/jjj/power/day=2015-12-20"
    assert LAKE.document_file("manifest/x.json", tree=PUBLISHED) == "root/published/jjj/manifest/x.json"


def test_tables_whose_key_begins_with_the_scenario_have_one_file_per_scenario() -> None:
    assert (is_keyed_by_scenario("control_hourly"), is_keyed_by_scenario("emission_hourly")) == (True, False)
    assert SCENARIO.stable_file("control_hourly", DAY) == (
        "root/current/jjj/control_hourly/day=2015-12-20/orange-1.parquet"
    )
    assert SCENARIO.history_folder("control_hourly", DAY) == (
        "root/history/jjj/control_hourly/day=2015-12-20/scenario_id=orange-1"
    )


def test_a_scenario_finds_every_other_table_where_the_lake_has_it() -> None:
    assert SCENARIO.stable_file("emission_hourly", DAY) == LAKE.stable_file("emission_hourly", DAY)
    assert SCENARIO.history_folder("emission_hourly", DAY) == LAKE.history_folder("emission_hourly", DAY)


def test_the_lake_has_the_versions_of_every_scenario_and_a_scenario_its_own() -> None:
    assert (LAKE.has_folder_by_scenario("control_hourly"), LAKE.has_folder_by_scenario("emission_hourly")) == (
        True,
        False,
    )
    assert not SCENARIO.has_folder_by_scenario("control_hourly")


def test_a_path_of_the_lake_is_given_relative_to_its_root() -> None:
    assert LAKE.relative(LAKE.history_folder("emission_hourly", DAY)) == "history/jjj/emission_hourly/day=2015-12-20"


def test_the_files_of_a_published_set_lie_in_a_hidden_folder_of_the_region() -> None:
    assert LAKE.set_folder("day=2015-12-20") == "root/published/jjj/.sets/day=2015-12-20"
