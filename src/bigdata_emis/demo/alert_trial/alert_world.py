"""A simulated alert of four days after eleven normal ones: what lines truly did, and the tables that a city would have.

Belongs here: the draw of the whole. Does not: the judgement (control), the comparison with the truth
(truth/score_outcome).
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.demo.accounts.known_factors import ACCOUNTS, choose_known_factors, draw_factor_evidence
from bigdata_emis.demo.alert_trial.alert_period import ALERT_FROM_HOUR, NORMAL_DAYS, alert_days, alert_window
from bigdata_emis.demo.alert_trial.alert_readings import AlertReadings
from bigdata_emis.demo.alert_trial.city_tables import city_tables
from bigdata_emis.demo.alert_trial.obedience import Response, draw_response, true_breach
from bigdata_emis.demo.plan import QUARTERS_PER_HOUR, find_size, random_stream
from bigdata_emis.demo.truth.industry_truth import draw_stacks, true_emission
from bigdata_emis.demo.world.activity import QUARTERS_PER_DAY, draw_undisturbed_utilisation, hourly_mean
from bigdata_emis.demo.world.enterprises import draw_industry
from bigdata_emis.demo.world.tiers import assign_districts, assign_tiers
from bigdata_emis.window import Window

GRACE_H = 6


@dataclass(frozen=True)
class AlertWorld:
    """The hidden truth of the alert and the tables of the city.

    lines: truth of each line. response: what they did. is_breach: (lines, quarters). true_emission,
    true_emission_without: (rows of emission_key, hours). tables: by name, as stages read them. window: of the alert.
    """

    lines: pd.DataFrame
    response: Response
    order_share: Floats
    is_breach: Flags
    emission_key: pd.DataFrame
    true_emission: Floats
    true_emission_without: Floats
    tables: dict[str, pa.Table]
    window: Window


def draw_alert_world(seed: int, size: str, variant: str = ACCOUNTS) -> AlertWorld:
    """Draw the truth and the tables of the alert, with factors as the city knows them (known_factors.VARIANTS).

    Raises InputError when the size is unknown.
    """
    register = draw_industry(seed, find_size(size))
    stacks = draw_stacks(seed, register.truth)
    lines = assign_tiers(seed, register.truth, stacks)
    register = replace(register, enterprise=assign_districts(register.enterprise))
    days = alert_days()
    undisturbed = np.clip(draw_undisturbed_utilisation(random_stream(seed, "alert load"), lines, days), 0, 1)
    in_alert = np.arange(len(days) * QUARTERS_PER_DAY) >= NORMAL_DAYS * QUARTERS_PER_DAY + ALERT_FROM_HOUR * 4
    order = lines["planned_cut_share"].to_numpy(dtype=float)
    response = draw_response(random_stream(seed, "obedience"), order, in_alert)
    load = np.clip(undisturbed * response.remaining, 0, 1)
    capacity = lines["capacity_per_h"].to_numpy(dtype=np.float32)[:, None]
    emissions = [
        true_emission(seed, lines=lines, true_factors=register.true_factors, activity=hourly_mean(u) * capacity)
        for u in (load, undisturbed)
    ]
    key, treated = emissions[0]
    emission = treated * _untreated_ratio(response.is_untreated, key, register.emission_factor)
    usual_activity = undisturbed.mean(axis=1, dtype=float) * capacity[:, 0]
    evidence = draw_factor_evidence(seed, replace(register, truth=lines), lines, usual_activity)
    factors = choose_known_factors(evidence, variant, alert_window().from_utc)
    measured = AlertReadings.draw(
        seed, register, lines, stacks, load, response, order, key, np.asarray(emission, dtype=float)
    )
    return AlertWorld(
        lines,
        response,
        order,
        true_breach(load, undisturbed, order, response, GRACE_H),
        key,
        np.asarray(emission, dtype=float),
        np.asarray(emissions[1][1], dtype=float),
        city_tables(register, lines, stacks, measured, factors.to_pandas(), order, in_alert),
        alert_window(),
    )


def _untreated_ratio(is_off: Flags, key: pd.DataFrame, factors: pd.DataFrame) -> Floats:
    """Emission of an hour relative to treated emission, with its device off for part of it, (rows of key, hours)."""
    off_share = is_off.reshape(len(is_off), -1, QUARTERS_PER_HOUR).mean(axis=2)[key["line_row"].to_numpy()]
    matched = key[["production_line_id", "pollutant_code"]].merge(factors, how="left", validate="one_to_one")
    removal = matched["removal_share"].to_numpy(dtype=float)[:, None]
    return np.asarray(1 + off_share * removal / (1 - removal))
