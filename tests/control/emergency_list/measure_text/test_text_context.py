"""What notes and --context say about a plant."""

from dataclasses import fields
from typing import Any

import pytest

from bigdata_emis.codes import EmissionStage, ListContext
from bigdata_emis.control.emergency_list.measure_text.text_context import TextContext, read_context, read_note
from bigdata_emis.errors import InputError


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("6米焦炉,正常结焦时间20小时", {"coking_h": 20, "oven_height_m": 6}),
        ("正常结焦２２小时", {"coking_h": 22}),
        ("核定最大负荷80%,现状负荷70%", {"max_load_share": 0.8, "load_share": 0.7}),
        ("涂装占VOCs排放的90%", {"process_share": 0.9}),
        ("1座6米", {"line_count": 1, "oven_height_m": 6}),
        ("烧结1台", {"line_count": 1}),
        ("两条线相同", {}),
    ],
)
def test_a_note_gives_the_values_that_it_states(note: str, expected: dict[str, float]) -> None:
    assert read_note(note) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("words", "code", "value"),
    [
        (["N=3 equal lines"], ListContext.LINE_COUNT, 3),
        (["line_count=4"], ListContext.LINE_COUNT, 4),
        (["t0=20"], ListContext.COKING_H, 20),
        (["max load 0.6 approved, running at 0.75"], ListContext.LOAD_SHARE, 0.75),
        (["max_load=0.6", "load=0.75"], ListContext.MAX_LOAD_SHARE, 0.6),
        (["coating 0.8 of VOC"], ListContext.PROCESS_SHARE, 0.8),
        (["normal 32"], ListContext.HEATS_PER_DAY, 32),
        (["normal load 1.0"], ListContext.NORMAL_LOAD_SHARE, 1),
        (["normal S 1.0 %"], ListContext.SULPHUR_PERCENT, 1),
        (["VI share 0.6"], ListContext.STAGE_SHARE_VI, 0.6),
        (["V=0.4", "IV=0.2", "III=0.1"], ListContext.STAGE_SHARE_IV, 0.2),
    ],
)
def test_a_context_is_read_as_key_and_value_or_as_words(words: list[str], code: ListContext, value: float) -> None:
    assert read_context(words).value(code) == pytest.approx(value)


def test_stages_add_up_to_the_threshold() -> None:
    context = read_context(["stage shares V .4 IV .2 III .1"])
    assert context.stage_share_up_to(EmissionStage.IV) == pytest.approx(0.3)
    assert context.stage_share_up_to(EmissionStage.V) == pytest.approx(0.7)
    assert context.stage_share_up_to(EmissionStage.II) is None


def test_words_without_a_value_leave_the_context_empty() -> None:
    assert read_context(["N unknown", "no calendar", ""]) == TextContext()


def test_texts_of_a_plant_can_be_given() -> None:
    context = read_context(["site_stage=土方", "level=red"])
    assert (context.site_stage, context.level) == ("土方", "red")


@pytest.mark.parametrize(
    "word", ["colour=3", "process_share=80", "process_share=nan", "N=三", "N=-3", "N=1e400", "t0=-5"]
)
def test_an_unknown_key_or_a_share_above_one_is_refused(word: str) -> None:
    with pytest.raises(InputError, match="context"):
        read_context([word])


def test_a_key_with_two_values_is_refused() -> None:
    with pytest.raises(InputError, match="given twice with other values; give it once"):
        read_context(["N=3", "N=4"])
    assert read_context(["N=3", "N=3"]) == read_context(["N=3"])


def test_contexts_are_told_apart_by_every_field() -> None:
    """A field that is added later is part of the text, too."""
    other: dict[str, Any] = {"values": {"line_count": 4.0}, "is_key_project": True}
    texts = {TextContext(**{one.name: other.get(one.name, "x")}).as_text() for one in fields(TextContext)}
    assert len(texts) == len(fields(TextContext))
    assert "" not in texts
    assert TextContext({"a": 1.0, "b": 2.0}).as_text() == TextContext({"b": 2.0, "a": 1.0}).as_text()
