"""TimeGate and TimeMap, as RFC 7089 has them and as clients that are not ours follow them."""

from __future__ import annotations

import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import browsing
import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memento_client import MementoClient
from replaying import HOST, got, keep, stamp
from rooms import Site, words
from shelf import Shelf

from archive.plugin.queries import snapshots as queries

PYWB = Path(__file__).parent.parent / ".venv" / "pywb" / "bin" / "wayback"
DAYS = (0, 30, 60.5, 400)
DATES = ("Mon, 04 Mar 2024 02:30:15 GMT", "Wed, 03 Apr 2024 02:30:15 GMT", "Fri, 03 May 2024 14:30:15 GMT")
DATES += ("Tue, 08 Apr 2025 02:30:15 GMT",)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("memento")
    pages = [got("/lich", f"<h1>Lịch tiếp dân, bản {day}</h1>", after=day) for day in DAYS[:3]]
    keep(data, [*pages, got("/lich", "<h1>Không còn</h1>", after=DAYS[3], status=404)])
    keep(data, [got("/lich?a=1,2&b=%C4%91", "<h1>Đất</h1>"), got("/mot", "<h1>Một bản</h1>", after=2)])
    return data


@pytest.fixture(scope="module")
def site(data: Path) -> Iterator[Site]:
    built = Site(Shelf(data / "tangthu.db", {}))
    yield built
    built.loop.close()


@pytest.fixture(scope="module")
def served(data: Path) -> Iterator[str]:
    with browsing.served(data) as address:
        yield address


def links(header: str) -> dict[str, dict[str, Any]]:
    """By relation, as a client that is not ours reads them."""
    found: dict[str, dict[str, Any]] = {}
    for url, parameters in MementoClient.parse_link_header(header).items():
        for relation in parameters["rel"]:
            found.setdefault(relation, {"url": url, **{k: v[0] for k, v in parameters.items() if k != "rel"}})
    return found


def web(day: float, name: str = "/lich", base: str = "http://localhost") -> str:
    return f"{base}/web/{stamp(day)}/{HOST}{name}"


# TimeGate


@pytest.mark.parametrize(
    ("wanted", "day"),
    [
        (None, DAYS[3]),
        (DATES[0], DAYS[0]),
        ("Mon, 04 Mar 2024 02:30:16 GMT", DAYS[0]),
        ("Thu, 31 May 2007 20:35:00 GMT", DAYS[0]),
        ("Wed, 01 May 2024 00:00:00 GMT", DAYS[2]),
        ("Fri, 31 Dec 9999 23:59:59 GMT", DAYS[3]),
    ],
)
def test_the_timegate_leads_to_the_nearest(site: Site, wanted: str | None, day: float) -> None:
    answer = site.get(f"/web/{HOST}/lich", headers={"accept-datetime": wanted} if wanted else {})
    assert (answer.status_code, answer.headers["location"]) == (302, web(day))
    assert "accept-datetime" in answer.headers["vary"].lower() and "memento-datetime" not in answer.headers
    found = links(answer.headers["link"])
    assert (
        found["original"]["url"] == f"{HOST}/lich" and found["timegate"]["url"] == f"http://localhost/web/{HOST}/lich"
    )
    assert found["timemap"]["type"] == "application/link-format"
    assert (found["first"]["datetime"], found["last"]["datetime"]) == (DATES[0], DATES[3])


@pytest.mark.parametrize(
    "wanted", ["yesterday", "2024-03-04", "1709519415", "Mon, 04 Mar 2024 02:30:15", "\u00e9", "x" * 5000]
)
def test_a_date_that_is_none_is_a_bad_request(site: Site, wanted: str) -> None:
    answer = site.get(f"/web/{HOST}/lich", headers={"accept-datetime": wanted.encode()})
    assert answer.status_code == 400 and "accept-datetime" in answer.headers["vary"].lower()


def test_an_address_that_was_never_seen(site: Site) -> None:
    answer = site.get(f"/web/{HOST}/chua-tung")
    assert answer.status_code == 404 and "accept-datetime" in answer.headers["vary"].lower()
    assert links(answer.headers["link"])["original"]["url"] == f"{HOST}/chua-tung"
    assert "Kho chưa có bản lưu nào" in answer.text and f'value="{HOST}/chua-tung"' in answer.text
    assert site.get(f"/web/timemap/link/{HOST}/chua-tung").status_code == 404


def test_a_memento_knows_its_neighbours(site: Site) -> None:
    answer = site.get(web(DAYS[1]).removeprefix("http://localhost"))
    assert answer.headers["memento-datetime"] == DATES[1]
    found = links(answer.headers["link"])
    assert found["original"]["url"] == f"{HOST}/lich" and found["timegate"]["url"].endswith(f"/web/{HOST}/lich")
    expected = {"first": 0, "prev": 0, "next": 2, "last": 3}
    assert {name: found[name]["url"] for name in expected} == {name: web(DAYS[n]) for name, n in expected.items()}
    alone = links(site.get(web(2, "/mot").removeprefix("http://localhost")).headers["link"])
    assert alone["first"]["url"] == alone["last"]["url"] == web(2, "/mot") and "prev" not in alone


# TimeMap


def test_the_timemap_holds_every_memento(site: Site) -> None:
    answer = site.get(f"/web/timemap/link/{HOST}/lich")
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/link-format"
    found = MementoClient.parse_link_header(answer.text.replace("\n", " "))
    mementos = {url: values for url, values in found.items() if "memento" in values["rel"]}
    assert {url: values["datetime"] for url, values in mementos.items()} == {
        web(day): [date] for day, date in zip(DAYS, DATES, strict=True)
    }
    (own,) = [values for values in found.values() if "self" in values["rel"]]
    assert (own["from"], own["until"]) == ([DATES[0]], [DATES[3]])
    assert "first" in mementos[web(DAYS[0])]["rel"] and "last" in mementos[web(DAYS[3])]["rel"]
    assert len(answer.text.strip().split(",\n")) == 3 + len(DAYS)


