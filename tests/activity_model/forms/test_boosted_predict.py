"""Stored trees: which leaf an hour ends in, what is no tree, and thresholds in few digits."""

import json

import numpy as np
import pytest

from bigdata_emis.activity_model.forms.boosted_fit import Binned, fit_trees
from bigdata_emis.activity_model.forms.boosted_predict import walk_trees


def trees(nodes, threshold, leaves):
    return {"nodes": nodes, "threshold": threshold, "leaf_millionths": [leaf * 1_000_000 for leaf in leaves]}


def hours(*rows):
    return np.array(rows, dtype=float)


@pytest.mark.parametrize(
    ("nodes", "threshold", "leaves", "expected"),
    [
        (".", [], [7], [7, 7, 7, 7]),
        ("a..", [10], [1, 2], [1, 1, 2, 2]),
        ("ab...", [10, 5], [1, 2, 3], [1, 2, 3, 3]),
        ("a.b..", [10, 5], [1, 2, 3], [1, 1, 2, 3]),
        ("ab..b..", [10, 5, 5], [1, 2, 3, 4], [1, 2, 3, 4]),
        ("a.. b..", [10, 5], [1, 2, 10, 20], [11, 21, 12, 22]),
        (". ab..b..", [10, 5, 5], [100, 1, 2, 3, 4], [101, 102, 103, 104]),
    ],
)
def test_an_hour_goes_left_up_to_the_threshold_and_the_leaves_of_all_trees_are_added(
    nodes, threshold, leaves, expected
):
    asked = hours((10, 5), (10, 6), (11, 5), (11, 6))
    assert walk_trees([trees(nodes, threshold, leaves)], asked).tolist() == [expected]


def test_each_part_has_a_sum_of_its_own_and_a_part_without_trees_is_nothing():
    parts = [trees("a..", [10], [1, 2]), trees("", [], []), trees("a.. a..", [0, 20], [1, 2, 4, 8])]
    assert walk_trees(parts, hours((10,), (11,))).tolist() == [[1, 2], [0, 0], [6, 6]]


@pytest.mark.parametrize(
    ("nodes", "threshold", "leaves"),
    [
        ("a.", [1], [1]),
        ("a...", [1], [1, 2, 3]),
        ("..", [], [1, 2]),
        ("a.#", [1], [1, 2]),
        ("a..", [], [1, 2]),
        ("a..", [1], [1]),
        ("aaaaaaaa.........", [1] * 8, [1] * 9),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_makes_no_whole_trees_of_eight_leaves_is_refused(nodes, threshold, leaves):
    with pytest.raises(ValueError, match="tree|needed"):
        walk_trees([trees(nodes, threshold, leaves)], hours((1,)))


def test_a_question_for_a_feature_that_there_is_none_of_is_refused():
    with pytest.raises(IndexError):
        walk_trees([trees("b..", [1], [1, 2])], hours((1,)))


def plain_leaf(word, threshold, leaves, hour):
    """The leaf of one hour by going down one tree, node by node."""
    nodes = iter(word)

    def down(is_on_the_way):
        node = next(nodes)
        if node == ".":
            leaf = next(leaves)
            return leaf if is_on_the_way else None
        goes_left = hour[ord(node) - ord("a")] <= next(threshold)
        found = [down(is_on_the_way and goes_left), down(is_on_the_way and not goes_left)]
        return found[0] if found[0] is not None else found[1]

    return down(True)


def test_fitted_trees_give_what_going_down_them_node_by_node_gives_and_pass_through_text_unchanged():
    random = np.random.default_rng(1)
    asked = np.round(random.uniform(0, 100, (400, 3)), 3)
    stored = json.loads(
        json.dumps(fit_trees(Binned(asked), np.where(asked[:, 0] > 50, asked[:, 1], -asked[:, 2]) / 100, np.ones(400)))
    )
    found = walk_trees([stored], asked)[0]
    for hour in (0, 57, 399):
        threshold, leaves = iter(stored["threshold"]), iter(stored["leaf_millionths"])
        plain = sum(plain_leaf(word, threshold, leaves, asked[hour]) for word in stored["nodes"].split()) / 1e6
        assert found[hour] == pytest.approx(plain, abs=1e-12)


def test_a_threshold_is_kept_in_few_digits_between_the_two_seen_values_that_it_parts():
    """Loads of 10.13 and 20.57 are parted at 15.35: any value from 12.74 to 17.96 would do, and 15 has the fewest digits that are near enough."""
    stored = fit_trees(
        Binned(hours(*[(10.13,)] * 20, *[(20.57,)] * 20)), np.array([0.0] * 20 + [0.04] * 20), np.ones(40)
    )
    assert set(stored["threshold"]) == {15}


def test_idle_hours_stay_apart_from_the_least_load():
    stored = fit_trees(Binned(hours(*[(0,)] * 20, *[(0.001,)] * 20)), np.array([0.0] * 20 + [0.04] * 20), np.ones(40))
    assert all(0 < threshold < 0.001 for threshold in stored["threshold"])
