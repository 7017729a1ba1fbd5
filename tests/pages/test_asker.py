"""Who asks for a page is read off the headers."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from app.pages.asker import Asker, asker

SHOWN = "http://here/?sentence=a"


def asked(root: str = "", **headers: str) -> Asker:
    raw = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    return asker(Request({"type": "http", "headers": raw, "root_path": root}))


def test_htmx_asks_for_a_part_of_the_page_it_stands_on() -> None:
    assert asked("/unrolled/", hx_request="true", hx_current_url=SHOWN) == (True, SHOWN, "/unrolled")
    assert asked(hx_request="true", hx_request_type="partial") == (True, "", "")


@pytest.mark.parametrize("headers", [
    {}, {"hx_request": "false"}, {"hx_request": "true", "hx_request_type": "full"},
    {"hx_request": "true", "hx_history_restore_request": "true"},
])  # fmt: skip
def test_who_asks_for_a_whole_page_stands_on_none(headers: dict[str, str]) -> None:
    assert asked(hx_current_url=SHOWN, **headers) == (False, "", "")


def test_an_address_that_is_none_is_not_heeded() -> None:
    assert asked(hx_request="true", hx_current_url="http://[::1/?sentence=a").shown == ""
