"""A scenario reads the versions with which it began, and writes its own file without touching those of others."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bigdata_emis import schema
from bigdata_emis.errors import RefusedError
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage.checksums import ChangedFileError, sha256_digest
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.scenario_lake import PIECES_AHEAD, ScenarioStore, run_ahead
from bigdata_emis.storage.temporary_files import LAKE_FOLDER_PREFIX, process_tag

DAY, NEXT_DAY = date(2019, 1, 1), date(2019, 1, 2)
KNOWN = datetime(2019, 1, 3, tzinfo=UTC)
CUT = "control_hourly"


def cuts(scenario_id: str, *grams: float, day: date = DAY) -> pa.Table:
    """One source and pollutant, one row per hour from midnight on."""
    rows = [
        {
            "scenario_id": scenario_id,
            "source_id": "l1",
            "pollutant_code": "SO2",
            "hour_utc": datetime(day.year, day.month, day.day, hour, tzinfo=UTC),
            "cut_emission_g": grams_of_hour,
        }
        for hour, grams_of_hour in enumerate(grams)
    ]
    return pa.Table.from_pylist(rows, arrow_schema(schema.table(CUT)))


def total(grams: float) -> pa.Table:
    row = {
        "sector_code": "all",
        "pollutant_code": "SO2",
        "from_utc": datetime(2019, 1, 1, tzinfo=UTC),
        "to_utc": datetime(2019, 1, 2, tzinfo=UTC),
        "emission_g": grams,
        "emission_g_p05": 0.0,
        "emission_g_p95": 99.0,
    }
    return pa.Table.from_pylist([row], arrow_schema(schema.table("emission_total_daily")))


@pytest.fixture
def lake(tmp_path: Path) -> Store:
    return Store(str(tmp_path), "a", "UTC")


def write_pieces(scenario: ScenarioStore, *pieces: pa.Table, day: date = DAY):
    work = {day: lambda: iter(pieces)}
    return scenario.write_pieces(CUT, work, known_utc=KNOWN, run_id="r", complete_shares={day: 0.5})


def test_a_scenario_sees_its_own_rows_and_the_lake_those_of_all(lake: Store) -> None:
    first, second = ScenarioStore(lake, "one"), ScenarioStore(lake, "two")
    first.write(CUT, cuts("one", 1.0), [DAY], known_utc=KNOWN, run_id="r")
    second.write(CUT, cuts("two", 2.0), [DAY], known_utc=KNOWN, run_id="r")
    assert first.read(CUT, [DAY])["cut_emission_g"].to_pylist() == [1.0]
    assert second.read(CUT, [DAY])["cut_emission_g"].to_pylist() == [2.0]
    assert sorted(lake.read(CUT, [DAY])["cut_emission_g"].to_pylist()) == [1.0, 2.0]


def test_an_input_is_read_in_the_version_with_which_the_scenario_began(lake: Store) -> None:
    name = "emission_total_daily"
    lake.write(name, total(1.0), [DAY], known_utc=KNOWN, run_id="r")
    inputs = {name: {version.day: version for version in lake.versions(name, [DAY])}}
    scenario = ScenarioStore(lake, "one", inputs)
    lake.write(name, total(2.0), [DAY], known_utc=KNOWN, run_id="r")
    assert scenario.read(name, [DAY])["emission_g"].to_pylist() == [1.0]
    assert scenario.versions(name, [DAY, NEXT_DAY]) == list(inputs[name].values())
    assert ScenarioStore(lake, "two").read(name, [DAY])["emission_g"].to_pylist() == [2.0]


@pytest.mark.parametrize("read", ["read", "coded"])
def test_an_input_that_was_changed_is_refused_before_it_is_read_unless_it_is_compared_late(lake: Store, read) -> None:
    name = "emission_total_daily"
    lake.write(name, total(1.0), [DAY], known_utc=KNOWN, run_id="r")
    inputs = {name: {version.day: version for version in lake.versions(name, [DAY])}}
    path = Path(inputs[name][str(DAY)].path)
    path.chmod(0o640)
    pq.write_table(total(7.0), path)
    scenario, late = ScenarioStore(lake, "one", inputs), ScenarioStore(lake, "one", inputs)
    late.compares_late = True
    wanted = {"read": lambda s: s.read(name, [DAY]), "coded": lambda s: s.coded(name, DAY, ["emission_g"])}[read]
    with pytest.raises(ChangedFileError, match="is not what was recorded"):
        wanted(scenario)
    assert wanted(late)["emission_g"].to_pylist() == [7.0]


def test_each_piece_becomes_a_row_group_and_is_read_back_in_order(lake: Store) -> None:
    scenario = ScenarioStore(lake, "one")
    whole = cuts("one", 1.0, 2.0, 3.0)
    (version,) = write_pieces(scenario, whole[:2], whole[2:])
    assert (version.rows, version.complete_share) == (3, 0.5)
    assert pq.ParquetFile(scenario.paths(CUT, [DAY])[0]).num_row_groups == 2
    pieces = [piece["cut_emission_g"].to_pylist() for piece in scenario.pieces(CUT, DAY, ["cut_emission_g"])]
    assert pieces == [[1.0, 2.0], [3.0]]


def test_text_is_read_as_dictionary_codes_also_of_a_day_without_rows(lake: Store) -> None:
    scenario = ScenarioStore(lake, "one")
    write_pieces(scenario, cuts("one", 1.0, 2.0))
    coded = scenario.coded(CUT, DAY, ["source_id", "cut_emission_g"])
    assert pa.types.is_dictionary(coded["source_id"].type)
    assert coded["source_id"].to_pylist() == ["l1", "l1"]
    assert scenario.coded(CUT, NEXT_DAY, ["source_id"]).num_rows == 0


def test_a_column_declared_after_the_day_was_written_is_null(lake: Store) -> None:
    written = ScenarioStore(lake, "one")
    (version,) = write_pieces(written, cuts("one", 1.0, 2.0))
    (path,) = written.paths(CUT, [DAY])
    older = pq.read_table(path, partitioning=None).drop_columns(["pollutant_code", "baseline_emission_g"])
    pq.write_table(older, path)
    scenario = ScenarioStore(lake, "two", {CUT: {str(DAY): replace(version, sha256=sha256_digest(Path(path)))}})
    names = ["pollutant_code", "cut_emission_g", "baseline_emission_g"]
    read = scenario.coded(CUT, DAY, names)
    assert read.column_names == names
    assert read.to_pylist()[0] == {"pollutant_code": None, "cut_emission_g": 1.0, "baseline_emission_g": None}
    assert pa.types.is_dictionary(read["pollutant_code"].type)


def test_the_same_pieces_are_the_same_version(lake: Store) -> None:
    scenario = ScenarioStore(lake, "one")
    first, second = (write_pieces(scenario, cuts("one", 1.0))[0] for _ in range(2))
    assert first == second
    assert len(scenario.versions(CUT, [DAY])) == 1


def test_when_one_day_is_refused_no_day_is_written_and_no_work_folder_stays(lake: Store, tmp_path: Path) -> None:
    def refuse():
        raise RefusedError("no control basis")

    work = {DAY: lambda: iter([cuts("one", 1.0)]), NEXT_DAY: refuse}
    scenario = ScenarioStore(lake, "one")
    with pytest.raises(RefusedError, match="no control basis"):
        scenario.write_pieces(CUT, work, known_utc=KNOWN, run_id="r", complete_shares={})
    assert list(tmp_path.iterdir()) == []


def test_the_work_folder_of_a_killed_process_is_deleted_by_the_next_scenario(lake: Store, tmp_path: Path) -> None:
    host = process_tag().rpartition("-")[0]
    stale, of_other_host = (tmp_path / f"{LAKE_FOLDER_PREFIX}{tag}-x" for tag in (f"{host}-4194305", "another-host-1"))
    for folder in (stale, of_other_host):
        folder.mkdir()
    write_pieces(ScenarioStore(lake, "one"), cuts("one", 1.0))
    assert (stale.exists(), of_other_host.exists()) == (False, True)


def test_an_input_that_is_not_what_was_recorded_is_refused_and_nothing_is_added(lake: Store) -> None:
    """What is read first may be whole; the files are compared at the same time as they are read."""
    name = "emission_total_daily"
    lake.write(name, total(1.0), [DAY], known_utc=KNOWN, run_id="r")
    inputs = {name: {version.day: version for version in lake.versions(name, [DAY])}}
    path = Path(inputs[name][str(DAY)].path)
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content + b" ")
    scenario = ScenarioStore(lake, "one", inputs)
    with pytest.raises(ChangedFileError, match="is not what was recorded"):
        write_pieces(scenario, cuts("one", 1.0))
    assert not list(Path(lake.files.base).rglob(f"{CUT}/**/*.parquet"))


def test_nothing_is_added_when_the_call_before_adding_refuses(lake: Store) -> None:
    scenario = ScenarioStore(lake, "one")

    def refuse(_: object) -> None:
        raise RefusedError("not today")

    with pytest.raises(RefusedError, match="not today"):
        scenario.write_pieces(
            CUT,
            {DAY: lambda: iter([cuts("one", 1.0)])},
            known_utc=KNOWN,
            run_id="r",
            complete_shares={},
            before_adding=refuse,
        )
    assert not list(Path(lake.files.base).rglob("*.parquet"))


def test_writing_in_place_to_the_stable_file_of_a_scenario_changes_no_version(lake: Store) -> None:
    scenario = ScenarioStore(lake, "one")
    write_pieces(scenario, cuts("one", 1.0))
    stable = Path(scenario.layout.stable_file(CUT, DAY))
    stable.write_bytes(b"x")
    assert scenario.read(CUT, [DAY])["cut_emission_g"].to_pylist() == [1.0]
    assert lake.read(CUT, [DAY])["cut_emission_g"].to_pylist() == [1.0]
    write_pieces(scenario, cuts("one", 1.0))
    assert pq.read_table(stable, partitioning=None)["cut_emission_g"].to_pylist() == [1.0]


def test_pieces_prepared_ahead_keep_their_order() -> None:
    assert list(run_ahead(range(10))) == list(range(10))
    assert list(run_ahead([])) == []


def test_a_failure_comes_after_the_pieces_before_it() -> None:
    def pieces() -> Iterator[int]:
        yield 1
        raise RefusedError("the second is damaged")

    ahead = run_ahead(pieces())
    assert next(ahead) == 1
    with pytest.raises(RefusedError, match="the second is damaged"):
        next(ahead)


def test_no_more_pieces_are_prepared_than_a_few_before_their_use() -> None:
    prepared: list[int] = []

    def pieces() -> Iterator[int]:
        for number in range(100):
            prepared.append(number)
            yield number

    ahead = run_ahead(pieces())
    assert next(ahead) == 0
    ahead.close()  # type: ignore[attr-defined]
    assert len(prepared) <= PIECES_AHEAD + 2
