"""Hours benchmarked to audits: an audited month closes exactly, measured hours move little."""

import pyarrow.compute as pc
import pytest

from bigdata_emis import reference, schema
from bigdata_emis.errors import SchemaError
from bigdata_emis.inventory.anchor_emission import anchor_emission
from bigdata_emis.publish.gate.great_expectations_run import run_checks
from bigdata_emis.publish.gate.pollutant_checks import fraction_check
from bigdata_emis.reference.pollutant_hierarchy import Containment
from bigdata_emis.schema.arrow import conform
from tests.inventory.audit_frames import JANUARY, audit, fused, settlement
from tests.inventory.industry_frames import context_of, hour, make_table


def after(hours, settlement_rows, days=1):
    return anchor_emission(
        make_table("emission_fused_hourly", hours),
        settlement_rows,
        reference.read("pollutant_part"),
        context=context_of(days=days),
    )


def benchmarked(spark, hours, audits):
    rows = after(hours, settlement(spark, hours, audits), days=31)
    return conform(rows, schema.table("emission_industry_hourly"))


def total(rows, method=None):
    selected = rows if method is None else rows.filter(pc.equal(rows["method_code"], method))
    return pc.sum(selected["emission_g"]).as_py()


def test_a_modelled_month_is_scaled_by_audit_over_estimate(spark):
    hours = [fused(n, 100.0 if n % 2 else 300.0) for n in range(JANUARY)]
    rows = benchmarked(spark, hours, [audit(JANUARY * 250.0)])
    assert total(rows) == pytest.approx(JANUARY * 250.0, rel=1e-12)
    assert rows["emission_g"].to_pylist()[:2] == pytest.approx([375, 125], rel=0.01)
    assert set(rows["method_code"].to_pylist()) == {"modelled"}
    assert set(rows["is_anchored"].to_pylist()) == {True}


