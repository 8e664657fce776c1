"""What a rebound reads: emission for a unit of activity, and the hours after the event."""

from pathlib import Path

import numpy as np
import pytest

from bigdata_emis import schema
from bigdata_emis.control.inventory_versions import published_versions
from bigdata_emis.control.moved.moved_options import Rebound
from bigdata_emis.control.moved.rebound_basis import ReboundBasis, read_basis, window_after
from bigdata_emis.storage.checksums import ChangedFileError
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import Window
from tests.control.moved.moved_town import AFTER, NEXT, town
from tests.control.optimise.published_region import DAY, KG, WINDOW

CODES = list(schema.codes()["pollutant"])
NOX, PM10 = CODES.index("NOx"), CODES.index("PM10")
ASKED = Rebound(0.5, 12, {"mill-1": None, "foundry-1": 6.0})


def basis_of(store: Store, held: list[Window] | None = None) -> ReboundBasis:
    during, after = (published_versions(store, days) for days in ([DAY], [NEXT]))
    return read_basis(ASKED, store, during, (window_after(WINDOW, ASKED), after), held or [])


def test_the_factor_is_emission_by_activity_and_unknown_without_activity(tmp_path: Path) -> None:
    """The foundry: 10 kg NOx and 2 kg PM10 of 5 t an hour; the mill has no activity."""
    _, store = town(tmp_path, after_kg={"foundry-1": 10.0})
    basis = basis_of(store)
    assert basis.line_ids == ["foundry-1", "mill-1"]
    assert basis.emission_factor_g_per_unit[0, [NOX, PM10]].tolist() == pytest.approx([2 * KG, 0.4 * KG])
    assert np.isnan(basis.emission_factor_g_per_unit[1]).all()
    assert (basis.capacity_per_h[0], np.isnan(basis.capacity_per_h[1])) == (6.0, True)


def test_the_hours_after_the_event_are_read_and_absent_rows_are_not_zero(tmp_path: Path) -> None:
    _, store = town(tmp_path, after_kg={"foundry-1": 9.0})
    basis = basis_of(store)
    assert basis.window == Window(AFTER.from_utc, AFTER.from_utc + (AFTER.to_utc - AFTER.from_utc) / 2)
    assert basis.emission_g.shape == (2, len(CODES), 12)
    assert basis.emission_g[0, NOX].tolist() == [9 * KG] * 12
    assert np.isnan(basis.emission_g[0, PM10]).all()
    assert np.isnan(basis.emission_g[1]).all()


def test_hours_of_another_order_are_not_free(tmp_path: Path) -> None:
    _, store = town(tmp_path, after_kg={"foundry-1": 9.0})
    held = Window(AFTER.from_utc, AFTER.from_utc + (AFTER.to_utc - AFTER.from_utc) / 6)
    assert basis_of(store, [held]).is_free.tolist() == [False] * 4 + [True] * 8


def test_the_digest_follows_what_was_read(tmp_path: Path) -> None:
    _, store = town(tmp_path / "a", after_kg={"foundry-1": 9.0})
    _, other = town(tmp_path / "b", after_kg={"foundry-1": 9.5})
    assert basis_of(store).digest() == basis_of(store).digest() != basis_of(other).digest()


def test_a_changed_inventory_is_refused(tmp_path: Path) -> None:
    _, store = town(tmp_path, after_kg={"foundry-1": 9.0})
    path = Path(store.versions("emission_hourly", [NEXT])[-1].path)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(ChangedFileError):
        basis_of(store)
