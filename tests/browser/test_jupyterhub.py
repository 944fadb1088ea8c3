"""The course on JupyterHub, set up as in docs/jupyterhub.md; `scripts/try-jupyterhub` runs it.

The hub starts a server for each user, as that user. The page's commands are run unchanged.
"""

import contextlib
import os
import re
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.pages import picture
from tests.browser.term import Term, flat
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]
HUB = os.environ.get("HUB")  # the folder with the environment and the proxy
pytestmark = pytest.mark.skipif(not HUB, reason="scripts/try-jupyterhub runs it")
TRIAL = """
load_subconfig({config!r})
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub_port}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api_port}"
c.ConfigurableHTTPProxy.command = [{proxy!r}]
c.JupyterHub.authenticator_class = "dummy"  # any password, in this trial alone
c.Spawner.environment = {{"JUPYTER_CONFIG_PATH": {configuration!r}}}
c.Spawner.http_timeout = c.Spawner.start_timeout = 120
"""


def free_ports(number):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@contextlib.contextmanager
def running_hub(term):
    """Run a hub for the users of a course, and return its address."""
    port, hub_port, api_port = free_ports(3)
    folder = term.users.home("root")
    config = folder / "jupyterhub_config.py"
    config.write_text(
        TRIAL.format(
            config=str(ROOT / "docs" / "jupyterhub_config.py"),
            proxy=str(Path(HUB) / "node_modules" / ".bin" / "configurable-http-proxy"),
            configuration=str(term.users.configuration),
            port=port,
            hub_port=hub_port,
            api_port=api_port,
        )
    )
    log = folder / "log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [*term.users.prefix("root"), "jupyterhub", "--config", config],
            cwd=folder,
            env=term.users.variables("root"),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        started = wait_until(
            lambda: "JupyterHub is now running" in log.read_text() or process.poll(), 120
        )
        assert started and process.poll() is None, log.read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


def commands(page, heading):
    """Return the commands of the first block below a heading of docs/jupyterhub.md."""
    section = page.partition(f"\n## {heading}\n")[2]
    return re.search(r"```\n(.*?)```", section, re.DOTALL)[1].splitlines()


@contextlib.contextmanager
def logged_in(browser, address, user):
    """Return a page with a user's JupyterLab."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(address)
    page.get_by_label("Username:").fill(user)
    page.get_by_label("Password:").fill("any")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("menuitem", name="Nbgrader", exact=True)).to_be_visible(timeout=120_000)
    yield page
    context.close()


def menu(page):
    """Return the entries of the menu Nbgrader."""
    page.get_by_role("menuitem", name="Nbgrader", exact=True).click()
    entries = page.locator(".lm-Menu-itemLabel")
    expect(entries.first).to_be_visible()
    return [text for text in entries.all_inner_texts() if text]


def test_a_course_on_jupyterhub(browser):
    guide = (ROOT / "docs" / "jupyterhub.md").read_text()
    programs = Path(HUB) / "environment" / "bin"
    with tempfile.TemporaryDirectory() as folder:
        term = Term(Path(folder), programs)
        term.begin()
        for line in commands(guide, "The Nbgrader menu"):
            subprocess.run([programs / line.split()[0], *line.split()[1:]], check=True)
        account = "\n".join(commands(guide, "The instructor's account"))
        term.users.run("instructor", "sh", "-e", "-c", account)
        with running_hub(term) as address:
            use(term, browser, address)


def use(term, browser, address):
    """Release, fetch, submit, collect, grade and return an assignment by clicking in the page."""
    term.run("python", "-m", "tools.release")
    with logged_in(browser, address, "instructor") as instructor:
        instructor.goto(f"{address}/user/instructor/formgrader")
        row = instructor.locator("#main-table tr", has_text="padding")
        row.locator(".release a").click()
        expect(instructor.locator(".modal-title:visible")).to_have_text("Success")
        picture(instructor, "hub-released")
        for student in ("ada", "ben"):
            with logged_in(browser, address, student) as page:
                assert menu(page) == ["Assignment List"]
                page.get_by_text("Assignment List", exact=True).last.click()
                page.get_by_role("button", name="Fetch", exact=True).click()
                expect(page.get_by_role("button", name="Submit", exact=True)).to_be_visible()
                term.solve(student, "padding")
                page.get_by_role("button", name="Submit", exact=True).click()
                submitted = page.get_by_role("button", name="Fetch Feedback", exact=True)
                expect(submitted).to_be_visible()
                picture(page, f"hub-submitted-{student}")
                answer = page.goto(f"{address}/user/{student}/formgrader")
                assert answer.status == 404, "students have no formgrader"
                answer = page.goto(f"{address}/user/instructor/lab")
                assert answer.status == 403, "nor the instructor's server"
        instructor.goto(f"{address}/user/instructor/formgrader")
        row.locator(".collect a").click()
        expect(instructor.locator(".modal-title:visible")).to_have_text("Success")
        assert "2 graded, 0 unchanged since last time, 0 not graded" in term.grade()
        instructor.goto(f"{address}/user/instructor/formgrader/manage_submissions/padding")
        rows = instructor.locator("#main-table tr")
        expect(rows.first).to_contain_text("5 / 5")
        expect(rows.nth(1)).to_contain_text("5 / 5")
        picture(instructor, "hub-graded")
        rows.first.locator(".release-feedback a").click()
        expect(instructor.locator(".modal-title:visible")).to_have_text("Success")
    fetch_feedback(term, browser, address)


def fetch_feedback(term, browser, address):
    """Fetch feedback as ada in the list of assignments, and compare the page."""
    with logged_in(browser, address, "ada") as page:
        menu(page)
        page.get_by_text("Assignment List", exact=True).last.click()
        page.get_by_role("button", name="Fetch Feedback", exact=True).click()
        assert wait_until(lambda: term.feedback("ada", "padding"), 60)
        assert "5 of 5 points" in flat(term.feedback("ada", "padding")[-1])
