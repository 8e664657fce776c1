"""`emis quarantine` as a person sees it."""

from datetime import UTC, datetime

from typer.testing import CliRunner

from bigdata_emis.cli.commands.quarantine_command import _explain_lines, _list_lines, quarantine_commands

READING = {
    "name": "3f2a9c01b7de",
    "feed": "power",
    "meter_id": "m1",
    "interval_start_utc": datetime(2015, 12, 20, tzinfo=UTC),
    "energy_kwh": 900.0,
    "reason_codes": ["outlier"],
}


def test_counts_come_first_and_then_the_readings_with_their_names() -> None:
    counts = [{"feed": "power", "day": "2015-12-20", "reason": "outlier", "rows": 1200}]
    text = "\n".join(_list_lines({"counts": counts, "readings": [READING]}))
    assert "1,200" in text
    assert "3f2a9c01b7de" in text
    assert _list_lines({"counts": [], "readings": []}) == ["no quarantined reading"]


def test_a_reading_is_explained_in_both_languages() -> None:
    reason = {"code": "outlier", "en": "far from its neighbours", "zh": "离群", "is_doubt": True}
    document = {
        "reading": READING,
        "reasons": [reason],
        "may_be_released": True,
        "released": {"actor": "Li", "role": "data officer"},
        "neighbours": [],
    }
    text = "\n".join(_explain_lines(document))
    assert "outlier: far from its neighbours 离群" in text
    assert "Li, data officer" in text


def test_a_release_needs_a_person_a_role_and_a_reason() -> None:
    arguments = ["release", "--region", "a", "--feed", "power", "--date", "2015-12-20", "--reading", "x", "--by", "Li"]
    result = CliRunner().invoke(quarantine_commands, arguments)
    assert (result.exit_code, "--role" in result.output) == (2, True)
