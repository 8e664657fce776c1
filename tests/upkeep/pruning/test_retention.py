"""The policies of a region, and what is refused."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.region import load_region
from bigdata_emis.upkeep.pruning.retention import RetentionPolicy, before, longest_log_days, read_policy
from tests.upkeep.conftest import Village


def test_nothing_is_deleted_until_a_policy_is_set(village: Village) -> None:
    assert read_policy(village.region) == RetentionPolicy()
    assert read_policy(village.region).is_off
    assert not read_policy(village.keep(log_days=3)).is_off


def test_answers_stay_while_rows_may_still_arrive(make_village: Callable[[str], Village]) -> None:
    village = make_village('[power]\nformat = "csv"\ndrop = "{day}.csv"\nlate_h = 240\n')
    with pytest.raises(InputError, match=r"raw_days = 11: a feed may send rows 10 days late, so expected at least 12"):
        read_policy(village.keep(raw_days=11))
    assert read_policy(village.keep(raw_days=12)).raw_days == 12


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("raw_days = 0", "retention.raw_days = 0: expected a whole number from 2"),
        ("history_days = true", "retention.history_days = true: expected a whole number from 1"),
        ("published_history_days = 7", "expected a whole number from 30"),
        ("keep_published = false", "retention.keep_published is unknown"),
        ("log_days = 1.5", "retention.log_days = 1.5: expected a whole number"),
    ],
)
def test_a_wrong_policy_is_refused_at_the_region(village: Village, line: str, message: str) -> None:
    file = village.folder / "region.toml"
    file.write_text(file.read_text("utf-8") + f"[retention]\n{line}\n", "utf-8")
    with pytest.raises(InputError) as refusal:
        load_region("village")
    assert message in str(refusal.value)


def test_of_shared_logs_the_longest_policy_counts(village: Village) -> None:
    assert longest_log_days() is None
    text = (village.folder / "region.toml").read_text("utf-8")
    for name, days in (("village", 10), ("town", 40)):
        folder = village.folder.parent / name
        folder.mkdir(exist_ok=True)
        (folder / "region.toml").write_text(f"{text}[retention]\nlog_days = {days}\n", "utf-8")
    assert longest_log_days() == 40


def test_never_has_no_limit() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    assert before(now, None) is None
    assert before(now, 1) == datetime(2026, 2, 28, tzinfo=UTC)
