"""Grade a class on SLURM: submit jobs with Dask workers, grade, and cancel the jobs.

python slurm.py --jobs 20 --walltime 1:00:00 --sbatch=--partition=teaching ASSIGNMENT ...

Run this in the course's folder, on a login node or in a job. All other arguments are passed to
`nbjudge autograde`. docs/cluster.md explains how to use it.
"""

import argparse
import re
import subprocess
import sys

import dask
from dask_jobqueue import SLURMCluster
from distributed import Client, Security

LEAVE = 180  # seconds before the end of a job at which its workers stop taking submissions
# Dask's pages name students and have no password, so they are not served.
dask.config.set({"distributed.scheduler.http.routes": []})
HERE_ALONE = ["--dashboard-address", "127.0.0.1:0"]


def seconds_of(walltime: str) -> int:
    """Convert H:MM:SS to seconds."""
    parts = re.fullmatch(r"(\d+):(\d\d):(\d\d)", walltime)
    if not parts:
        sys.exit(f"--walltime: expected H:MM:SS, such as 1:00:00, not {walltime}")
    hours, minutes, seconds = map(int, parts.groups())
    return hours * 3600 + minutes * 60 + seconds


def check(script: str) -> None:
    """Exit if SLURM refuses the job, because Dask would resubmit it forever."""
    try:
        done = subprocess.run(
            ["sbatch", "--test-only"], input=script, text=True, capture_output=True
        )
    except FileNotFoundError:
        sys.exit("sbatch is missing: run this on a login node or in a job.")
    if done.returncode:
        sys.exit(done.stderr.strip())


def main() -> int:
    """Run the command, and return the exit status of nbjudge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--jobs", type=int, default=1, help="number of jobs to submit [1]")
    parser.add_argument(
        "--cores", type=int, default=1, help="cores per job, one for each submission [1]"
    )
    parser.add_argument("--memory", type=int, default=3, help="GB per core [3]")
    parser.add_argument("--walltime", default="1:00:00", help="limit of a job, H:MM:SS [1:00:00]")
    parser.add_argument("--interface", help="network between the nodes, such as ib0")
    parser.add_argument("--python", default=sys.executable, help="Python on the nodes [this one]")
    parser.add_argument(
        "--sbatch", action="append", default=[], help="an option for sbatch (repeatable)"
    )
    parser.add_argument("--show", action="store_true", help="print a job script and exit")
    options, rest = parser.parse_known_args()
    security = Security()  # with the certificates in Dask's configuration
    if security.get_connection_args("client")["ssl_context"] is None:
        sys.exit("There are no certificates for Dask: see docs/cluster.md, Certificates.")
    lifetime = seconds_of(options.walltime) - LEAVE
    if lifetime <= 0:
        sys.exit(f"--walltime {options.walltime}: expected more than {LEAVE} seconds.")
    cluster = SLURMCluster(
        cores=options.cores,
        processes=1,  # with several processes, jobs that have ended would not be replaced
        memory=f"{options.cores * options.memory} GB",
        walltime=options.walltime,
        interface=options.interface,
        python=options.python,
        job_extra_directives=options.sbatch,
        worker_extra_args=["--lifetime", f"{lifetime}s", "--no-dashboard", *HERE_ALONE],
        scheduler_options={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
        security=security,
    )
    with cluster, Client(cluster) as client:
        if options.show:
            print(cluster.job_script())
            return 0
        check(cluster.job_script())
        cluster.adapt(minimum_jobs=options.jobs, maximum_jobs=options.jobs)  # replaces ended jobs
        print(
            f"Jobs submitted: {options.jobs}. Waiting for the first worker. `squeue --me` lists "
            "the jobs. If one has ended, slurm-*.out explains why.",
            file=sys.stderr,
        )
        client.wait_for_workers(1)
        grade = ["-m", "nbjudge", "autograde", "--cluster", cluster.scheduler_address, *rest]
        return subprocess.run([sys.executable, *grade]).returncode


if __name__ == "__main__":
    sys.exit(main())
