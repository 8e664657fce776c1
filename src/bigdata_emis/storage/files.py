"""The files below the root of a lake, on a local file system or in an object store (s3://).

Belongs here: reading, durable writing, listing and copying of whole files. Does not: which file holds what (layout,
lake).
"""

import errno
import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from bigdata_emis.errors import EmisError, InputError
from bigdata_emis.storage.checksums import file_digest, missing_file, note_digest, remedy_of, written_by
from bigdata_emis.storage.temporary_files import STORAGE_REMEDY, temporary_path

FOLDER_MODE, FILE_MODE, READ_ONLY_MODE = 0o750, 0o640, 0o440
"""Owner and group only, whatever the umask: raw answers and inventories of enterprises are not for everybody."""
SIGNED_REGION = "us-east-1"
"""The region that is signed where a server is named by its address; servers other than that of Amazon ignore it."""
TABLE_FOLDER = re.compile(r"/(?P<name>[a-z_]+)/day=")
CLONE_FILE = 0x40049409
"""The request FICLONE of Linux: the target shares the blocks of the source until one of them is written."""
COPY_BYTES, COPY_PIECE_BYTES = 1 << 30, 1 << 20
NO_CLONE = frozenset({errno.EOPNOTSUPP, errno.ENOTTY, errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EPERM})


class Files:
    """Access to the files below one root. Paths are plain: absolute for a local root, `bucket/key` for an object store.

    root: a local path, or an address such as s3://bucket/lake.
    Raises InputError when the address cannot be used.
    """

    def __init__(self, root: str) -> None:
        self.system, base = _open_file_system(root)
        self.is_local = isinstance(self.system, pafs.LocalFileSystem)
        self.scheme = "" if self.is_local else root.split("://", 1)[0] + "://"
        self.base = str(Path(base).absolute()) if self.is_local else base.rstrip("/")

    def address(self, path: str) -> str:
        """The path with its scheme, as any other reader needs it."""
        return self.scheme + path

    def plain(self, address: str) -> str:
        """The path of an address: the inverse of `address`."""
        return address.removeprefix(self.scheme) if self.scheme else address

    def exists(self, path: str) -> bool:
        """Whether a file has this path."""
        return bool(self.system.get_file_info(path).is_file)

    def list_files(self, folder: str, suffix: str = "") -> Iterator[str]:
        """The paths of the files in a folder whose names end in `suffix`, sorted; none when there is no such folder."""
        entries = self.system.get_file_info(pafs.FileSelector(folder, allow_not_found=True))
        return iter(sorted(e.path for e in entries if e.type == pafs.FileType.File and e.path.endswith(suffix)))

    def list_names(self, folder: str) -> list[str]:
        """The names of all entries of a folder; none when there is no such folder."""
        entries = self.system.get_file_info(pafs.FileSelector(folder, allow_not_found=True))
        return [entry.base_name for entry in entries]

    def read_bytes(self, path: str) -> bytes:
        """The content of a file."""
        with self.system.open_input_stream(path, compression=None) as stream:
            return bytes(stream.read())

    def read_names(self, path: str) -> list[str]:
        """The names of the columns of a Parquet file. Raises InputError when the file is damaged."""
        try:
            with self.system.open_input_file(path) as source:
                return list(pq.read_schema(source).names)
        except (OSError, pa.ArrowInvalid, ValueError) as problem:
            raise damaged_file(self.address(path), problem) from None

    def read_table(self, path: str, wanted: pa.Schema) -> pa.Table:
        """The wanted columns of a Parquet file; one that was declared after it was written is empty, if it may be.

        Raises InputError when the file is damaged.
        """
        try:
            present = [name for name in self.read_names(path) if name in wanted.names]
            frame = pq.read_table(path, columns=present, filesystem=self.system, partitioning=None)
            for field in wanted:
                if field.name not in present and field.nullable:
                    frame = frame.append_column(field, pa.nulls(frame.num_rows, field.type))
            return frame.select(wanted.names).cast(wanted)
        except (OSError, pa.ArrowInvalid, ValueError, KeyError) as problem:
            raise damaged_file(self.address(path), problem) from None

    def write(self, path: str, content: bytes | Path, *, mode: int = FILE_MODE) -> None:
        """Write a file durably and whole: under a temporary name, synced, then renamed; a Path is moved there.

        A PUT to an object store is whole by itself. Raises InputError when the file cannot be written.
        """
        if not self.is_local:
            self._put(path, content.read_bytes() if isinstance(content, Path) else content)
            return
        with _writing(path):
            part = _new_part(Path(path))
            if isinstance(content, Path):
                content.replace(part)
            else:
                part.write_bytes(content)
            _finish(part, Path(path), mode)

    def copy(self, source: str, target: str, *, mode: int = FILE_MODE, is_durable: bool = True) -> None:
        """Copy a file in one atomic step. Where the file system can, both share their blocks until one is written.

        Never a hard link: writing in place to one name would change the content of the other.
        is_durable: wait for the disk; not needed for a copy that is compared and made again after a power failure.
        Raises InputError when the file cannot be written.
        """
        if not self.is_local:
            self.system.create_dir(target.rsplit("/", 1)[0])
            self.system.copy_file(source, target)
            return
        with _writing(target):
            part = _new_part(Path(target))
            _copy_content(Path(source), part)
            _finish(part, Path(target), mode, is_durable=is_durable)

    def switch_link(self, link: str, destination: str) -> None:
        """Let a symbolic link of a local lake lead to a destination in one atomic step, whatever was there before.

        Raises InputError when the file system has no symbolic links.
        """
        with _writing(link):
            target = Path(link)
            if target.is_symlink() and str(target.readlink()) == destination:
                return
            part = _new_part(target)
            part.symlink_to(destination)
            part.replace(target)
            _sync(target.parent, os.O_RDONLY | os.O_DIRECTORY)

    def digest(self, path: str) -> str:
        """SHA-256 of a file; of one that nobody touched it is computed once in a process.

        Raises FileNotFoundError when there is no such file.
        """
        return file_digest(self.system, path)

    def note_digest(self, path: str, checksum: str) -> None:
        """Remember the SHA-256 of a file that was just written."""
        note_digest(self.system, path, checksum)

    def _put(self, path: str, content: bytes) -> None:
        try:
            with self.system.open_output_stream(path, compression=None) as out:
                out.write(content)
        except OSError as problem:
            what = f"{self.address(path)} cannot be written: {str(problem).splitlines()[0]}"
            raise InputError(what, STORAGE_REMEDY) from None

    def rename(self, path: str, new_path: str) -> None:
        """Give a file another name."""
        with _writing(path):
            self.system.move(path, new_path)

    def delete(self, path: str) -> None:
        """Delete a file, if it exists."""
        if self.exists(path):
            self.system.delete_file(path)

    def delete_folder(self, folder: str) -> None:
        """Delete a folder with everything in it; of a link only the link."""
        if self.is_local and (Path(folder).is_symlink() or not Path(folder).is_dir()):
            Path(folder).unlink(missing_ok=True)
        else:
            self.system.delete_dir(folder)

    def clear_folder(self, folder: str) -> None:
        """Delete everything in a folder, if it exists."""
        self.system.delete_dir_contents(folder, missing_dir_ok=True)


