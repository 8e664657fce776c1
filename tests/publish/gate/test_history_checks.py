"""A day against the version published before and against the last 28 days."""

from typing import Any

import pyarrow as pa
import pytest

from bigdata_emis.publish.gate.great_expectations_run import run_checks
from bigdata_emis.publish.gate.history_checks import DAYS_NEEDED, feed_check, total_check, vanished_check


def sources(**sectors: str) -> pa.Table:
    return pa.table(
        {
            "source_id": pa.array(list(sectors), pa.string()),
            "sector_code": pa.array(list(sectors.values()), pa.string()),
        }
    )


def manifests(count: int, *, rows: int = 100, mean: float = 50.0, kg: float = 10.0) -> list[dict[str, Any]]:
    one = {
        "sector_kg": {"mobile": {"NOx": kg}},
        "feeds": {"power": {"items": {"energy_kwh": {"rows": rows, "mean": mean, "null_share": 0.0}}}},
    }
    return [one] * count


def feed(rows: int, mean: float | None, null_share: float = 0.0) -> dict[str, Any]:
    return {"power": {"items": {"energy_kwh": {"rows": rows, "mean": mean, "null_share": null_share}}}}


def refused(check: Any) -> list[str]:
    return [str(finding) for finding in run_checks([check]).refusals]


def alarmed(check: Any) -> list[str]:
    return [str(finding) for finding in run_checks([check]).alarms]


def test_a_day_with_the_same_sources_passes() -> None:
    same = sources(l1="industrial_process", a1="dust")
    assert run_checks([vanished_check(same, same, {"l1", "a1"})]).findings == ()


def test_a_registered_source_that_vanishes_from_a_day_refuses_it_and_its_sector_is_named() -> None:
    before, now = sources(l2="industrial_process", a1="dust"), sources(a1="dust")
    (message,) = refused(vanished_check(before, now, {"l2", "a1"}))
    assert "source l2" in message
    assert "sector industrial_process" in message


def test_a_source_that_left_the_registry_may_vanish_with_an_alarm() -> None:
    check = vanished_check(sources(l2="mobile", a1="dust"), sources(a1="dust"), {"a1"})
    assert (refused(check), len(alarmed(check))) == ([], 1)


def test_a_unit_a_thousand_times_off_is_refused() -> None:
    (message,) = refused(feed_check(feed(100, 50_000.0), manifests(DAYS_NEEDED)))
    assert "power energy_kwh" in message


@pytest.mark.parametrize(
    ("now", "word"),
    [
        (feed(100, 200.0), "within 3 times"),
        (feed(40, 50.0), "half of its usual rows"),
        (feed(100, 50.0, 0.5), "missing more than usual"),
        (feed(100, 0.0), "within 3 times"),
    ],
)
def test_an_unusual_feed_is_an_alarm_and_not_a_refusal(now: dict[str, Any], word: str) -> None:
    check = feed_check(now, manifests(DAYS_NEEDED))
    assert refused(check) == []
    assert any(word in message for message in alarmed(check))


def test_an_ordinary_day_raises_no_alarm() -> None:
    assert run_checks([feed_check(feed(95, 60.0), manifests(28))]).findings == ()
    assert run_checks([total_check({"mobile": {"NOx": 7.0}}, manifests(28))]).findings == ()


def test_with_too_few_published_days_nothing_is_compared() -> None:
    assert run_checks([feed_check(feed(1, 9e9), manifests(DAYS_NEEDED - 1))]).findings == ()


def test_a_sector_total_thirty_times_its_usual_one_is_refused() -> None:
    assert refused(total_check({"mobile": {"NOx": 400.0}}, manifests(DAYS_NEEDED)))


def test_a_sector_that_is_gone_is_an_alarm_since_its_feed_may_be_down() -> None:
    check = total_check({}, manifests(DAYS_NEEDED))
    assert (refused(check), len(alarmed(check))) == ([], 1)


def test_a_value_that_differs_from_day_to_day_by_more_than_tenfold_has_no_usual_size() -> None:
    rain = [*manifests(6, mean=0.1), *manifests(6, mean=30.0)]
    assert run_checks([feed_check(feed(100, 500.0), rain)]).findings == ()
