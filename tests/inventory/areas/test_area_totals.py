"""Registered totals of which a counted pollutant is a part or the whole: values that a person can compute on paper."""

from itertools import chain

import pyarrow as pa
import pytest

from bigdata_emis import reference
from bigdata_emis.inventory.areas.area_totals import ANNUAL, annual_totals, totals_that_follow
from bigdata_emis.inventory.areas.counted_units import CountedEmission
from bigdata_emis.reference.pollutant_hierarchy import Containment


def count(pollutant, *tonnes, area="site", source="machines", sd=0.8):
    """Tonnes of stage I, II, … of one area."""
    stages = ("I", "II", "III")[: len(tonnes)] if source == "machines" else ("all",)
    return [
        CountedEmission(area, pollutant, stage, source, mass_t, sd, 0.8)
        for stage, mass_t in zip(stages, tonnes, strict=True)
    ]


def register(area="site", sd=0.5, **tonnes):
    rows = [
        {"activity_area_id": area, "pollutant_code": code, "annual_emission_t": mass_t, "relative_sd_share": sd}
        for code, mass_t in tonnes.items()
    ]
    return pa.Table.from_pylist(rows, pa.schema(list(ANNUAL)[:-1]))


def following(registered, *counted):
    return totals_that_follow(registered, list(chain(*counted)), Containment(reference.read("pollutant_part")))


def totals(registered, *counted):
    every = [*chain(*counted), *following(registered, *counted)]
    rows = annual_totals(registered, every).to_pylist()
    return {row["pollutant_code"]: (pytest.approx(row["annual_emission_t"]), row["annual_source_code"]) for row in rows}


def test_counted_pollutants_replace_the_register_and_others_stay():
    of_site = totals(register(CO2=50.0, NOx=50.0, BC=5.0), count("NOx", 4.0, 3.0))
    assert of_site == {"BC": (5.0, "registered_total"), "CO2": (50.0, "registered_total"), "NOx": (7.0, "machines")}


def test_a_registered_part_has_its_share_of_the_counted_total():
    """Of 20 t of PM2.5 in the register 8 were BC: of 5 t counted 2 are, where 8 would be more than the whole."""
    registered = register(**{"PM2.5": 20.0, "BC": 8.0, "OC": 3.0, "SO2": 1.0})
    assert totals(registered, count("PM2.5", 5.0)) == {
        "PM2.5": (5.0, "machines"),
        "BC": (2.0, "scaled_with_count"),
        "OC": (0.75, "scaled_with_count"),
        "SO2": (1.0, "registered_total"),
    }


def test_a_part_grows_with_a_count_above_the_register():
    berths = count("PM2.5", 60.0, source="movements")
    assert totals(register(**{"PM2.5": 20.0, "BC": 8.0}), berths)["BC"] == (24.0, "scaled_with_count")


def test_a_part_follows_the_smallest_counted_total_that_is_registered():
    """PM10 halves and PM2.5 becomes a quarter: BC is in PM2.5, and becomes a quarter, too."""
    registered = register(**{"PM10": 40.0, "PM2.5": 20.0, "BC": 8.0})
    assert totals(registered, count("PM10", 20.0), count("PM2.5", 5.0))["BC"] == (2.0, "scaled_with_count")


def test_without_a_count_of_pm25_its_part_and_itself_follow_pm10():
    of_site = totals(register(**{"PM10": 40.0, "PM2.5": 20.0, "BC": 8.0}), count("PM10", 10.0))
    assert of_site["PM2.5"] == (5.0, "scaled_with_count")
    assert of_site["BC"] == (2.0, "scaled_with_count")


def test_a_registered_whole_follows_the_largest_counted_part():
    """All particulate was 50 t with 40 t of PM10; 80 t of PM10 were counted."""
    registered = register(**{"PM": 50.0, "PM10": 40.0, "PM2.5": 20.0})
    assert totals(registered, count("PM10", 80.0), count("PM2.5", 20.0))["PM"] == (100.0, "scaled_with_count")


@pytest.mark.parametrize(
    ("black_carbon_t", "expected"),
    [(3.0, (3.0, "registered_total")), (5.0, (5.0, "registered_total")), (8.0, (5.0, "limited_by_count"))],
    ids=["below", "all of it", "above"],
)
def test_a_part_without_its_whole_in_the_register_stays_up_to_the_count(black_carbon_t, expected):
    counts = count("PM10", 6.0), count("PM2.5", 4.0, 1.0)
    assert totals(register(BC=black_carbon_t), *counts)["BC"] == expected


def test_a_whole_without_its_part_in_the_register_is_no_less_than_the_count():
    counts = count("PM10", 6.0), count("PM2.5", 5.0)
    assert totals(register(PM=4.0), *counts)["PM"] == (6.0, "limited_by_count")


def test_a_part_scaled_by_pm10_is_limited_to_the_counted_pm25():
    """8 of 10 t of PM10 would be 16 of 20 t, of which 12 t are PM2.5."""
    counts = count("PM10", 20.0), count("PM2.5", 12.0)
    assert totals(register(PM10=10.0, BC=8.0), *counts)["BC"] == (12.0, "limited_by_count")


@pytest.mark.parametrize("registered_t", [0.0, 20.0])
def test_nothing_counted_leaves_nothing_of_its_parts(registered_t):
    of_site = totals(register(**{"PM2.5": registered_t, "BC": 8.0}), count("PM2.5", 0.0))
    assert of_site["BC"] == (0.0, "scaled_with_count" if registered_t else "limited_by_count")


def test_another_area_with_the_same_pollutants_keeps_its_register():
    registered = pa.concat_tables(
        [register(**{"PM2.5": 20.0, "BC": 8.0}), register("farm", **{"PM2.5": 9.0, "BC": 4.0})]
    )
    rows = annual_totals(registered, [*count("PM2.5", 5.0), *following(registered, count("PM2.5", 5.0))]).to_pylist()
    of_farm = {row["pollutant_code"]: row["annual_emission_t"] for row in rows if row["activity_area_id"] == "farm"}
    assert of_farm == {"PM2.5": 9.0, "BC": 4.0}


@pytest.mark.parametrize(("registered_sd", "expected"), [(0.5, 0.8), (1.2, 1.2)])
def test_a_part_has_the_stages_and_confidence_of_the_count_and_the_larger_error(registered_sd, expected):
    registered = register(sd=registered_sd, **{"PM2.5": 20.0, "BC": 8.0})
    assert following(registered, count("PM2.5", 4.0, 1.0)) == [
        CountedEmission("site", "BC", "I", "scaled_with_count", pytest.approx(1.6), expected, 0.8),
        CountedEmission("site", "BC", "II", "scaled_with_count", pytest.approx(0.4), expected, 0.8),
    ]


def test_equal_totals_are_not_limited_by_rounding():
    """0.1 + 0.2 is not 0.3 in binary: all of a whole is still no more than the whole."""
    of_site = totals(register(**{"PM2.5": 0.7, "BC": 0.7}), count("PM2.5", 0.1, 0.2, 0.3))
    assert of_site["BC"] == (0.6, "scaled_with_count")
