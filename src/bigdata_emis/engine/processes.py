"""Child processes that end with their parent, and free ports of this machine for them to listen on.

Belongs here: starting a watchdog, ending a child, finding a port. Does not: which programs run (local_spark, devstack).
"""

import signal
import socket
import subprocess

STOP_SECONDS = 10


def find_free_port(preferred: int = 0) -> int:
    """The preferred port of loopback where it is free, else any port that is free now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", preferred))
        except OSError:
            return find_free_port()
        return int(probe.getsockname()[1])


def end_with_parent(process_id: int, by: signal.Signals = signal.SIGTERM) -> "subprocess.Popen[bytes]":
    """Start a watchdog that sends a child this signal when this process has died, even by SIGKILL.

    The watchdog is a shell that reads from this process: when the process dies, the read ends. The number cannot belong
    to another process by then, because a dead child keeps it as long as its parent lives. The kernel's own
    PR_SET_PDEATHSIG is not used: it already fires when the thread that started the child ends.
    """
    return subprocess.Popen(
        ["sh", "-c", f"read -r _; kill -{int(by)} {process_id} 2>/dev/null"],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )


def end(
    process: "subprocess.Popen[bytes]", by: signal.Signals = signal.SIGTERM, *, patience_s: int = STOP_SECONDS
) -> None:
    """End a child by this signal, and kill it when it has not ended within the given patience."""
    process.send_signal(by)
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin:
        process.stdin.close()
