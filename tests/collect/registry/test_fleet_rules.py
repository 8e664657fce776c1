"""Own fleets and traffic restrictions that are refused, and where."""

import pytest

from bigdata_emis.collect.register import read_registry_table, register
from bigdata_emis.collect.registry.fleet_rules import check_own_fleets
from bigdata_emis.errors import InputError
from bigdata_emis.flow import REGISTRY_FILES
from tests.collect.registry_files import WORKS, write

ROADS = (
    "link_id,road_class_code,length_km,free_speed_km_per_h,jam_density_veh_per_km,geometry_wkt,city_name,county_id\n"
    "r,primary,1,60,120,POINT (116.4 39.9),Beijing,110101\n"
)
FLEET = (
    "local_fleet_id,city_name,county_id,fleet_day_code,from_local_hour,to_local_hour,valid_from,valid_to,"
    "is_counted_on_road,vehicle_class_code,fuel_code,emission_stage_code,fleet_share,source\n"
)
CARS = "false,LPV_mini_small,gasoline,IV,"
TRUCKS = "false,HeavyT,diesel,III,"
WHOLE = f"a,Beijing,,,,,,,{CARS}0.7,count\na,Beijing,,,,,,,{TRUCKS}0.3,count\n"
BANS = (
    "traffic_restriction_id,city_name,vehicle_class_code,from_local_hour,to_local_hour,valid_from,valid_to,"
    "banned_share,compliance_share,source\n"
)
BAN, SHARES = "Beijing,HeavyT,7,20", "1,1,notice\n"


def check(folder, **files):
    context = write(folder, **{**WORKS, "road_link": ROADS, **files})
    frames = {name: read_registry_table(folder / "registry", name) for name in REGISTRY_FILES}
    check_own_fleets(frames, context.region.folder)


def alone(name, selectors, share="1"):
    """A fleet of cars alone; selectors: city, county, day, hours, dates."""
    return f"{name},{selectors},{CARS}{share},count\n"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        pytest.param(
            {"local_fleet": FLEET + WHOLE.replace("0.3", "0.2")},
            r"local_fleet\.csv, row 3, column fleet_share: the 2 rows of fleet a sum to 0\.9; expected 1; correct",
            id="shares off one",
        ),
        pytest.param(
            {
                "local_fleet": FLEET
                + WHOLE.replace("a,Beijing,,,,,,,false,HeavyT", "a,Beijing,,monday,,,,,false,HeavyT")
            },
            r"local_fleet\.csv, row [23], column fleet_day_code: '.*'; another row of fleet a has '.*'; give all rows",
            id="a fleet with two days",
        ),
        pytest.param(
            {"local_fleet": FLEET + alone("a", "Peking,,,,,,")},
            r"row 2, column city_name: no road link has 'Peking'; write city_name and county_id as in road_link",
            id="city without a link",
        ),
        pytest.param(
            {"local_fleet": FLEET + alone("a", "Beijing,110102,,,,,")},
            r"row 2, column county_id: no road link has '110102' in city_name 'Beijing'",
            id="county without a link",
        ),
        pytest.param(
            {"local_fleet": FLEET + alone("a", ",,,8,,,")},
            r"row 2, column to_local_hour: it is empty; give both hours, or neither",
            id="hours without end",
        ),
        pytest.param(
            {"local_fleet": FLEET + alone("a", ",,,8,8,,")},
            r"row 2, column to_local_hour: 8 is the first hour, too",
            id="no hour",
        ),
        pytest.param(
            {"local_fleet": FLEET + alone("a", "Beijing,,,7,20,,") + alone("b", "Beijing,,,19,23,,")},
            r"row 3: fleet b holds in hours in which fleet a does, and neither is more specific",
            id="two fleets in an hour",
        ),
        pytest.param(
            {"traffic_restriction": BANS + "x,Tianjin,,,,2015-12-01,,1,1,notice\n"},
            r"traffic_restriction\.csv, row 2, column city_name: no road link has 'Tianjin'",
            id="restriction of a city without a link",
        ),
        pytest.param(
            {"traffic_restriction": BANS + "x,,HeavyT,,,2015-12-02,2015-12-01,1,1,notice\n"},
            r"row 2, column valid_to: 2015-12-01 is before valid_from 2015-12-02",
            id="restriction that ends before it begins",
        ),
        pytest.param(
            {"traffic_restriction": BANS + f"x,{BAN},2015-12-01,,{SHARES}y,{BAN},2015-12-05,2015-12-09,{SHARES}"},
            r"traffic_restriction\.csv, row 3: restriction y repeats x in hours in which both hold",
            id="restriction that is there twice",
        ),
        pytest.param(
            {
                "road_link": ROADS + "s,primary,1,60,120,POINT (116.4 39.9),Tianjin,110101\n",
                "local_fleet": FLEET + alone("a", ",110101,,,,,"),
            },
            r"links of county_id 110101 are in the cities 'Beijing' and 'Tianjin'",
            id="county in two cities",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_file_and_row(tmp_path, files, message):
    with pytest.raises(InputError, match=message) as refusal:
        check(tmp_path, **files)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "other",
    [
        f"{BAN},2016-01-01,,{SHARES}",
        f"Beijing,HeavyT,20,7,2015-12-01,,{SHARES}",
        f"Beijing,MediumT,7,20,2015-12-01,,{SHARES}",
        f",HeavyT,7,20,2015-12-01,,{SHARES}",
        f"{BAN},2015-12-01,,0.2,1,notice\n",
    ],
)
def test_restrictions_that_differ_hold_together(tmp_path, other):
    check(tmp_path, traffic_restriction=BANS + f"x,{BAN},2015-12-01,2015-12-31,{SHARES}" + f"y,{other}")


@pytest.mark.parametrize(
    "fleets",
    [
        WHOLE,
        alone("a", "Beijing,,,7,20,,") + alone("b", "Beijing,,,20,7,,"),
        alone("a", "Beijing,,,7,20,,") + alone("b", "Beijing,,,,,,"),
        alone("a", "Beijing,,monday,,,,") + alone("b", "Beijing,,workday,,,,"),
        alone("a", "Beijing,,workday,,,,") + alone("b", "Beijing,,day_off,,,,"),
        alone("a", ",,,,,,2015-12-31") + alone("b", ",,,,,2016-01-01,"),
        alone("a", "Beijing,110101,,,,,") + alone("b", "Beijing,,,,,,"),
    ],
    ids=["two classes", "day and night", "hours in all", "monday in workdays", "week and weekend", "years", "places"],
)
def test_fleets_of_which_one_is_more_specific_are_accepted(tmp_path, fleets):
    check(tmp_path, local_fleet=FLEET + fleets)


def test_the_registry_refuses_them_too(tmp_path):
    broken = FLEET + WHOLE.replace("0.3", "0.2")
    with pytest.raises(InputError, match="sum to 0.9"):
        register(context=write(tmp_path, **{**WORKS, "road_link": ROADS, "local_fleet": broken}))
