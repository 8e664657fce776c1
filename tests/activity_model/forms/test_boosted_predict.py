"""Prediction with stored trees: the leaf of an hour, and texts that are not trees."""

import json

import numpy as np
import pytest

from bigdata_emis.activity_model.forms.boosted_fit import BinnedHours, fit_trees
from bigdata_emis.activity_model.forms.boosted_predict import check_trees, predict_trees


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
    feature_values = hours((10, 5), (10, 6), (11, 5), (11, 6))
    assert predict_trees([trees(nodes, threshold, leaves)], feature_values).tolist() == [expected]


def test_each_part_has_its_own_sum_and_a_part_without_trees_is_zero():
    parts = [trees("a..", [10], [1, 2]), trees("", [], []), trees("a.. a..", [0, 20], [1, 2, 4, 8])]
    assert predict_trees(parts, hours((10,), (11,))).tolist() == [[1, 2], [0, 0], [6, 6]]


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
def test_what_is_not_whole_trees_of_at_most_eight_leaves_is_refused(nodes, threshold, leaves):
    stored = trees(nodes, threshold, leaves)
    with pytest.raises(ValueError, match="tree"):
        predict_trees([stored], hours((1,)))
    with pytest.raises(ValueError, match="tree"):
        check_trees([stored], [1])


def test_a_split_on_a_feature_that_does_not_exist_is_refused():
    stored = trees("b..", [1], [1, 2])
    with pytest.raises(IndexError):
        predict_trees([stored], hours((1,)))
    with pytest.raises(ValueError, match="feature that does not exist"):
        check_trees([stored], [1])
    check_trees([stored], [2])


def plain_leaf(word, threshold, leaves, hour):
    """Leaf of one hour by walking down one tree, node by node."""
    nodes = iter(word)

    def down(is_on_the_way):
        node = next(nodes)
        if node == ".":
            leaf = next(leaves)
            return leaf if is_on_the_way else None
        goes_left = hour[ord(node) - ord("a")] <= next(threshold)
        reached = [down(is_on_the_way and goes_left), down(is_on_the_way and not goes_left)]
        return reached[0] if reached[0] is not None else reached[1]

    return down(True)


def test_fitted_trees_give_the_same_as_walking_down_node_by_node():
    random = np.random.default_rng(1)
    feature_values = np.round(random.uniform(0, 100, (400, 3)), 3)
    target = np.where(feature_values[:, 0] > 50, feature_values[:, 1], -feature_values[:, 2]) / 100
    stored = json.loads(json.dumps(fit_trees(BinnedHours(feature_values), target, np.ones(400))))
    predicted = predict_trees([stored], feature_values)[0]
    for hour in (0, 57, 399):
        threshold, leaves = iter(stored["threshold"]), iter(stored["leaf_millionths"])
        walked = [plain_leaf(word, threshold, leaves, feature_values[hour]) for word in stored["nodes"].split()]
        assert predicted[hour] == pytest.approx(sum(walked) / 1e6, abs=1e-12)
