"""Units of providers, and what a value in them is in the unit of our field.

Belongs here: the units that feeds.toml may name. Does not: which value has which unit (values).

Source: NIST Special Publication 811 (2008), appendix B, for the factors; molar masses of IUPAC (2021); molar volumes of
an ideal gas at 1013.25 hPa.
"""

import re
from dataclasses import dataclass
from unicodedata import normalize

from bigdata_emis import schema
from bigdata_emis.errors import InputError

STACK_MOLAR_VOLUME_L = 22.414
"""Litres of one mole at 273.15 K, the standard state of stack gas (HJ 212-2017, annex D, which rounds to 22.4)."""
AMBIENT_MOLAR_VOLUME_L = 24.465
"""Litres of one mole at 298.15 K, the reference state of gases in ambient air (GB 3095-2012, amendment of 2018)."""
MOLAR_MASS_G = {"SO2": 64.066, "NO2": 46.006, "NOx": 46.006, "O3": 47.997, "CO": 28.010, "NH3": 17.031, "CO2": 44.009}
"""Grams of one mole; NOx counts as NO2."""


@dataclass(frozen=True)
class Conversion:
    """value × factor + offset is a value in our unit; `is_rate`: times the hours of its interval."""

    factor: float
    offset: float = 0.0
    is_rate: bool = False


def _scale(**factors: float) -> dict[str, Conversion]:
    return {name: Conversion(factor) for name, factor in factors.items()}


ENERGY = {
    **{"kwh": Conversion(1), "wh": Conversion(1e-3), "mwh": Conversion(1e3), "gwh": Conversion(1e6)},
    **{"度": Conversion(1), "千瓦时": Conversion(1), "万千瓦时": Conversion(1e4), "兆瓦时": Conversion(1e3)},
    **{"万kwh": Conversion(1e4), "万度": Conversion(1e4), "亿kwh": Conversion(1e8), "亿千瓦时": Conversion(1e8)},
    **{"kj": Conversion(1 / 3600), "mj": Conversion(1 / 3.6), "gj": Conversion(1 / 0.0036)},
    **{"w": Conversion(1e-3, is_rate=True), "kw": Conversion(1, is_rate=True), "mw": Conversion(1e3, is_rate=True)},
    **{"千瓦": Conversion(1, is_rate=True), "兆瓦": Conversion(1e3, is_rate=True)},
}
UNITS: dict[str, dict[str, Conversion]] = {
    "kilowatt_hour": ENERGY,
    "microgram/meter**3": _scale(**{"ug/m3": 1, "mg/m3": 1e3, "ng/m3": 1e-3, "g/m3": 1e6})
    | _scale(**{"微克/立方米": 1, "毫克/立方米": 1e3}),
    "milligram/meter**3": _scale(**{"mg/m3": 1, "mg/nm3": 1, "ug/m3": 1e-3, "g/m3": 1e3, "毫克/立方米": 1}),
    "degree_Celsius": {
        **{name: Conversion(1) for name in ("c", "degc", "℃", "celsius")},
        **{name: Conversion(1, -273.15) for name in ("k", "kelvin")},
        **{name: Conversion(5 / 9, -160 / 9) for name in ("f", "degf", "℉", "fahrenheit")},
    },
    "kilometer/hour": _scale(**{"km/h": 1, "kmh": 1, "kph": 1, "m/s": 3.6, "mph": 1.609344, "公里/小时": 1}),
    "meter/second": _scale(**{"m/s": 1, "km/h": 1 / 3.6, "kn": 1852 / 3600, "kt": 1852 / 3600, "mph": 0.44704}),
    "hectopascal": _scale(hpa=1, mbar=1, pa=0.01, kpa=10, mmhg=1.333224, inhg=33.86389),
    "millimeter": _scale(**{"mm": 1, "cm": 10, "m": 1000, "in": 25.4, "inch": 25.4}),
    "meter**3/hour": _scale(**{"m3/h": 1, "nm3/h": 1, "m3/min": 60, "m3/s": 3600, "nm3/s": 3600, "万m3/h": 1e4})
    | _scale(**{"立方米/小时": 1, "scfh": 0.028316847, "scfm": 0.028316847 * 60}),
    "1": _scale(**{"1": 1, "%": 0.01, "percent": 0.01, "share": 1}),
    "1/hour": _scale(**{"veh/h": 1, "veh/5min": 12, "veh/15min": 4, "veh/min": 60, "辆/小时": 1}),
}
GAS_SHARES = {"ppm": 1.0, "ppmv": 1.0, "ppb": 1e-3, "ppbv": 1e-3}
"""Units of the share of a gas in parts per million."""
GAS_UNITS = {"microgram/meter**3": 1e3 / AMBIENT_MOLAR_VOLUME_L, "milligram/meter**3": 1 / STACK_MOLAR_VOLUME_L}
"""By the unit of our field: concentration for one part per million and one gram a mole."""
SPELLED = str.maketrans({"μ": "u", "·": "", "・": "", "⋅": "", "^": "", "°": "", " ": "", "\N{MINUS SIGN}": "-"})


def conversion(unit: str, field_name: str, pollutant: str = "") -> Conversion:
    """What a value in a provider's unit is in that of our field.

    Raises:
        InputError: the unit is not known for the field, or a share of a gas whose mass is not known.
    """
    ours = schema.field(field_name).unit
    name = re.sub(r"\.?m-3$", "/m3", normalize("NFKC", unit).translate(SPELLED).lower().replace("**", ""))
    known = UNITS.get(ours, {})
    if name in known:
        return known[name]
    if name in GAS_SHARES and ours in GAS_UNITS:
        if pollutant not in MOLAR_MASS_G:
            what = f"unit '{unit}' of {pollutant or 'no pollutant'}: expected a mass concentration"
            raise InputError(what, f"a share of volume is known for {', '.join(MOLAR_MASS_G)}")
        return Conversion(GAS_SHARES[name] * GAS_UNITS[ours] * MOLAR_MASS_G[pollutant])
    listed = ", ".join([*known, *(GAS_SHARES if ours in GAS_UNITS else ())]) or "none, use factors"
    raise InputError(f"unit '{unit}' of {field_name} is unknown", f"write one of {listed}")
