"""Names of environment variables in texts of feeds.toml, and passwords in addresses."""

import pytest

from bigdata_emis.collect.asking.environment_text import (
    environment_names,
    expand_environment,
    hide_password,
    unset_names,
)
from bigdata_emis.errors import InputError


def test_names_in_braces_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("A_HOST", "example.org")
    assert expand_environment("http://{A_HOST}/{day}", "feed power") == "http://example.org/{day}"
    monkeypatch.delenv("A_HOST")
    with pytest.raises(InputError, match="feed power: the environment variable A_HOST is not set; export A_HOST="):
        expand_environment("{A_HOST}", "feed power")


def test_the_feeds_of_the_demonstration_say_what_serves_them(monkeypatch):
    monkeypatch.delenv("EMIS_FEEDS_ADDRESS", raising=False)
    with pytest.raises(InputError, match=r"are served only by `emis demo` while it runs, and by `make airflow`"):
        expand_environment("{EMIS_FEEDS_ADDRESS}/power", "feed power")
    assert unset_names("{EMIS_FEEDS_ADDRESS}/power") == ["EMIS_FEEDS_ADDRESS"]
    monkeypatch.setenv("EMIS_FEEDS_ADDRESS", "http://localhost")
    assert unset_names("{EMIS_FEEDS_ADDRESS}/power") == []


def test_names_are_in_capitals_and_a_password_is_not_shown():
    assert environment_names("https://{A_HOST}/{day}") == ["A_HOST"]
    assert hide_password("https://emis:secret@example.org/x") == "https://…@example.org/x"
