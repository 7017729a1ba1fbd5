from __future__ import annotations

import pytest

from app.serving.security import security_headers

PATHS = ["/healthz", "/docs", "/openapi.json", "/static/favicon.svg", "/static/none", "/none", "/api/v1/none"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_security_headers_errors_too(client, path: str) -> None:
    answer = client.get(path)
    assert {name: answer.headers.get(name) for name in security_headers()} == security_headers()


def test_a_method_not_allowed_and_a_body_too_large_carry_them_as_well(make_client) -> None:
    client = make_client(max_body_bytes=1024)
    for answer in (client.post("/healthz"), client.post("/healthz", content=b"x" * 2000)):
        assert answer.status_code in (405, 413)
        assert answer.headers["content-security-policy"] == security_headers()["Content-Security-Policy"]


def test_the_policy_allows_nothing_by_default_and_no_inline_code() -> None:
    policy = security_headers()["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == directives["connect-src"] == "'self'"
    assert directives["base-uri"] == directives["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy and "http" not in policy


def test_the_address_of_a_page_is_told_to_no_other_site() -> None:
    assert security_headers()["Referrer-Policy"] == "no-referrer"


def test_a_school_may_be_allowed_to_frame_the_pages(make_client) -> None:
    headers = make_client(frame_ancestors="https://school.example").get("/healthz").headers
    assert headers["content-security-policy"].endswith("frame-ancestors https://school.example")
    assert "x-frame-options" not in headers
