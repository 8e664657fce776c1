"""The environment variables of every process of `make airflow`: folders, addresses and secrets.

Belongs here: Airflow's settings for one machine, and the secrets, generated once. Does not: starting anything
(services.py).
"""

import base64
import json
import os
import secrets
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from bigdata_emis.engine.processes import find_free_port
from bigdata_emis.errors import InputError
from bigdata_emis.settings import PACKAGE, settings
from bigdata_emis.storage.files import FILE_MODE, FOLDER_MODE

USERS = {"admin": "admin", "operator": "user"}
AUTH_MANAGER = "bigdata_emis.airflow.auth_manager.GuardedAuthManager"
PARALLELISM = 4
SHADOWING = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONHOME")


@dataclass(frozen=True)
class ServiceFolders:
    """The folders and files of the services of one EMIS_HOME."""

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
        """The file with address and process id of running services."""
        return self.root / "running.json"

    @property
    def shell_file(self) -> Path:
        """The file to source in a shell, so that `emis` by hand uses the same lake and registry."""
        return self.root / "emis.env"

    @property
    def archive(self) -> Path:
        """The simulated feeds of the demonstration, once `emis demo` has generated them."""
        from bigdata_emis.demo.generate import ARCHIVE

        return self.home / ARCHIVE

    @property
    def is_demonstration_generated(self) -> bool:
        """Whether the demonstration region is complete."""
        return (self.home / "regions" / self.archive.name / "generated.json").is_file()


def make_service_folders() -> ServiceFolders:
    """The folders below EMIS_HOME, created when they do not exist."""
    folders = ServiceFolders(settings().home)
    folders.logs.mkdir(parents=True, exist_ok=True)
    folders.root.chmod(0o711)
    folders.logs.chmod(FOLDER_MODE)
    return folders


def dags_folder() -> Path:
    """The folder of the DAG files. Raises InputError when this is not a checkout of the repository."""
    folder = PACKAGE.parents[1] / "dags"
    if not (folder / "inventory.py").is_file():
        raise InputError(f"{folder} has no DAG files", "run make airflow in a checkout of the repository")
    return folder


def load_secrets(root: Path) -> dict[str, str]:
    """Passwords and keys: generated at the first start, stored in a file that only its owner can read."""
    path = root / "secrets.json"
    if not path.is_file():
        names = ("postgres", "jwt", "session", "feeds")
        generated = {name: secrets.token_urlsafe(64 if name == "jwt" else 32) for name in names}
        generated["fernet"] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        generated |= {user: secrets.token_urlsafe(12) for user in USERS}
        write_private(path, json.dumps(generated))
    return dict(json.loads(path.read_text("utf-8")))


def write_private(path: Path, content: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(content)
    part.replace(path)


def open_to_group_only(path: Path) -> None:
    """Create a log file, if it does not exist, and let only its owner and group read it."""
    path.touch()
    path.chmod(FILE_MODE)


def emis_environment(folders: ServiceFolders, registry: str, feeds: dict[str, str]) -> dict[str, str]:
    """The variables with which an `emis` command works on the same lake and registry as the DAGs."""
    return {"EMIS_HOME": str(folders.home), "EMIS_DATABASE": registry, **feeds}


def airflow_environment(
    folders: ServiceFolders, keys: dict[str, str], *, metadata: str, port: int, emis: dict[str, str]
) -> dict[str, str]:
    """The whole environment of a service: loopback only, PostgreSQL, users with generated passwords.

    `metadata` is the address of Airflow's database, `emis` the variables of emis_environment().
    """
    passwords = folders.root / "passwords.json"
    write_private(passwords, json.dumps({user: keys[user] for user in USERS}))
    airflow = _airflow_settings(folders, keys, metadata=metadata, port=port) | {
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords)
    }
    inherited = {
        name: value for name, value in os.environ.items() if name not in SHADOWING and not name.startswith("AIRFLOW")
    }
    programs = f"{Path(sys.executable).parent}{os.pathsep}{inherited.get('PATH', os.defpath)}"
    named = {f"AIRFLOW__{name}": value for name, value in airflow.items()}
    return inherited | named | emis | {"AIRFLOW_HOME": str(folders.root), "PATH": programs, "PYTHONUNBUFFERED": "1"}


def write_shell_file(folders: ServiceFolders, variables: dict[str, str]) -> Path:
    """Write a file to source in a shell, so that `emis` by hand works on the same data as the DAGs."""
    path = folders.shell_file
    write_private(path, "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()))
    return path


def _airflow_settings(folders: ServiceFolders, keys: dict[str, str], *, metadata: str, port: int) -> dict[str, str]:
    address = f"http://127.0.0.1:{port}"
    return {
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__DAGS_FOLDER": str(dags_folder()),
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": str(PARALLELISM),
        "CORE__FERNET_KEY": keys["fernet"],
        "CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "CORE__AUTH_MANAGER": AUTH_MANAGER,
        "CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{user}:{role}" for user, role in USERS.items()),
        "DATABASE__SQL_ALCHEMY_CONN": metadata.replace("postgresql://", "postgresql+psycopg2://"),
        "API__HOST": "127.0.0.1",
        "API__PORT": str(port),
        "API__BASE_URL": address,
        "API__SECRET_KEY": keys["session"],
        "API_AUTH__JWT_SECRET": keys["jwt"],
        "API_AUTH__JWT_ISSUER": "bigdata_emis",
        "LOGGING__BASE_LOG_FOLDER": str(folders.logs / "tasks"),
        "LOGGING__WORKER_LOG_SERVER_PORT": str(find_free_port()),
        # The defaults wait up to a second between two tasks, and give a task five seconds to reach a busy server.
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        "SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
        "WORKERS__EXECUTION_API_TIMEOUT": "60",
        # A task whose worker died with a scheduler is tried again after this time; the default is five minutes.
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "120",
        # How often tasks of a scheduler that was killed are looked for; the default is five minutes.
        "SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "60",
        # An edited region has its DAGs within a minute. Every 10 s took as much processor time as the tasks themselves.
        "DAG_PROCESSOR__REFRESH_INTERVAL": "30",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "60",
        "USAGE_DATA_COLLECTION__ENABLED": "False",
    }