def make_folder(folder: Path) -> None:
    """Create a folder and its parents, each readable by owner and group only."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    try:
        folder.mkdir()
    except FileExistsError:
        if not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder)) from None
        return
    folder.chmod(FOLDER_MODE)


def damaged_file(address: str, problem: Exception) -> EmisError:
    """The error for a file of the lake that cannot be read, or is gone."""
    table = TABLE_FOLDER.search(address)
    name = table["name"] if table else ""
    if isinstance(problem, FileNotFoundError):
        return missing_file(address, remedy_of(name))
    return InputError(f"{address} is damaged: {str(problem).splitlines()[0]}", written_by(name))


def open_bucket(endpoint: str, keys: tuple[str, str] | None, *, timeout_s: float, attempts: int) -> pafs.FileSystem:
    """The buckets of a server that speaks the S3 protocol: of Amazon, or the one at the endpoint (an address).

    Without keys it is asked as anybody may, never with keys that the machine has for something else.
    """
    scheme, _, host = endpoint.rpartition("://")
    access_key, secret_key = keys or (None, None)
    return pafs.S3FileSystem(
        access_key=access_key,
        secret_key=secret_key,
        anonymous=keys is None,
        region=SIGNED_REGION,
        scheme=scheme or "https",
        endpoint_override=host.rstrip("/") or None,
        connect_timeout=timeout_s,
        request_timeout=timeout_s,
        retry_strategy=pafs.AwsStandardS3RetryStrategy(max_attempts=attempts),
    )


def _open_file_system(root: str) -> tuple[pafs.FileSystem, str]:
    if "://" not in root:
        return pafs.LocalFileSystem(), root
    try:
        system, base = pafs.FileSystem.from_uri(root)
    except (OSError, ValueError) as problem:
        raise InputError(
            f"lake '{root}': {str(problem).splitlines()[0]}", "set EMIS_LAKE to a path or to s3://BUCKET/PREFIX"
        ) from None
    return system, base


@contextmanager
def _writing(path: str) -> Iterator[None]:
    """Say which file could not be written, and why; what was written of it is deleted."""
    try:
        yield
    except OSError as problem:
        with suppress(OSError):
            temporary_path(Path(path)).unlink(missing_ok=True)
        raise InputError(f"{path} cannot be written: {problem.strerror}", STORAGE_REMEDY) from None


def _new_part(target: Path) -> Path:
    make_folder(target.parent)
    part = temporary_path(target)
    part.unlink(missing_ok=True)
    return part


def _finish(part: Path, target: Path, mode: int, *, is_durable: bool = True) -> None:
    """Set the mode, sync and rename; a file that could not be completed is deleted."""
    try:
        part.chmod(mode)
        if is_durable:
            _sync(part, os.O_RDONLY)
        part.replace(target)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def _copy_content(source: Path, target: Path) -> None:
    """Share the blocks of the source, else let the kernel copy them, also to another file system."""
    with source.open("rb") as original, target.open("wb") as copy:
        try:
            fcntl.ioctl(copy.fileno(), CLONE_FILE, original.fileno())
        except OSError as problem:
            if problem.errno not in NO_CLONE:
                raise
        else:
            return
        try:
            while os.copy_file_range(original.fileno(), copy.fileno(), COPY_BYTES):
                pass
        except OSError as problem:
            if problem.errno not in NO_CLONE:
                raise
            shutil.copyfileobj(original, copy, COPY_PIECE_BYTES)


def _sync(path: Path, flags: int) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
