"""A day of a recalculation: its rows, and what is known of it after the last one."""

from contextlib import nullcontext
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from bigdata_emis import reference
from bigdata_emis.control.days.day_work import DayWork
from bigdata_emis.control.inventory_versions import published_versions
from bigdata_emis.control.scenario.measures import load_measures
from bigdata_emis.control.scenario.scenario_identity import scenario_parameters
from bigdata_emis.control.scenario_days import make_event
from bigdata_emis.control.scenarios_in_force import ScenariosInForce
from bigdata_emis.reference.error_correlations import ErrorCorrelations
from bigdata_emis.storage.checksums import ChangedFileError
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.scenario_lake import ScenarioStore
from tests.control.optimise.published_region import DAY, WINDOW, region_of
from tests.control.results.recalculated_town import LISTED, recalculated_town, write_town

NOBODY = ScenariosInForce({}, [])


def work_of(folder: Path, store: Store, scenario_id: str) -> DayWork:
    region, inventory = region_of(folder), published_versions(store, [DAY])
    measures = load_measures(region, folder / "town.csv")
    return DayWork(
        event=make_event(region, WINDOW, "orange", measures),
        in_force=NOBODY,
        lake=ScenarioStore(store, scenario_id, inventory.by_table),
        correlations=ErrorCorrelations(reference.read("error_correlation", region.folder)),
        parameters=scenario_parameters("orange", WINDOW, measures, inventory, NOBODY),
    )


def test_after_its_last_row_a_day_has_an_account_and_no_layout(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "lake"), "test", "Asia/Shanghai")
    write_town(store, tmp_path)
    work = work_of(tmp_path, store, "one")
    rows = pa.concat_tables(work.pieces(DAY))
    known = work.cut_days[DAY]
    assert pc.sum(rows["cut_emission_g"]).as_py() == pytest.approx(sum(cut for _, cut in known.account.values()))
    assert known.plan.totals.cut_g.sum() == pytest.approx(pc.sum(rows["cut_emission_g"]).as_py())
    assert known.plan.entries.size == 0
    assert known.reused is None


def test_a_record_whose_rows_were_never_added_is_not_used(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "lake"), "test", "Asia/Shanghai")
    write_town(store, tmp_path)
    for scenario_id in ("one", "two"):
        work = work_of(tmp_path, store, scenario_id)
        assert sum(piece.num_rows for piece in work.pieces(DAY)) > 0
        assert work.cut_days[DAY].reused is None
    assert len(list((tmp_path / "lake" / "cut" / "test").rglob("*.cut"))) == len(("one", "two"))


@pytest.mark.parametrize(("is_edited", "is_compared"), [(False, False), (True, True)])
def test_an_inventory_is_compared_unless_all_of_its_day_is_reused(
    tmp_path: Path, *, is_edited: bool, is_compared: bool
) -> None:
    _, store, _ = recalculated_town(tmp_path)
    if is_edited:
        (tmp_path / "town.csv").write_text(LISTED.replace("b-foundry,orange,,foundry,,,,1,0.2", ""), "utf-8")
    work = work_of(tmp_path, store, "two")
    assert sum(piece.num_rows for piece in work.pieces(DAY)) > 0
    ((version, compare),) = work.inventory_checks([DAY]).items()
    Path(version.path).chmod(0o644)
    Path(version.path).write_bytes(b"changed")
    with pytest.raises(ChangedFileError) if is_compared else nullcontext():
        compare()
