"""Builder of the measured region nys: registry and hourly files from public data; its result is committed.

Belongs here: identifiers, names, places and the hourly files. Does not: emission rates (nys_factors), use at run time.

    python -m bigdata_emis.demo.nys.build_nys DATA [FOLDER]

DATA: folder with cems_nys_hourly_heat and cems_us_avert (see the README of the region). FOLDER: the region folder.
"""

import csv
import re
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bigdata_emis.codes import ActivityUnit, Industry, MeterRole, Sector
from bigdata_emis.demo.nys.nys_factors import POLLUTANTS, make_unit_factors
from bigdata_emis.settings import PACKAGE
from bigdata_emis.validate.nys.data import GJ_PER_MMBTU, KWH_PER_MWH, read_years

YEARS = (2017, 2018, 2019)
HOURLY_FOLDER, RATES_FOLDER = "cems_nys_hourly_heat", "cems_us_avert"
INDUSTRY = {"Coal": Industry.COAL_POWER, "Natural Gas": Industry.GAS_POWER}
OTHER_INDUSTRY = Industry.OIL_POWER
SECTOR = Sector.STATIONARY_COMBUSTION
INTERVAL_MIN = 60
PROJECT_SOURCE = "AndersonEnergyLab-Cornell/NYgrid genParamAll.csv, thermalGenMatched_2019.xlsx"
COMPRESSION_LEVEL = 19
REGION_FOLDER = PACKAGE / "regions" / "nys"


def build_nys(data: Path, folder: Path) -> dict[str, int]:
    """Write the registry and the hourly files of the region; return the number of rows of each."""
    hours = {year: read_years(data, (year,)).hours for year in YEARS}
    names = sorted({name for table in hours.values() for name in table["production_line_id"].unique().to_pylist()})
    units = _read_units(data / HOURLY_FOLDER, names)
    matches = _read_matches(data / HOURLY_FOLDER, names)
    factors = make_unit_factors(units, matches, data / RATES_FOLDER)
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


def _read_units(folder: Path, names: list[str]) -> pd.DataFrame:
    """Return one row a unit with hours, by its name: two units can have the same market number (PTID)."""
    parameters = pd.read_csv(folder / "genParamAll.csv").drop_duplicates("NYISOName").set_index("NYISOName")
    units = parameters.loc[names].reset_index(names="name_en")
    units["production_line_id"] = [f"ny-{_slug(name)}" for name in units["name_en"]]
    units["industry_code"] = [INDUSTRY.get(fuel, OTHER_INDUSTRY) for fuel in units["FuelType"]]
    plants = _read_matches(folder, names).drop_duplicates("NYISO Name").set_index("NYISO Name")
    plant_rows = zip(plants.index, plants["Facility ID"], plants["Facility Name"], strict=True)
    plant_by_name = {str(name): (f"ny-{plant}", str(plant_name)) for name, plant, plant_name in plant_rows}
    places = list(zip(units["name_en"].str.split().str[0], units["Latitude"], units["Longitude"], strict=True))
    plant_by_place = {
        place: plant_by_name[name]
        for place, name in zip(places, units["name_en"], strict=True)
        if name in plant_by_name
    }
    plant_of_unit = [
        plant_by_name.get(name) or plant_by_place.get(place) or _make_plant(name)
        for place, name in zip(places, units["name_en"], strict=True)
    ]
    return units.assign(
        enterprise_id=[plant[0] for plant in plant_of_unit], plant=[plant[1] for plant in plant_of_unit]
    )


def _read_matches(folder: Path, names: list[str]) -> pd.DataFrame:
    """Read the EPA units of each market unit (many to one), matched by name."""
    joined = pd.read_csv(folder / "ptid_to_epa_unit_2019.csv", dtype={"Unit ID": str})
    return joined[joined["NYISO Name"].isin(names)]


def _make_plant(name: str) -> tuple[str, str]:
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
    """Return the units; capacity is the fuel heat at full load by the linear heat-rate curve of the source."""
    full_mmbtu = units["HeatRateLM_1"] * units["maxPower"] + units["HeatRateLM_0"]
    return pd.DataFrame(
        {
            "production_line_id": units["production_line_id"],
            "enterprise_id": units["enterprise_id"],
            "sector_code": SECTOR,
            "industry_code": units["industry_code"],
            "grade_code": "",
            "activity_unit_code": ActivityUnit.GJ,
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
            "meter_role_code": MeterRole.GENERATION,
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
    """Write load and heat by unit and hour, in the units of the source; sorted, because neighbours compress well."""
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
    """Build into the folder of the package, or into the folder given as second argument."""
    data = Path(sys.argv[1])
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else REGION_FOLDER
    for name, rows in build_nys(data, folder).items():
        sys.stdout.write(f"{name:<20}{rows:>10}\n")
    sys.stdout.write(f"pollutants: {', '.join(POLLUTANTS)}\n")


if __name__ == "__main__":
    main()
