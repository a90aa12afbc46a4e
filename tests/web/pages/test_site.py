"""Every page: its list, its style, the rulebook it uses, and the requests it refuses."""

from __future__ import annotations

import re
from datetime import date

import pytest
from starlette.testclient import TestClient

import probation_rules as pr
from probation_rules import web
from probation_rules.web.pages import PAGES
from probation_rules.web.pages.site import HEADERS
from probation_rules.web.problems import KINDS
from support.html_page import parsed, require_navigable
from support.web_page import Browser, client, require_quiet

ADDRESSES = ["/", *(page.path for page in PAGES if page.title)]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_is_quiet_and_can_be_navigated(address: str) -> None:
    browser = Browser().open(address)
    links = {one.attributes["href"] for one in browser.page.one("nav").all("a")}
    assert {page.path for page in PAGES if page.title} <= links


def test_the_first_page_describes_each_page_and_gives_the_day() -> None:
    browser = Browser().open("/")
    for page in PAGES:
        if page.title:
            assert page.title in browser.text
            assert page.about in browser.text
    assert "today: 29 Nov 2026" in browser.text
    assert "today" not in Browser(client(day=None)).open("/").text


def test_a_page_suggests_no_day_where_the_service_has_none() -> None:
    assert Browser().open("/unpaid-work").typed["on"] == "29/11/2026"
    assert Browser(client(day=None)).open("/unpaid-work").typed["on"] == ""


def test_the_style_and_the_icon_come_from_the_service_and_may_be_kept() -> None:
    service = client()
    head = Browser(service).open("/").page.one("head")
    addresses = [one.attributes["href"] for one in head.all("link")]
    assert len(addresses) == 2
    for address, kind in zip(addresses, ("text/css", "image/svg+xml"), strict=True):
        found = service.get(address)
        assert found.headers["content-type"].startswith(kind)
        assert found.headers["cache-control"] == "public, max-age=86400"
        assert not re.search(r"url\((?!#)|@import", found.text)


def test_a_page_goes_by_the_rulebook_that_was_chosen() -> None:
    north = pr.rulebook().with_settings({"earned_reduction_from": date(2026, 11, 1)})
    browser = Browser(client({"national": pr.rulebook(), "north": north})).open("/unpaid-work")
    browser.fill(order_type="community_order", rulebook="north").press()
    assert browser.typed["rulebook"] == "north"
    text = "Set by the caller: earned_reduction_from is 1 Nov 2026"
    assert text in browser.section("basis").text
    browser.fill(rulebook="national").press()
    assert "Shipped rules only." in browser.section("basis").text


def test_a_setting_for_another_area_is_not_named() -> None:
    north = pr.rulebook().with_settings({"ratio_measure": "headcount"})
    browser = Browser(client(north)).open("/unpaid-work").press()
    assert "Shipped rules only." in browser.section("basis").text


def test_what_cannot_be_answered_is_explained_on_a_page() -> None:
    found = client().get("/unpaid-work?rulebook=west")
    assert found.status_code == 422
    page = parsed(found.text)
    require_quiet(page)
    require_navigable(page)
    assert page.one("h1").text == KINDS[422][1]
    assert "`west` is not a rulebook; known are national" in page.text
    assert found.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]


def test_an_address_that_does_not_exist_is_explained_to_people_and_to_programs() -> None:
    service = client()
    for_people = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    page = parsed(service.get("/pods", headers=for_people).text)
    require_navigable(page)
    assert page.one("h1").text == KINDS[404][1]
    for address, headers in (("/pods", {}), ("/v1/nothing", for_people)):
        answer = service.get(address, headers=headers)
        assert (answer.status_code, answer.json()["status"]) == (404, 404)


def test_a_service_below_an_address_links_below_it() -> None:
    service = TestClient(web.app(), root_path="/rules")
    text = service.get("/rules/unpaid-work").text
    found = re.findall(r'(?:href|action)="(/[^"]*)"', text)
    assert found
    assert all(one.startswith("/rules/") for one in found)


@pytest.mark.parametrize(
    ("data", "status", "text"),
    [
        ({f"field{number}": "" for number in range(5_001)}, 400, "Too many fields"),
        ({"reference": "x" * 1_000_001}, 400, "exceeded maximum size"),
        (
            {f"field{number}": "x" * 900_000 for number in range(3)},
            413,
            "more than 2,000,000 bytes",
        ),
    ],
)
def test_a_form_that_is_too_large_is_refused(data: dict[str, str], status: int, text: str) -> None:
    found = client().post("/unpaid-work", data=data)
    assert (found.status_code, text in found.text) == (status, True)
