"""The encoding of a text file."""

import pytest

from bigdata_emis.collect.formats.text_encoding import decode_text, detect_encoding
from bigdata_emis.errors import FeedError

TEXT = "电表编号,采集时间,有功电量\nM1,2015-12-20 00:00,36\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-32"])
def test_chinese_headings_are_read_however_they_were_saved(encoding):
    assert decode_text(TEXT.encode(encoding), "here")[0] == TEXT


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_wide_characters_without_a_mark_are_noticed(encoding):
    assert decode_text("meter,kWh\nm1,1\n".encode(encoding), "here") == ("meter,kWh\nm1,1\n", encoding)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_character_with_a_zero_byte_of_its_own_does_not_hide_wide_characters(encoding):
    """一 is U+4E00, of which the lower byte is 0 like the upper byte of a letter."""
    text = "meter,kWh\n" + "一号表,2015-12-20 00:00,36\n" * 3
    assert decode_text(text.encode(encoding), "here") == (text, encoding)


def test_lone_letters_with_accents_are_western():
    text = "heure;débit (µg/m³)\n1;5\n"
    assert decode_text(text.encode("cp1252"), "here") == (text, "cp1252")


@pytest.mark.parametrize("content", [b"a,b\n\xff\xfe\xff,1\n", b"a\n\x81\x30\x81\n", "頻度の表記".encode("shift-jis")])
def test_bytes_of_no_encoding_beyond_doubt_are_refused_with_the_key_to_write(content):
    assert detect_encoding(content) == ""
    with pytest.raises(FeedError, match='here: is not UTF-8 .* encoding = "gb18030"'):
        decode_text(content, "here")


def test_a_named_encoding_is_used_and_bytes_that_are_none_of_it_refused():
    assert decode_text("頻度".encode("shift-jis"), "here", "shift-jis") == ("頻度", "shift-jis")
    with pytest.raises(FeedError, match="here: is not ascii text"):
        decode_text(TEXT.encode(), "here", "ascii")


def test_a_text_with_a_nul_is_no_text():
    with pytest.raises(FeedError, match="holds a NUL"):
        decode_text(b"a,b\n1\x00,2\n3,4\n", "here", "utf-8")


def test_a_mark_left_in_the_middle_of_joined_files_means_nothing():
    assert decode_text("\ufeffa,b\n1,2\n\ufeff3,4\n".encode(), "here")[0] == "a,b\n1,2\n3,4\n"
