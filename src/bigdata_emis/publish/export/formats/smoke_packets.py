"""What SMOKE needs besides the inventory: profiles and cross-references with which an unchanged run has our totals.

Belongs here: GSPRO, GSREF, temporal profiles, county, grid description, and how to use them. Does not: the inventory.

**Source**: CEMPD/SMOKE: rdsprof.f (GSPRO), rdstcy.f (COSTCY columns); SMOKE user manual 5.0, input files.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from bigdata_emis.codes import Pollutant
from bigdata_emis.publish.export.export_request import ExportRequest
from bigdata_emis.publish.export.point_sources import PointMasses
from bigdata_emis.publish.export.speciation import CONTAINED, GRAMS, MOLES, Kind, Species, mix_of_sectors

POLLUTANTS = {
    Pollutant.NOX: "NOX",
    Pollutant.VOCS: "VOC",
    Pollutant.PM2_5: "PM2_5",
    Pollutant.PM_CONDENSABLE: "PMCOND",
    Pollutant.PM10: "PMC",
}
FLAT = "EFLAT"
README = """SMOKE files of {region}, {day} ({from_utc} to {to_utc} UTC)

ff10_point_*.csv          annual point inventory (PTINV), short tons a year: mass of the day x days of the year
ff10_hourly_point_*.csv   hourly values (PTHOUR), short tons an hour, hours of the date in UTC: they replace the annual
                          values in the exported hours; hours of the two dates that are not exported are 0
gspro.txt, gsref.txt      speciation for the molar matrix (Spcmat); codes of kinds of sources in kinds.csv
tref.csv, tpro_*.csv      flat temporal profiles; hourly values have priority
costcy.txt                one county {county} with time zone GMT; set SMK_DEFAULT_TZONE to 0 and OUTZONE to 0
griddesc.txt              the grid of the cells
stacks.csv                which facility is which stack of the registry
invtable.csv              pollutants to keep in INVTABLE, conversion factor 1

Settings: SMK_PTHOUR_YN Y, HOUR_SPECIFIC_YN Y, BASE_YEAR {year}, SMK_SPECIATION molar, no control, no growth.
Production lines are at their stacks. Stack parameters that are not registered are empty: SMOKE takes them from its own
PSTK file. All other emission is at the centre of its grid cell, as a source of the ground (erptype 01).
Coarse particulate PMC is PM10 less PM2.5; condensable particulate PMCOND is divided like PM2.5.
VOC_INV in gspro.txt is the whole mass of VOC, VOC_UNASSIGNED what of it is in no species of the mechanism.
"""


def smoke_name(pollutant: str) -> str:
    """The name of a pollutant in the files; coarse particulate is PM10 less PM2.5."""
    return POLLUTANTS.get(Pollutant(pollutant), pollutant)


class SmokeKind(NamedTuple):
    """A sector and industry under a code of ten digits in the place of an SCC; cells have no industry."""

    code: str
    sector: str
    industry: str


def write_packets(
    request: ExportRequest, points: PointMasses, kinds: Mapping[tuple[str, str], SmokeKind], folder: Path
) -> None:
    """Write every packet into the folder."""
    profiles, references = _speciation(request, points, kinds)
    attributes = request.attributes()
    _write(folder / "gspro.txt", profiles)
    _write(folder / "gsref.txt", references)
    _write(folder / "kinds.csv", ["scc,sector_code,industry_code", *(",".join(kind) for kind in kinds.values())])
    types = ("MONTHLY", "WEEKLY", "ALLDAY")
    _write(folder / "tref.csv", [f"0,,,,,,,{kind},{FLAT},default" for kind in types])
    for name, count in (("monthly", 12), ("weekly", 7), ("hourly", 24)):
        _write(folder / f"tpro_{name}.csv", [",".join([FLAT, *(["1"] * count)])])
    _write(folder / "costcy.txt", _counties())
    _write(folder / "griddesc.txt", _grid_description(request))
    names = sorted({smoke_name(kind.pollutant) for kind in _exported(request.kinds)})
    _write(folder / "invtable.csv", ["name,factor,keep", *(f"{name},1,Y" for name in names)])
    text = README.format(
        region=request.hours.region.region_id,
        day=request.hours.day,
        from_utc=request.hours.window.from_utc.isoformat(),
        to_utc=request.hours.window.to_utc.isoformat(),
        county="01001",
        year=request.start_utc.year,
    )
    _write(folder / "README.txt", [text, *(f"{name}: {value}" for name, value in attributes.items())])


def _speciation(
    request: ExportRequest, points: PointMasses, kinds: Mapping[tuple[str, str], SmokeKind]
) -> tuple[list[str], list[str]]:
    """The lines of GSPRO and GSREF: a profile for each different division, and the kinds that use it."""
    remaining = mix_of_sectors(request.profiles, points.remaining_kinds)
    named: dict[tuple[str, tuple[tuple[Species, float], ...]], str] = {}
    references = []
    for (sector, industry), smoke_kind in kinds.items():
        for pollutant in sorted({kind.pollutant for kind in _exported(request.kinds)}):
            if industry:
                amounts = request.profiles.species_of(Kind(pollutant, sector, industry))
            else:
                amounts = remaining.by_sector.get((pollutant, sector), {})
            if amounts:
                name = smoke_name(pollutant)
                key = (name, tuple(sorted(amounts.items())))
                profile = named.setdefault(key, f"E{len(named) + 1:04d}")
                references.append(f"{smoke_kind.code};{profile};{name};;;;;;;;;")
    lines = [
        f"{profile};{name};{species.name};{_split(species, amount)}"
        for (name, amounts_of_profile), profile in named.items()
        for species, amount in amounts_of_profile
    ]
    return lines, references


def _split(species: Species, amount: float) -> str:
    """Split factor, divisor and mass fraction: amount by gram = factor / divisor."""
    mass = species.molar_mass_g_per_mol
    if species.unit == MOLES and mass is not None:
        return f"{amount * mass:.12g};{mass:.12g};{amount * mass:.12g}"
    return f"{amount:.12g};1;{amount if species.unit == GRAMS else 0:.12g}"


def _exported(kinds: Mapping[Kind, float]) -> list[Kind]:
    return [kind for kind in kinds if kind.pollutant not in CONTAINED]


def _counties() -> list[str]:
    """The file of countries, states and counties, in the fixed columns that SMOKE reads."""
    county = f"{'':4}{'Exported region':<20}{'':1}0" + "01001" + f"{'':8}GMT"
    return ["/COUNTRY/", "0 US", "/STATE/", "001XX Exported region      GMT", "/COUNTY/", county]


def _grid_description(request: ExportRequest) -> list[str]:
    p, name = request.grid.parameters, request.grid.name
    projection = ", ".join(str(p[key]) for key in ("GDTYP", "P_ALP", "P_BET", "P_GAM", "XCENT", "YCENT"))
    cells = ", ".join(str(p[key]) for key in ("XORIG", "YORIG", "XCELL", "YCELL", "NCOLS", "NROWS"))
    return ["' '", "'EXPORT'", projection, "' '", f"'{name}'", f"'EXPORT', {cells}, 1", "' '"]


def _write(path: Path, lines: list[str]) -> None:
    path.write_bytes("".join(f"{line}\n" for line in lines).encode("ascii", "replace"))
