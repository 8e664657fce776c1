"""An export is written whole or not at all, the same bytes each time, and says when it is partial."""

import csv
import json
from pathlib import Path

import pytest

from bigdata_emis.errors import InputError, PartialError, RefusedError
from bigdata_emis.publish.export import export_day as export_module
from bigdata_emis.publish.export.export_day import FORMATS, export_day, raise_partial
from bigdata_emis.publish.export.export_request import ExportRequest
from bigdata_emis.publish.export.mass_closing import Closing, close_mass
from tests.publish.export.exported_town import exported, publish_exported_town
from tests.publish.published_town import FIRST, town


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("format_name", sorted(FORMATS))
def test_every_format_closes_and_gives_the_same_bytes_twice(format_name: str, published: Path, tmp_path: Path) -> None:
    first = exported(published, format_name, out=tmp_path)
    before = content(Path(first["folder"]))
    second = exported(published, format_name, out=tmp_path)
    assert content(Path(second["folder"])) == before
    assert first["closing"]["closes"] is True
    assert {file["name"] for file in first["files"]} | {"closing.json"} == set(before)
    assert [path.name for path in tmp_path.iterdir()] == [f"town_{FIRST}_{format_name}"]


def test_the_closing_and_the_log_lie_beside_the_files(published: Path, tmp_path: Path) -> None:
    folder = Path(exported(published, "ioapi", out=tmp_path)["folder"])
    document = json.loads((folder / "closing.json").read_text("utf-8"))
    nox = next(row for row in document["closing"]["pollutants"] if row["pollutant"] == "NOx")
    assert (nox["published_kg"], nox["outside_kg"]) == (24.0, 6.0)
    assert document["profiles"]["PM2.5"] == {"own_profile": 0.75, "similar_source": 0.25}
    rows = list(csv.DictReader((folder / "profile_log.csv").open(encoding="utf-8")))
    assert {row["profile_basis_code"] for row in rows} == {"own_profile", "similar_source"}


@pytest.mark.parametrize("format_name", ["ioapi", "hemco", "wrfchem", "ff10"])
def test_every_format_closes_in_saprc07(format_name: str, published: Path, tmp_path: Path) -> None:
    document = exported(published, format_name, out=tmp_path, mechanism="saprc07")
    assert (document["mechanism"], document["closing"]["closes"]) == ("saprc07", True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format_name": "netcdf"}, "--format netcdf: expected one of"),
        ({"mechanism": "racm"}, "--mechanism racm: expected cb6 or saprc07"),
        ({"day": FIRST.replace(day=25)}, "2015-12-25 of region town is not published"),
        ({"hours": "noon"}, "--hours noon"),
    ],
    ids=["format", "mechanism", "day", "hours"],
)
def test_wrong_use_is_refused_and_nothing_is_written(
    options: dict[str, object], message: str, published: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        exported(published, out=tmp_path / "out", **{"format_name": "ioapi", **options})
    assert not (tmp_path / "out").exists()


def test_mass_that_does_not_close_is_refused_and_nothing_is_written(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose_mass(request: ExportRequest, folder: Path) -> Closing:
        (folder / "half.ncf").write_bytes(b"half")
        return Closing([close_mass("NOx", 100.0, 99.0)], [])

    monkeypatch.setitem(export_module.FORMATS, "ioapi", lose_mass)
    with pytest.raises(RefusedError, match="mass of NOx"):
        exported(published, "ioapi", out=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_fails_leaves_the_older_one_in_place(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(exported(published, "ioapi", out=tmp_path)["folder"])
    before = content(folder)

    def fail(request: ExportRequest, folder: Path) -> Closing:
        raise OSError("disk")

    monkeypatch.setitem(export_module.FORMATS, "ioapi", fail)
    with pytest.raises(OSError, match="disk"):
        exported(published, "ioapi", out=tmp_path)
    assert content(folder) == before


@pytest.mark.parametrize("cell_deg", [float("nan"), 0.0, 1e-9, 0.07])
def test_a_refused_export_leaves_no_folder_that_was_not_there(cell_deg: float, published: Path, tmp_path: Path) -> None:
    out = tmp_path / "models" / "new"
    with pytest.raises(InputError, match="--cell-deg"):
        exported(published, "hemco", out=out, cell_deg=cell_deg)
    assert list(tmp_path.iterdir()) == []
    out.mkdir(parents=True)
    with pytest.raises(InputError, match="--cell-deg"):
        exported(published, "hemco", out=out, cell_deg=cell_deg)
    assert list(out.iterdir()) == []
    assert out.is_dir()


def test_a_folder_that_cannot_be_written_is_refused(published: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(InputError, match="--out "):
        exported(published, "ioapi", out=tmp_path / "file" / "out")


def test_a_partial_day_is_exported_and_says_so(home: Path) -> None:
    folder = publish_exported_town(home)
    path = (folder / "manifest" / f"day={FIRST}.json").resolve()
    manifest = {**json.loads(path.read_text("utf-8")), "is_partial": True, "partial_reasons": ["feed power is down"]}
    path.chmod(0o640)
    path.write_text(json.dumps(manifest), "utf-8")
    document = export_day(town(home), FIRST, format_name="ioapi", out=home / "out")
    assert document["partial_reasons"] == ["2015-12-19: feed power is down"]
    with pytest.raises(PartialError, match="is exported as partial: 2015-12-19: feed power is down"):
        raise_partial(document)


def test_a_whole_day_is_not_partial(published: Path, tmp_path: Path) -> None:
    document = exported(published, "ioapi", out=tmp_path)
    raise_partial(document)
    assert document["partial_reasons"] == []
