"""The simulated alert lasts from seven on its first day to the end of its fourth."""

from bigdata_emis.demo.alert_trial.alert_period import ALERT_DAYS, NORMAL_DAYS, alert_days, alert_window


def test_normal_days_come_before_the_alert():
    days = alert_days()
    assert len(days) == NORMAL_DAYS + ALERT_DAYS
    window = alert_window()
    assert window.days("Asia/Shanghai") == days[NORMAL_DAYS:]
    assert window.hours == 17 + 3 * 24


def test_the_normal_days_have_every_type_of_day_twice():
    weekdays = [day.weekday() for day in alert_days()[:NORMAL_DAYS]]
    assert {0, 1, 2, 3, 4, 5, 6} == set(weekdays)
