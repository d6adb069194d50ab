"""docs/operations.md: its lines as they stand there, with other folders and another user."""

from __future__ import annotations

import getpass
import grp
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from conftest import ROOT, rows, wait_for, write_portal

from crawler import cli, locks, schedule
from crawler.demo import PORTAL_ID, DemoPortal, expected

HANDBOOK = (ROOT / "docs" / "operations.md").read_text("utf-8")
BIN = Path(sys.executable).parent
FIRST = len(expected(1))


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of the handbook: under which heading, and the file that the text before them names, "" for none."""

    section: str
    name: str
    text: str


def blocks() -> list[Block]:
    found, section, before = [], "", ""
    parts = re.split(r"^```(\w*)\n(.*?)^```$", HANDBOOK, flags=re.MULTILINE | re.DOTALL)
    for prose, text in zip(parts[::3], [*parts[2::3], ""], strict=True):
        headings = re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
        section = headings[-1] if headings else section
        before = prose.strip().rpartition("\n\n")[2]
        names = re.findall(r"`([\w./@-]*[./][\w.@-]+)`", before)
        found.append(Block(section, names[-1] if names else "", text))
    return found[:-1]


def lines_of(name: str) -> str:
    """The block for the file with this name."""
    (block,) = (block for block in blocks() if block.name == name)
    return block.text


def units() -> dict[str, str]:
    """Path below /etc/systemd/system → text."""
    folder = "/etc/systemd/system/"
    return {b.name.removeprefix(folder): b.text for b in blocks() if b.name.startswith(folder)}


def tool(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    return found or pytest.skip(f"{name} is not installed; .ci/run installs it")


@dataclass(frozen=True, slots=True)
class House:
    """The handbook's folders, somewhere else. ``PROGRAM``/bin holds the commands."""

    root: Path

    FOLDERS = ("/opt/tangthu", "/var/lib/tangthu", "/var/log/tangthu", "/srv/backup/tangthu", "/usr/local/bin")

    def here(self, text: str) -> str:
        """Lines of the handbook with this house's folders in them."""
        for folder in self.FOLDERS:
            text = text.replace(folder, str(self.root) + folder)
        return text

    def path(self, there: str) -> Path:
        return self.root / there.lstrip("/")

    @property
    def data(self) -> Path:
        return self.path("/var/lib/tangthu")

    @property
    def backup(self) -> Path:
        return self.path("/srv/backup/tangthu")

    def environment(self, lines: str) -> dict[str, str]:
        """What cron gives a command: little, and the settings of the lines."""
        pairs = re.findall(r"^([A-Z_]+)=(.*)$", self.here(lines), re.MULTILINE)
        settings = {name: value.strip('"') for name, value in pairs}
        return {"HOME": str(self.root), "LOGNAME": getpass.getuser(), "SHELL": "/bin/sh", **settings}

    def run(self, command: str, lines: str) -> subprocess.CompletedProcess[str]:
        """A command as cron runs it."""
        return subprocess.run(
            ["/bin/sh", "-c", self.here(command)],
            env=self.environment(lines),
            cwd=self.root,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def build(root: Path) -> House:
    """The house as "Install" leaves it, with the backup's script."""
    house = House(root)
    for folder in House.FOLDERS:
        house.path(folder).mkdir(parents=True)
    (house.path("/opt/tangthu") / "bin").mkdir()
    for name in ("tangthu", "sqlite-utils"):
        (house.path("/opt/tangthu/bin") / name).symlink_to(BIN / name)
    script = house.path("/usr/local/bin/tangthu-backup")
    script.write_text(house.here(lines_of("/usr/local/bin/tangthu-backup")), "utf-8")
    script.chmod(0o755)
    for bundled in (ROOT / "crawler" / "portals").rglob("*.toml"):  # nothing outside this machine is asked
        portal_id = str(bundled.relative_to(ROOT / "crawler" / "portals").with_suffix(""))
        write_portal(house.data, portal_id, CLOSED)
    return house


CLOSED = """\
name = "Cổng đóng"
district = "Huyện Đóng"
province = "Nam Định"
home = "http://127.0.0.1:9/"
platform = "drupal7"
closed = 2020-01-01
"""


def commands(crontab: str) -> list[str]:
    """The commands of a crontab, in order; none holds a percent sign, which would be a new line to cron."""
    found = [line.split(None, 5)[5] for line in crontab.splitlines() if re.match(r"[\d*]", line)]
    assert found and not any("%" in command for command in found)
    return found


@pytest.fixture(scope="module")
def running() -> Iterator[DemoPortal]:
    with DemoPortal() as demo:
        yield demo


@pytest.fixture
def portal(running: DemoPortal) -> DemoPortal:
    running.day = 1
    running.requests.clear()
    return running


@pytest.fixture
def house(tmp_path: Path, portal: DemoPortal) -> House:
    made = build(tmp_path)
    write_portal(made.data, PORTAL_ID, portal.portal_file())
    return made


@pytest.fixture(scope="module")
def past(running: DemoPortal, tmp_path_factory: pytest.TempPathFactory) -> House:
    """A house whose first night is over, with a log."""
    running.day = 1
    made = build(tmp_path_factory.mktemp("past"))
    write_portal(made.data, PORTAL_ID, running.portal_file())
    lines = lines_of("tangthu-log.cron")
    done = made.run(commands(lines)[0], lines)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return made


@pytest.fixture
def crawled(house: House, past: House) -> House:
    for there in ("/var/lib/tangthu", "/var/log/tangthu"):
        shutil.copytree(past.path(there), house.path(there), dirs_exist_ok=True)
    return house


# cron


@pytest.mark.parametrize("name", ["tangthu.cron", "tangthu-log.cron"])
def test_cron_takes_the_lines(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(lines_of(name), "utf-8")
    for text, code in ((lines_of(name), 0), (lines_of(name) + "61 2 * * * tangthu\n", 1)):
        (tmp_path / name).write_text(text, "utf-8")
        checked = subprocess.run([tool("crontab"), "-n", tmp_path / name], capture_output=True, text=True, check=False)
        assert checked.returncode == code, checked.stderr


def test_every_line_of_the_crontab_is_silent_when_all_is_well(crawled: House, portal: DemoPortal) -> None:
    lines = lines_of("tangthu.cron")
    crawl, health, verify, download, backup = commands(lines)
    tool("rsync")
    portal.day = 2
    for command in (crawl, health, verify, download, backup):
        done = crawled.run(command, lines)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), command
    assert (crawled.backup / "tangthu.db").exists()
    assert len(list((crawled.data / "export").glob("tangthu-*.db.gz"))) == 1


def test_a_line_that_meets_another_run_says_whose_it_is(house: House) -> None:
    lines = lines_of("tangthu.cron")
    with locks.portal(house.data, PORTAL_ID):
        done = house.run(commands(lines)[0], lines)
    assert done.returncode == 75
    assert f"process {os.getpid()}" in done.stdout + done.stderr


def test_what_is_wrong_reaches_cron_as_output(crawled: House, portal: DemoPortal) -> None:
    lines = lines_of("tangthu.cron")
    crawl, health, verify, *_ = commands(lines)
    write_portal(crawled.data, PORTAL_ID, portal.portal_file().replace(portal.url, "http://127.0.0.1:9/"))
    done = crawled.run(crawl, lines)
    assert done.returncode == 1
    assert f"{PORTAL_ID}: " in done.stdout and "home page not reached" in done.stdout
    write_portal(crawled.data, "nam_dinh/xuan_truong", portal.portal_file())
    done = crawled.run(health, lines)
    (shown,) = (block.text for block in blocks() if "it was never crawled" in block.text)
    assert (done.returncode, done.stdout) == (1, shown)
    warc = max((crawled.data / "warc").glob("demo-*.warc.gz"), key=lambda path: path.stat().st_size)
    warc.write_bytes(warc.read_bytes()[:-100])
    done = crawled.run(verify, lines)
    assert done.returncode == 1 and warc.name in done.stdout + done.stderr


def test_the_log_tells_each_run_and_rotates_while_one_writes(crawled: House) -> None:
    lines = lines_of("tangthu-log.cron")
    tool("rsync")
    for command in commands(lines)[1:]:
        done = crawled.run(command, lines)
        assert (done.stdout, done.stderr) == ("", "")
    folder = crawled.path("/var/log/tangthu")
    assert len(list(folder.glob("*.log"))) == len(commands(lines))
    assert re.search(rf"{PORTAL_ID}: {FIRST} new.*finished", (folder / "crawl.log").read_text("utf-8"))
    user = f" {getpass.getuser()} {grp.getgrgid(os.getgid()).gr_name}"
    config = crawled.path("/tangthu.logrotate")
    config.write_text(crawled.here(lines_of("/etc/logrotate.d/tangthu")).replace(" tangthu tangthu", user), "utf-8")
    config.chmod(0o644)
    rotate = [tool("logrotate"), "--state", str(crawled.path("/state")), str(config)]
    tried = subprocess.run([*rotate, "--debug"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0 and "error" not in tried.stderr.lower(), tried.stderr
    with (folder / "crawl.log").open("a", encoding="utf-8") as running:
        for number in (1, 2):
            subprocess.run([*rotate, "--force"], capture_output=True, text=True, check=True)
            running.write(f"line {number}\n")
            running.flush()
            (folder / "crawl.log").write_text(f"after {number}\n", "utf-8")
    assert "finished" in unpacked(folder / "crawl.log.2.gz") and "line 1" in unpacked(folder / "crawl.log.2.gz")
    assert (folder / "crawl.log.1").read_text("utf-8") == "after 1\n"
    assert (folder / "crawl.log").stat().st_mode & 0o777 == 0o640


def unpacked(path: Path) -> str:
    return subprocess.run(["gzip", "-dc", path], capture_output=True, text=True, check=True).stdout


# systemd


def laid_out(house: House, text_of: dict[str, str]) -> list[Path]:
    folder = house.path("/etc/systemd/system")
    for name, text in text_of.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(house.here(text), "utf-8")
    return [folder / name for name in text_of if "/" not in name]


def verified(paths: list[Path]) -> str:
    done = subprocess.run(
        [tool("systemd-analyze"), "verify", "--man=no", *paths], capture_output=True, text=True, timeout=60, check=False
    )
    return f"{done.stdout}{done.stderr}" + (f"code {done.returncode}" if done.returncode else "")


def test_systemd_takes_the_units_and_says_what_is_wrong_in_worse_ones(tmp_path: Path) -> None:
    house = build(tmp_path)
    assert verified(laid_out(house, units())) == ""
    worse = {name: text.replace("NoNewPrivileges", "NoNewPrivilege") for name, text in units().items()}
    assert "NoNewPrivilege" in verified(laid_out(house, worse))


def test_the_services_are_shut_in(tmp_path: Path) -> None:
    house = build(tmp_path)
    services = [path for path in laid_out(house, units()) if path.match("tangthu-*.service")]
    assert len(services) == 5
    for path in services:
        done = subprocess.run(
            [tool("systemd-analyze"), "security", "--offline=yes", "--threshold=30", path.name],
            env={**os.environ, "SYSTEMD_UNIT_PATH": f"{path.parent}:"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-300:] + done.stderr


def test_each_timer_has_a_service_and_a_time_that_comes_again() -> None:
    timers = {name: text for name, text in units().items() if name.endswith(".timer")}
    assert len(timers) == 5
    for name, text in timers.items():
        stem, _, instance = name.removesuffix(".timer").partition("@")
        assert f"{stem}{'@' if instance else ''}.service" in units()
        (when,) = re.findall(r"^OnCalendar=(.*)$", text, re.MULTILINE)
        done = subprocess.run(
            [tool("systemd-analyze"), "calendar", "--iterations=2", when], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0 and "Iter. #2" in done.stdout, done.stderr
        assert "Persistent=true" in text


def test_the_services_run_what_cron_would() -> None:
    text_of = units()
    told = {
        re.findall(r"^ExecStart=\S*?/bin/(.*)$", text, re.MULTILINE)[0].replace("%i", instance)
        for name, text in text_of.items()
        if name.startswith("tangthu-") and name.endswith(".service") and "serve" not in name
        for instance in (("health", "verify") if "@" in name else ("",))
    }
    assert told == set(commands(lines_of("tangthu.cron")))
    assert set(re.findall(r"^([A-Z_]+)=", lines_of("/etc/tangthu.env"), re.MULTILINE)) >= {"TANGTHU_DATA", "BACKUP"}
    assert "SuccessExitStatus=75" in text_of["tangthu-.service.d/10-house.conf"]
    (enable,) = re.findall(r"^systemctl enable --now (.*)$", HANDBOOK, re.MULTILINE)
    assert set(enable.split()) == {name for name in text_of if name.endswith(".timer")}


# Backup


def after(heading: str) -> str:
    """The handbook's lines after the paragraph that begins so; one that fails is the last."""
    found = re.search(rf"^\*\*{re.escape(heading)}\*\*.*?^```sh\n(.*?)^```$", HANDBOOK, re.MULTILINE | re.DOTALL)
    assert found, heading
    return "set -e\n" + found[1]


def kept(data: Path) -> set[tuple[object, ...]]:
    """What a reader would miss."""
    sql = "select a.id, a.url, v.number, v.title, v.text from articles a join versions v on v.article = a.id"
    found = rows(data, sql)
    return {tuple(row.values()) for row in found}


def test_a_backup_of_a_running_crawl_comes_back_and_goes_on(house: House, portal: DemoPortal) -> None:
    lines = lines_of("tangthu.cron")
    tool("rsync")
    write_portal(house.data, PORTAL_ID, portal.portal_file().replace("= 0.0", "= 0.3"))
    crawl, *_, backup = commands(lines)
    running = subprocess.Popen(["/bin/sh", "-c", f"exec {crawl}"], env=house.environment(lines), cwd=house.root)
    try:
        wait_for(lambda: (house.data / "tangthu.db").exists() and len(portal.requests) > 15, 60)
        done = house.run(backup, lines)
        assert running.poll() is None, "the crawl was over before its backup"
    finally:
        running.terminate()
        running.wait(60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    saved = kept(house.backup)
    assert 3 < len(saved) < FIRST
    # As a copy of a file in the middle of a write would end.
    warc = max((house.backup / "warc").glob("demo-*.warc.gz"))
    with warc.open("ab") as file:
        file.write(warc.read_bytes()[:200])

    shutil.rmtree(house.data)
    house.data.mkdir()
    back = house.run(after("Restore"), lines_of("/etc/tangthu.env"))
    assert back.returncode == 0, back.stdout + back.stderr
    assert warc.name in back.stdout + back.stderr
    assert saved <= kept(house.data)
    write_portal(house.data, PORTAL_ID, portal.portal_file())
    portal.requests.clear()
    assert house.run(crawl, lines).returncode == 0
    assert len(rows(house.data, "select id from articles")) == FIRST
    assert len(portal.requests) < 81 + 62  # it went on: not everything again


def test_an_archive_comes_back_from_its_files_alone(crawled: House) -> None:
    lines = lines_of("tangthu.cron")
    tool("rsync")
    assert crawled.run(commands(lines)[-1], lines).returncode == 0
    before = kept(crawled.data)
    shutil.rmtree(crawled.data)
    crawled.data.mkdir()
    (crawled.backup / "tangthu.db").write_bytes(b"not a database")
    assert crawled.run(after("Restore").splitlines()[1], lines).returncode == 0
    back = crawled.run(after("Without the database"), lines_of("/etc/tangthu.env"))
    assert back.returncode == 0, back.stdout + back.stderr
    assert kept(crawled.data) == before


def test_a_second_backup_takes_what_was_added_and_deletes_nothing(crawled: House, portal: DemoPortal) -> None:
    lines = lines_of("tangthu.cron")
    tool("rsync")
    crawl, *_, backup = commands(lines)
    assert crawled.run(backup, lines).returncode == 0
    first = {path.name for path in (crawled.backup / "warc").iterdir()}
    portal.day = 2
    assert crawled.run(crawl, lines).returncode == 0
    assert crawled.run(backup, lines).returncode == 0
    assert kept(crawled.backup) == kept(crawled.data)
    assert sorted(path.name for path in crawled.backup.iterdir()) == ["portals", "tangthu.db", "warc"]
    assert first < {path.name for path in (crawled.backup / "warc").iterdir()}
    for path in (crawled.data / "warc").glob("*.warc.gz"):
        assert (crawled.backup / "warc" / path.name).read_bytes() == path.read_bytes()


# The words


def spoken() -> list[str]:
    """Every ``tangthu …`` of the handbook: in its blocks, and in its sentences."""
    typed = [line for block in blocks() for line in re.findall(r"(?:^|/bin/| {4}|; )(tangthu [^\n>|&)]*)", block.text)]
    return typed + re.findall(r"`(tangthu [^`]*)`", re.sub(r"^```.*?^```$", "", HANDBOOK, flags=re.M | re.S))


def test_the_handbook_speaks_of_commands_and_options_that_exist() -> None:
    assert len(spoken()) > 15
    for said in spoken():
        words = [word for word in shlex.split(said)[1:] if word != "…"]
        command: click.Command = cli.main
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            name = words.pop(0)
            names = ("health", "verify") if name == "%i" else (name,)
            for one in names:
                assert one in command.commands, said
            command = command.commands[names[0]]
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, said


def test_every_option_of_the_crawl_is_explained() -> None:
    options = {option for parameter in cli.crawl.params for option in parameter.opts if option.startswith("--")}
    assert {option for option in options if f"`{option}" not in HANDBOOK and f" {option} " not in HANDBOOK} == set()


def test_the_words_of_the_summary_are_explained(past: House) -> None:
    log = (past.path("/var/log/tangthu") / "crawl.log").read_text("utf-8")
    (counts,) = re.findall(rf"^{PORTAL_ID}: (.*)$", log, re.MULTILINE)
    (table,) = re.findall(r"^\| word \|.*?\n\n", HANDBOOK, re.MULTILINE | re.DOTALL)
    explained = set(re.findall(r"\w+", " ".join(re.findall(r"^\| ([^|]*) \|", table, re.MULTILINE))))
    assert set(re.findall(r"\d (\w+)", counts)) <= explained
    assert counts.endswith("; finished")


def test_a_trap_is_opened_as_the_handbook_says(crawled: House) -> None:
    trap = "insert into traps values (?, '/lich/#', 'x', '2026-01-01', '/lich/1', 1)"
    with closing(sqlite3.connect(crawled.data / "tangthu.db")) as db, db:
        db.execute(trap, [PORTAL_ID])
    (delete,) = (block.text for block in blocks() if "delete from traps" in block.text)
    done = crawled.run(delete.replace("nam_dinh/xuan_truong", PORTAL_ID), lines_of("/etc/tangthu.env"))
    assert done.returncode == 0, done.stderr
    assert rows(crawled.data, "select * from traps where shape = '/lich/#'") == []


def test_the_times_of_the_handbook_are_those_of_the_crawl() -> None:
    *days, last = map(str, schedule.AGES)
    assert f"{', '.join(days)} and\n{last} days" in HANDBOOK or f"{', '.join(days)} and {last} days" in HANDBOOK
    assert f"every {round(schedule.SWEEP_EVERY.total_seconds() / 86400)} days all listings" in HANDBOOK
    (minutes,) = (parameter.default for parameter in cli.crawl.params if parameter.name == "minutes")
    assert f"{minutes} when not given" in HANDBOOK


# Taking down


def test_an_article_is_taken_down_as_the_handbook_says(crawled: House) -> None:
    tool("rsync")
    (chosen,) = rows(crawled.data, "select id, title, text from articles order by id limit 1")
    lines = after("It is never done silently.")
    assert lines.count("abcdefgh23") == 1
    done = crawled.run(lines.replace("abcdefgh23", chosen["id"]), lines_of("tangthu.cron"))
    assert done.returncode == 0, done.stderr
    assert f"{chosen['id']}: hide" in done.stdout and "Nêu tên một em nhỏ (Gia đình)" in done.stdout
    for folder in (crawled.data, crawled.backup):
        (row,) = rows(folder, "select title, text, takedown from articles where id = ?", chosen["id"])
        assert row == {"title": "", "text": "", "takedown": "hide"}
    lines = "tangthu takedown ID --lift --why TEXT"
    assert f"`{lines}`" in HANDBOOK
    done = crawled.run(lines.replace("ID", chosen["id"]), lines_of("tangthu.cron"))
    assert done.returncode == 0, done.stderr
    assert rows(crawled.data, "select id, title, text from articles where id = ?", chosen["id"]) == [chosen]


def test_what_is_sealed_leaves_the_backup_and_its_folder_is_in_none(crawled: House) -> None:
    lines = lines_of("tangthu.cron")
    tool("rsync")
    backup = commands(lines)[-1]
    assert crawled.run(backup, lines).returncode == 0
    (chosen,) = rows(crawled.data, "select a.id, c.warc, c.offset, c.length from articles a join versions v on"
                     " v.article = a.id join captures c on c.id = v.capture order by a.id limit 1")  # fmt: skip
    copy = crawled.backup / "warc" / chosen["warc"]
    before = copy.read_bytes()
    done = crawled.run(f"tangthu takedown {chosen['id']} --grade seal --why x", lines)
    assert done.returncode == 0, done.stderr
    assert crawled.run(backup, lines).returncode == 0
    place = slice(chosen["offset"], chosen["offset"] + chosen["length"])
    assert len(copy.read_bytes()) == len(before) and copy.read_bytes()[place] != before[place]
    assert "sealed" not in {path.name for path in crawled.backup.iterdir()}
