"""How a frame is packed into a file of the lake, and what tells two files apart.

Belongs here: compression by content, checksums. Does not: where a file lies (store.py).
"""

import hashlib
import logging
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

log = logging.getLogger(__name__)

ROW_GROUP_ROWS = 1 << 20
SAMPLE_ROWS = 1 << 13
NOISE_SHARE = 0.9


def packed(frame: pa.Table) -> tuple[bytes, int]:
    """The file of a frame, and its number of rows."""
    sink = pa.BufferOutputStream()
    # Rows lie in order of their key, so by the page index an engine that asks for some lines reads only their pages.
    pq.write_table(frame.combine_chunks(), sink, write_page_index=True, **packing(frame))
    return sink.getvalue().to_pybytes(), frame.num_rows


def packing(frame: pa.Table) -> dict[str, Any]:
    """Zstandard and dictionaries, but plain for columns of numbers that hardly repeat: they gain 2 % and cost half of all the time."""
    noise = {field.name for field in frame.schema if pa.types.is_floating(field.type) and _is_noise(frame[field.name])}
    paths = {f"{f.name}.list.element" if pa.types.is_list(f.type) else f.name: f.name in noise for f in frame.schema}
    return {
        "row_group_size": ROW_GROUP_ROWS,
        "compression": {path: "none" if is_noise else "zstd" for path, is_noise in paths.items()},
        "use_dictionary": [path for path, is_noise in paths.items() if not is_noise],
    }


def _is_noise(column: pa.ChunkedArray) -> bool:
    """Judged by a sample from the middle of a large column: by its content alone, so that the same rows give the same bytes."""
    if len(column) < ROW_GROUP_ROWS:
        return False
    sample = column.slice(len(column) // 2, SAMPLE_ROWS).drop_null().combine_chunks().to_numpy().tobytes()
    return len(pa.compress(sample, "zstd", asbytes=True)) > NOISE_SHARE * len(sample)


def sha256_of(content: bytes | Path) -> str:
    """Checksum of bytes, or of a file without reading it whole into memory."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_whole(path: str, content: bytes | Path, checksum: str) -> bool:
    """Whether a file that never changes still is what was written; where somebody changed it in place, the log says so."""
    if sha256_of(content) == checksum:
        return True
    log.warning("%s was changed in place since it was written; it is written anew", path)
    return False