def test_letters_of_an_address_stay_as_they_were_sent(site: Site) -> None:
    answer = site.get(f"/web/timemap/link/{HOST}/lich?a=1,2&b=%C4%91")
    assert f'<{HOST}/lich?a=1,2&b=%C4%91>; rel="original"' in answer.text
    assert f'<{web(0, "/lich?a=1,2&b=%C4%91")}>; rel="first last memento"' in answer.text


def test_a_long_timemap_goes_on_in_another(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST", 3)
    first = site.get(f"/web/timemap/link/{HOST}/lich").text
    further = f"http://localhost/web/timemap/link/{stamp(DAYS[3])}/{HOST}/lich"
    assert f'<{further}>; rel="timemap"; type="application/link-format"; from="{DATES[3]}"' in first
    assert first.count('memento"') == 3 and "last" not in first
    second = site.get(further.removeprefix("http://localhost")).text
    assert 'rel="last memento"' in second and second.count('memento"') == 1 and 'rel="first' not in second
    assert f'<http://localhost/web/timemap/link/{HOST}/lich>; rel="timemap"' in second


def test_the_list_for_people(site: Site) -> None:
    page = site.read(f"/web/*/{HOST}/lich")
    assert "4 lần chụp, 3 nội dung khác nhau" in words(page)
    assert [words(found, ".amount") for found in page.select(".years li")] == ["3", "1"]
    rows = page.select(".looks li")
    assert len(rows) == 4 and "404" in rows[0].text and rows[0].select(f"a[href='/web/{stamp(DAYS[3])}/{HOST}/lich']")
    english = site.read(f"/captures?lang=en&url={HOST}/lich")
    assert "4 captures, 3 different contents" in words(english)
    switch = page.select_one(".language a")
    assert switch and "4 captures" in words(site.read(str(switch["href"])))


def test_the_list_asks_when_it_was_told_nothing(site: Site) -> None:
    for path in ("/web", "/web/", "/captures", "/captures?url="):
        assert site.read(path).select("form.ask input[name=url]")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(max_codepoint=255, exclude_characters="\r\n\x00"), max_size=60))
def test_any_date_is_answered(site: Site, wanted: str) -> None:
    answer = site.get(f"/web/{HOST}/lich", headers={"accept-datetime": wanted.encode("latin-1")})
    assert answer.status_code in (302, 400)


# Over the wire, with other people's clients


def test_an_independent_client_follows_the_timegate(served: str) -> None:
    client = MementoClient(timegate_uri=f"{served}/web/", check_native_timegate=False)
    # It asks for what it is given first: a portal that is gone does not answer, so that it starts from a memento.
    found = client.get_memento_info(web(2, "/mot", served), datetime(2024, 1, 1))["mementos"]
    assert found["closest"] == {"datetime": datetime(2024, 3, 6, 2, 30, 15), "uri": [web(2, "/mot", served)],
                                "http_status_code": 200}  # fmt: skip
    found = client.get_memento_info(web(DAYS[1], base=served), datetime(2024, 5, 1))
    assert found["original_uri"] == f"{HOST}/lich"
    near = found["mementos"]
    assert near["closest"]["uri"] == [web(DAYS[2], base=served)] and near["closest"]["http_status_code"] == 200
    assert near["prev"]["uri"] == [web(DAYS[1], base=served)] and near["next"]["uri"] == [web(DAYS[3], base=served)]
    assert near["first"]["datetime"] == datetime(2024, 3, 4, 2, 30, 15)
    assert MementoClient.is_timegate(f"{served}/web/{HOST}/lich") and MementoClient.is_memento(
        web(DAYS[0], base=served)
    )


def test_a_head_is_a_get_without_its_body(served: str) -> None:
    for path in (f"{served}/web/{stamp()}/{HOST}/lich", f"{served}/web/timemap/link/{HOST}/lich", f"{served}/record/1"):
        asked = [urllib.request.Request(path, method=method) for method in ("HEAD", "GET")]
        head, whole = (urllib.request.urlopen(one, timeout=20) for one in asked)
        assert head.read() == b"" and len(whole.read()) > 100
        assert {k: v for k, v in head.headers.items() if k != "date"} == {
            k: v for k, v in whole.headers.items() if k != "date"
        }


@pytest.mark.skipif(not PYWB.exists(), reason="pywb is not here: make memento")
def test_pywb_replays_out_of_this_archive(served: str, tmp_path: Path) -> None:
    """It follows the TimeMap and the TimeGate, and takes the raw bytes."""
    config = f"collections:\n  kho:\n    index: memento+{served}/web/\nframed_replay: false\nenable_memento: true\n"
    (tmp_path / "config.yaml").write_text(config)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(PYWB), "-b", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        base = f"http://127.0.0.1:{port}/kho"
        for _ in range(150):
            try:
                urllib.request.urlopen(base, timeout=10).close()
                break
            except urllib.error.HTTPError:
                break
            except urllib.error.URLError:
                time.sleep(0.2)
        listed = urllib.request.urlopen(f"{base}/timemap/link/{HOST}/lich", timeout=30).read().decode()
        assert re.findall(r'rel="memento"; datetime="([^"]+)"', listed) == list(DATES)
        shown = urllib.request.urlopen(f"{base}/20240501000000/{HOST}/lich", timeout=30)
        assert shown.headers["Memento-Datetime"] == DATES[2]
        assert "bản 60.5" in BeautifulSoup(shown.read(), "html.parser").text
    finally:
        server.terminate()
        server.wait(20)
