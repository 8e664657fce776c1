"""The rules by which power, abatement and stacks are compared with an order, as the region has set them.

Belongs here: reading reference/supervision_rule.csv. Does not: applying the rules.
"""

from dataclasses import dataclass, fields

import pyarrow as pa

from bigdata_emis.reference.named_values import Parameters


@dataclass(frozen=True)
class SupervisionRules:
    """Thresholds and probabilities, each a row of reference/supervision_rule.csv under the same name."""

    tolerance_share: float
    stop_order_share: float
    stop_load_share: float
    least_excess_share: float
    least_separation_sd: float
    ramp_h: float
    restart_before_end_h: float
    breach_probability_share: float
    least_stop_run_h: float
    least_cut_run_h: float
    unseen_breach_share: float
    prior_breach_share: float
    prior_less_share: float
    stay_share: float
    persistence_share: float
    odd_share: float
    base_load_sd_share: float
    reading_sd_share: float
    abatement_off_share: float
    abatement_production_share: float
    abatement_low_share: float
    abatement_full_production_share: float
    abatement_probability_share: float
    idle_flow_share: float
    stack_probability_share: float
    idle_abatement_h: float
    night_from_hour: float
    night_to_hour: float
    stuck_h: float
    least_normal_days: float
    least_block_h: float
    day_unclear_share: float
    hidden_work_h: float
    restart_run_h: float
    restart_probability_share: float
    abatement_late_min: float
    abatement_early_min: float
    hour_resolution_min: float

    @staticmethod
    def read(supervision_rule: pa.Table) -> "SupervisionRules":
        """The rules of the table. Raises InputError when a rule is missing."""
        values = Parameters("supervision_rule", supervision_rule)
        return SupervisionRules(**{field.name: values[field.name] for field in fields(SupervisionRules)})
