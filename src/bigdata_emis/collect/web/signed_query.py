"""Queries that are signed: a digest of the sorted parameters and a secret, which itself is never sent.

Belongs here: the text that is signed, and its digest. Does not: where the secret comes from (http_client).
"""

import hashlib
import hmac
from collections.abc import Mapping

from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.collect.feed_ranges import DEFAULT_SIGNATURE
from bigdata_emis.errors import FeedError, shorten

TIMESTAMP = "{timestamp}"


def sign_query(parameters: Mapping[str, str], secret: str, *, feed: Feed, epoch_s: int) -> dict[str, str]:
    """The parameters with their signature under `auth_name`.

        md5:          MD5(name=value&name=value… + secret)
        hmac-sha256:  HMAC-SHA256(secret, name=value&name=value…)

    in lower-case hexadecimal digits. Parameters are sorted by name, and neither they nor their values are encoded for
    an address. {timestamp} in a value is the time of the request, in whole seconds since 1970.

    Raises:
        FeedError: a parameter holds a sign by which the same text would also be that of other parameters.
    """
    dated = {name: value.replace(TIMESTAMP, str(epoch_s)) for name, value in parameters.items()}
    if doubtful := [name for name, value in dated.items() if "&" in value or "&" in name or "=" in name]:
        what = f"feed {feed.feed_id}: parameter {shorten(doubtful[0])} holds a sign that parts the signed text"
        raise FeedError(what, "one signature would hold for several queries; use another way of auth, or no & in it")
    text = "&".join(f"{name}={dated[name]}" for name in sorted(dated))
    if feed.sign_method == "md5":
        # The provider asks for MD5; it protects nothing of ours.
        digest = hashlib.md5((text + secret).encode(), usedforsecurity=False).hexdigest()
    else:
        digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return {**dated, feed.auth_name or DEFAULT_SIGNATURE: digest}
