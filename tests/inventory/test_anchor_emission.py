"""An audited month adds up to its audit exactly; what was measured moves little, and without an audit nothing moves."""

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from bigdata_emis import reference, schema
from bigdata_emis.equations.uncertainty import emission_g_p05, emission_g_p95
from bigdata_emis.errors import SchemaError
from bigdata_emis.inventory.anchor_emission import anchor_emission
from bigdata_emis.inventory.settle_audit import settle_audit
from bigdata_emis.publish.pollutant_checks import part_findings
from bigdata_emis.reference.pollutant_hierarchy import Containment
from bigdata_emis.schema.arrow import conform
from tests.inventory.industry_frames import context_of, frame, given, hour, told

JANUARY = 31 * 24
RELATIVE_SD = {"measured": 0.1, "modelled": 0.5, "corrected": 0.2}


def fused(number, grams, method="modelled", line="a", pollutant="NOx"):
    bounds = [bound(grams, RELATIVE_SD[method]) for bound in (emission_g_p05, emission_g_p95)]
    return {
        "source_id": line,
        "sector_code": "industrial_process",
        "pollutant_code": pollutant,
        "hour_utc": hour(number),
        "emission_g": grams,
        "emission_g_p05": bounds[0],
        "emission_g_p95": bounds[1],
        "method_code": method,
    }


def audit(grams, line="a", sd=0.05, pollutant="NOx"):
    return {
        "production_line_id": line,
        "pollutant_code": pollutant,
        "month_start": date(2019, 1, 1),
        "audited_emission_g": grams,
        "relative_sd_share": sd,
    }


def settlement(spark, hours, audits, days=31, first=date(2019, 1, 1)):
    frames = [frame(spark, "emission_fused_hourly", hours), frame(spark, "audited_emission_monthly", audits)]
    references = [given(spark, name) for name in ("error_correlation", "pollutant_part")]
    return conform(
        settle_audit(*frames, *references, context=context_of(first, days)).toArrow(), schema.table("audit_settlement")
    )


def after(hours, settled, days=1):
    return anchor_emission(
        told("emission_fused_hourly", hours), settled, reference.read("pollutant_part"), context=context_of(days=days)
    )


def anchored(spark, hours, audits):
    rows = after(hours, settlement(spark, hours, audits), days=31)
    return conform(rows, schema.table("emission_industry_hourly"))


def total(rows, method=None):
    chosen = rows if method is None else rows.filter(pc.equal(rows["method_code"], method))
    return pc.sum(chosen["emission_g"]).as_py()


def test_a_modelled_month_is_scaled_by_audited_over_made(spark):
    hours = [fused(n, 100.0 if n % 2 else 300.0) for n in range(JANUARY)]
    rows = anchored(spark, hours, [audit(JANUARY * 250.0)])
    assert total(rows) == pytest.approx(JANUARY * 250.0, rel=1e-12)
    assert rows["emission_g"].to_pylist()[:2] == pytest.approx([375, 125], rel=0.01)
    assert set(rows["method_code"].to_pylist()) == {"modelled"}
    assert set(rows["is_anchored"].to_pylist()) == {True}


