"""Stored trees evaluated: every question of every tree is put to many hours at once, and the leaf follows from the answers.

Belongs here: reading stored trees, and the walk. Does not: fitting and writing them (trees), what they correct (forms).

Stored trees are a text and two lists. `nodes` holds a word a tree, its nodes in preorder (a split, then all of its left side, then its
right side): a dot is a leaf, a letter asks for a feature, "a" for the first that the model names. `threshold` holds the values up to which an
hour goes left, split by split; `leaf_millionths` the values of the leaves. Where a side ends follows from the order alone.

Source of the walk: Lucchese et al. 2015, QuickScorer: an hour that goes right at a split can reach none of the leaves on its left; the
first leaf that is left over from all splits of a tree is the one in which the hour ends.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bigdata_emis.activity_model.numbers import numbers_at
from bigdata_emis.arrays import Floats, Integers

LEAF, FIRST_FEATURE = ".", "a"
MOST_FEATURES = 26
LEAF_UNIT = 1_000_000
"""Leaves are kept in whole millionths of what the trees were scaled by."""
MOST_LEAVES = 8
"""The leaves of a tree are the bits of a byte."""
ALL_LEAVES = 255
ASKED_TOGETHER = 1 << 18
"""So many answers are held at once: enough that a day costs little, few enough to stay in the processor's cache."""
SPLIT = "s"
_SHAPE = {ord(FIRST_FEATURE) + number: SPLIT for number in range(MOST_FEATURES)}
Trees = Mapping[str, Any]


class _Grove(NamedTuple):
    """Trees by their splits, filled up to equally many with splits that keep all leaves: which feature, up to which value, which leaves are kept."""

    feature: Integers
    threshold: Floats
    kept: NDArray[np.uint8]
    leaf: Floats


def walk_trees(parts: Sequence[Trees], asked: Floats) -> Floats:
    """The sum of the leaves that each hour (second axis) falls into, for each part (first axis), added in the order of its trees.

    Raises:
        ValueError: what is stored does not make whole trees.
        IndexError: a tree asks for a feature that there is none of.
    """
    words = [str(trees["nodes"]).split() for trees in parts]
    edges = np.cumsum([0, *map(len, words)])
    grove = _grove(
        list(chain.from_iterable(words)), *(_joined(parts, name) for name in ("threshold", "leaf_millionths"))
    )
    columns = np.ascontiguousarray(asked.T)
    found = np.zeros((len(parts), len(asked)))
    together = max(ASKED_TOGETHER // max(grove.feature.size, 1), 1)
    for start in range(0, len(asked), together):
        value = _leaves(grove, columns[:, start : start + together])
        for number in range(len(parts)):
            found[number, start : start + together] = value[edges[number] : edges[number + 1]].sum(axis=0)
    return found


def check_trees(parts: Sequence[Trees], feature_counts: Sequence[int]) -> None:
    """Passes trees whose values are numbers, those of each part asking for some of so many features.

    Raises:
        ValueError: what is stored does not make such trees.
    """
    if not all(isinstance(trees.get("nodes"), str) for trees in parts):
        raise ValueError("trees.nodes is no text")
    words = [trees["nodes"].split() for trees in parts]
    values = (
        np.concatenate([numbers_at(trees.get(name), f"trees.{name}") for trees in parts])
        for name in ("threshold", "leaf_millionths")
    )
    grove = _grove(list(chain.from_iterable(words)), *values)
    if (grove.feature >= np.repeat(feature_counts, [*map(len, words)])[:, None]).any():
        raise ValueError("trees.nodes: a tree asks for a feature that there is none of")


def _joined(parts: Sequence[Trees], name: str) -> Floats:
    return np.concatenate([np.asarray(trees[name], dtype=np.float64) for trees in parts])


def _leaves(grove: _Grove, columns: Floats) -> Floats:
    """The leaf of each hour (second axis) in each tree (first axis)."""
    trees, splits = grove.feature.shape
    goes_left = columns.take(grove.feature.ravel(), axis=0) <= grove.threshold.reshape(-1, 1)
    # All bits where the answer is yes, since minus one is all ones in a byte.
    kept = np.negative(goes_left.view(np.uint8)) | grove.kept.reshape(-1, 1)
    left_over = np.bitwise_and.reduce(kept.reshape(trees, splits, columns.shape[1]), axis=1)
    place = np.bitwise_count((left_over - np.uint8(1)) & ~left_over)
    return np.asarray(
        grove.leaf.take(place + np.arange(0, trees * MOST_LEAVES, MOST_LEAVES)[:, None]), dtype=np.float64
    )


def _grove(words: list[str], threshold: Floats, leaf_millionths: Floats) -> _Grove:
    splits = np.array([*map(len, words)], dtype=np.int64) // 2
    if len(threshold) != splits.sum() or len(leaf_millionths) != (splits + 1).sum():
        raise ValueError("as many thresholds as splits and as many leaf values as leaves are needed")
    shape = len(words), MOST_LEAVES - 1
    kept = np.frombuffer(b"".join(map(_kept, " ".join(words).translate(_SHAPE).split())), dtype=np.uint8).reshape(shape)
    letters = np.frombuffer("".join(words).replace(LEAF, "").encode(), dtype=np.uint8)
    is_split = np.arange(MOST_LEAVES - 1) < splits[:, None]
    feature, limit, leaf = np.zeros(shape, dtype=np.int64), np.full(shape, np.inf), np.zeros((len(words), MOST_LEAVES))
    feature[is_split], limit[is_split] = letters - ord(FIRST_FEATURE), threshold
    leaf[np.arange(MOST_LEAVES) <= splits[:, None]] = leaf_millionths / LEAF_UNIT
    return _Grove(feature, limit, kept, leaf)


@lru_cache(maxsize=4096)
def _kept(shape: str) -> bytes:
    """The leaves that are left over when an hour goes right, by split: all but those of its left side. There are few shapes, and many trees of each."""
    if len(shape) >= 2 * MOST_LEAVES:
        raise ValueError(f"a tree of {len(shape)} nodes is no tree of at most {MOST_LEAVES} leaves")
    kept: list[int] = []
    waiting: list[tuple[int, int]] = []
    leaves = 0
    for node in shape[:-1]:
        if node == SPLIT:
            waiting.append((len(kept), leaves))
            kept.append(ALL_LEAVES)
        elif node == LEAF and waiting:
            # A leaf ends the left side of the last split whose left side has not ended.
            split, first = waiting.pop()
            leaves += 1
            kept[split] = ALL_LEAVES - (1 << leaves) + (1 << first)
        else:
            raise ValueError(f"'{shape}' is no tree")
    if waiting or shape[-1] != LEAF or leaves >= MOST_LEAVES:
        raise ValueError(f"'{shape}' is no tree of at most {MOST_LEAVES} leaves")
    return bytes(kept).ljust(MOST_LEAVES - 1, bytes([ALL_LEAVES]))
