"""Prediction with stored trees: all splits of all trees are evaluated for many hours at once.

Belongs here: reading and checking stored trees, and the prediction.
Does not: fitting and writing them (boosted_fit), what they correct (candidate_forms).

Stored trees are a text and two lists. `nodes` holds one word for each tree, with its nodes in preorder (a split, then
all of its left side, then its right side): a dot is a leaf, a letter is a split on a feature, "a" for the first
feature of the model. `threshold` holds, split by split, the value up to which an hour goes left; `leaf_millionths`
holds the leaf values. The order alone determines where each side ends.

Source of the method: Lucchese et al. (2015), QuickScorer, SIGIR 2015, 73. An hour that goes right at a split cannot
reach the leaves on its left; the first leaf that no split of the tree excludes is the leaf of the hour.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bigdata_emis.arrays import Floats, Integers

LEAF, FIRST_FEATURE = ".", "a"
MAX_FEATURES = 26
LEAF_UNIT = 1_000_000
"""Leaf values are stored as whole millionths of the scale of the target."""
MAX_LEAVES = 8
"""The leaves of a tree are the bits of a byte."""
ALL_LEAVES = 255
COMPARISONS_AT_ONCE = 1 << 18
"""Comparisons held at once: enough that a day of hours is cheap, few enough to stay in the processor's cache."""
SPLIT = "s"
_SHAPE = {ord(FIRST_FEATURE) + number: SPLIT for number in range(MAX_FEATURES)}
Trees = Mapping[str, Any]


class _TreeEnsemble(NamedTuple):
    """Trees as arrays: feature, threshold and kept leaves are `(trees, splits)`, leaf is `(trees, leaves)`.

    Smaller trees are padded with splits that keep all leaves.
    """

    feature: Integers
    threshold: Floats
    kept_leaves: NDArray[np.uint8]
    leaf: Floats


def predict_trees(parts: Sequence[Trees], feature_values: Floats) -> Floats:
    """Sum of the leaf values of each hour, for each part separately: `(parts, hours)`.

    `feature_values` is `(hours, features)`. Leaves are added in the order of the trees.

    Raises:
        ValueError: the stored text is not whole trees.
        IndexError: a tree uses a feature that does not exist.
    """
    words, ensemble = _read_parts(parts)
    edges = np.cumsum([0, *map(len, words)])
    columns = np.ascontiguousarray(feature_values.T)
    total = np.zeros((len(parts), len(feature_values)))
    hours_at_once = max(COMPARISONS_AT_ONCE // max(ensemble.feature.size, 1), 1)
    for start in range(0, len(feature_values), hours_at_once):
        value = _leaf_values(ensemble, columns[:, start : start + hours_at_once])
        for number in range(len(parts)):
            total[number, start : start + hours_at_once] = value[edges[number] : edges[number + 1]].sum(axis=0)
    return total


def check_trees(parts: Sequence[Trees], feature_counts: Sequence[int]) -> None:
    """Accept stored trees that are whole and use only the features of their part.

    Their texts and numbers have been checked before (stored/model_schema).

    Raises:
        ValueError: the stored text is not such trees.
    """
    words, ensemble = _read_parts(parts)
    if (ensemble.feature >= np.repeat(feature_counts, [*map(len, words)])[:, None]).any():
        raise ValueError("trees.nodes: a tree uses a feature that does not exist")


def _read_parts(parts: Sequence[Trees]) -> tuple[list[list[str]], _TreeEnsemble]:
    """The words of each part, and the trees of all parts together."""
    words = [str(trees["nodes"]).split() for trees in parts]
    threshold, leaf = (
        np.concatenate([np.asarray(trees[name], dtype=np.float64) for trees in parts])
        for name in ("threshold", "leaf_millionths")
    )
    return words, _read_ensemble(list(chain.from_iterable(words)), threshold, leaf)


def _leaf_values(ensemble: _TreeEnsemble, columns: Floats) -> Floats:
    """Leaf value of each hour in each tree: `(trees, hours)`."""
    trees, splits = ensemble.feature.shape
    goes_left = columns.take(ensemble.feature.ravel(), axis=0) <= ensemble.threshold.reshape(-1, 1)
    # Minus one is all ones in a byte, so an hour that goes left keeps all leaves.
    reachable = np.negative(goes_left.view(np.uint8)) | ensemble.kept_leaves.reshape(-1, 1)
    remaining = np.bitwise_and.reduce(reachable.reshape(trees, splits, columns.shape[1]), axis=1)
    first_leaf = np.bitwise_count((remaining - np.uint8(1)) & ~remaining)
    return np.asarray(
        ensemble.leaf.take(first_leaf + np.arange(0, trees * MAX_LEAVES, MAX_LEAVES)[:, None]), dtype=np.float64
    )


def _read_ensemble(words: list[str], threshold: Floats, leaf_millionths: Floats) -> _TreeEnsemble:
    splits = np.array([*map(len, words)], dtype=np.int64) // 2
    if len(threshold) != splits.sum() or len(leaf_millionths) != (splits + 1).sum():
        raise ValueError("trees: expected as many thresholds as splits and as many leaf values as leaves")
    shape = len(words), MAX_LEAVES - 1
    shapes = " ".join(words).translate(_SHAPE).split()
    kept_leaves = np.frombuffer(b"".join(map(_kept_leaves, shapes)), dtype=np.uint8).reshape(shape)
    letters = np.frombuffer("".join(words).replace(LEAF, "").encode(), dtype=np.uint8)
    is_split = np.arange(MAX_LEAVES - 1) < splits[:, None]
    feature, limit, leaf = np.zeros(shape, dtype=np.int64), np.full(shape, np.inf), np.zeros((len(words), MAX_LEAVES))
    feature[is_split], limit[is_split] = letters - ord(FIRST_FEATURE), threshold
    leaf[np.arange(MAX_LEAVES) <= splits[:, None]] = leaf_millionths / LEAF_UNIT
    return _TreeEnsemble(feature, limit, kept_leaves, leaf)


@lru_cache(maxsize=4096)
def _kept_leaves(shape: str) -> bytes:
    """Leaves that remain when an hour goes right, by split: all but those of the split's left side.

    Cached, since many trees share few shapes.
    """
    if len(shape) >= 2 * MAX_LEAVES:
        raise ValueError(f"a tree of {len(shape)} nodes is not a tree of at most {MAX_LEAVES} leaves")
    masks: list[int] = []
    open_splits: list[tuple[int, int]] = []
    leaves = 0
    for node in shape[:-1]:
        if node == SPLIT:
            open_splits.append((len(masks), leaves))
            masks.append(ALL_LEAVES)
        elif node == LEAF and open_splits:
            # A leaf ends the left side of the latest split whose left side is still open.
            split, first = open_splits.pop()
            leaves += 1
            masks[split] = ALL_LEAVES - (1 << leaves) + (1 << first)
        else:
            raise ValueError(f"'{shape}' is not a tree")
    if open_splits or shape[-1] != LEAF or leaves >= MAX_LEAVES:
        raise ValueError(f"'{shape}' is not a tree of at most {MAX_LEAVES} leaves")
    return bytes(masks).ljust(MAX_LEAVES - 1, bytes([ALL_LEAVES]))