def test_measured_hours_move_little_and_the_month_closes(spark):
    hours = [fused(n, 100.0, "measured" if n < JANUARY // 2 else "modelled") for n in range(JANUARY)]
    rows = benchmarked(spark, hours, [audit(JANUARY * 110.0)])
    assert total(rows) == pytest.approx(JANUARY * 110.0, rel=1e-12)
    assert total(rows, "measured") == pytest.approx(JANUARY // 2 * 100.0, rel=0.01)
    assert total(rows, "modelled") == pytest.approx(JANUARY // 2 * 120.0, rel=0.01)


def test_an_audit_narrows_the_interval_of_an_hour(spark):
    row = benchmarked(spark, [fused(n, 100.0) for n in range(JANUARY)], [audit(JANUARY * 100.0)]).to_pylist()[0]
    before = fused(0, 100.0)
    assert row["emission_g"] == pytest.approx(100)
    assert before["emission_g_p05"] < row["emission_g_p05"] < 100 < row["emission_g_p95"] < before["emission_g_p95"]


def test_a_low_audit_leaves_no_hour_negative(spark):
    hours = [fused(n, 100.0, "measured" if n < JANUARY // 2 else "modelled") for n in range(JANUARY)]
    for grams in (JANUARY * 5.0, 0.0):
        rows = benchmarked(spark, hours, [audit(grams)])
        assert total(rows) == pytest.approx(grams, rel=1e-12)
        assert pc.min(rows["emission_g"]).as_py() >= 0


def test_without_an_audit_nothing_changes(spark):
    hours = [fused(n, 100.0 + n) for n in range(24)]
    rows = after(hours, make_table("audit_settlement", []))
    assert rows["emission_g"].to_pylist() == [100.0 + n for n in range(24)]
    assert set(rows["is_anchored"].to_pylist()) == {False}


def test_a_size_fraction_of_an_audited_total_keeps_its_share(spark):
    """PM10 is audited at half of its 100 g an hour: the 80 g of PM2.5 become 40; another line keeps its 80."""
    hours = [
        fused(n, grams, pollutant=code, line=line)
        for n in range(JANUARY)
        for code, grams in (("PM10", 100.0), ("PM2.5", 80.0))
        for line in "ab"
    ]
    rows = benchmarked(spark, hours, [audit(JANUARY * 50.0, pollutant="PM10")]).to_pandas()
    fine = rows[rows.pollutant_code == "PM2.5"]
    assert fine[fine.source_id == "a"].emission_g.tolist() == pytest.approx([40.0] * JANUARY)
    assert fine[fine.source_id == "a"].is_anchored.all()
    assert set(fine[fine.source_id == "b"].emission_g) == {80.0}
    assert (fine.emission_g_p05 <= fine.emission_g).all()
    assert (fine.emission_g <= fine.emission_g_p95).all()


def test_an_audited_fraction_raises_a_total_without_an_audit(spark):
    hours = [
        fused(n, grams, pollutant=code) for n in range(JANUARY) for code, grams in (("PM10", 100.0), ("PM2.5", 80.0))
    ]
    rows = benchmarked(spark, hours, [audit(JANUARY * 120.0, pollutant="PM2.5")]).to_pandas()
    assert rows.emission_g.tolist() == pytest.approx([120.0] * 2 * JANUARY)


def test_a_measured_hour_of_a_fraction_remains_when_its_total_is_audited(spark):
    """PM10 is audited at half of 100 g an hour: 30 g of PM2.5 become 15 where modelled, and remain where measured."""
    coarse = [fused(n, 100.0, pollutant="PM10") for n in range(JANUARY)]
    fine = [fused(n, 30.0, "measured" if n < 24 else "modelled", pollutant="PM2.5") for n in range(JANUARY)]
    rows = benchmarked(spark, coarse + fine, [audit(JANUARY * 50.0, pollutant="PM10")]).to_pandas()
    result = rows[rows.pollutant_code == "PM2.5"].sort_values("hour_utc")
    assert result.emission_g.tolist() == pytest.approx([30.0] * 24 + [15.0] * (JANUARY - 24))
    assert result.is_anchored.tolist() == [False] * 24 + [True] * (JANUARY - 24)


def by_pollutant(rows):
    """The hours of each pollutant in order of time."""
    sorted_rows = rows.to_pandas().sort_values("hour_utc")
    return {code: rows_of_code.reset_index(drop=True) for code, rows_of_code in sorted_rows.groupby("pollutant_code")}


def is_within(fraction, total_rows):
    return all(
        (fraction[name] <= total_rows[name] * (1 + 1e-12)).all()
        for name in ("emission_g", "emission_g_p05", "emission_g_p95")
    )


def test_a_fraction_audited_above_its_total_in_an_hour_is_capped_and_other_hours_take_the_mass(spark):
    """PM10 is 40 and 160 g in turn, as audited. PM2.5 is 50 g an hour, audited at 60: capped to 40, it has 80 else."""
    night = range(0, JANUARY, 2)
    coarse = [fused(n, 40.0 if n in night else 160.0, pollutant="PM10") for n in range(JANUARY)]
    fine = [fused(n, 50.0, pollutant="PM2.5") for n in range(JANUARY)]
    audits = [audit(JANUARY * 100.0, pollutant="PM10"), audit(JANUARY * 60.0, pollutant="PM2.5")]
    settlement_rows = settlement(spark, coarse + fine, audits).to_pandas()
    assert {
        code: set(rows_of_code) for code, rows_of_code in settlement_rows.groupby("pollutant_code").audit_status_code
    } == {"PM10": {"agrees"}, "PM2.5": {"reconciled"}}
    result = by_pollutant(benchmarked(spark, coarse + fine, audits))
    assert result["PM10"].emission_g.tolist() == pytest.approx([40.0, 160.0] * (JANUARY // 2))
    assert result["PM2.5"].emission_g.tolist() == pytest.approx([40.0, 80.0] * (JANUARY // 2))
    assert result["PM2.5"].emission_g.sum() == pytest.approx(JANUARY * 60.0, rel=1e-12)
    assert result["PM2.5"].is_reconciled.tolist() == [True, False] * (JANUARY // 2)
    assert is_within(result["PM2.5"], result["PM10"])


def test_a_measured_fraction_raises_its_audited_total_and_other_hours_of_the_total_compensate(spark):
    """PM2.5 is measured at 90 g in every second hour; PM10 is audited at 60 g an hour: 90 and 30 g in turn."""
    coarse = [fused(n, 60.0, pollutant="PM10") for n in range(JANUARY)]
    fine = [
        fused(n, 90.0 if n % 2 else 20.0, "measured" if n % 2 else "modelled", pollutant="PM2.5")
        for n in range(JANUARY)
    ]
    audits = [audit(JANUARY * 60.0, pollutant="PM10")]
    result = by_pollutant(benchmarked(spark, coarse + fine, audits))
    assert result["PM10"].emission_g.tolist() == pytest.approx([30.0, 90.0] * (JANUARY // 2))
    assert result["PM10"].emission_g.sum() == pytest.approx(JANUARY * 60.0, rel=1e-12)
    assert result["PM2.5"].emission_g[1::2].tolist() == [90.0] * (JANUARY // 2)
    assert is_within(result["PM2.5"], result["PM10"])


def test_three_audits_of_related_pollutants_are_consistent_in_every_hour_and_close_the_month(spark):
    """PM, PM10 and PM2.5 with profiles that cross; half of the fine hours are measured."""

    def modelled_hours(n):
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

    hours = [row for n in range(JANUARY) for row in modelled_hours(n)]
    totals = {"PM": JANUARY * 120.0, "PM10": JANUARY * 95.0, "PM2.5": JANUARY * 72.0}
    result = by_pollutant(benchmarked(spark, hours, [audit(grams, pollutant=code) for code, grams in totals.items()]))
    assert {code: result[code].emission_g.sum() for code in totals} == pytest.approx(totals, rel=1e-11)
    for fraction, total_code in (("PM10", "PM"), ("PM2.5", "PM10"), ("PM2.5", "PM"), ("BC", "PM2.5")):
        assert is_within(result[fraction], result[total_code])
    assert all(
        (rows_of_code.emission_g_p05 <= rows_of_code.emission_g).all()
        and (rows_of_code.emission_g <= rows_of_code.emission_g_p95).all()
        for rows_of_code in result.values()
    )


@pytest.mark.parametrize(
    ("fine_audit", "fine_method"),
    [(110.0, "modelled"), (None, "measured")],
    ids=["audit of the fraction", "monitor of the fraction"],
)
def test_audits_that_cannot_be_met_in_every_hour_are_irreconcilable_and_move_none(spark, fine_audit, fine_method):
    """100 g an hour of PM10 cannot contain 110 g of PM2.5; nor can 70 g contain the 80 g that are measured."""
    hours = [fused(n, 120.0, pollutant="PM10") for n in range(JANUARY)] + [
        fused(n, 80.0, fine_method, pollutant="PM2.5") for n in range(JANUARY)
    ]
    nox_hours = [fused(n, 10.0) for n in range(JANUARY)]
    audits = [audit(JANUARY * (100.0 if fine_audit else 70.0), pollutant="PM10"), audit(JANUARY * 11.0)]
    audits += [audit(JANUARY * fine_audit, pollutant="PM2.5")] if fine_audit else []
    status = (
        settlement(spark, hours + nox_hours, audits)
        .to_pandas()
        .groupby("pollutant_code")
        .audit_status_code.first()
        .to_dict()
    )
    assert status == {row["pollutant_code"]: "irreconcilable" for row in audits} | {"NOx": "agrees"}
    result = by_pollutant(benchmarked(spark, hours + nox_hours, audits))
    assert (set(result["PM10"].emission_g), set(result["PM2.5"].emission_g)) == ({120.0}, {80.0})


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
        "the fraction follows its total",
        "the total follows its fraction",
        "no conflict",
        "beyond the error of the monitor of the fraction",
        "more of the fraction than of the total",
        "both audited equally",
    ],
)
def test_no_audit_puts_a_measured_fraction_above_its_measured_total(spark, audits, expected):
    """PM is measured at 10 g an hour, PM10 at 9.9 g; both monitors have an error of 10 %."""
    hours = [
        fused(n, grams, "measured", pollutant=code)
        for n in range(JANUARY)
        for code, grams in (("PM", 10.0), ("PM10", 9.9))
    ]
    rows = benchmarked(spark, hours, [audit(JANUARY * grams, pollutant=code) for code, grams in audits.items()])
    result = by_pollutant(rows)
    assert [result[code].emission_g.sum() / JANUARY for code in ("PM", "PM10")] == pytest.approx(expected, rel=1e-9)
    assert (result["PM10"].emission_g <= result["PM"].emission_g).all()
    assert run_checks([fraction_check(rows, Containment(reference.read("pollutant_part")))]).findings == ()
    moved = rows.to_pandas().query("is_anchored")
    assert moved.emission_before_audit_g.tolist() == [{"PM": 10.0, "PM10": 9.9}[code] for code in moved.pollutant_code]


@pytest.mark.parametrize(
    "times",
    [1e-6, 1 / 1000, 1 / 300, 1000.0, 1e6],
    ids=["millionth", "kilograms for grams", "three hundredth", "thousand", "million"],
)
def test_an_audit_wrong_by_orders_of_magnitude_contradicts_and_affects_no_other_line(spark, times):
    """Hours of 7, 70 and 0 g; every estimate remains within its interval, and another line is unchanged."""
    hours = [fused(n, (7.0, 70.0, 0.0)[n % 3], line=line, pollutant="SO2") for n in range(JANUARY) for line in "ab"]
    made_g = sum(row["emission_g"] for row in hours) / 2
    audits = [audit(made_g * times, pollutant="SO2")]
    assert set(settlement(spark, hours, audits)["audit_status_code"].to_pylist()) == {"contradicts"}
    rows = benchmarked(spark, hours, audits)
    assert run_checks([fraction_check(rows, Containment(reference.read("pollutant_part")))]).findings == ()
    assert total(rows.filter(pc.equal(rows["source_id"], "a"))) == pytest.approx(made_g * times, rel=1e-9)
    assert total(rows.filter(pc.equal(rows["source_id"], "b"))) == pytest.approx(made_g)


def test_an_impossibly_large_audit_is_refused_at_registration():
    with pytest.raises(SchemaError, match=r"audited_emission_g: 1e\+300 is above 1e\+14"):
        conform(make_table("audited_emission_monthly", [audit(1e300)]), schema.table("audited_emission_monthly"))


def test_other_lines_and_other_months_are_unchanged(spark):
    hours = [fused(n, 100.0) for n in range(JANUARY + 24)] + [fused(0, 7.0, line="b")]
    settlement_rows = settlement(spark, hours, [audit(JANUARY * 200.0)], days=32)
    rows = after(hours, settlement_rows, days=32).to_pandas()
    assert rows[rows.source_id == "b"].emission_g.tolist() == [7.0]
    assert set(rows[(rows.source_id == "a") & (rows.hour_utc >= hour(JANUARY))].emission_g) == {100.0}
