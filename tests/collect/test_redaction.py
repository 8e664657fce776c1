"""Messages about a feed hold none of its secrets."""

import pytest

from bigdata_emis.collect.redaction import redact, redacted_errors, show_address
from bigdata_emis.errors import FeedError
from tests.collect.feed_builders import power_feed

ADDRESS = "https://user:{A_TOKEN}@host/power?key={A_TOKEN}"


@pytest.fixture(autouse=True)
def _token(monkeypatch):
    monkeypatch.setenv("A_TOKEN", "s3cr&t")
    monkeypatch.setenv("ANOTHER", "unrelated")


def test_an_address_is_shown_with_names_instead_of_values():
    assert show_address(power_feed(address=ADDRESS)) == "https://…@host/power?key={A_TOKEN}"
    assert show_address(power_feed(address="https://host/x?key=abc&day=1")) == "https://host/x?key=…&day=…"


@pytest.mark.parametrize("text", ["got s3cr&t", "GET /power?key=s3cr%26t", "s3cr&ts3cr&t"])
def test_the_value_of_a_named_secret_is_replaced_however_it_is_written(text):
    for feed in (power_feed(address=ADDRESS), power_feed(auth_secret="A_TOKEN")):
        shown = redact(text, feed)
        assert "s3cr" not in shown
        assert "{A_TOKEN}" in shown


def test_a_password_before_the_host_is_never_shown():
    assert redact("http://me:pass@host/x", power_feed()) == "http://…@host/x"


def test_an_error_is_raised_again_with_its_kind_and_without_secrets():
    with pytest.raises(FeedError) as refusal, redacted_errors(power_feed(auth_secret="A_TOKEN")):
        raise FeedError("answer: s3cr&t", "look for s3cr&t")
    assert str(refusal.value) == "answer: {A_TOKEN}; look for {A_TOKEN}"
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__
