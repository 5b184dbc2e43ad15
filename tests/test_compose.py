"""`docker-compose.yml` and what it needs, checked without an engine: the schema, Compose's own library where Go is, and what we promise.

The commands of the services run as processes against a real broker in `tests/e2e`.
"""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.config import load

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docker-compose.yml"
Compose = dict[str, Any]

COMPOSE: Compose = yaml.safe_load(FILE.read_text(encoding="utf-8"))
APPS = {name: service for name, service in COMPOSE["services"].items() if name != "kafka"}
SERVICE_COMMANDS = {"run", "poller", "matcher", "notifier", "web"}

Break = Callable[[Compose], None]


def _misspelt_key(compose: Compose) -> None:
    compose["services"]["poller"]["restarts"] = "always"


def _undefined_service(compose: Compose) -> None:
    compose["services"]["poller"]["depends_on"] = ["broker"]


def _undefined_network(compose: Compose) -> None:
    compose["services"]["poller"]["networks"] = ["nowhere"]


def _undefined_volume(compose: Compose) -> None:
    compose["services"]["kafka"]["volumes"] = ["data:/var/lib/kafka/data"]


def _undefined_secret(compose: Compose) -> None:
    compose["services"]["poller"]["secrets"] = ["token"]


def _impossible_port(compose: Compose) -> None:
    compose["services"]["poller"]["ports"] = ["80800:8080"]


def _circle(compose: Compose) -> None:
    compose["services"]["kafka"]["depends_on"] = ["poller"]


BROKEN: tuple[Break, ...] = (
    _misspelt_key,
    _undefined_service,
    _undefined_network,
    _undefined_volume,
    _undefined_secret,
    _impossible_port,
    _circle,
)


