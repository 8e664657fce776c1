"""Running a stage: its results go to the lake of its context, its run is recorded, and a failure writes nothing."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from bigdata_emis import schema
from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.run.run_record import list_runs
from bigdata_emis.run.stage import context_for, run_stage
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store, open_lake
from bigdata_emis.window import Window, day_window
from bigdata_emis.workflow.draft_lake import DraftStore
from tests.run.fused_day import DAY, FUSED, KNOWN, fused, region

INDUSTRY = "emission_industry_hourly"
WINDOW = day_window(DAY, "UTC")


def run_anchor(store: Store):
    return run_stage("anchor_emission", context_for(region(), WINDOW, KNOWN, "run-1", store=store))


@pytest.fixture
def with_fused_day(lake: Store) -> Store:
    lake.write(FUSED, fused(), [DAY], known_utc=KNOWN, run_id="given", complete_shares={DAY: 0.75})
    return lake


def test_a_stage_writes_its_table_and_its_receipt_counts_rows_versions_and_completeness(with_fused_day: Store) -> None:
    receipt = run_anchor(with_fused_day)
    assert (receipt.stage, receipt.rows_out, receipt.complete_share) == ("anchor_emission", 24, 1.0)
    assert receipt.inputs[FUSED] == {str(DAY): with_fused_day.versions(FUSED, [DAY])[0].version}
    (version,) = with_fused_day.versions(INDUSTRY, [DAY])
    assert receipt.outputs == {INDUSTRY: [version.version]}
    assert (version.run_id, version.complete_share) == ("run-1", 1.0)
    assert pc.sum(with_fused_day.read(INDUSTRY, [DAY])["emission_g"]).as_py() == 24 * 2000.0


def test_the_same_run_again_gives_the_same_version(with_fused_day: Store) -> None:
    assert run_anchor(with_fused_day).outputs == run_anchor(with_fused_day).outputs
    assert len(with_fused_day.versions(INDUSTRY, [DAY])) == 1


def test_what_a_stage_read_lies_beside_what_it_wrote_also_after_a_kill_in_between(with_fused_day: Store) -> None:
    (fused_version,) = with_fused_day.versions(FUSED, [DAY])
    ((written,),) = run_anchor(with_fused_day).outputs.values()
    record = with_fused_day.reads_of(INDUSTRY, DAY, written)
    assert record == {
        "first_day": str(DAY),
        "reads": {FUSED: {str(DAY): fused_version.version}, "audit_settlement": {}},
        "written": {INDUSTRY: written},
    }
    path = f"{with_fused_day.layout.history_folder(INDUSTRY, DAY)}/{written}.reads.json"
    content = with_fused_day.files.read_bytes(path)
    with_fused_day.files.delete(path)
    assert with_fused_day.reads_of(INDUSTRY, DAY, written) is None
    run_anchor(with_fused_day)
    assert with_fused_day.files.read_bytes(path) == content


def test_the_same_result_from_other_inputs_names_the_inputs_that_were_read_last(with_fused_day: Store) -> None:
    """The same hours in reverse order are another version of what is read, and give the same version of the result."""
    ((first,),) = run_anchor(with_fused_day).outputs.values()
    backwards = fused().take(list(reversed(range(24))))
    (newer,) = with_fused_day.write(FUSED, backwards, [DAY], known_utc=KNOWN, run_id="later")
    ((second,),) = run_anchor(with_fused_day).outputs.values()
    record = with_fused_day.reads_of(INDUSTRY, DAY, second)
    assert record is not None
    assert (first, record["reads"][FUSED]) == (second, {str(DAY): newer.version})


def test_a_stage_reads_and_writes_the_store_of_its_context_and_no_other(with_fused_day: Store) -> None:
    draft = DraftStore(with_fused_day, "month")
    run_anchor(draft)
    assert draft.read(INDUSTRY, [DAY]).num_rows == 24
    assert with_fused_day.days(INDUSTRY) == []


def test_a_collection_lands_what_it_receives_in_the_store_of_its_context(lake: Store, tmp_path: Path) -> None:
    folder = tmp_path / "regions" / "a"
    (folder / "drop").mkdir(parents=True)
    (folder / "drop" / f"{DAY}.csv").write_text(f"meter_id,interval_start_utc,energy_kwh\nm1,{DAY}T05:00,7.5\n")
    feeds = {"power": {"format": "csv", "drop": "drop/{day}.csv", "constants": {"interval_min": 60}}}
    draft = DraftStore(lake, "month")
    place = replace(region(), folder=folder, feeds=feeds)
    receipt = run_stage("collect_power", context_for(place, WINDOW, KNOWN, "run-1", store=draft))
    assert receipt.rows_out == 1
    assert draft.read("power_reading", [DAY])["energy_kwh"].to_pylist() == [7.5]
    assert (lake.days("power_reading"), lake.raw_files("power", DAY).names()) == ([], [])


def test_hours_that_have_not_ended_are_not_written(with_fused_day: Store) -> None:
    at_noon = context_for(region(), WINDOW, WINDOW.from_utc + timedelta(hours=12, minutes=30), "run-1")
    receipt = run_stage("anchor_emission", replace(at_noon, store=with_fused_day))
    hours = with_fused_day.read(INDUSTRY, [DAY])["hour_utc"].to_pylist()
    assert (receipt.rows_out, max(hours)) == (12, WINDOW.from_utc + timedelta(hours=11))


def test_a_run_is_recorded_with_its_receipt(with_fused_day: Store) -> None:
    run_anchor(with_fused_day)
    (run,) = list_runs()
    assert (run["stage"], run["status"], run["error"]) == ("anchor_emission", "done", None)
    assert (run["from_utc"], run["to_utc"]) == (WINDOW.from_utc, WINDOW.to_utc)
    assert run["started_utc"] <= run["ended_utc"]


def test_a_stage_whose_receipt_does_not_close_writes_nothing_and_is_recorded_as_refused(
    lake: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The weights of the grid hand on half of the mass."""
    grid = {"cell_id": "r0c0", "row_index": 0, "column_index": 0, "longitude_deg": 0.0, "latitude_deg": 0.0}
    weight = {"source_id": "l1", "cell_id": "r0c0", "weight_share": 0.5}
    database.replace(
        {
            name: pa.Table.from_pylist([row], arrow_schema(schema.table(name)))
            for name, row in (("grid", grid), ("grid_weight", weight))
        },
        "a",
    )
    columns = arrow_schema(schema.table("emission_hourly"))
    rows = [{**row, "uncertainty_code": "B"} for row in fused().to_pylist()]
    lake.write("emission_hourly", pa.Table.from_pylist(rows, columns), [DAY], known_utc=KNOWN, run_id="given")
    with pytest.raises(RefusedError, match=r"stage allocate: mass in and mass out differ by 0\.5"):
        run_stage("allocate", context_for(region(), WINDOW, KNOWN, "run-1", store=lake))
    assert lake.days("emission_gridded_hourly") == []
    (run,) = list_runs(is_failed_only=True)
    assert (run["stage"], run["status"]) == ("allocate", "refused")
    assert run["error"].startswith("stage allocate: mass in and mass out differ by 0.5")


