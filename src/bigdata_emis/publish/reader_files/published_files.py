"""Writing of the files for readers: by content, with a name that never changes, and listed for the manifest.

Belongs here: which files are written when something is published, and where they lie below the root of the lake.
Does not: their content (grid_mapping, grid_cells, registry_extract, activity_method).

    published/<region>/grid/grid.json, grid/grid.parquet, registry/<table>.parquet           the newest content
    published/<region>/activity_method/day=YYYY-MM-DD/activity_method.parquet                of one day
    history/<region>/<the same path>, with the first digits of the checksum in its name      content that never changes
"""

from collections.abc import Mapping
from datetime import date
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.context import Context
from bigdata_emis.publish.reader_files.activity_method import activity_method
from bigdata_emis.publish.reader_files.grid_cells import grid_cells
from bigdata_emis.publish.reader_files.grid_mapping import grid_json
from bigdata_emis.publish.reader_files.registry_extract import REGISTRY_TABLES, registry_extract
from bigdata_emis.schema.model import Table
from bigdata_emis.storage import database
from bigdata_emis.storage.checksums import VERSION_LENGTH, sha256_digest
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.layout import PUBLISHED

HISTORY = "history"

Entry = dict[str, Any]


def write_region_files(context: Context) -> list[Entry]:
    """Write the grid and the extract of the registry where their content has changed; returns all, for the manifest.

    Raises:
        InputError: the registered grid is not the one of region.toml, or a file cannot be written.
    """
    region_id, store = context.region.region_id, context.store
    registry = {name: database.read(name, region_id) for name in REGISTRY_TABLES}
    frames = {"grid/grid.parquet": grid_cells(database.read("grid", region_id), context.region)}
    frames |= {f"registry/{name}.parquet": frame for name, frame in registry_extract(registry).items()}
    names = {"grid/grid.parquet": "published_grid"}
    names |= {f"registry/{name}.parquet": f"published_{name}" for name in REGISTRY_TABLES}
    document = {"title_en": "projection, axes and order of the grid", "title_zh": "网格投影、坐标轴与排列"}
    written = [{**_write(store, "grid/grid.json", grid_json(context.region)), **document}]
    return [*written, *(_write_table(store, path, frame, schema.table(names[path])) for path, frame in frames.items())]


def write_day_files(context: Context, day: date) -> tuple[list[Entry], dict[str, bytes]]:
    """Write what the activity of the lines was estimated with on a day under the name that never changes.

    Returns it for the manifest, and its content by stable path, which is published in one step with the tables.
    """
    region_id, store = context.region.region_id, context.store
    model_version = database.read("model_version", region_id)
    frame = activity_method(store.read("activity_hourly", [day]), model_version)
    path = f"activity_method/day={day}/activity_method.parquet"
    entry = _write_table(store, path, frame, schema.table("published_activity_method"), trees=(HISTORY,))
    return [entry], {path: store.encode(frame)[0]}


def conventions_of(tables: Mapping[str, Table]) -> list[Entry]:
    """How the numbers of these tables are to be read, each with the tables that it is about."""
    named = {c.name: c for declared in tables.values() for c in declared.conventions}
    return [
        {
            "name": name,
            "text_en": convention.text_en,
            "text_zh": convention.text_zh,
            "tables": [t for t, declared in tables.items() if convention in declared.conventions],
        }
        for name, convention in named.items()
    ]


def column_units(declared: Table) -> dict[str, str]:
    """The unit of each column; "none" for texts, codes and times."""
    return {f.name: f.unit or "none" for f in declared.fields}


def column_titles(declared: Table) -> dict[str, dict[str, str]]:
    """The titles of each column in both languages."""
    return {f.name: {"en": f.title_en, "zh": f.title_zh} for f in declared.fields}


def _write_table(
    store: Store, path: str, frame: pa.Table, declared: Table, *, trees: tuple[str, ...] = (HISTORY, PUBLISHED)
) -> Entry:
    content, rows = store.encode(frame)
    return {
        **_write(store, path, content, trees=trees),
        "title_en": declared.title_en,
        "title_zh": declared.title_zh,
        "grain": declared.grain,
        "key": list(declared.key),
        "rows": rows,
        "units": column_units(declared),
        "columns": column_titles(declared),
    }


def _write(store: Store, path: str, content: bytes, *, trees: tuple[str, ...] = (HISTORY, PUBLISHED)) -> Entry:
    """Write a file under its names in these trees, unless it is there already."""
    checksum, stable = sha256_digest(content), PurePosixPath(path)
    unchanging = str(stable.with_name(f"{stable.stem}-{checksum[:VERSION_LENGTH]}{stable.suffix}"))
    for tree, name in ((HISTORY, unchanging), (PUBLISHED, path)):
        if tree in trees and store.read_document(name, tree=tree) != content:
            store.write_document(name, content, tree=tree)
    return {
        "path": store.layout.relative(store.layout.document_file(path, tree=PUBLISHED)),
        "version_path": store.layout.relative(store.layout.document_file(unchanging, tree=HISTORY)),
        "sha256": checksum,
    }
