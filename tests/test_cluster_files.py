"""The files in docs/cluster.md name existing programs and options."""

import importlib.util
import os
import re
import subprocess
import sys

import pytest

from tests.files import ROOT

PAGE, PLACE = ROOT / "docs/cluster.md", ROOT / "docs/cluster"
KUBERNETES = "1.32"


@pytest.fixture(scope="module")
def manifests():
    yaml = pytest.importorskip("yaml")
    found = list(yaml.safe_load_all((PLACE / "kubernetes.yaml").read_text()))
    return {(one["kind"], one["metadata"]["name"]): one for one in found}


def pod(manifests, name):
    return manifests["Deployment", name]["spec"]["template"]["spec"]


def test_the_manifests_are_those_of_kubernetes(manifests):
    kubernetes = pytest.importorskip(
        "kubernetes_validate", reason="pip install kubernetes-validate"
    )
    for manifest in manifests.values():
        kubernetes.validate(manifest, KUBERNETES, strict=True)
    manifests["Deployment", "worker"]["spec"]["replica"] = 1
    with pytest.raises(kubernetes.ValidationError):
        kubernetes.validate(manifests["Deployment", "worker"], KUBERNETES, strict=True)


def test_the_manifests_fit_together(manifests):
    secret = re.search(r"create secret generic (\w+)", PAGE.read_text())
    settings = manifests["ConfigMap", "dask"]["data"]
    for name in ("scheduler", "worker"):
        labels = manifests["Deployment", name]["spec"]["template"]["metadata"]["labels"]
        assert manifests["Deployment", name]["spec"]["selector"]["matchLabels"] == labels
        (container,) = pod(manifests, name)["containers"]
        mounts = {one["name"]: one["mountPath"] for one in container["volumeMounts"]}
        volumes = {one.pop("name"): one for one in pod(manifests, name)["volumes"]}
        assert volumes.keys() == mounts.keys()
        assert volumes["certificates"]["secret"]["secretName"] == secret[1]
        assert volumes["dask"]["configMap"]["name"] == "dask"
        (variable,) = container["env"]
        file = variable["value"].removeprefix(mounts["dask"] + "/")
        assert set(re.findall(r"\S+\.pem\b", settings[file])) == {
            f"{mounts['certificates']}/cert.pem",
            f"{mounts['certificates']}/key.pem",
        }
    service = manifests["Service", "scheduler"]["spec"]
    assert (
        service["selector"]
        == manifests["Deployment", "scheduler"]["spec"]["selector"]["matchLabels"]
    )
    (command,) = (one["command"] for one in pod(manifests, "worker")["containers"])
    assert f"tls://scheduler:{service['ports'][0]['port']}" in command


@pytest.mark.skipif(not importlib.util.find_spec("distributed"), reason="Dask is not installed")
def test_the_pods_start_commands_of_dask(manifests):
    for name in ("scheduler", "worker"):
        (container,) = pod(manifests, name)["containers"]
        dask, command, *options = container["command"]
        assert (dask, command) == ("dask", name)
        shown = subprocess.run(
            [sys.executable, "-m", f"distributed.cli.dask_{command}", "--help"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for option in options:
            assert not option.startswith("--") or re.search(rf"{option}\b", shown), option


@pytest.fixture
def slurm(tmp_path):
    """Return a function that runs slurm.py without certificates, with `programs` as PATH."""
    pytest.importorskip("dask_jobqueue", reason="pip install dask-jobqueue")

    def run(*options):
        home = {"HOME": str(tmp_path), "PATH": str(tmp_path / "programs")}
        command = [sys.executable, PLACE / "slurm.py", "--interface", "lo", *options]
        return subprocess.run(command, cwd=tmp_path, env=home, capture_output=True, text=True)

    (tmp_path / "programs").mkdir()
    return run


@pytest.fixture
def certificates(tmp_path):
    """Return the certificates that the page's commands make."""
    made = re.search(r"^## Certificates\n.*?^```\n(.*?)^```\n", PAGE.read_text(), re.M | re.S)
    home = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    subprocess.run(["sh", "-ec", made[1]], env=home, check=True, capture_output=True)
    return tmp_path / ".config/dask"


def test_a_job_of_slurm(slurm, certificates):
    assert (certificates / "key.pem").stat().st_mode & 0o077 == 0
    options = ["--cores", "4", "--walltime", "0:30:00", "--sbatch=--partition=teaching"]
    done = slurm("--show", *options)
    assert done.returncode == 0, done.stderr
    for line in ("--cpus-per-task=4", "--mem=12G", "-t 0:30:00", "--partition=teaching"):
        assert f"#SBATCH {line}\n" in done.stdout
    (command,) = re.findall(r"^\S+ -m distributed\.cli\.dask_worker .*$", done.stdout, re.M)
    for part in ("tls://127.0.0.1:", "--nthreads 4", "--lifetime 1620s", "--no-dashboard"):
        assert part in command
    for option, name in {"ca-file": "cert", "key": "key", "cert": "cert"}.items():
        assert f"--tls-{option} {certificates}/{name}.pem" in command


def refused(done, text):
    return done.returncode == 1 and text in done.stderr and "Traceback" not in done.stderr


def test_what_slurm_would_refuse_is_said(slurm, request, tmp_path):
    assert refused(slurm(), "There are no certificates for Dask")
    request.getfixturevalue("certificates")
    assert refused(slurm("--walltime", "0:03:00"), "expected more than 180 seconds")
    assert refused(slurm("--walltime", "1-00:00:00"), "--walltime: expected H:MM:SS")
    assert refused(slurm(), "sbatch is missing")
    make_program(tmp_path / "programs/sbatch", "echo invalid partition >&2; exit 1")
    assert refused(slurm(), "invalid partition")


@pytest.mark.usefixtures("certificates")
def test_jobs_are_submitted_and_nbjudge_is_called(slurm, tmp_path):
    """A fake sbatch runs a copy of the script at once; nbjudge finds no course there."""
    make_program(tmp_path / "programs/scancel", "exit 0")
    make_program(
        tmp_path / "programs/sbatch",
        'test "$1" = --test-only && exit',
        'script=$(/bin/cat "$1")',
        f'/bin/sh -c "$script" >{tmp_path}/job.txt 2>&1 &',
        "echo Submitted batch job 7",
    )
    done = slurm("ps1", "--feedback")
    assert "Waiting for the first worker." in done.stderr
    assert done.returncode == 2 and "nbgrader_config.py" in done.stderr, done.stderr
    assert "Registered to:" in (tmp_path / "job.txt").read_text()


def make_program(path, *lines):
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
