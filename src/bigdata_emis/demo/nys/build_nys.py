"""Builds the region nys (registry and hourly files) from the public data it stands on; run by hand, its result is committed.

Belongs here: identifiers, names, places and the hourly files. Does not: emission rates (nys_factors), or anything at run time.

    python -m bigdata_emis.demo.nys.build_nys DATA [FOLDER]

DATA holds cems_nys_hourly_heat and cems_us_avert as described in the region's README; FOLDER is the region's.
"""

import csv
import re
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bigdata_emis.demo.nys.nys_factors import POLLUTANTS, unit_factors
from bigdata_emis.validate.nys.data import GJ_PER_MMBTU, KWH_PER_MWH, read_years

YEARS = (2017, 2018, 2019)
HOURLY, RATES = "cems_nys_hourly_heat", "cems_us_avert"
INDUSTRY = {"Coal": "coal_power", "Natural Gas": "gas_power"}
OTHER_INDUSTRY = "oil_power"
SECTOR = "stationary_combustion"
INTERVAL_MIN = 60
PROJECT_SOURCE = "AndersonEnergyLab-Cornell/NYgrid genParamAll.csv, thermalGenMatched_2019.xlsx"
COMPRESSION_LEVEL = 19


def build_nys(data: Path, folder: Path) -> dict[str, int]:
    """Write registry and hourly files of the region, and give the rows of each."""
    hours = {year: read_years(data, (year,)).hours for year in YEARS}
    names = sorted({name for table in hours.values() for name in table["production_line_id"].unique().to_pylist()})
    units = _units(data / HOURLY, names)
    matched = _matched(data / HOURLY, names)
    factors = unit_factors(units, matched, data / RATES)
    tables = {
        "enterprise": _enterprises(units),
        "production_line": _lines(units),
        "meter": _meters(units),
        "emission_factor": factors[
            [
                "production_line_id",
                "pollutant_code",
                "emission_factor_g_per_unit",
                "removal_share",
                "relative_sd_share",
                "source",
                "confidence",
            ]
        ],
    }
    rows = {name: _write_csv(table, folder / "registry" / f"{name}.csv") for name, table in tables.items()}
    for year, table in hours.items():
        rows[f"thermal_{year}"] = _write_hours(table, units, folder / "data" / f"thermal_{year}.parquet")
    return rows


def _units(folder: Path, names: list[str]) -> pd.DataFrame:
    """One row a unit that has hours, by its name: one market number (PTID) may stand for two units."""
    given = pd.read_csv(folder / "genParamAll.csv").drop_duplicates("NYISOName").set_index("NYISOName")
    units = given.loc[names].reset_index(names="name_en")
    units["production_line_id"] = [f"ny-{_slug(name)}" for name in units["name_en"]]
    units["industry_code"] = [INDUSTRY.get(fuel, OTHER_INDUSTRY) for fuel in units["FuelType"]]
    plants = _matched(folder, names).drop_duplicates("NYISO Name").set_index("NYISO Name")
    named = zip(plants.index, plants["Facility ID"], plants["Facility Name"], strict=True)
    known = {str(name): (f"ny-{plant}", str(plant_name)) for name, plant, plant_name in named}
    places = list(zip(units["name_en"].str.split().str[0], units["Latitude"], units["Longitude"], strict=True))
    at_place = {place: known[name] for place, name in zip(places, units["name_en"], strict=True) if name in known}
    found = [
        known.get(name) or at_place.get(place) or _own_plant(name)
        for place, name in zip(places, units["name_en"], strict=True)
    ]
    return units.assign(enterprise_id=[plant[0] for plant in found], plant=[plant[1] for plant in found])


def _matched(folder: Path, names: list[str]) -> pd.DataFrame:
    """The EPA units of each market unit (many to one), matched by name."""
    joined = pd.read_csv(folder / "ptid_to_epa_unit_2019.csv", dtype={"Unit ID": str})
    return joined[joined["NYISO Name"].isin(names)]


