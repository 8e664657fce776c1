"""True utilisation: patterns by industry, and the response of lines to the red alert."""

import numpy as np
import pandas as pd
import pytest

from bigdata_emis.demo.world.activity import QUARTERS_PER_DAY, draw_utilisation, hourly_mean
from bigdata_emis.demo.world.enterprises import draw_industry
from tests.demo.builders import TINY

AFTER_RESPONSE = (6 * 24 + 12) * 4


def lines_of(**changes: object) -> pd.DataFrame:
    line = {
        "rhythm": "continuous",
        "utilisation_share": 0.5,
        "is_idle": False,
        "compliance": "complies",
        "planned_cut_share": 0.4,
    }
    return pd.DataFrame([{**line, **changes}] * 200)


def test_the_hourly_mean_is_the_mean_of_four_quarters():
    assert hourly_mean(np.array([[1, 2, 3, 6, 0, 0, 0, 4]], dtype=np.float32)).tolist() == [[3, 1]]


def test_lines_that_stop_in_the_red_alert_are_off_once_they_have_responded():
    lines = draw_industry(2, TINY).truth
    utilisation = draw_utilisation(2, lines)
    stops = (lines["planned_cut_share"] == 1) & (lines["compliance"] == "complies")
    assert stops.any()
    assert utilisation[stops.to_numpy(), AFTER_RESPONSE:].max() == 0
    assert utilisation.min() >= 0
    assert utilisation.max() <= 1


@pytest.mark.parametrize(("compliance", "remaining_share"), [("complies", 0.6), ("partly", 0.8), ("ignores", 1.0)])
def test_a_line_keeps_what_it_does_not_cut(compliance, remaining_share):
    utilisation = draw_utilisation(1, lines_of(compliance=compliance))
    ratio = utilisation[:, AFTER_RESPONSE:].mean() / utilisation[:, : 6 * QUARTERS_PER_DAY].mean()
    assert ratio == pytest.approx(remaining_share, rel=0.03)


def test_a_line_that_is_shut_for_the_season_never_runs():
    assert draw_utilisation(1, lines_of(is_idle=True)).max() == 0


def test_a_night_line_runs_three_times_as_much_at_night():
    utilisation = draw_utilisation(1, lines_of(rhythm="night", utilisation_share=0.3))[:, :QUARTERS_PER_DAY]
    night, day = utilisation[:, : 7 * 4].mean(), utilisation[:, 10 * 4 : 20 * 4].mean()
    assert night / day == pytest.approx(3, rel=0.05)
