"""Electricity meters of the lines, and what they would read: power follows activity, with the faults that meters have.

Belongs here: the register of meters and their true readings. Does not: how readings are damaged in transit (faults).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.demo.plan import HOURS_PER_DAY, QUARTERS_PER_HOUR, Size, autocorrelated, days, stream
from bigdata_emis.demo.world.activity import QUARTERS_PER_DAY, Shares
from bigdata_emis.demo.world.tiers import NONE

INTERVAL_MIN = 15
READING_SD = 0.02
WHOLE_SITE_SHARE = 0.15
WHOLE_SITE_EXTRA_SHARE = 0.06  # offices and lighting beside the line, as a share of its reference power
SHARED_SHARE = 0.12  # of the drawn enterprises with two lines and more
STATED_SHARE = 0.5  # of the shared meters whose parts are stated in the register
SELF_GENERATING = ("sinter", "blast_furnace", "steel_rolling", "coking", "cement_clinker", "float_glass")
SELF_GENERATING_SHARE = 0.3
SELF_GENERATION_SHARE = (0.15, 0.5)  # of what such a line uses
ABATEMENT_POWER_SHARE = (0.05, 0.12)
ABATEMENT_BASE_SHARE = 0.25
ABATEMENT_OFF_SHARE = 0.02


@dataclass(frozen=True)
class Meters:
    """The register of meters; which part of which line each measures (line_row; shared meters have several lines); and the lines' devices.

    own_share: of the lines' use (row: line), the part that the site generates itself, by hour.
    """

    frame: pd.DataFrame
    meter_share: pd.DataFrame
    line_of_meter: Integers
    meter_row: Integers
    own_share: Shares


def draw_meters(seed: int, size: Size, lines: pd.DataFrame) -> Meters:
    """A meter for each watched line or, shared, for several; one on the generator of sites that have one; the rest on abatement."""
    random = stream(seed, "meters")
    watched = lines["tier"].ne(NONE).to_numpy()
    first_of = _first_line(random, lines, watched)
    whole_site = ~lines["is_real"].to_numpy() & (random.random(len(lines)) < WHOLE_SITE_SHARE)
    generates = (
        lines["industry_code"].isin(SELF_GENERATING).to_numpy()
        & (random.random(len(lines)) < SELF_GENERATING_SHARE)
        & watched
    )
    role = np.where(
        lines["industry_code"].eq("coal_power"), "generation", np.where(whole_site, "whole_site", "production")
    )
    is_main = watched & (first_of == np.arange(len(lines)))
    parts = [(np.flatnonzero(is_main), role[is_main]), (np.flatnonzero(generates), "self_generation")]
    room = max(0, size.meters - sum(len(rows) for rows, _ in parts))
    candidates = np.flatnonzero(watched)
    parts.append((np.sort(random.choice(candidates, size=min(len(candidates), room), replace=False)), "abatement"))
    frame = pd.concat(
        [pd.DataFrame({"line_row": rows, "meter_role_code": code}) for rows, code in parts], ignore_index=True
    )
    frame["meter_id"] = [f"M{i:06d}" for i in range(1, len(frame) + 1)]
    frame["production_line_id"] = lines["production_line_id"].to_numpy()[frame["line_row"]]
    frame["interval_min"] = INTERVAL_MIN
    frame["abatement_share"] = random.uniform(*ABATEMENT_POWER_SHARE, len(frame))
    return _wired(random, frame, lines, first_of, generates)


def _first_line(random: np.random.Generator, lines: pd.DataFrame, watched: Flags) -> Integers:
    """For each line the line at which its main meter is registered: the first of its enterprise where all share one."""
    first = lines.reset_index().groupby("enterprise_id")["index"].transform("min").to_numpy()
    count = lines.groupby("enterprise_id")["enterprise_id"].transform("size").to_numpy()
    shares = (random.random(len(lines)) < SHARED_SHARE)[first] & (count > 1) & watched & ~lines["is_real"].to_numpy()
    return np.where(shares, first, np.arange(len(lines)))


def _wired(
    random: np.random.Generator, frame: pd.DataFrame, lines: pd.DataFrame, first_of: Integers, generates: Flags
) -> Meters:
    main = frame[~frame["meter_role_code"].isin(["abatement", "self_generation"])]
    meter_of_first = pd.Series(main.index.to_numpy(), index=main["line_row"].to_numpy())
    sharing = np.flatnonzero(
        (np.bincount(first_of, minlength=len(lines))[first_of] > 1) & np.isin(first_of, main["line_row"])
    )
    extra = np.setdiff1d(sharing, main["line_row"].to_numpy())
    meter_row = np.concatenate([frame.index.to_numpy(), meter_of_first[first_of[extra]].to_numpy()])
    line_row = np.concatenate([frame["line_row"].to_numpy(), extra])
    swing = np.exp(0.15 * autocorrelated(random, len(lines), steps=len(days()) * HOURS_PER_DAY, persistence_share=0.95))
    own = np.where(generates, random.uniform(*SELF_GENERATION_SHARE, len(lines)), 0.0)[:, None] * swing
    return Meters(
        frame,
        _meter_share(random, frame, lines, sharing, meter_of_first[first_of[sharing]].to_numpy()),
        line_row,
        meter_row,
        np.clip(own, 0, 0.8).astype(np.float32),
    )


def _meter_share(
    random: np.random.Generator, frame: pd.DataFrame, lines: pd.DataFrame, sharing: Integers, meter_row: Integers
) -> pd.DataFrame:
    """The register of shared meters: half of them with parts, which are by normal energy and rounded, half without."""
    normal = lines["reference_energy_kwh"].to_numpy()[sharing]
    part = normal / np.bincount(meter_row, normal, minlength=len(frame))[meter_row]
    stated = (random.random(len(frame)) < STATED_SHARE)[meter_row]
    return pd.DataFrame(
        {
            "meter_id": frame["meter_id"].to_numpy()[meter_row],
            "production_line_id": lines["production_line_id"].to_numpy()[sharing],
            "energy_share": np.where(stated, part.round(9), np.nan),
        }
    )


def line_energy(lines: pd.DataFrame, utilisation: Shares, quarters: slice) -> Floats:
    """True energy in kWh that each line (row) uses in each quarter hour (column); of power plants what they generate.

    P / P_reference = b + (1 - b) u ** e: b base-load share, u utilisation, e elasticity of power above the base load to activity.
    """
    reference = (lines["reference_energy_kwh"].to_numpy() / QUARTERS_PER_HOUR)[:, None]
    base, elasticity = lines["base_load_share"].to_numpy()[:, None], lines["power_elasticity"].to_numpy()[:, None]
    return np.asarray(reference * (base + (1 - base) * utilisation[:, quarters] ** elasticity))


def day_energy(
    seed: int, day_number: int, *, meters: Meters, lines: pd.DataFrame, utilisation: Shares, untreated: Flags
) -> Shares:
    """What each meter (row) would read in kWh in each quarter hour (column) of one day."""
    true = true_meter_energy(day_number, meters=meters, lines=lines, utilisation=utilisation, untreated=untreated)
    noise = np.exp(READING_SD * stream(seed, f"power {day_number}").standard_normal(true.shape))
    return np.asarray(true * noise, dtype=np.float32)


def true_meter_energy(
    day_number: int, *, meters: Meters, lines: pd.DataFrame, utilisation: Shares, untreated: Flags
) -> Floats:
    """What goes over each meter (row) in each quarter hour (column) of one day, to the last watt hour."""
    quarters = slice(day_number * QUARTERS_PER_DAY, (day_number + 1) * QUARTERS_PER_DAY)
    used = line_energy(lines, utilisation, quarters)
    own = np.repeat(
        meters.own_share[:, day_number * HOURS_PER_DAY : (day_number + 1) * HOURS_PER_DAY], QUARTERS_PER_HOUR, axis=1
    )
    role = meters.frame["meter_role_code"].to_numpy()
    reference = lines["reference_energy_kwh"].to_numpy() / QUARTERS_PER_HOUR
    energy = np.zeros((len(meters.frame), QUARTERS_PER_DAY))
    bought = np.flatnonzero(~np.isin(role[meters.meter_row], ["abatement", "self_generation"]))
    np.add.at(energy, meters.meter_row[bought], (used * (1 - own))[meters.line_of_meter[bought]])
    row = meters.frame["line_row"].to_numpy()
    is_own, treats = role == "self_generation", role == "abatement"
    energy[is_own] = (used * own)[row[is_own]]
    energy += np.where(role == "whole_site", WHOLE_SITE_EXTRA_SHARE * reference[row], 0.0)[:, None]
    energy[treats] = reference[row[treats]][:, None] * _abatement(
        meters.frame[treats], utilisation[row[treats], quarters], untreated[row[treats], quarters]
    )
    return energy


def _abatement(meters: pd.DataFrame, share: Shares, is_off: Flags) -> Floats:
    runs = ABATEMENT_BASE_SHARE + (1 - ABATEMENT_BASE_SHARE) * share
    return np.asarray(meters["abatement_share"].to_numpy()[:, None] * np.where(is_off, ABATEMENT_OFF_SHARE, runs))
