"""`emis gateway` as an operator starts and ends it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

from bigdata_emis.cli.commands.gateway_command import gateway_lines
from tests.collect.gateway.telegrams import hour, packet

MAIN = "from bigdata_emis.cli import main; main()"


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            MAIN,
            "gateway",
            "--region",
            "nys",
            "--folder",
            str(folder / "gateway"),
            "--json",
            *words,
        ],
        env=os.environ | {"EMIS_HOME": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_it_listens_until_sigterm_and_prints_what_it_received(tmp_path: Path):
    running = start(tmp_path, "--port", "0")
    line = running.stderr.readline()
    port = int(re.search(r"listens on 127\.0\.0\.1:(\d+)", line)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=30) as station:
        station.sendall(packet(hour()))
        assert b"CN=9014" in station.recv(1000)
        second, stdout = start(tmp_path, "--port", "0"), None
        _, refusal = second.communicate(timeout=60)
        running.send_signal(signal.SIGTERM)
        stdout, _ = running.communicate(timeout=60)
    assert running.returncode == 0
    document = json.loads(stdout)
    assert (document["accepted"], document["refused"], document["unstored"]) == (1, {}, 0)
    assert (tmp_path / "gateway/2026-01-15-2061.hj212").read_bytes() == packet(hour())
    assert second.returncode == 2
    assert refusal.splitlines()[-1].startswith("emis: another gateway stores in")


def test_a_port_that_is_taken_is_refused_in_one_line(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = start(tmp_path, "--port", str(taken.getsockname()[1]))
        _, text = refused.communicate(timeout=60)
    assert refused.returncode == 2
    assert text.startswith("emis: cannot listen on 127.0.0.1:")
    assert len(text.splitlines()) == 1


def test_the_lines_say_what_came_and_what_was_refused():
    counts = {"connections": 3, "connections_refused": 1, "accepted": 10, "refused": {"crc": 2}, "unstored": 0}
    text = "\n".join(gateway_lines(counts | {"folder": "gateway"}))
    assert "3 (1 refused)" in text
    assert "2 crc" in text
