"""True emission of the simulated road links: factors of the guide, each with a hidden error, on the true traffic.

Belongs here: hidden emission of road links. Does not: the inventory's own calculation, which does not have the errors.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from bigdata_emis import reference
from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.codes import Pollutant
from bigdata_emis.demo.plan import draw_lognormal, random_stream, read_shipped
from bigdata_emis.equations.traffic import REFERENCE_SPEED_KM_PER_H
from bigdata_emis.window import HOURS_PER_DAY

EXHAUST = (Pollutant.CO, Pollutant.NOX, Pollutant.VOCS, Pollutant.PM2_5, Pollutant.PM10)
CARBON = {Pollutant.BC: "bc_share", Pollutant.OC: "oc_share"}
WORN = (Pollutant.PM10, Pollutant.PM2_5, Pollutant.BC)
POLLUTANTS = (*EXHAUST, *CARBON)
FACTOR_ERROR_SD = 0.2
WEAR_ERROR_SD = 0.4
CARBON_ERROR_SD = 0.2
SLOW_WEAR_KM_PER_H, FAST_WEAR_KM_PER_H = 40.0, 90.0
MG_PER_G = 1000.0
FLEET_ERROR_SD = 0.15
EVERY_CLASS = "all"
JAM_KM_PER_H = 4.0
COLD_DEGC, WARM_DEGC, WARM_HUMIDITY_DEGC, HUMID_SHARE = 10.0, 25.0, 24.0, 0.5  # edges of the weather bins of the guide


@dataclass(frozen=True)
class SpeedCurve:
    """Speed correction of one fuel and emission stage for one pollutant, `(knots,)`."""

    pollutant_code: str
    knots_km_per_h: Floats
    factors: Floats


@dataclass(frozen=True)
class TrueFleet:
    """The true fleet: one row a road class, hour, vehicle class, fuel, stage and pollutant.

    factor_g_per_km: flow share × true base factor. temperature: corrections, `(rows, temperature bins)`.
    humidity: corrections, `(rows, 4)`: two humidity bins below 24 °C, then two above.
    curve_row: row number of the speed curve in `curves`. vapour_g_per_h: petrol that an average vehicle loses in an
    hour of driving, `(road classes, local hours)`. carbon_share: share of carbon in each row, by pollutant; 0 but in
    rows of PM2.5. slow_wear_g_per_km, fast_wear_g_per_km: wear of an average vehicle by pollutant, each `(road classes,
    local hours)`.
    """

    road_classes: tuple[str, ...]
    class_row: Integers
    local_hour: Integers
    factor_g_per_km: Floats
    temperature: Floats
    humidity: Floats
    curve_row: Integers
    curves: tuple[SpeedCurve, ...]
    vapour_g_per_h: Floats
    carbon_share: Mapping[str, Floats]
    slow_wear_g_per_km: Mapping[str, Floats]
    fast_wear_g_per_km: Mapping[str, Floats]


def draw_true_fleet(seed: int, fleet_mix: pd.DataFrame) -> TrueFleet:
    """Draw the true fleet: its shares differ from the register, its factors from the guide."""
    frame = _draw_true_factors(random_stream(seed, "true_fleet"), fleet_mix)
    kind_names = ["fuel_code", "emission_stage_code", "pollutant_code"]
    grouped = frame.groupby(kind_names)
    kinds = frame[kind_names].drop_duplicates().sort_values(kind_names)
    speed = reference.read("road_speed_correction").to_pandas()
    classes = tuple(sorted(frame["road_class_code"].unique()))
    slow, fast = _true_wear(random_stream(seed, "vehicle_wear"), frame, classes)
    return TrueFleet(
        road_classes=classes,
        class_row=np.searchsorted(classes, frame["road_class_code"].to_numpy(dtype=str)),
        local_hour=frame["local_hour"].to_numpy(),
        factor_g_per_km=(frame["fleet_share"] * frame["true_factor"]).to_numpy(),
        temperature=_corrections_by_bin(
            "road_temperature_correction", frame, ["vehicle_class_code", "fuel_code", "pollutant_code"]
        ),
        humidity=_corrections_by_bin("road_humidity_correction", frame, ["fuel_code", "pollutant_code"]),
        curve_row=np.asarray(grouped.ngroup(), dtype=np.int64),
        curves=tuple(_make_speed_curve(speed, *names) for names in kinds.itertuples(index=False, name=None)),
        vapour_g_per_h=_true_vapour(random_stream(seed, "petrol_vapour"), frame, classes),
        carbon_share=_true_carbon(random_stream(seed, "vehicle_carbon"), frame),
        slow_wear_g_per_km=slow,
        fast_wear_g_per_km=fast,
    )


def day_link_emission(
    fleet: TrueFleet, links: pd.DataFrame, *, speed_km_per_h: Floats, flow_veh_per_h: Floats, weather: pd.DataFrame
) -> dict[str, npt.NDArray[np.float32]]:
    """Compute the true emission in grams by pollutant, each `(links, hours)`.

        E = q × L × Σ (share × factor × temperature × humidity × speed correction + vapour ÷ speed + wear)

    q: flow. L: length. Σ: over the fleet. Traffic in a jam is taken to move at JAM_KM_PER_H at least. BC and OC are
    shares of the exhaust PM2.5, BC with what wears.
    """
    table = _weighted_factors(fleet, weather)
    of_carbon = {code: _weighted_factors(fleet, weather, share) for code, share in fleet.carbon_share.items()}
    class_row = np.searchsorted(fleet.road_classes, links["road_class_code"].to_numpy(dtype=str))
    distance = (flow_veh_per_h * links["length_km"].to_numpy()[:, None]).astype(np.float32)
    emission: dict[str, npt.NDArray[np.float32]] = {
        pollutant: np.zeros(distance.shape, dtype=np.float32) for pollutant in POLLUTANTS
    }
    for row, curve in enumerate(fleet.curves):
        correction = np.interp(speed_km_per_h, curve.knots_km_per_h, curve.factors).astype(np.float32)
        emission[curve.pollutant_code] += table[row][class_row] * correction * distance
        if curve.pollutant_code == Pollutant.PM2_5:
            for code, weighted in of_carbon.items():
                emission[code] += weighted[row][class_row] * correction * distance
    fast = np.clip((speed_km_per_h - SLOW_WEAR_KM_PER_H) / (FAST_WEAR_KM_PER_H - SLOW_WEAR_KM_PER_H), 0.0, 1.0)
    for code, slow in fleet.slow_wear_g_per_km.items():
        worn = slow[class_row] + (fleet.fast_wear_g_per_km[code] - slow)[class_row] * fast
        emission[code] += (worn * distance).astype(np.float32)
    driving_h = distance / np.fmax(speed_km_per_h, JAM_KM_PER_H)
    emission[Pollutant.VOCS] += (driving_h * fleet.vapour_g_per_h[class_row]).astype(np.float32)
    return emission


def _true_vapour(random: np.random.Generator, frame: pd.DataFrame, classes: tuple[str, ...]) -> Floats:
    """The petrol that an average vehicle loses in an hour of driving, with a hidden error by fuel."""
    listed = read_shipped("petrol_vapour.csv").set_index("fuel_code")["vapour_g_per_h"]
    true_loss = listed * draw_lognormal(random, FACTOR_ERROR_SD, len(listed))
    once = frame[frame["pollutant_code"] == Pollutant.VOCS]
    vapour = once["fleet_share"] * once["fuel_code"].map(true_loss).fillna(0.0)
    by_hour = vapour.groupby([once["road_class_code"], once["local_hour"]]).sum().unstack()
    return np.asarray(by_hour.reindex(index=list(classes), columns=range(HOURS_PER_DAY)).to_numpy(dtype=float))


def _true_carbon(random: np.random.Generator, frame: pd.DataFrame) -> dict[str, Floats]:
    """The share of black and organic carbon in each row of PM2.5, with a hidden error by fuel and stage."""
    listed = read_shipped("vehicle_carbon.csv").set_index(["fuel_code", "emission_stage_code"])
    of_row = pd.MultiIndex.from_frame(frame[["fuel_code", "emission_stage_code"]])
    is_particulate = (frame["pollutant_code"] == Pollutant.PM2_5).to_numpy()
    shares: dict[str, Floats] = {}
    for code, column in CARBON.items():
        true = listed[column] * draw_lognormal(random, CARBON_ERROR_SD, len(listed))
        shares[code] = np.where(is_particulate, true.reindex(of_row).fillna(0.0).to_numpy(), 0.0)
    return shares


def _true_wear(
    random: np.random.Generator, frame: pd.DataFrame, classes: tuple[str, ...]
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """The wear of an average vehicle when slow and when fast, with a hidden error by class and part."""
    listed = read_shipped("vehicle_wear.csv")
    part = listed.groupby(["vehicle_class_code", "wear_part"]).ngroup().to_numpy()
    error = draw_lognormal(random, WEAR_ERROR_SD, int(part.max()) + 1)[part]
    once = frame[frame["pollutant_code"] == Pollutant.PM2_5]
    pairs = []
    for column in ("slow_mg_per_km", "fast_mg_per_km"):
        true = (
            (listed[column] * error / MG_PER_G).groupby([listed["pollutant_code"], listed["vehicle_class_code"]]).sum()
        )
        by_pollutant: dict[str, Floats] = {}
        for code in WORN:
            worn = once["fleet_share"] * once["vehicle_class_code"].map(true[code]).fillna(0.0)
            by_hour = worn.groupby([once["road_class_code"], once["local_hour"]]).sum().unstack()
            by_pollutant[code] = by_hour.reindex(index=list(classes), columns=range(HOURS_PER_DAY)).to_numpy(
                dtype=float
            )
        pairs.append(by_pollutant)
    return pairs[0], pairs[1]


def _draw_true_factors(random: np.random.Generator, fleet_mix: pd.DataFrame) -> pd.DataFrame:
    kinds = ["vehicle_class_code", "fuel_code", "emission_stage_code"]
    mix = fleet_mix.copy()
    vehicle_kind = mix.groupby(["road_class_code", *kinds]).ngroup().to_numpy()
    mix["fleet_share"] *= draw_lognormal(random, FLEET_ERROR_SD, int(vehicle_kind.max()) + 1)[vehicle_kind]
    mix["fleet_share"] /= mix.groupby(["road_class_code", "local_hour"])["fleet_share"].transform("sum")
    base = reference.read("road_base_emission_factor").to_pandas()
    base = base[base["pollutant_code"].isin(EXHAUST)].reset_index(drop=True)
    base["true_factor"] = base["base_emission_factor_g_per_km"] * draw_lognormal(random, FACTOR_ERROR_SD, len(base))
    base["true_factor"] *= _state_factors(base)
    return mix.merge(base[[*kinds, "pollutant_code", "true_factor"]], on=kinds, validate="many_to_many")


def _state_factors(base: pd.DataFrame) -> Floats:
    """The effect of the true fuel and wear on each base factor; its table is not that of the inventory."""
    names = ["fuel_code", "emission_stage_code", "pollutant_code"]
    effects = read_shipped("vehicle_state.csv")
    factors = np.ones(len(base))
    for row in effects.itertuples(index=False):
        is_vehicle = (base["vehicle_class_code"] == row.vehicle_class_code) | (row.vehicle_class_code == EVERY_CLASS)
        is_affected = is_vehicle & (base[names] == [getattr(row, name) for name in names]).all(axis=1)
        factors[is_affected.to_numpy()] *= float(str(row.state_factor))
    return factors


def _weighted_factors(fleet: TrueFleet, weather: pd.DataFrame, share: Floats | float = 1.0) -> npt.NDArray[np.float32]:
    """Sum the factors in grams per km, `(speed curves, road classes, local hours)`, in the weather of each hour.

    share: the part of each row that is summed.
    """
    degrees, humidity = weather["air_temperature_degc"].to_numpy(), weather["relative_humidity_share"].to_numpy()
    temperature_bin = np.digitize(degrees, (COLD_DEGC, WARM_DEGC))[fleet.local_hour]
    humidity_bin = (2 * (degrees >= WARM_HUMIDITY_DEGC) + (humidity >= HUMID_SHARE))[fleet.local_hour]
    row = np.arange(len(fleet.local_hour))
    factor = share * fleet.factor_g_per_km * fleet.temperature[row, temperature_bin] * fleet.humidity[row, humidity_bin]
    shape = (len(fleet.curves), len(fleet.road_classes), HOURS_PER_DAY)
    cell = np.ravel_multi_index((fleet.curve_row, fleet.class_row, fleet.local_hour), shape)
    return np.bincount(cell, weights=factor, minlength=int(np.prod(shape))).reshape(shape).astype(np.float32)


def _corrections_by_bin(name: str, frame: pd.DataFrame, keys: list[str]) -> Floats:
    """Return the corrections of each row of the frame, one column a bin in order of the lower edges."""
    table = reference.read(name).to_pandas()
    edges = [column for column in table.columns if column.startswith("lower_")]
    value = name.removeprefix("road_")
    wide = table.pivot_table(index=keys, columns=edges, values=value)
    return np.asarray(wide.reindex(pd.MultiIndex.from_frame(frame[keys])).to_numpy(dtype=float))


def _make_speed_curve(table: pd.DataFrame, fuel: str, stage: str, pollutant: str) -> SpeedCurve:
    """Make a curve through the centres of the guide's speed bins, and the reference speed with factor 1."""
    chosen = table[
        (table["fuel_code"] == fuel) & (table["emission_stage_code"] == stage) & (table["pollutant_code"] == pollutant)
    ]
    knots = np.append(chosen["centre_speed_km_per_h"].to_numpy(), REFERENCE_SPEED_KM_PER_H)
    factors = np.append(chosen["speed_correction"].to_numpy(), 1.0)
    order = np.argsort(knots)
    return SpeedCurve(pollutant, knots[order], factors[order])
