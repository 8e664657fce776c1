"""Shares that a person can compute on paper, and what is missing for those that cannot be computed."""

import pytest

from bigdata_emis.control.emergency_list.measure_text.share_formulas import Shares, compute_shares, threshold_stage
from bigdata_emis.control.emergency_list.measure_text.text_context import TextContext
from bigdata_emis.control.emergency_list.measure_text.text_patterns import PatternMatch, match_text


def match_of(text: str) -> PatternMatch:
    match = match_text(text)
    assert match is not None
    return match


def shares(text: str, **values: float) -> Shares:
    return compute_shares(match_of(text), TextContext(dict(values)))


@pytest.mark.parametrize(
    ("text", "values", "affected", "cut"),
    [
        ("停产50%(以生产线计)", {"line_count": 3}, 2 / 3, 1),
        ("停产30%(以生产线计)", {"line_count": 10}, 0.3, 1),
        ("停产30%(以生产线计)", {"line_count": 4}, 0.5, 1),
        ("停2条线", {"line_count": 4}, 0.5, 1),
        ("焙烧窑停1/2", {}, 0.5, 1),
        ("3条及以上保留1条", {"line_count": 4}, 0.75, 1),
        ("3条及以上保留1条", {"line_count": 2}, 1, 1),
        ("日产量控制在500吨以内", {"daily_output_t": 625}, 1, 0.2),
        ("日产量控制在500吨以内", {"daily_output_t": 400}, 1, 0),
        ("日运行时间由24小时减至16小时", {}, 1, 1 / 3),
        ("出焦时间延长至36小时", {"coking_h": 20}, 1, 0.444444),
        ("6米及以上炭化室28小时,6米以下36小时", {"coking_h": 20, "oven_height_m": 5.5}, 1, 0.444444),
        ("烧结机停48小时开12小时为周期", {}, 1, 0.8),
        ("生产负荷降至70%", {"normal_load_share": 0.8}, 1, 0.125),
        ("以热定产", {"max_load_share": 0.8, "load_share": 0.7}, 1, 0),
        ("石灰窑停产保窑", {"keep_hot_share": 0.1}, 1, 0.9),
        ("停2台90平方米烧结机", {"size_in_use": 360}, 0.5, 1),
        ("轮流停产", {"group_count": 2}, 0.5, 1),
        ("国六车辆减半", {"stage_share_VI": 0.6}, 0.6, 0.5),
        ("国四和国五车辆占比不超过20%", {"stage_share_IV": 0.2, "stage_share_V": 0.3}, 0.3, 1),
        ("主干道每日增加2次清扫洒水", {"washing_efficiency_share": 0.3}, 1, 0.51),
        ("机动车单双号限行", {}, 0.5, 1),
        ("结焦时间由20小时延长至25小时", {}, 1, 0.2),
        ("生产负荷降低30%", {}, 1, 0.3),
        ("生产负荷降低至70%", {"normal_load_share": 1.0}, 1, 0.3),
        ("停止国三及以下非道路移动机械", {"stage_share_III": 0.3, "stage_share_II": 0.1}, 0.4, 1),
        ("排放浓度不超过限值的70%", {"limit_mg_per_m3": 50, "normal_mg_per_m3": 70}, 1, 0.5),
    ],
)
def test_shares_follow_the_formula_of_the_pattern(
    text: str, values: dict[str, float], affected: float, cut: float
) -> None:
    found = shares(text, **values)
    assert not found.missing
    assert (found.affected, found.cut) == (pytest.approx(affected), pytest.approx(cut))


@pytest.mark.parametrize(
    "text",
    [
        "停2条线", "停产50%(以生产线计)", "轮产", "出焦时间延长至36小时", "以热定产", "石灰窑停产保窑", "涂装工序停产",
        "停止土石方作业", "日产量控制在500吨以内", "每座转炉日冶炼不超过22炉", "3条及以上保留1条",
        "烧结机限产40%(城外)50%(城内)",
    ],
)  # fmt: skip
def test_what_the_formula_needs_and_nobody_stated_is_missing_and_not_zero(text: str) -> None:
    found = shares(text)
    assert found.missing
    assert found.applied is None
    assert found.affected is None or found.cut is None


def test_hours_of_the_day_may_pass_midnight() -> None:
    night = shares("每日20时至次日8时停产")
    assert (night.applied, night.hours) == (0.5, "20-08")
    assert shares("每日8时至16时停产").applied == pytest.approx(1 / 3)


def test_a_single_line_cannot_be_stopped_in_part() -> None:
    single = shares("停产50%(以生产线计)", line_count=1)
    assert (single.affected, single.cut) == (1, 0.5)
    assert "load" in single.doubt


@pytest.mark.parametrize(
    ("text", "values", "word"),
    [
        ("停3条线", {"line_count": 2}, "3 lines to stop, of 2 listed"),
        ("焙烧窑停1/2", {"line_count": 3}, "rounded up"),
        ("出焦时间延长至18小时", {"coking_h": 20}, "shorter"),
        ("停3台180平方米烧结机", {"size_in_use": 360}, "more is to stop"),
    ],
)
def test_what_does_not_fit_is_a_doubt(text: str, values: dict[str, float], word: str) -> None:
    assert word in shares(text, **values).doubt


@pytest.mark.parametrize("text", ["限产150%", "日投料量由480吨降低到600吨", "焙烧窑停3/2"])
def test_what_cannot_be_is_an_error(text: str) -> None:
    assert shares(text).error


def test_place_grade_and_level_choose_the_figure() -> None:
    graded = compute_shares(match_of("绩效A级20%、B级30%"), TextContext(grade="B"))
    by_level = compute_shares(match_of("合成革:黄、橙停50%,红停产"), TextContext(level="red"))
    named = compute_shares(match_of("1号窑停产"), TextContext(line="1号窑"))
    assert (graded.affected, by_level.affected, named.affected) == (pytest.approx(0.3), 1, 1)


def test_a_process_that_is_the_whole_line_is_affected_as_a_whole() -> None:
    assert compute_shares(match_of("烧结机、球团、石灰窑停产"), TextContext(industry="sinter")).affected == 1


def test_a_key_project_and_a_site_in_another_stage_go_on() -> None:
    earthwork = match_of("停止土石方作业")
    assert compute_shares(earthwork, TextContext(site_stage="土方")).affected == 1
    assert compute_shares(earthwork, TextContext(site_stage="主体")).affected == 0
    assert compute_shares(match_of("全市工地停止施工"), TextContext(is_key_project=True)).affected == 0


def test_only_newer_vehicles_allowed_stops_the_stage_before() -> None:
    assert threshold_stage(match_of("仅允许国五及以上或新能源车辆进厂")) == "IV"
    assert threshold_stage(match_of("停止使用国四及以下重型载货车辆(含燃气)进行运输")) == "IV"
