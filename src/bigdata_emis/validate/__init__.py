"""Models judged on measured data, next to plain baselines. No stage of the flow uses this."""