def test_a_stage_without_the_version_that_it_needs_is_refused_writes_nothing_and_is_recorded(lake: Store) -> None:
    with pytest.raises(
        RefusedError, match=f"table {FUSED} has no version of 2015-12-20; run stage fuse_monitors first"
    ):
        run_anchor(lake)
    assert lake.days(INDUSTRY) == []
    (run,) = list_runs()
    assert (run["stage"], run["status"]) == ("anchor_emission", "refused")


def test_a_known_time_later_than_the_clock_is_refused_and_nothing_is_written(with_fused_day: Store) -> None:
    context = context_for(region(), WINDOW, KNOWN, "run-1", store=with_fused_day)
    with pytest.raises(
        InputError, match=r"known time 2015-12-21T04:00:00\+00:00 is later than the clock .*; set the clock"
    ):
        run_stage("anchor_emission", context, clock=lambda: KNOWN - timedelta(minutes=2))
    assert with_fused_day.days(INDUSTRY) == []
    run_stage("anchor_emission", context, clock=lambda: KNOWN - timedelta(seconds=50))
    assert with_fused_day.days(INDUSTRY) == [DAY]


def test_a_restated_draft_with_the_rows_of_the_lake_is_read_by_the_next_stage(with_fused_day: Store) -> None:
    """A line that is idle has the same rows with and without its audit; they must not vanish from the draft."""
    run_anchor(with_fused_day)
    draft = DraftStore(with_fused_day, "month")
    run_anchor(draft)
    assert draft.read(INDUSTRY, [DAY]).num_rows == 24
    assert len(draft.paths(INDUSTRY, [DAY])) == 1


def test_an_unknown_stage_is_refused_and_leaves_no_record(lake: Store) -> None:
    with pytest.raises(InputError, match="stage 'bake' is unknown"):
        run_stage("bake", context_for(region(), WINDOW, KNOWN, "run-1", store=lake))
    assert list_runs() == []


def test_a_context_has_whole_local_days_and_the_lake_of_the_region(home: Path) -> None:
    noon = WINDOW.from_utc + timedelta(hours=12)
    context = context_for(region(), Window(noon, noon + timedelta(hours=1)), KNOWN, "run-1")
    assert context.window == WINDOW
    assert context.store.files.base == open_lake(region()).files.base == str(home / "lake")