def test_measured_hours_move_little_and_the_month_still_adds_up(spark):
    hours = [fused(n, 100.0, "measured" if n < JANUARY // 2 else "modelled") for n in range(JANUARY)]
    rows = anchored(spark, hours, [audit(JANUARY * 110.0)])
    assert total(rows) == pytest.approx(JANUARY * 110.0, rel=1e-12)
    assert total(rows, "measured") == pytest.approx(JANUARY // 2 * 100.0, rel=0.01)
    assert total(rows, "modelled") == pytest.approx(JANUARY // 2 * 120.0, rel=0.01)


def test_the_audit_makes_an_hour_surer(spark):
    row = anchored(spark, [fused(n, 100.0) for n in range(JANUARY)], [audit(JANUARY * 100.0)]).to_pylist()[0]
    before = fused(0, 100.0)
    assert row["emission_g"] == pytest.approx(100)
    assert before["emission_g_p05"] < row["emission_g_p05"] < 100 < row["emission_g_p95"] < before["emission_g_p95"]


def test_an_audit_below_what_single_hours_could_give_leaves_none_negative(spark):
    hours = [fused(n, 100.0, "measured" if n < JANUARY // 2 else "modelled") for n in range(JANUARY)]
    for grams in (JANUARY * 5.0, 0.0):
        rows = anchored(spark, hours, [audit(grams)])
        assert total(rows) == pytest.approx(grams, rel=1e-12)
        assert pc.min(rows["emission_g"]).as_py() >= 0


def test_without_an_audit_everything_stays_as_it_was(spark):
    hours = [fused(n, 100.0 + n) for n in range(24)]
    rows = after(hours, told("audit_settlement", []))
    assert rows["emission_g"].to_pylist() == [100.0 + n for n in range(24)]
    assert set(rows["is_anchored"].to_pylist()) == {False}


def test_the_fine_part_of_an_audited_pollutant_keeps_its_share(spark):
    """PM10 is audited at half of the 100 g an hour: of the 80 g of PM2.5 remain 40, and the line next door keeps its 80."""
    hours = [
        fused(n, grams, pollutant=code, line=line)
        for n in range(JANUARY)
        for code, grams in (("PM10", 100.0), ("PM2.5", 80.0))
        for line in "ab"
    ]
    rows = anchored(spark, hours, [audit(JANUARY * 50.0, pollutant="PM10")]).to_pandas()
    fine = rows[rows.pollutant_code == "PM2.5"]
    assert fine[fine.source_id == "a"].emission_g.tolist() == pytest.approx([40.0] * JANUARY)
    assert fine[fine.source_id == "a"].is_anchored.all()
    assert set(fine[fine.source_id == "b"].emission_g) == {80.0}
    assert (fine.emission_g_p05 <= fine.emission_g).all()
    assert (fine.emission_g <= fine.emission_g_p95).all()


def test_an_audited_part_lifts_a_whole_that_has_no_audit(spark):
    hours = [
        fused(n, grams, pollutant=code) for n in range(JANUARY) for code, grams in (("PM10", 100.0), ("PM2.5", 80.0))
    ]
    rows = anchored(spark, hours, [audit(JANUARY * 120.0, pollutant="PM2.5")]).to_pandas()
    assert rows.emission_g.tolist() == pytest.approx([120.0] * 2 * JANUARY)


def test_a_measured_hour_of_a_part_stands_when_its_whole_is_audited(spark):
    """PM10 is audited at half of 100 g an hour: of the 30 g of PM2.5 remain 15 where they are modelled, 30 where they are measured."""
    coarse = [fused(n, 100.0, pollutant="PM10") for n in range(JANUARY)]
    fine = [fused(n, 30.0, "measured" if n < 24 else "modelled", pollutant="PM2.5") for n in range(JANUARY)]
    rows = anchored(spark, coarse + fine, [audit(JANUARY * 50.0, pollutant="PM10")]).to_pandas()
    found = rows[rows.pollutant_code == "PM2.5"].sort_values("hour_utc")
    assert found.emission_g.tolist() == pytest.approx([30.0] * 24 + [15.0] * (JANUARY - 24))
    assert found.is_anchored.tolist() == [False] * 24 + [True] * (JANUARY - 24)


def by_pollutant(rows):
    """The hours of each pollutant in order of time."""
    sorted_rows = rows.to_pandas().sort_values("hour_utc")
    return {code: mine.reset_index(drop=True) for code, mine in sorted_rows.groupby("pollutant_code")}


def within(part, whole):
    return all(
        (part[name] <= whole[name] * (1 + 1e-12)).all() for name in ("emission_g", "emission_g_p05", "emission_g_p95")
    )


def test_of_two_audits_that_agree_in_the_month_but_not_in_an_hour_the_part_is_cut_and_other_hours_take_the_mass(spark):
    """PM10 is 40 g by night and 160 g by day, as audited. PM2.5 is 50 g an hour and audited at 60: night holds 40, so day has 80."""
    night = range(0, JANUARY, 2)
    coarse = [fused(n, 40.0 if n in night else 160.0, pollutant="PM10") for n in range(JANUARY)]
    fine = [fused(n, 50.0, pollutant="PM2.5") for n in range(JANUARY)]
    audits = [audit(JANUARY * 100.0, pollutant="PM10"), audit(JANUARY * 60.0, pollutant="PM2.5")]
    settled = settlement(spark, coarse + fine, audits).to_pandas()
    assert {code: set(mine) for code, mine in settled.groupby("pollutant_code").audit_status_code} == {
        "PM10": {"settled"},
        "PM2.5": {"reconciled"},
    }
    found = by_pollutant(anchored(spark, coarse + fine, audits))
    assert found["PM10"].emission_g.tolist() == pytest.approx([40.0, 160.0] * (JANUARY // 2))
    assert found["PM2.5"].emission_g.tolist() == pytest.approx([40.0, 80.0] * (JANUARY // 2))
    assert found["PM2.5"].emission_g.sum() == pytest.approx(JANUARY * 60.0, rel=1e-12)
    assert found["PM2.5"].is_reconciled.tolist() == [True, False] * (JANUARY // 2)
    assert within(found["PM2.5"], found["PM10"])


def test_a_measured_part_lifts_its_audited_whole_in_that_hour_and_the_other_hours_of_the_whole_give(spark):
    """PM2.5 is measured at 90 g in every second hour; PM10 is made with 60 g an hour and audited so: 90 g there leave 30 g for the others."""
    coarse = [fused(n, 60.0, pollutant="PM10") for n in range(JANUARY)]
    fine = [
        fused(n, 90.0 if n % 2 else 20.0, "measured" if n % 2 else "modelled", pollutant="PM2.5")
        for n in range(JANUARY)
    ]
    audits = [audit(JANUARY * 60.0, pollutant="PM10")]
    found = by_pollutant(anchored(spark, coarse + fine, audits))
    assert found["PM10"].emission_g.tolist() == pytest.approx([30.0, 90.0] * (JANUARY // 2))
    assert found["PM10"].emission_g.sum() == pytest.approx(JANUARY * 60.0, rel=1e-12)
    assert found["PM2.5"].emission_g[1::2].tolist() == [90.0] * (JANUARY // 2)
    assert within(found["PM2.5"], found["PM10"])


def test_three_audits_of_a_chain_hold_in_every_hour_and_in_the_month(spark):
    """Total, coarse and fine particulate with shapes that cross; half of the fine hours are measured. Nothing is lost, nothing exceeds."""

    def made(n):
        grams = {
            "PM": 100.0 + 60 * (n % 2),
            "PM10": 90.0 - 30 * (n % 3),
            "PM2.5": 30.0 + 20 * (n % 5),
            "BC": 12.0 * (n % 4),
        }
        return [
            fused(n, g, "measured" if code == "PM2.5" and n % 4 < 2 else "modelled", pollutant=code)
            for code, g in grams.items()
        ]

    hours = [row for n in range(JANUARY) for row in made(n)]
    totals = {"PM": JANUARY * 120.0, "PM10": JANUARY * 95.0, "PM2.5": JANUARY * 72.0}
    found = by_pollutant(anchored(spark, hours, [audit(grams, pollutant=code) for code, grams in totals.items()]))
    assert {code: found[code].emission_g.sum() for code in totals} == pytest.approx(totals, rel=1e-11)
    for part, whole in (("PM10", "PM"), ("PM2.5", "PM10"), ("PM2.5", "PM"), ("BC", "PM2.5")):
        assert within(found[part], found[whole])
    assert all(
        (mine.emission_g_p05 <= mine.emission_g).all() and (mine.emission_g <= mine.emission_g_p95).all()
        for mine in found.values()
    )


@pytest.mark.parametrize(
    ("fine_audit", "fine_method"),
    [(110.0, "modelled"), (None, "measured")],
    ids=["audit of the part", "monitor of the part"],
)
def test_audits_that_cannot_be_met_in_every_hour_move_none_and_are_called_irreconcilable(
    spark, fine_audit, fine_method
):
    """100 g an hour of PM10 cannot hold 110 g of PM2.5; nor, where PM10 is audited at 70 g, the 80 g that are measured."""
    hours = [fused(n, 120.0, pollutant="PM10") for n in range(JANUARY)] + [
        fused(n, 80.0, fine_method, pollutant="PM2.5") for n in range(JANUARY)
    ]
    other = [fused(n, 10.0) for n in range(JANUARY)]
    audits = [audit(JANUARY * (100.0 if fine_audit else 70.0), pollutant="PM10"), audit(JANUARY * 11.0)]
    audits += [audit(JANUARY * fine_audit, pollutant="PM2.5")] if fine_audit else []
    status = (
        settlement(spark, hours + other, audits)
        .to_pandas()
        .groupby("pollutant_code")
        .audit_status_code.first()
        .to_dict()
    )
    assert status == {row["pollutant_code"]: "irreconcilable" for row in audits} | {"NOx": "settled"}
    found = by_pollutant(anchored(spark, hours + other, audits))
    assert (set(found["PM10"].emission_g), set(found["PM2.5"].emission_g)) == ({120.0}, {80.0})


@pytest.mark.parametrize(
    ("audits", "expected"),
    [
        ({"PM": 9.5}, (9.5, 9.5)),
        ({"PM10": 10.89}, (10.89, 10.89)),
        ({"PM": 9.95}, (9.95, 9.9)),
        ({"PM": 5.0}, (10.0, 9.9)),
        ({"PM": 5.0, "PM10": 9.0}, (10.0, 9.9)),
        ({"PM": 9.0, "PM10": 9.0}, (9.0, 9.0)),
    ],
    ids=[
        "the part goes with its whole",
        "the whole goes with its part",
        "neither is in the way",
        "beyond the error of the part's monitor",
        "more of the part than of the whole",
        "both audited alike",
    ],
)
def test_no_audit_sets_two_monitors_against_each_other(spark, audits, expected):
    """PM is measured at 10 g an hour, PM10 at 9.9 g; both monitors err by 10 %."""
    hours = [
        fused(n, grams, "measured", pollutant=code)
        for n in range(JANUARY)
        for code, grams in (("PM", 10.0), ("PM10", 9.9))
    ]
    rows = anchored(spark, hours, [audit(JANUARY * grams, pollutant=code) for code, grams in audits.items()])
    found = by_pollutant(rows)
    assert [found[code].emission_g.sum() / JANUARY for code in ("PM", "PM10")] == pytest.approx(expected, rel=1e-9)
    assert (found["PM10"].emission_g <= found["PM"].emission_g).all()
    assert part_findings(rows, Containment(reference.read("pollutant_part"))) == []
    moved = rows.to_pandas().query("is_anchored")
    assert moved.emission_before_audit_g.tolist() == [{"PM": 10.0, "PM10": 9.9}[code] for code in moved.pollutant_code]


@pytest.mark.parametrize(
    "times",
    [1e-6, 1 / 1000, 1 / 300, 1000.0, 1e6],
    ids=["millionth", "kilograms for grams", "three hundredth", "thousand", "million"],
)
def test_an_audit_that_is_off_by_hundreds_is_told_and_holds_up_no_other_line(spark, times):
    """Hours of 7 g, of 70 g and of nothing; the gate finds every estimate within its interval, and the line next door as it was."""
    hours = [fused(n, (7.0, 70.0, 0.0)[n % 3], line=line, pollutant="SO2") for n in range(JANUARY) for line in "ab"]
    made_g = sum(row["emission_g"] for row in hours) / 2
    audits = [audit(made_g * times, pollutant="SO2")]
    assert set(settlement(spark, hours, audits)["audit_status_code"].to_pylist()) == {"contradicts"}
    rows = anchored(spark, hours, audits)
    assert part_findings(rows, Containment(reference.read("pollutant_part"))) == []
    assert total(rows.filter(pc.equal(rows["source_id"], "a"))) == pytest.approx(made_g * times, rel=1e-9)
    assert total(rows.filter(pc.equal(rows["source_id"], "b"))) == pytest.approx(made_g)


def test_an_audit_beyond_what_any_line_emits_is_refused_when_it_is_registered():
    with pytest.raises(SchemaError, match=r"audited_emission_g: 1e\+300 is above 1e\+14"):
        conform(told("audited_emission_monthly", [audit(1e300)]), schema.table("audited_emission_monthly"))


def test_other_lines_and_other_months_do_not_move(spark):
    hours = [fused(n, 100.0) for n in range(JANUARY + 24)] + [fused(0, 7.0, line="b")]
    settled = settlement(spark, hours, [audit(JANUARY * 200.0)], days=32)
    rows = after(hours, settled, days=32).to_pandas()
    assert rows[rows.source_id == "b"].emission_g.tolist() == [7.0]
    assert set(rows[(rows.source_id == "a") & (rows.hour_utc >= hour(JANUARY))].emission_g) == {100.0}


def test_a_month_with_missing_hours_waits_and_a_far_audit_is_called_what_it_is(spark):
    missing = settlement(spark, [fused(n, 100.0) for n in range(JANUARY - 1)], [audit(1.0)])
    nothing = settlement(spark, [], [audit(1.0)])
    far = settlement(spark, [fused(n, 100.0, "measured") for n in range(JANUARY)], [audit(JANUARY * 900.0)])
    assert set(missing["audit_status_code"].to_pylist()) == {"incomplete"}
    assert (set(nothing["audit_status_code"].to_pylist()), set(nothing["method_code"].to_pylist())) == (
        {"incomplete"},
        {"none"},
    )
    assert set(far["audit_status_code"].to_pylist()) == {"contradicts"}


def test_an_audit_of_what_the_line_does_not_emit_is_called_so_and_does_not_wait_for_ever(spark):
    """The line is made, but never any SO2; a line of which nothing was made waits."""
    settled = settlement(
        spark,
        [fused(n, 100.0) for n in range(JANUARY)],
        [audit(1.0, pollutant="SO2"), audit(1.0, line="z", pollutant="SO2")],
    ).to_pandas()
    assert {line: set(rows.audit_status_code) for line, rows in settled.groupby("source_id")} == {
        "a": {"not_emitted"},
        "z": {"incomplete"},
    }


def test_a_window_without_a_whole_month_settles_nothing(spark):
    assert settlement(spark, [fused(n, 100.0) for n in range(24)], [audit(1.0)], days=1).num_rows == 0


def test_every_day_of_the_month_holds_its_settlement(spark):
    settled = settlement(spark, [fused(n, 100.0) for n in range(JANUARY)], [audit(JANUARY * 90.0)])
    assert settled["from_utc"].to_pylist() == [hour(24 * day) for day in range(31)]
    assert isinstance(settled, pa.Table)
