"""The record of a cut day: stored whole, found by all that decides a cut but its measures, and never many of them."""

import os
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bigdata_emis.control.days.cut_records import DAYS_WITH_RECORDS, RECORDS_OF_A_DAY, CutRecord, CutRecords, record_key
from bigdata_emis.control.scenario.measures import Measure
from bigdata_emis.control.scenarios_in_force import ScenariosInForce
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.scenario_lake import ScenarioStore
from tests.control.scenario.day_frames import planned

DAY = date(2015, 12, 20)
NOBODY = ScenariosInForce({}, [])
PARAMETERS: dict[str, Any] = {
    "level": "orange",
    "from_utc": "2015-12-19T16:00:00+00:00",
    "to_utc": "2015-12-20T16:00:00+00:00",
    "measures_sha256": "a",
    "measure_rows": 3,
    "inputs": {"emission_hourly": {"2015-12-20": "v1", "2015-12-21": "v1"}},
    "code_version": "1",
}


def record(cut_g: float = 1.0) -> CutRecord:
    empty = {field.name: np.zeros(1) for field in fields(CutRecord)}
    return replace(CutRecord(**empty), cut_g=np.array([cut_g]))


def records(folder: Path, scenario_id: str, key: str = "k") -> CutRecords:
    return CutRecords(ScenarioStore(Store(str(folder), "a", "UTC"), scenario_id), DAY, key)


def key_of(**changes: Any) -> str:
    return record_key(DAY, planned(), {**PARAMETERS, **changes}, NOBODY, NOBODY)  # type: ignore[typeddict-item]


def test_a_record_is_read_as_it_was_stored(tmp_path: Path) -> None:
    records(tmp_path, "one").save(record(0.1))
    ((name, stored),) = records(tmp_path, "two")
    whole = stored.read_whole()
    assert name == "one"
    assert whole is not None
    assert whole.cut_g.tolist() == [0.1]
    assert stored.read("shares") == {"shares": np.zeros(1)}


def test_records_of_another_key_are_not_seen(tmp_path: Path) -> None:
    records(tmp_path, "one", key="other").save(record())
    assert list(records(tmp_path, "two")) == []


def test_the_newest_records_of_a_day_are_kept(tmp_path: Path) -> None:
    for number in range(RECORDS_OF_A_DAY + 2):
        records(tmp_path, f"s{number}").save(record())
        for path in (tmp_path / "cut" / "a").rglob("*-s*.cut"):
            made = int(path.stem[-1])
            os.utime(path, ns=(made, made))
    assert [name for name, _ in records(tmp_path, "x")] == ["s4", "s3", "s2"]


def test_the_days_that_were_recalculated_last_have_records(tmp_path: Path) -> None:
    lake = ScenarioStore(Store(str(tmp_path), "a", "UTC"), "one")
    days = [DAY + timedelta(days=number) for number in range(DAYS_WITH_RECORDS + 2)]
    for number, day in enumerate(reversed(days)):
        CutRecords(lake, day, "k").save(record())
        os.utime(lake.layout.cut_folder(day), ns=(number, number))
    CutRecords(lake, days[5], "k").save(record())
    # The two latest days were computed first; one of the others was computed again.
    assert sorted(path.name for path in (tmp_path / "cut" / "a").iterdir()) == [f"day={day}" for day in days[:-2]]


def test_a_record_can_be_read_by_its_owner_and_group_only(tmp_path: Path) -> None:
    records(tmp_path, "one").save(record())
    ((_, stored),) = records(tmp_path, "two")
    assert stored.path.stat().st_mode & 0o007 == 0
    assert stored.path.parent.stat().st_mode & 0o007 == 0


def test_a_record_that_was_used_counts_as_new(tmp_path: Path) -> None:
    for number, name in enumerate(("one", "two")):
        records(tmp_path, name).save(record())
        os.utime(tmp_path / "cut" / "a" / f"day={DAY}" / f"k-{name}.cut", ns=(number, number))
    dict(records(tmp_path, "x"))["one"].touch()
    assert [name for name, _ in records(tmp_path, "x")] == ["one", "two"]


