"""Builders of hours and audits of one month, for the tests of the two stages that benchmark to audits."""

from datetime import date

from bigdata_emis import schema
from bigdata_emis.equations.uncertainty import emission_g_p05, emission_g_p95
from bigdata_emis.inventory.settle_audit import settle_audit
from bigdata_emis.schema.arrow import conform
from tests.inventory.industry_frames import context_of, hour, make_frame, reference_frame

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
    frames = [make_frame(spark, "emission_fused_hourly", hours), make_frame(spark, "audited_emission_monthly", audits)]
    references = [reference_frame(spark, name) for name in ("error_correlation", "pollutant_part")]
    return conform(
        settle_audit(*frames, *references, context=context_of(first, days)).toArrow(), schema.table("audit_settlement")
    )
