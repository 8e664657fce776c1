"""Simulated electricity meters of the lines and their readings: power follows activity.

Belongs here: the register of meters and their true readings. Does not: transmission faults (faults).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.codes import Industry, MeterRole
from bigdata_emis.demo.plan import QUARTERS_PER_HOUR, Size, draw_autocorrelated, random_stream, simulated_days
from bigdata_emis.demo.world.activity import QUARTERS_PER_DAY, Shares
from bigdata_emis.demo.world.tiers import NONE
from bigdata_emis.window import HOURS_PER_DAY

INTERVAL_MIN = 15
READING_SD = 0.02
WHOLE_SITE_SHARE = 0.15
WHOLE_SITE_EXTRA_SHARE = 0.06  # offices and lighting of the site, as a share of the reference power of the line
SHARED_SHARE = 0.12  # of the drawn enterprises with two lines and more
STATED_SHARE = 0.5  # of the shared meters have energy shares in the register
SELF_GENERATING = (
    Industry.SINTER,
    Industry.BLAST_FURNACE,
    Industry.STEEL_ROLLING,
    Industry.COKING,
    Industry.CEMENT_CLINKER,
    Industry.FLOAT_GLASS,
)
SELF_GENERATING_SHARE = 0.3
SELF_GENERATION_SHARE = (0.15, 0.5)  # of what such a line uses
ABATEMENT_POWER_SHARE = (0.05, 0.12)
ABATEMENT_BASE_SHARE = 0.25
ABATEMENT_OFF_SHARE = 0.02


@dataclass(frozen=True)
class Meters:
    """The register of meters and the lines that each meter measures.

    line_of_meter, meter_row: pairs of line and meter; a shared meter has several lines.
    self_generated_share: `(lines, hours)`, part of the use of a line that its site generates itself.
    """

    frame: pd.DataFrame
    meter_share: pd.DataFrame
    line_of_meter: Integers
    meter_row: Integers
    self_generated_share: Shares


def draw_meters(seed: int, size: Size, lines: pd.DataFrame) -> Meters:
    """Draw the meters.

    Each watched line has a meter, alone or shared; so have generators of sites; the rest measure treatment devices.
    """
    random = random_stream(seed, "meters")
    is_watched = lines["tier"].ne(NONE).to_numpy()
    first_line = _first_line(random, lines, is_watched)
    is_whole_site = ~lines["is_real"].to_numpy() & (random.random(len(lines)) < WHOLE_SITE_SHARE)
    generates = (
        lines["industry_code"].isin(SELF_GENERATING).to_numpy()
        & (random.random(len(lines)) < SELF_GENERATING_SHARE)
        & is_watched
    )
    role = np.where(
        lines["industry_code"].eq(Industry.COAL_POWER),
        MeterRole.GENERATION,
        np.where(is_whole_site, MeterRole.WHOLE_SITE, MeterRole.PRODUCTION),
    )
    is_main = is_watched & (first_line == np.arange(len(lines)))
    parts = [(np.flatnonzero(is_main), role[is_main]), (np.flatnonzero(generates), MeterRole.SELF_GENERATION)]
    remaining_count = max(0, size.meters - sum(len(rows) for rows, _ in parts))
    candidates = np.flatnonzero(is_watched)
    parts.append(
        (
            np.sort(random.choice(candidates, size=min(len(candidates), remaining_count), replace=False)),
            MeterRole.ABATEMENT,
        )
    )
    frame = pd.concat(
        [pd.DataFrame({"line_row": rows, "meter_role_code": code}) for rows, code in parts], ignore_index=True
    )
    frame["meter_id"] = [f"M{i:06d}" for i in range(1, len(frame) + 1)]
    frame["production_line_id"] = lines["production_line_id"].to_numpy()[frame["line_row"]]
    frame["interval_min"] = INTERVAL_MIN
    frame["abatement_share"] = random.uniform(*ABATEMENT_POWER_SHARE, len(frame))
    return _connect_lines(random, frame, lines, first_line, generates)


def _first_line(random: np.random.Generator, lines: pd.DataFrame, is_watched: Flags) -> Integers:
    """Return for each line the line of its main meter: the first of the enterprise where its lines share a meter."""
    first = lines.reset_index().groupby("enterprise_id")["index"].transform("min").to_numpy()
    count = lines.groupby("enterprise_id")["enterprise_id"].transform("size").to_numpy()
    is_shared = (
        (random.random(len(lines)) < SHARED_SHARE)[first] & (count > 1) & is_watched & ~lines["is_real"].to_numpy()
    )
    return np.where(is_shared, first, np.arange(len(lines)))


def _connect_lines(
    random: np.random.Generator, frame: pd.DataFrame, lines: pd.DataFrame, first_line: Integers, generates: Flags
) -> Meters:
    main = frame[~frame["meter_role_code"].isin([MeterRole.ABATEMENT, MeterRole.SELF_GENERATION])]
    meter_of_first = pd.Series(main.index.to_numpy(), index=main["line_row"].to_numpy())
    sharing = np.flatnonzero(
        (np.bincount(first_line, minlength=len(lines))[first_line] > 1) & np.isin(first_line, main["line_row"])
    )
    extra = np.setdiff1d(sharing, main["line_row"].to_numpy())
    meter_row = np.concatenate([frame.index.to_numpy(), meter_of_first[first_line[extra]].to_numpy()])
    line_row = np.concatenate([frame["line_row"].to_numpy(), extra])
    swing = np.exp(
        0.15
        * draw_autocorrelated(random, len(lines), steps=len(simulated_days()) * HOURS_PER_DAY, persistence_share=0.95)
    )
    self_generated = np.where(generates, random.uniform(*SELF_GENERATION_SHARE, len(lines)), 0.0)[:, None] * swing
    return Meters(
        frame,
        _meter_share(random, frame, lines, sharing, meter_of_first[first_line[sharing]].to_numpy()),
        line_row,
        meter_row,
        np.clip(self_generated, 0, 0.8).astype(np.float32),
    )


def _meter_share(
    random: np.random.Generator, frame: pd.DataFrame, lines: pd.DataFrame, sharing: Integers, meter_row: Integers
) -> pd.DataFrame:
    """Draw the register of shared meters: half of them state shares, by reference energy and rounded, half do not."""
    reference = lines["reference_energy_kwh"].to_numpy()[sharing]
    part = reference / np.bincount(meter_row, reference, minlength=len(frame))[meter_row]
    stated = (random.random(len(frame)) < STATED_SHARE)[meter_row]
    return pd.DataFrame(
        {
            "meter_id": frame["meter_id"].to_numpy()[meter_row],
            "production_line_id": lines["production_line_id"].to_numpy()[sharing],
            "energy_share": np.where(stated, part.round(9), np.nan),
        }
    )


def line_energy(lines: pd.DataFrame, utilisation: Shares, quarters: slice) -> Floats:
    """Compute the true energy in kWh of each line, `(lines, quarter hours)`.

    Of power plants it is the energy generated.

        P / P_reference = b + (1 − b) × u^e

    b: base-load share. u: utilisation. e: elasticity of power above the base load to activity.
    """
    reference = (lines["reference_energy_kwh"].to_numpy() / QUARTERS_PER_HOUR)[:, None]
    base, elasticity = lines["base_load_share"].to_numpy()[:, None], lines["power_elasticity"].to_numpy()[:, None]
    return np.asarray(reference * (base + (1 - base) * utilisation[:, quarters] ** elasticity))


def day_energy(
    seed: int, day_number: int, *, meters: Meters, lines: pd.DataFrame, utilisation: Shares, untreated: Flags
) -> Shares:
    """Draw the reading of each meter in kWh on one day, `(meters, quarter hours)`."""
    true = true_meter_energy(day_number, meters=meters, lines=lines, utilisation=utilisation, untreated=untreated)
    noise = np.exp(READING_SD * random_stream(seed, f"power {day_number}").standard_normal(true.shape))
    return np.asarray(true * noise, dtype=np.float32)


def true_meter_energy(
    day_number: int, *, meters: Meters, lines: pd.DataFrame, utilisation: Shares, untreated: Flags
) -> Floats:
    """Compute the true energy in kWh of each meter on one day, `(meters, quarter hours)`."""
    quarters = slice(day_number * QUARTERS_PER_DAY, (day_number + 1) * QUARTERS_PER_DAY)
    used = line_energy(lines, utilisation, quarters)
    self_generated = np.repeat(
        meters.self_generated_share[:, day_number * HOURS_PER_DAY : (day_number + 1) * HOURS_PER_DAY],
        QUARTERS_PER_HOUR,
        axis=1,
    )
    role = meters.frame["meter_role_code"].to_numpy()
    reference = lines["reference_energy_kwh"].to_numpy() / QUARTERS_PER_HOUR
    energy = np.zeros((len(meters.frame), QUARTERS_PER_DAY))
    bought = np.flatnonzero(~np.isin(role[meters.meter_row], [MeterRole.ABATEMENT, MeterRole.SELF_GENERATION]))
    np.add.at(energy, meters.meter_row[bought], (used * (1 - self_generated))[meters.line_of_meter[bought]])
    row = meters.frame["line_row"].to_numpy()
    is_generator, is_abatement = role == MeterRole.SELF_GENERATION, role == MeterRole.ABATEMENT
    energy[is_generator] = (used * self_generated)[row[is_generator]]
    energy += np.where(role == MeterRole.WHOLE_SITE, WHOLE_SITE_EXTRA_SHARE * reference[row], 0.0)[:, None]
    energy[is_abatement] = reference[row[is_abatement]][:, None] * _abatement_power_share(
        meters.frame[is_abatement], utilisation[row[is_abatement], quarters], untreated[row[is_abatement], quarters]
    )
    return energy


def _abatement_power_share(meters: pd.DataFrame, share: Shares, is_off: Flags) -> Floats:
    power_share = ABATEMENT_BASE_SHARE + (1 - ABATEMENT_BASE_SHARE) * share
    return np.asarray(
        meters["abatement_share"].to_numpy()[:, None] * np.where(is_off, ABATEMENT_OFF_SHARE, power_share)
    )
