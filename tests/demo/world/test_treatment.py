"""Hours with abatement off, and the emission of these hours."""

import numpy as np
import pandas as pd
import pytest

from bigdata_emis.demo.world.treatment import draw_untreated_quarters, untreated_emission_ratio


def test_without_abatement_the_removed_part_is_emitted_too():
    key = pd.DataFrame({"production_line_id": ["L1", "L1"], "pollutant_code": ["PM10", "CO2"], "line_row": [0, 0]})
    factor = key[["production_line_id", "pollutant_code"]].assign(removal_share=[0.9, 0.0])
    off = np.zeros((1, 8), dtype=bool)
    off[0, 2:8] = True
    assert untreated_emission_ratio(off, key, factor).tolist() == [pytest.approx([5.5, 10]), [1, 1]]


def test_one_simulated_line_in_twenty_switches_abatement_off_and_no_real_works():
    off = draw_untreated_quarters(1, pd.DataFrame({"is_real": [False] * 1000 + [True] * 1000})).any(axis=1)
    assert 30 <= off[:1000].sum() <= 75
    assert not off[1000:].any()
