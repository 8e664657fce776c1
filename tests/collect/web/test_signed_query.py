"""Signed queries: what is signed, by which method, and that the secret is not among what is sent."""

import hashlib
import hmac

import pytest

from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.collect.web.signed_query import sign_query
from bigdata_emis.errors import FeedError
from tests.collect.feed_builders import power_feed


def feed(**keys: str) -> Feed:
    return power_feed(auth="signed", auth_secret="A_SECRET", **keys)


def test_the_digest_is_over_the_sorted_parameters_before_they_are_encoded():
    """The text is a=1&b=x y&ts=1000, written here by hand."""
    sent = sign_query({"b": "x y", "a": "1", "ts": "{timestamp}"}, "key", feed=feed(), epoch_s=1000)
    expected = hmac.new(b"key", b"a=1&b=x y&ts=1000", hashlib.sha256).hexdigest()
    assert sent == {"b": "x y", "a": "1", "ts": "1000", "sign": expected}


def test_md5_has_the_secret_at_the_end_of_the_text():
    """MD5 of 'a=1abc', computed with md5sum."""
    sent = sign_query({"a": "1"}, "abc", feed=feed(sign_method="md5", auth_name="sig"), epoch_s=0)
    assert sent == {"a": "1", "sig": "322a21f2a721139e5ded39e98d853642"}


@pytest.mark.parametrize("method", ["hmac-sha256", "md5"])
def test_any_change_of_a_parameter_changes_the_signature_and_the_secret_is_never_sent(method: str):
    signed = [sign_query({"a": value}, "hush-hush", feed=feed(sign_method=method), epoch_s=0) for value in ("1", "2")]
    assert signed[0]["sign"] != signed[1]["sign"]
    assert "hush-hush" not in str(signed)


@pytest.mark.parametrize("parameters", [{"a": "1&b=2"}, {"a&b": "1"}, {"a=1": "2"}])
def test_a_text_that_is_also_that_of_other_parameters_is_not_signed(parameters):
    """a=1&b=2 is the text of a = "1&b=2" and of a = "1", b = "2": who sees one query could send the other."""
    with pytest.raises(FeedError, match="holds a sign that parts the signed text") as refusal:
        sign_query(parameters, "hush-hush", feed=feed(), epoch_s=0)
    assert "hush" not in str(refusal.value)
    assert sign_query({"cursor": "YWJj=="}, "key", feed=feed(), epoch_s=0)["cursor"] == "YWJj=="
