"""What every process of `make airflow` is told: places, addresses and secrets, as environment variables.

Belongs here: Airflow's settings for one machine, and the secrets, made once. Does not: starting anything (services.py).
"""

import base64
import json
import os
import secrets
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from bigdata_emis.devstack.postgres import free_port
from bigdata_emis.errors import InputError
from bigdata_emis.settings import PACKAGE, settings

USERS = {"admin": "admin", "operator": "user"}
PARALLELISM = 4
SHADOWING = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONHOME")


@dataclass(frozen=True)
class Places:
    """Where the services of one EMIS_HOME keep what is theirs."""

    home: Path

    @property
    def root(self) -> Path:
        """Everything of Airflow."""
        return self.home / "airflow"

    @property
    def logs(self) -> Path:
        """Logs of services and tasks."""
        return self.root / "logs"

    @property
    def running(self) -> Path:
        """Address and process of the services that run."""
        return self.root / "running.json"

    @property
    def archive(self) -> Path:
        """The simulated feeds of the demonstration, when they have been made."""
        from bigdata_emis.demo.generate import ARCHIVE

        return self.home / ARCHIVE

    @property
    def is_demonstration_made(self) -> bool:
        """Whether the generator of the demonstration has come to its end."""
        return (self.home / "regions" / self.archive.name / "generated.json").is_file()


def places() -> Places:
    """The places below EMIS_HOME, made when they are not there."""
    made = Places(settings().home)
    made.logs.mkdir(parents=True, exist_ok=True)
    made.root.chmod(0o711)
    return made


def dags_folder() -> Path:
    """The folder of the DAG files. Raises InputError when this is not a checkout of the repository."""
    folder = PACKAGE.parents[1] / "dags"
    if not (folder / "inventory.py").is_file():
        raise InputError(f"{folder} has no DAG files", "run make airflow in a checkout of the repository")
    return folder


def kept_secrets(root: Path) -> dict[str, str]:
    """Passwords and keys: made at the first start, kept in a file that only the owner reads."""
    path = root / "secrets.json"
    if not path.is_file():
        names = ("postgres", "jwt", "session", "feeds")
        made = {name: secrets.token_urlsafe(64 if name == "jwt" else 32) for name in names}
        made["fernet"] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        made |= {user: secrets.token_urlsafe(12) for user in USERS}
        write_private(path, json.dumps(made))
    return dict(json.loads(path.read_text("utf-8")))


def write_private(path: Path, content: str) -> None:
    """Write a file that nobody but its owner may read, whole or not at all."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(content)
    part.replace(path)


def emis_environment(place: Places, registry: str, feeds: dict[str, str]) -> dict[str, str]:
    """What an `emis` command needs to work on the same lake and registry as the DAGs."""
    return {"EMIS_HOME": str(place.home), "EMIS_DATABASE": registry, **feeds}


def airflow_environment(
    place: Places, keys: dict[str, str], *, metadata: str, port: int, told: dict[str, str]
) -> dict[str, str]:
    """The whole environment of a service; loopback only, PostgreSQL, users with generated passwords."""
    passwords = place.root / "passwords.json"
    write_private(passwords, json.dumps({user: keys[user] for user in USERS}))
    address = f"http://127.0.0.1:{port}"
    made = {
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__DAGS_FOLDER": str(dags_folder()),
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": str(PARALLELISM),
        "CORE__FERNET_KEY": keys["fernet"],
        "CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{user}:{role}" for user, role in USERS.items()),
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "DATABASE__SQL_ALCHEMY_CONN": metadata.replace("postgresql://", "postgresql+psycopg2://"),
        "API__HOST": "127.0.0.1",
        "API__PORT": str(port),
        "API__BASE_URL": address,
        "API__SECRET_KEY": keys["session"],
        "API_AUTH__JWT_SECRET": keys["jwt"],
        "API_AUTH__JWT_ISSUER": "bigdata_emis",
        "LOGGING__BASE_LOG_FOLDER": str(place.logs / "tasks"),
        "LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
        # The defaults wait up to a second between two tasks, and give a task five seconds to reach a busy server.
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        "SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
        "WORKERS__EXECUTION_API_TIMEOUT": "60",
        "DAG_PROCESSOR__REFRESH_INTERVAL": "10",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "10",
        "USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    inherited = {
        name: value for name, value in os.environ.items() if name not in SHADOWING and not name.startswith("AIRFLOW")
    }
    programs = f"{Path(sys.executable).parent}{os.pathsep}{inherited.get('PATH', os.defpath)}"
    named = {f"AIRFLOW__{name}": value for name, value in made.items()}
    return inherited | named | told | {"AIRFLOW_HOME": str(place.root), "PATH": programs, "PYTHONUNBUFFERED": "1"}


def write_shell_file(place: Places, told: dict[str, str]) -> Path:
    """A file to source in a shell, so that `emis` by hand works on what the DAGs work on."""
    path = place.root / "emis.env"
    write_private(path, "".join(f"export {name}={shlex.quote(value)}\n" for name, value in told.items()))
    return path
