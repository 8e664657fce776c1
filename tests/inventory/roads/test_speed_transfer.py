"""What trees learn from links with readings for links without."""

import numpy as np

from bigdata_emis.inventory.roads.speed_transfer import LinkRows, transfer_speed


def build_rows(links, seed):
    rng = np.random.default_rng(seed)
    link = np.repeat(links, 200)
    inputs = rng.uniform(0, 1, (len(link), 2))
    start = np.full(len(link), 50.0)
    speed = start + 10 * (inputs[:, 0] > 0.5) + rng.normal(0, 1, len(link))
    return LinkRows(inputs, start, link), speed


def test_a_deviation_that_links_share_is_transferred_with_an_interval_that_covers():
    seen, speed = build_rows(np.arange(12), 1)
    unseen, truth = build_rows(np.arange(20, 24), 2)
    estimate = transfer_speed(seen, speed, unseen)
    assert np.abs(estimate.value - truth).mean() < 1.5
    inside = (estimate.p05 <= truth) & (truth <= estimate.p95)
    assert 0.85 < inside.mean() < 0.95


def test_the_same_rows_give_the_same_estimate():
    seen, speed = build_rows(np.arange(6), 1)
    first, second = transfer_speed(seen, speed, seen), transfer_speed(seen, speed, seen)
    assert first.value.tolist() == second.value.tolist()


def test_the_interval_covers_links_whose_errors_depend_on_the_link():
    """Each link has its own offset, which the trees can learn by heart from a column that names the link."""
    rng = np.random.default_rng(5)
    inside = []
    for _ in range(3):
        link = np.repeat(np.arange(60), 100)
        offset = rng.normal(0, 8, 60)
        name = rng.uniform(0, 1, 60)
        inputs = np.column_stack([name[link], rng.uniform(0, 1, len(link))])
        speed = 50 + offset[link] + rng.normal(0, 1, len(link))
        rows = LinkRows(inputs, np.full(len(link), 50.0), link)
        known = link < 45
        seen, unseen = (LinkRows(inputs[at], rows.start[at], link[at]) for at in (known, ~known))
        estimate = transfer_speed(seen, speed[known], unseen)
        truth = speed[~known]
        inside.append(((estimate.p05 <= truth) & (truth <= estimate.p95)).mean())
    assert 0.8 < np.mean(inside) <= 1.0
