"""The recipes of docs/schedule.md: complete, valid by their own schemas, and their commands run."""

import configparser
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import types
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import kubernetes_validate
import pytest
from ruamel.yaml import YAML

from tests.cli.conftest import KEY, KEYS, SCHEMA

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "schedule.md").read_text()
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PIPELINE = """\
version: 1
name: shop
source: {url: "${SHOP_PRODUCTION_URL}"}
target: {url: "${SHOP_STAGING_URL}"}
columns:
  people: {id: keep, name: full_name, email: email, born: keep}
  notes: {body: fake_text}
"""


def blocks(heading, language):
    section = PAGE.split(f"\n### {heading}\n")[1].split("\n### ")[0]
    return [body for kind, body in FENCE.findall(section) if kind == language]


def manifests():
    return [YAML(typ="safe").load(text) for text in blocks("Kubernetes", "yml")]


@pytest.fixture(scope="module")
def here(production, staging, lasting_database, tmp_path_factory):
    """Return a folder with the pipeline and the secrets, and the environment that names them."""
    folder = tmp_path_factory.mktemp("recipe")
    source, target = (lasting_database(server, "recipe") for server in (production, staging))
    production.sql(SCHEMA, database=source.rpartition("/")[2])
    (folder / "pipelines").mkdir()
    (folder / "pipelines" / "shop.yaml").write_text(PIPELINE)
    (folder / "bin").mkdir()
    (folder / "bin" / "masker").write_text(
        f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m masker "$@"\n'
    )
    (folder / "bin" / "masker").chmod(0o755)
    secrets = {"production_url": source, "staging_url": target, "key": KEY}
    for name, secret in secrets.items():
        (folder / name).write_text(f"{secret}\n")
    outer = {name: value for name, value in os.environ.items() if name not in KEYS}
    return SimpleNamespace(
        folder=folder,
        records=folder / "records",
        environ={**outer, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"},
        secrets={"MASKER_KEY": KEY, "SHOP_PRODUCTION_URL": source, "SHOP_STAGING_URL": target},
    )


def placed(text, here):
    """Return a text of a recipe with its places exchanged for those of the test."""
    for there, path in (
        ("/etc/masker/pipelines", here.folder / "pipelines"),
        ("/run/secrets/masker", here.folder),
        ("/etc/masker", here.folder),
        ("/opt/masker/bin", here.folder / "bin"),
        ("/var/lib/masker", here.records),
        ("/pipelines", here.folder / "pipelines"),
        ("/records", here.records),
    ):
        text = re.sub(rf"(?<![\w/.-]){re.escape(there)}(?![\w-])", str(path), text)
    return text


def published(here):
    """Return how many runs have published."""
    ledger = here.records / "ledger.jsonl"
    lines = ledger.read_text().splitlines() if ledger.exists() else []
    return sum(json.loads(line)["outcome"] == "published" for line in lines)


def refreshes(here, command, **environ):
    """Run a recipe's command and look whether the target was refreshed."""
    before = published(here)
    done = subprocess.run(
        command,
        cwd=here.folder,
        env={**here.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert published(here) == before + 1
    return done


# -- cron


def test_cron(here, tmp_path):
    (script,) = blocks("cron", "bash")
    (table,) = blocks("cron", "cron")
    path = here.folder / "bin" / "masker-refresh"
    path.write_text(placed(script, here))
    path.chmod(0o755)
    lines = table.splitlines()
    environ = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))
    del environ["PATH"], environ["MAILTO"]
    *when, user, _ = lines[-1].split(maxsplit=6)
    command = lines[-1].split(maxsplit=6)[6]
    assert (" ".join(when), user) == ("0 3 * * *", "masker")
    assert "%" not in command  # cron would take it for the end of the line
    environ = {name: placed(value, here) for name, value in environ.items()}
    refreshes(here, ["sh", "-c", placed(command, here)], **environ)
    assert "masker_runs_total" in (here.records / "masker.prom").read_text()


@pytest.mark.parametrize(("codes", "calls", "code"), [("6 6 0", 3, 0), ("3", 1, 3), ("6", 4, 6)])
def test_cron_tries_again_on_exit_code_6_only(tmp_path, codes, calls, code):
    """The script itself, with a masker that ends as it is told and pauses that take no time."""
    (script,) = blocks("cron", "bash")
    (tmp_path / "codes").write_text(codes)
    stub = (
        'set -- $(cat codes); echo x >> calls; [ $# -gt 1 ] && echo "$*" | cut -d" " -f2- > codes'
    )
    for name, text in (("masker", f"{stub}\nexit $1"), ("sleep", "exit 0")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "refresh").write_text(script)
    done = subprocess.run(
        ["sh", "refresh", "shop.yaml"],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        check=False,
    )
    assert done.returncode == code
    assert (tmp_path / "calls").read_text().count("x") == calls


# -- systemd


def units():
    service, timer = blocks("systemd", "ini")
    return service, timer


@pytest.mark.long
def test_systemd_runs(here):
    service = configparser.RawConfigParser(strict=False)
    service.optionxform = str
    service.read_string(units()[0])
    credentials = dict(re.findall(r"^LoadCredential=(\w+):(\S+)$", units()[0], re.MULTILINE))
    environ = dict(re.findall(r"^Environment=(\w+)=%d/(\w+)$", units()[0], re.MULTILINE))
    environ = {name: placed(credentials[of], here) for name, of in environ.items()}
    command = shlex.split(placed(service["Service"]["ExecStart"], here))
    done = refreshes(here, command, **environ)
    assert re.search(r"Z  info     shop: published run ", done.stderr)


def test_systemd_takes_its_units(here, tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed here")
    for name, text in zip(("masker.service", "masker.timer"), units(), strict=True):
        (tmp_path / name).write_text(placed(text, here))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", "masker.timer"],
        cwd=tmp_path,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert [line for line in done.stderr.splitlines() if "masker" in line] == []
    (calendar,) = re.findall(r"^OnCalendar=(.*)$", units()[1], re.MULTILINE)
    subprocess.run(["systemd-analyze", "calendar", calendar], check=True, capture_output=True)


# -- Kubernetes


@pytest.mark.parametrize("manifest", manifests(), ids=lambda manifest: manifest["kind"])
@pytest.mark.parametrize("version", ["1.31", "1.37"])
def test_kubernetes_takes_the_manifests(manifest, version):
    kubernetes_validate.validate(manifest, version, strict=True)


def pods():
    cron_job, deployment = manifests()
    return cron_job["spec"]["jobTemplate"]["spec"]["template"]["spec"], deployment["spec"][
        "template"
    ]["spec"]


def test_the_cron_job_runs(here):
    (container,) = pods()[0]["containers"]
    environ = {each["name"]: placed(each["value"], here) for each in container["env"]}
    args = [placed(word, here) for word in container["args"]]
    done = refreshes(here, ["masker", *args], **environ)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert lines[-1]["event"] == "published"


def test_the_cron_job_tries_again_when_that_may_help():
    spec = manifests()[0]["spec"]["jobTemplate"]["spec"]
    (codes,) = [
        each["onExitCodes"] for each in spec["podFailurePolicy"]["rules"] if "onExitCodes" in each
    ]
    assert codes == {"operator": "In", "values": [2, 3, 4, 5, 70]}
    assert manifests()[0]["spec"]["concurrencyPolicy"] == "Forbid"


@pytest.mark.parametrize("pod", pods(), ids=["CronJob", "Deployment"])
def test_a_pod_is_nobody_special_and_its_volumes_are_there(pod):
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["terminationGracePeriodSeconds"] >= 120
    (container,) = pod["containers"]
    mounted = {each["name"] for each in container["volumeMounts"]}
    assert mounted == {each["name"] for each in pod["volumes"]}
    assert not re.search(r"password|postgresql://", json.dumps(pod))


def test_the_liveness_of_the_deployment_is_the_health_check(here):
    (container,) = pods()[1]["containers"]
    probe = [placed(word, here) for word in container["livenessProbe"]["exec"]["command"]]
    done = subprocess.run(probe, env=here.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 6
    assert "no scheduler has written" in done.stderr


# -- Airflow


class AirflowError(Exception):
    pass


class AirflowFailError(Exception):
    pass


def airflow(monkeypatch):
    """Put the names that the DAG imports in the place of Airflow, which is not installed here."""
    told = {}

    def decorator(kind):
        def with_options(**options):
            def wrap(function):
                told[kind] = options
                if kind == "task":
                    told["run"] = function
                    return lambda: told.setdefault("called", True)
                return function

            return wrap

        return with_options

    sdk = types.ModuleType("airflow.sdk")
    sdk.dag, sdk.task = decorator("dag"), decorator("task")
    exceptions = types.ModuleType("airflow.sdk.exceptions")
    exceptions.AirflowException = AirflowError
    exceptions.AirflowFailException = AirflowFailError
    pendulum = types.ModuleType("pendulum")
    pendulum.datetime = lambda *day, tz: (day, tz)
    modules = (types.ModuleType("airflow"), sdk, exceptions, pendulum)
    for module in modules:
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return told


@pytest.mark.long
def test_airflow(here, monkeypatch):
    told = airflow(monkeypatch)
    (code,) = blocks("Airflow", "python")
    for name, value in {**here.environ, **here.secrets}.items():
        monkeypatch.setenv(name, value)
    exec(compile(placed(code, here), "dag.py", "exec"), {})
    assert told["called"]
    assert told["dag"]["schedule"] == "0 3 * * *"
    assert told["dag"]["max_active_runs"] == 1
    assert told["task"]["retries"] == 3
    assert told["task"]["execution_timeout"] == timedelta(hours=2)
    before = published(here)
    told["run"]()
    assert published(here) == before + 1


@pytest.mark.parametrize(("code", "kind"), [(6, AirflowError), (3, AirflowFailError)])
def test_airflow_tries_again_on_exit_code_6_only(monkeypatch, tmp_path, code, kind):
    told = airflow(monkeypatch)
    stub(tmp_path, f"exit {code}", monkeypatch)
    with pytest.raises(kind):
        told["run"]()


def test_airflow_asks_to_stop_after_its_timeout_and_waits(monkeypatch, tmp_path):
    """As Airflow does it: an exception that is no Exception, out of a signal's handler."""

    class TimeoutOfTaskError(BaseException):
        pass

    def strike(*_):
        raise TimeoutOfTaskError

    told = airflow(monkeypatch)
    ready, ended = tmp_path / "ready", tmp_path / "ended"
    stub(
        tmp_path,
        f"trap 'sleep 0.5; echo > {ended}; exit 130' TERM; echo > {ready}; sleep 60 & wait",
        monkeypatch,
    )
    waits, strikes = subprocess.Popen.wait, [signal.SIGALRM]

    def wait(process, timeout=None):
        while strikes:
            if ready.exists():
                signal.raise_signal(strikes.pop())
            time.sleep(0.01)
        return waits(process, timeout)

    monkeypatch.setattr(subprocess.Popen, "wait", wait)
    before = signal.signal(signal.SIGALRM, strike)
    try:
        with pytest.raises(TimeoutOfTaskError):
            told["run"]()
    finally:
        signal.signal(signal.SIGALRM, before)
    assert ended.exists()


def stub(folder, script, monkeypatch):
    """Read the recipe's DAG with a masker that does what a script says."""
    path = folder / "masker"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    (text,) = blocks("Airflow", "python")
    exec(compile(text, "dag.py", "exec"), {})


# -- GitHub Actions


def workflow():
    (text,) = blocks("GitHub Actions", "yml")
    return text


def test_the_workflow_fits_its_schema(tmp_path):
    path = tmp_path / "refresh.yml"
    path.write_text(workflow())
    subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema", "--builtin-schema"),
            *("vendor.github-workflows", str(path)),
        ],
        check=True,
        capture_output=True,
    )


@pytest.mark.long
def test_the_workflow_runs(here):
    steps = YAML(typ="safe").load(workflow())["jobs"]["refresh"]["steps"]
    (step,) = [each for each in steps if "run" in each]
    named = {
        re.fullmatch(r"\$\{\{ secrets\.(\w+) \}\}", value)[1] for value in step["env"].values()
    }
    assert named == set(step["env"]) == set(here.secrets)
    refreshes(here, ["sh", "-e", "-c", step["run"]], **here.secrets)
