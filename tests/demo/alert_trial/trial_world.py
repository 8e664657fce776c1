"""One small simulated alert, drawn once for all tests of a session."""

from functools import cache

from bigdata_emis.demo.alert_trial.alert_world import AlertWorld, draw_alert_world


@cache
def world() -> AlertWorld:
    return draw_alert_world(4, "tiny")