@pytest.mark.parametrize("damage", range(5))
def test_no_array_is_used_before_it_was_compared(tmp_path: Path, damage: int) -> None:
    """A byte of an index, a shape and a name of the header, its checksum, and an end that is missing."""
    records(tmp_path, "one").save(record())
    ((_, stored),) = records(tmp_path, "two")
    header, _, body = stored.path.read_bytes().partition(b"\n")
    damaged = [
        header + b"\n" + b"\x07" + body[1:],
        header.replace(b"[1]", b"[999999999999]", 1) + b"\n" + body,
        header.replace(b"segments", b"segmentz") + b"\n" + body,
        b"0" + header[1:] + b"\n" + body,
        header + b"\n" + body[:-1],
    ]
    stored.path.write_bytes(damaged[damage])
    assert stored.read_whole() is None


def test_a_record_that_was_deleted_meanwhile_is_not_made_again(tmp_path: Path) -> None:
    records(tmp_path, "one").save(record())
    ((_, stored),) = records(tmp_path, "two")
    stored.path.unlink()
    stored.touch()
    assert not stored.path.exists()


def test_a_record_that_cannot_be_stored_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    one = records(tmp_path, "one")
    Path(ScenarioStore(Store(str(tmp_path), "a", "UTC"), "one").layout.cut_folder(DAY)).parents[1].mkdir(parents=True)
    Path(ScenarioStore(Store(str(tmp_path), "a", "UTC"), "one").layout.cut_folder(DAY)).parent.write_text("a file")
    one.save(record())
    assert list(one) == []
    assert "is not stored" in caplog.text


def test_a_damaged_record_is_not_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    records(tmp_path, "one").save(record())
    ((_, stored),) = records(tmp_path, "two")
    stored.path.write_bytes(stored.path.read_bytes()[:100])
    assert stored.read_whole() is None
    assert "is not used" in caplog.text


def test_measures_and_window_do_not_change_the_key() -> None:
    assert key_of(level="red", measures_sha256="b", measure_rows=4, to_utc="2015-12-22T16:00:00+00:00") == key_of()


def test_another_version_of_the_same_day_or_of_the_program_changes_the_key() -> None:
    assert key_of(inputs={"emission_hourly": {"2015-12-20": "v1", "2015-12-21": "v2"}}) == key_of()
    assert key_of(inputs={"emission_hourly": {"2015-12-20": "v2", "2015-12-21": "v1"}}) != key_of()
    assert key_of(code_version="2") != key_of()
    assert key_of(in_force=["red-1"]) != key_of()


def test_the_shares_of_an_order_in_force_are_in_the_key() -> None:
    before, milder = (
        planned(measures=[Measure("p", "red", industry_code="sinter", cut_share=cut)]) for cut in (0.5, 0.4)
    )
    keys = set()
    for orders in ([], [before], [milder]):
        one = planned()
        one.in_force = orders
        keys.add(record_key(DAY, one, PARAMETERS, NOBODY, NOBODY))  # type: ignore[arg-type]
    assert len(keys) == len(("none", "before", "milder"))


def test_what_is_no_record_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Folders and pipes by the names of records are neither opened nor in the way."""
    own = records(tmp_path, "one")
    own.save(record())
    folder = next(tmp_path.rglob("*.cut")).parent
    for number in range(RECORDS_OF_A_DAY + 1):
        (folder / f"k-folder{number}.cut").mkdir()
    os.mkfifo(folder / "k-pipe.cut")
    for number, path in enumerate(folder.iterdir()):
        os.utime(path, ns=(number, number))
    own.save(record(0.2))
    assert [name for name, _ in records(tmp_path, "two")] == ["one"]
    assert "is not deleted, which costs space only" in caplog.text
