"""Lists of what is hidden, and the file of predictions."""

import pandas as pd
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate.traffic.hidden import check_writable, draw_hidden, read_hidden, write_predictions

ROWS = pd.DataFrame({"time": ["2012-03-01 00:00:00"], "id": ["7"], "value": [61.25], "p05": [50.0], "p95": [70.5]})


def write_list(tmp_path, text):
    (tmp_path / "list.csv").write_text(text, "utf-8")
    return tmp_path / "list.csv"


@pytest.mark.parametrize("text", ["a\nb\n", "sensor_id\na\nb\n", "# why\n\nid,note\na,x\nb,y\n", '"a"\r\n"b"\r\n'])
def test_a_list_may_have_a_header_remarks_and_more_columns(tmp_path, text):
    assert read_hidden(write_list(tmp_path, text)) == ["a", "b"]


@pytest.mark.parametrize(("text", "message"), [("id\n", "lists nothing"), ("a\nb\na\n", "a is listed twice")])
def test_an_empty_list_and_a_repeated_name_are_refused(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read_hidden(write_list(tmp_path, text))


def test_a_missing_list_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.csv"):
        read_hidden(tmp_path / "nowhere.csv")


def test_a_draw_is_the_same_each_time_and_has_no_name_twice():
    names = [str(number) for number in range(40)]
    drawn = draw_hidden(names, 0.25)
    assert len(set(drawn)) == 10
    assert drawn == draw_hidden(names, 0.25)
    assert len(draw_hidden(["only"], 0.1)) == 1


def test_predictions_are_written_with_three_decimals_and_nothing_else_is_left(tmp_path):
    write_predictions(tmp_path / "out.csv", ROWS)
    assert (tmp_path / "out.csv").read_text() == "time,id,value,p05,p95\n2012-03-01 00:00:00,7,61.250,50.000,70.500\n"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_a_folder_is_refused_as_the_file_of_predictions(tmp_path):
    with pytest.raises(InputError, match="is a folder"):
        check_writable(tmp_path)
    with pytest.raises(InputError):
        write_predictions(tmp_path / "no" / "out.csv", ROWS)
