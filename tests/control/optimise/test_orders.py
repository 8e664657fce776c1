"""Targets, required and forbidden steps."""

from pathlib import Path

import pytest

from bigdata_emis.control.optimise.orders import Orders, check_sources, read_orders, read_targets
from bigdata_emis.errors import InputError
from tests.control.optimise.published_region import region_of
from tests.control.optimise.search.small_problems import step


def write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_targets_are_of_the_level_or_of_the_file(tmp_path: Path) -> None:
    region = region_of(tmp_path)
    assert set(read_targets(region, "orange", None).values()) == {0.2}
    path = write(tmp_path / "targets.csv", "pollutant_code,target_share\nNOx,0.15\nCO2,0\n")
    assert read_targets(region, "orange", path) == {"NOx": 0.15, "CO2": 0.0}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pollutant_code,target_share\nNOx,30\n", "write 0.3 for 30 %"),
        ("pollutant_code,target_share\nNOx,nan\n", "column target_share: 'nan'"),
        ("pollutant_code,target_share\nsmoke,0.1\n", "'smoke' is not a known pollutant"),
        ("pollutant_code,target_share\nNOx,0.1\nNOx,0.2\n", "row 3: NOx is repeated"),
        ("pollutant_code,target_share\n", "has no rows"),
        ("pollutant_code\nNOx\n", r"missing \['target_share'\]"),
    ],
)
def test_wrong_targets_are_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_targets(region_of(tmp_path), "orange", write(tmp_path / "targets.csv", text))


def test_an_unknown_level_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="alert level 'purple' is unknown"):
        read_targets(region_of(tmp_path), "purple", None)


def test_orders_allow_what_lies_between(tmp_path: Path) -> None:
    orders = read_orders(
        write(tmp_path / "require.csv", "source_id,cut_share\nkiln,0.3\nmill,\n"),
        write(tmp_path / "forbid.csv", "source_id,cut_share\nkiln,1\nhospital,\n"),
    )
    allowed = [
        (name, share)
        for name in ("kiln", "mill", "hospital", "other")
        for share in (0.1, 0.3, 1.0)
        if orders.allows(step(name, 1.0, share))
    ]
    assert allowed == [
        ("kiln", 0.3),
        ("mill", 0.1),
        ("mill", 0.3),
        ("mill", 1.0),
        *(("other", s) for s in (0.1, 0.3, 1.0)),
    ]
    assert read_orders(None, None) == Orders()


def test_an_order_for_a_source_without_candidate_steps_is_refused() -> None:
    with pytest.raises(InputError, match="source ghost is required or forbidden and is no source"):
        check_sources(Orders(required={"ghost": 0.0}), ["kiln"])


def test_orders_that_leave_no_step_are_refused(tmp_path: Path) -> None:
    same = write(tmp_path / "same.csv", "source_id\nkiln\n")
    with pytest.raises(InputError, match="source kiln is required from 0 on and forbidden from 0 on"):
        read_orders(same, same)
    twice = write(tmp_path / "twice.csv", "source_id\nkiln\nkiln\n")
    with pytest.raises(InputError, match="row 3: source kiln is repeated"):
        read_orders(twice, None)
