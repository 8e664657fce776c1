"""The most that an answer of a feed may hold.

Belongs here: bytes and rows of one answer. Does not: what a whole pass may hold (collect_feeds).
"""

from dataclasses import dataclass

from bigdata_emis.errors import FeedError


class TooLargeError(FeedError):
    """An answer or a pass is larger than the feed allows."""


@dataclass(frozen=True)
class Limits:
    """The most that an answer may hold: bytes as received and unpacked, and rows. `feed_id` names it in a refusal."""

    feed_id: str
    byte_count: int
    row_count: int

    def check_bytes(self, count: int, where: str) -> None:
        """Raise TooLargeError when there are more bytes."""
        if count > self.byte_count:
            self._refuse(where, f"more than {self.byte_count} bytes", "largest_answer_bytes")

    def check_rows(self, count: int, where: str) -> None:
        """Raise TooLargeError when there are more rows."""
        if count > self.row_count:
            self._refuse(where, f"more than {self.row_count} rows", "largest_pass_rows")

    def _refuse(self, where: str, what: str, key: str) -> None:
        remedy = f"ask the provider for less, or set {key} below [{self.feed_id}] in feeds.toml if that is right"
        raise TooLargeError(f"{where}: {what}", remedy)
