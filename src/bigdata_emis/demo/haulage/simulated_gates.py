"""Simulated records at the gates of plants: trucks by stage, and who keeps out the old ones in the alert.

Belongs here: which plants have a gate, its records, the order on trucks. Does not: how records are counted (collect).
"""

import numpy as np
import pandas as pd

from bigdata_emis.codes import EmissionStage, Fuel, GateDirection, VehicleClass
from bigdata_emis.demo.alert_orders import LEVEL_IN_FORCE
from bigdata_emis.demo.plan import alert_hours, day_start_us, random_stream, read_shipped, simulated_days
from bigdata_emis.window import HOUR_US, HOURS_PER_DAY

GATE_SHARE = 0.3  # of the plants send records; own assumption
MEDIAN_TRIPS, TRIPS_LOG_SD = 15.0, 0.8  # a day; own assumption
OBEYING_SHARE = 0.8  # of these plants, real works apart; own assumption
KEPT_SHARE = 0.7  # of the trucks that may enter still come in the alert
UNKNOWN_STAGE_SHARE = 0.01  # of the records
LATEST_ENTRY_H, STAY_H = 22, 1.5
BANNED_STAGES = (EmissionStage.PRE, EmissionStage.I, EmissionStage.II, EmissionStage.III)
"""At the end of 2015 no truck is newer than IV, so that the order of a later year would stop them all."""
ORDER = {
    "transport_order_id": "heavy-truck-III",
    "alert_level_code": str(LEVEL_IN_FORCE),
    "vehicle_class_code": VehicleClass.HEAVYT.value,
    "stage_threshold_code": EmissionStage.III.value,
    "source": "simulated order; own simplification of local notices",
    "confidence": 0.3,
}
UNKNOWN_STAGE = "unknown"


def transport_orders() -> pd.DataFrame:
    """The order on the trucks of every plant, with the columns of table transport_order."""
    return pd.DataFrame([ORDER])


def draw_gates(seed: int, enterprise: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Draw the plants with a gate: trucks a day, and whether they keep out what the order bans (hidden).

    lines: say with is_real which enterprises are works that exist; these always obey.
    """
    random = random_stream(seed, "gates")
    count = len(enterprise)
    is_real = enterprise["enterprise_id"].isin(lines.loc[lines["is_real"], "enterprise_id"]).to_numpy()
    gates = pd.DataFrame(
        {
            "enterprise_id": enterprise["enterprise_id"].to_numpy(),
            "trips_per_day": MEDIAN_TRIPS * np.exp(TRIPS_LOG_SD * random.standard_normal(count)),
            "obeys": (random.random(count) < OBEYING_SHARE) | is_real,
        }
    )
    return gates[random.random(count) < GATE_SHARE].reset_index(drop=True)


def day_passages(seed: int, day_number: int, gates: pd.DataFrame) -> pd.DataFrame:
    """Draw the entries of a day and the exits after them; `event_us` is their time."""
    random = random_stream(seed, f"gate records {day_number}")
    plant = np.repeat(np.arange(len(gates)), random.poisson(gates["trips_per_day"]))
    hour = random.integers(0, LATEST_ENTRY_H, len(plant))
    stage = _draw_stages(random, len(plant))
    in_alert = alert_hours()[day_number * HOURS_PER_DAY :][:HOURS_PER_DAY][hour]
    obeys = gates["obeys"].to_numpy()[plant] & in_alert
    comes = ~obeys | (~np.isin(stage, BANNED_STAGES) & (random.random(len(plant)) < KEPT_SHARE))
    plant, hour, stage = plant[comes], hour[comes], stage[comes]
    second = random.integers(0, 3600, len(plant)) * 1_000_000
    entered = day_start_us(simulated_days()[day_number]) + hour * HOUR_US + second
    left = entered + (random.random(len(plant)) * STAY_H * 3600).astype(np.int64) * 1_000_000
    stage = np.where(random.random(len(plant)) < UNKNOWN_STAGE_SHARE, UNKNOWN_STAGE, stage)
    trucks = {
        "enterprise_id": gates["enterprise_id"].to_numpy()[plant].astype(str),
        "gate_id": "G1",
        "vehicle_id": [f"SIM{number:06d}" for number in range(len(plant))],
        "vehicle_class_code": VehicleClass.HEAVYT.value,
        "fuel_code": Fuel.DIESEL.value,
        "emission_stage_code": stage.astype(str),
    }
    passages = [
        pd.DataFrame({**trucks, "gate_direction_code": direction.value, "event_us": time})
        for direction, time in ((GateDirection.IN, entered), (GateDirection.OUT, left))
    ]
    return pd.concat(passages, ignore_index=True)


def _draw_stages(random: np.random.Generator, count: int) -> "np.typing.NDArray[np.object_]":
    stages = read_shipped("fleet_stages.csv")
    heavy = stages[stages["vehicle_class_code"] == VehicleClass.HEAVYT]
    share = heavy["stage_share"].to_numpy(dtype=float)
    drawn = random.choice(heavy["emission_stage_code"].to_numpy(dtype=object), size=count, p=share / share.sum())
    return np.asarray(drawn)