def _own_plant(name: str) -> tuple[str, str]:
    station = name.split()[0]
    return f"ny-{_slug(station)}", station


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _enterprises(units: pd.DataFrame) -> pd.DataFrame:
    plants = units.groupby("enterprise_id", as_index=False).first()
    return pd.DataFrame(
        {
            "enterprise_id": plants["enterprise_id"],
            "name_en": plants["plant"],
            "name_zh": "",
            "industry_code": plants["industry_code"],
            "grade_code": "",
            "city_name": "",
            "county_id": "",
            "longitude_deg": plants["Longitude"],
            "latitude_deg": plants["Latitude"],
            "source": PROJECT_SOURCE,
        }
    )


def _lines(units: pd.DataFrame) -> pd.DataFrame:
    """Units; capacity is the fuel heat at full load by the straight heat-rate line of the source."""
    full_mmbtu = units["HeatRateLM_1"] * units["maxPower"] + units["HeatRateLM_0"]
    return pd.DataFrame(
        {
            "production_line_id": units["production_line_id"],
            "enterprise_id": units["enterprise_id"],
            "sector_code": SECTOR,
            "industry_code": units["industry_code"],
            "grade_code": "",
            "activity_unit_code": "GJ",
            "capacity_per_h": (full_mmbtu * GJ_PER_MMBTU).round(1),
            "base_load_share": 0,
            "power_elasticity": 1,
            "reference_energy_kwh": (units["maxPower"] * KWH_PER_MWH).round(0),
            "fuel_name": units["FuelType"],
        }
    )


def _meters(units: pd.DataFrame) -> pd.DataFrame:
    line = units["production_line_id"]
    return pd.DataFrame(
        {
            "meter_id": line + "-generation",
            "production_line_id": line,
            "meter_role_code": "generation",
            "interval_min": INTERVAL_MIN,
        }
    )


def _write_csv(table: pd.DataFrame, path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(table.columns)
        writer.writerows(table.sort_values(list(table.columns[:2])).itertuples(index=False))
    return len(table)


def _write_hours(hours: pa.Table, units: pd.DataFrame, path: Path) -> int:
    """Load and heat as the source reports them, in its units, by unit and hour; small because neighbours are alike."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = pd.Series(units["production_line_id"].array, index=units["name_en"])
    ordered = hours.sort_by([("production_line_id", "ascending"), ("hour_utc", "ascending")]).to_pandas()
    identity = line.loc[ordered["production_line_id"]].array
    table = pa.table(
        {
            "production_line_id": pa.array(identity, pa.string()).dictionary_encode(),
            "meter_id": pa.array(identity + "-generation", pa.string()).dictionary_encode(),
            "hour_utc": pa.array(ordered["hour_utc"], pa.timestamp("us", "UTC")),
            "gross_load_mw": pa.array(ordered["energy_kwh"] / KWH_PER_MWH, pa.float32()),
            "heat_input_mmbtu": pa.array(ordered["activity"] / GJ_PER_MMBTU, pa.float32()),
        }
    )
    split, packed = "BYTE_STREAM_SPLIT", "DELTA_BINARY_PACKED"
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=COMPRESSION_LEVEL,
        row_group_size=len(ordered),
        use_dictionary=["production_line_id", "meter_id"],
        column_encoding={"hour_utc": packed, "gross_load_mw": split, "heat_input_mmbtu": split},
    )
    return len(ordered)


def main() -> None:
    """Build into the folder of the package, or another."""
    data = Path(sys.argv[1])
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent.parent / "regions" / "nys"  # noqa: PLR2004
    for name, rows in build_nys(data, folder).items():
        sys.stdout.write(f"{name:<20}{rows:>10}\n")
    sys.stdout.write(f"pollutants: {', '.join(POLLUTANTS)}\n")


if __name__ == "__main__":
    main()
