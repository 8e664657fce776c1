"""A PDF from a template: the same values give the same bytes."""

from pathlib import Path

from bigdata_emis.pdf_file import render_pdf

SHOWN = '#json(bytes(sys.inputs.at("sheet"))).text'


def write(folder: Path, text: str) -> Path:
    path = folder / "page.typ"
    path.write_text(text, "utf-8")
    return path


def test_equal_values_give_equal_bytes_and_others_do_not(tmp_path: Path) -> None:
    template = write(tmp_path, SHOWN)
    first = render_pdf(template, {"text": "减排 #1"})
    assert first.startswith(b"%PDF")
    assert render_pdf(template, {"text": "减排 #1"}) == first
    assert render_pdf(template, {"text": "减排 #2"}) != first


def test_values_are_data_and_never_markup(tmp_path: Path) -> None:
    hostile = '#panic("x") $ ] *'
    assert render_pdf(write(tmp_path, SHOWN), {"text": hostile}).startswith(b"%PDF")
