"""True emission of the simulated road links: factors of the guide, each with a hidden error, on the true traffic.

Belongs here: hidden emission of road links. Does not: the inventory's own calculation, which does not have the errors.
"""

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

POLLUTANTS = (Pollutant.CO, Pollutant.NOX, Pollutant.VOCS, Pollutant.PM2_5, Pollutant.PM10)
FACTOR_ERROR_SD = 0.2
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
    hour of driving, `(road classes, local hours)`.
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


def draw_true_fleet(seed: int, fleet_mix: pd.DataFrame) -> TrueFleet:
    """Draw the true fleet: its shares differ from the register, its factors from the guide."""
    frame = _draw_true_factors(random_stream(seed, "true_fleet"), fleet_mix)
    kind_names = ["fuel_code", "emission_stage_code", "pollutant_code"]
    grouped = frame.groupby(kind_names)
    kinds = frame[kind_names].drop_duplicates().sort_values(kind_names)
    speed = reference.read("road_speed_correction").to_pandas()
    classes = tuple(sorted(frame["road_class_code"].unique()))
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
    )


def day_link_emission(
    fleet: TrueFleet, links: pd.DataFrame, *, speed_km_per_h: Floats, flow_veh_per_h: Floats, weather: pd.DataFrame
) -> dict[str, npt.NDArray[np.float32]]:
    """Compute the true emission in grams by pollutant, each `(links, hours)`.

        E = q × L × Σ (share × factor × temperature × humidity × speed correction + vapour ÷ speed)

    q: flow. L: length. Σ: over the fleet. Traffic in a jam is taken to move at JAM_KM_PER_H at least.
    """
    table = _weighted_factors(fleet, weather)
    class_row = np.searchsorted(fleet.road_classes, links["road_class_code"].to_numpy(dtype=str))
    distance = (flow_veh_per_h * links["length_km"].to_numpy()[:, None]).astype(np.float32)
    emission: dict[str, npt.NDArray[np.float32]] = {
        pollutant: np.zeros(distance.shape, dtype=np.float32) for pollutant in POLLUTANTS
    }
    for row, curve in enumerate(fleet.curves):
        correction = np.interp(speed_km_per_h, curve.knots_km_per_h, curve.factors).astype(np.float32)
        emission[curve.pollutant_code] += table[row][class_row] * correction * distance
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


def _draw_true_factors(random: np.random.Generator, fleet_mix: pd.DataFrame) -> pd.DataFrame:
    kinds = ["vehicle_class_code", "fuel_code", "emission_stage_code"]
    mix = fleet_mix.copy()
    vehicle_kind = mix.groupby(["road_class_code", *kinds]).ngroup().to_numpy()
    mix["fleet_share"] *= draw_lognormal(random, FLEET_ERROR_SD, int(vehicle_kind.max()) + 1)[vehicle_kind]
    mix["fleet_share"] /= mix.groupby(["road_class_code", "local_hour"])["fleet_share"].transform("sum")
    base = reference.read("road_base_emission_factor").to_pandas()
    base = base[base["pollutant_code"].isin(POLLUTANTS)].reset_index(drop=True)
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


def _weighted_factors(fleet: TrueFleet, weather: pd.DataFrame) -> npt.NDArray[np.float32]:
    """Sum the factors in grams per km, `(speed curves, road classes, local hours)`, in the weather of each hour."""
    degrees, humidity = weather["air_temperature_degc"].to_numpy(), weather["relative_humidity_share"].to_numpy()
    temperature_bin = np.digitize(degrees, (COLD_DEGC, WARM_DEGC))[fleet.local_hour]
    humidity_bin = (2 * (degrees >= WARM_HUMIDITY_DEGC) + (humidity >= HUMID_SHARE))[fleet.local_hour]
    row = np.arange(len(fleet.local_hour))
    factor = fleet.factor_g_per_km * fleet.temperature[row, temperature_bin] * fleet.humidity[row, humidity_bin]
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
