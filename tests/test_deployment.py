"""The Dockerfile without Docker: its steps, run in a clean folder as another user, end with a page.

The folders of the image are mapped into a temporary one. What needs a Debian image of its own (`apt-get`,
`useradd`) is checked instead: the package is there, and the steps after `USER` run under that user id.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser import driver
from tests.browser.driver import ROOT
from tests.waiting import wait_for

pytestmark = pytest.mark.deployment
UID = 1000


def instructions(text: str) -> list[tuple[str, str]]:
    """A Dockerfile as (instruction, arguments), comments and line continuations resolved."""
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", lines)
    return [tuple(line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


class Image:
    """A folder that stands for the image's file system, and the state that instructions leave behind."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = root / "home" / "lab"
        self.workdir = root
        self.environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        self.environment |= {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        self.other_user = os.getuid() == 0
        self.as_user = False

    def inside(self, text: str) -> str:
        return text.replace("/home/lab", str(self.home))

    def run(self, command: str) -> None:
        done = subprocess.run(
            ["sh", "-c", self.inside(command)], **self.process(), capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"

    def process(self) -> dict:
        home = {"HOME": str(self.home)} if self.as_user else {}
        options = {"cwd": self.workdir, "env": {**self.environment, **home}}
        if self.as_user and self.other_user:
            options |= {"user": UID, "group": UID, "extra_groups": []}
        return options

    def own(self, path: Path) -> None:
        if self.other_user:
            for file in [path, *path.rglob("*")]:
                os.chown(file, UID, UID, follow_symlinks=False)

    def bring_python(self) -> None:
        """What the base image has in /usr/local: a copy if the other user cannot get to this machine's."""
        source, target = Path(sys.base_prefix), self.root / "usr/local"
        if self.other_user and not all(folder.stat().st_mode & 0o001 for folder in (source, *source.parents)):
            leave = shutil.ignore_patterns("site-packages", "test", "__pycache__")
            shutil.copytree(source, target, symlinks=True, ignore=leave)
            self.environment["LD_LIBRARY_PATH"] = str(target / "lib")
        else:
            (target / "bin").mkdir(parents=True)
            python = source / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
            (target / "bin/python").symlink_to(python)
        self.environment["PATH"] = f"{target}/bin:{os.environ['PATH']}"

    def copy(self, source: str, target: str) -> None:
        target_path = self.workdir / target
        if source == ".":
            tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
            for name in filter(None, tracked.stdout.decode().split("\0")):
                if (ROOT / name).is_file():
                    (target_path / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(ROOT / name, target_path / name)
        else:
            shutil.copy(ROOT / source, target_path)
        self.own(self.workdir)

    def build(self, command: str) -> None:
        """RUN; what needs a Debian image of its own is checked."""
        if "apt-get" in command:
            for package in re.findall(r"install -y --no-install-recommends ([\w -]+?) &&", command):
                subprocess.run(["dpkg", "-s", *package.split()], check=True, capture_output=True)
        elif "useradd" in command:
            assert f"--uid {UID}" in command
            self.home.mkdir(parents=True)
            self.own(self.home)
        else:
            self.run(command)

    def set_environment(self, pairs: str) -> None:
        for pair in shlex.split(pairs):
            name, value = pair.split("=", 1)
            if name == "PATH":  # the base image's folders are this machine's, but for Python's
                value = value.split(":")[0] + ":" + self.environment["PATH"]
            if not name.startswith("PIP_"):  # where packages come from is this machine's business
                self.environment[name] = self.inside(value)

    def apply(self, instruction: str, arguments: str) -> None:
        match instruction:
            case "FROM":
                assert arguments.startswith("python:3.11"), "the pins are for Python 3.11"
                self.bring_python()
            case "RUN":
                self.build(arguments)
            case "USER":
                self.as_user = True
            case "WORKDIR":
                self.workdir = Path(self.inside(arguments))
                self.workdir.mkdir(parents=True, exist_ok=True)
                self.own(self.workdir)
            case "ENV":
                self.set_environment(arguments)
            case "COPY":
                source, target = [word for word in arguments.split() if not word.startswith("--")]
                self.copy(source, target)
            case "EXPOSE":
                assert arguments == "8501"
            case "HEALTHCHECK" | "CMD":
                pass
            case _:
                raise AssertionError(f"the test does not know {instruction}")


@pytest.fixture
def image() -> Iterator[Image]:
    """In a folder that another user can walk into. Those of pytest are closed by every pytest that begins."""
    with tempfile.TemporaryDirectory(prefix="lab-image-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        yield Image(root)


def test_the_steps_of_the_dockerfile_serve_a_page(image: Image):
    steps = instructions((ROOT / "Dockerfile").read_text())
    for instruction, arguments in steps:
        image.apply(instruction, arguments)

    port = str(driver.free_port())
    command = json.loads(dict(steps)["CMD"])
    command = [word.replace("8501", port).replace("0.0.0.0", "127.0.0.1") for word in command]
    health = re.search(r"CMD (.*)", dict(steps)["HEALTHCHECK"])[1].replace("8501", port)
    command[0] = shutil.which(command[0], path=image.environment["PATH"])
    assert str(image.root) in command[0], "the image's own Streamlit must serve the page"
    server = subprocess.Popen(command, **image.process(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:

        def is_healthy() -> bool:
            assert server.poll() is None, "the server ended"
            return not subprocess.run(["sh", "-c", health], **image.process(), capture_output=True).returncode

        wait_for(is_healthy, 60, poll=0.5)
        with sync_playwright() as playwright:
            page = driver.new_learner(driver.launch(playwright)).new_page()
            driver.open_page(page, f"http://127.0.0.1:{port}/data")
            expect(page.get_by_text("of 50,000 garments")).to_be_visible()
        owner = Path(f"/proc/{server.pid}").stat().st_uid
        assert owner == (UID if image.other_user else os.getuid())
    finally:
        server.terminate()
        server.communicate(timeout=20)


def test_the_space_is_a_docker_space_on_the_same_port():
    front_matter = (ROOT / "deploy/space/README.md").read_text().split("---")[1]
    settings = dict(line.split(": ", 1) for line in front_matter.strip().splitlines())
    assert settings["sdk"] == "docker"
    assert settings["app_port"] in dict(instructions((ROOT / "Dockerfile").read_text()))["EXPOSE"]


def test_cross_site_protection_is_only_off_in_the_space():
    config = (ROOT / ".streamlit/config.toml").read_text()
    assert "enableXsrfProtection" not in config or "enableXsrfProtection = true" in config
    assert "XSRF" not in (ROOT / "Dockerfile").read_text()
