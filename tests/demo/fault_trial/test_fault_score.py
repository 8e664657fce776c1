"""Rates over several seeds are those of all their values together."""

from bigdata_emis.demo.fault_trial.fault_score import sum_rates


def test_a_rate_is_of_the_values_of_all_seeds_and_none_where_there_are_none():
    total = [{"stuck": 10, "twins": 0}, {"stuck": 30}]
    part = [{"stuck": 10, "twins": 0}, {"stuck": 15}]
    assert sum_rates(total, part, "damaged", "recall") == {
        "stuck": {"damaged": 40, "recall": 0.625, "by_seed": [1.0, 0.5]},
        "twins": {"damaged": 0, "recall": None, "by_seed": [None, None]},
    }