@pytest.fixture(scope="session")
def compose_go(tmp_path_factory: pytest.TempPathFactory) -> Callable[[list[Path]], list[str]]:
    """Compose's own library, built into a small program: the error of each file, empty for a good one."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("no Go here: the check with compose-go is left out")
    source = ROOT / "tests/compose"
    program = tmp_path_factory.mktemp("compose") / "compose"
    environ = os.environ | {"GOTOOLCHAIN": "local", "GOWORK": "off", "CGO_ENABLED": "0"}
    fetched = subprocess.run([go, "mod", "download"], cwd=source, env=environ, capture_output=True, text=True, timeout=120)
    if fetched.returncode:
        pytest.skip(f"compose-go cannot be fetched: {fetched.stderr.strip().splitlines()[-1]}")
    subprocess.run(
        [go, "build", "-mod=readonly", "-buildvcs=false", "-o", str(program), "."], cwd=source, env=environ, check=True, timeout=300
    )

    def errors(files: list[Path]) -> list[str]:
        done = subprocess.run([program, *files], capture_output=True, text=True, check=True, timeout=60)
        return [json.loads(line)["error"] for line in done.stdout.splitlines()]

    return errors


def write(compose: Compose, path: Path) -> Path:
    path.write_text(yaml.safe_dump(compose), encoding="utf-8")
    return path


def broken(how: Break) -> Compose:
    compose = copy.deepcopy(COMPOSE)
    how(compose)
    return compose


def schema_check(file: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_it_follows_the_compose_specification() -> None:
    done = schema_check(FILE)
    assert done.returncode == 0, done.stdout


def test_the_specification_finds_a_misspelt_key(tmp_path: Path) -> None:
    assert schema_check(write(broken(_misspelt_key), tmp_path / "docker-compose.yml")).returncode == 1


def test_compose_itself_accepts_it(compose_go: Callable[[list[Path]], list[str]]) -> None:
    assert compose_go([FILE]) == [""]


def test_compose_itself_finds_what_is_broken(compose_go: Callable[[list[Path]], list[str]], tmp_path: Path) -> None:
    files = [write(broken(how), tmp_path / f"{how.__name__}.yaml") for how in BROKEN]
    unfound = [how.__name__ for how, error in zip(BROKEN, compose_go(files), strict=True) if not error]
    assert unfound == []


def test_the_stages_are_there_and_two_of_those_that_work_in_parallel() -> None:
    assert set(APPS) == {"poller", "matcher-1", "matcher-2", "matcher", "notifier-1", "notifier-2", "notifier"}


@pytest.mark.parametrize("name", APPS)
def test_every_service_runs_a_command_that_there_is(name: str) -> None:
    (command,) = APPS[name]["command"]
    assert command in SERVICE_COMMANDS
    assert command == re.sub(r"-\d+$", "", name)


def test_members_have_names_of_their_own_and_the_ones_to_scale_have_none() -> None:
    names = {name: service["environment"].get("ALERTS_INSTANCE") for name, service in APPS.items()}
    assert {name: given for name, given in names.items() if given} == {
        name: name for name in ("poller", "matcher-1", "matcher-2", "notifier-1", "notifier-2")
    }
    assert [APPS[name].get("scale") for name, given in names.items() if not given] == [0, 0]


@pytest.mark.parametrize("name", APPS)
def test_every_stage_is_hardened(name: str) -> None:
    service = APPS[name]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert service["read_only"] is True
    assert service["init"] is True
    assert service["tmpfs"] == ["/tmp"]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not {"privileged", "cap_add", "ports", "network_mode", "pid"} & service.keys()
    assert "mem_limit" in service
    assert "pids_limit" in service


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_every_service_comes_back_logs_within_bounds_and_has_time_to_finish(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["restart"] == "unless-stopped"
    assert {"max-size", "max-file"} <= service["logging"]["options"].keys()
    assert service["stop_grace_period"] == "60s"
    assert "mem_limit" in service
    assert "no-new-privileges:true" in service["security_opt"]
    assert "ports" not in service


@pytest.mark.parametrize("name", APPS)
def test_every_stage_waits_for_a_healthy_log(name: str) -> None:
    assert APPS[name]["depends_on"] == {"kafka": {"condition": "service_healthy"}}


@pytest.mark.parametrize(("age_s", "code"), [(0, 0), (50, 0), (70, 1), (None, 1)])
def test_a_stage_is_healthy_while_it_touches_its_heartbeat(tmp_path: Path, age_s: int | None, code: int) -> None:
    alive = tmp_path / "alive"
    if age_s is not None:
        alive.touch()
        touched = alive.stat().st_mtime - age_s
        os.utime(alive, (touched, touched))
    (check,) = {tuple(service["healthcheck"]["test"]) for service in APPS.values()}
    assert check[:3] == ("CMD", "python", "-c")
    done = subprocess.run([sys.executable, *check[2:]], env=os.environ | {"ALERTS_HEARTBEAT": str(alive)}, capture_output=True, timeout=60)
    assert done.returncode == code


def test_the_heartbeat_lies_where_a_read_only_container_can_write() -> None:
    assert {service["environment"]["ALERTS_HEARTBEAT"] for service in APPS.values()} == {"/tmp/alive"}


def test_what_is_mounted_is_there_is_a_folder_and_is_read_only() -> None:
    mounts = [mount for service in APPS.values() for mount in service["volumes"]]
    assert {mount["source"] for mount in mounts} == {"./config", "./rules"}
    for mount in mounts:
        assert mount["type"] == "bind"
        assert mount["read_only"] is True
        assert mount["bind"] == {"create_host_path": False}
        assert (ROOT / mount["source"]).is_dir()


def test_the_configuration_lies_where_the_stages_look_and_names_this_log() -> None:
    mounted = {mount["target"]: ROOT / mount["source"] for mount in APPS["poller"]["volumes"]}
    at = Path(APPS["poller"]["environment"]["ALERTS_CONFIG"])
    config = load(mounted[str(at.parent)] / at.name, environ={})
    assert config.log == COMPOSE["services"]["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"].replace("PLAINTEXT://", "kafka://")
    inside = Path(os.path.normpath(at.parent / os.path.relpath(config.rules, mounted[str(at.parent)])))
    assert mounted[str(inside)] == ROOT / "rules"


def test_the_broker_keeps_what_it_is_given() -> None:
    kafka = COMPOSE["services"]["kafka"]
    assert re.fullmatch(r"apache/kafka:4\.\d+\.\d+", kafka["image"])
    (volume,) = kafka["volumes"]
    name, _, target = volume.partition(":")
    assert name in COMPOSE["volumes"]
    assert kafka["environment"]["KAFKA_LOG_DIRS"] == target
    assert kafka["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


def test_matchers_and_the_broker_have_no_way_out() -> None:
    assert COMPOSE["networks"]["log"]["internal"] is True
    closed = {name for name, service in COMPOSE["services"].items() if service["networks"] == ["log"]}
    assert closed == {"kafka", "matcher-1", "matcher-2", "matcher"}


def test_every_setting_of_the_example_is_commented_out_or_harmless() -> None:
    lines = [line for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert lines == ["ALERTS_CONTACT=https://example.org/about"]
    assert all(service["env_file"] == [{"path": ".env", "required": False}] for service in APPS.values())


def test_secrets_never_reach_the_repository_or_the_image() -> None:
    assert (ROOT / "config/secrets/.gitignore").read_text(encoding="utf-8").splitlines()[-2:] == ["*", "!.gitignore"]
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")]
    assert kept == ["pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "alerts", "rules", "demo"]


def test_the_image_is_built_from_what_there_is_and_runs_as_the_user_of_the_services() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = [source for line in re.findall(r"^COPY (?!--)(.*) \S+$", dockerfile, re.MULTILINE) for source in line.split()]
    assert all((ROOT / source).exists() for source in copied)
    assert re.findall(r"^USER (.*)$", dockerfile, re.MULTILINE) == [APPS["poller"]["user"]]
    assert 'ENTRYPOINT ["alerts"]' in dockerfile
    version = re.search(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert version is not None
    assert {service["image"] for service in APPS.values()} == {f"conflict-alerts:{version[1]}"}
