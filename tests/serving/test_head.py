"""HEAD tells of every address what GET would, and sends no body."""

from __future__ import annotations

import httpx
import pytest

ADDRESSES = [
    "/", "/?sentence=", "/ledger?sentence=so+good", "/inspect?sentence=so+good", "/labs?sentence=so+good",
    "/healthz", "/readyz", "/docs", "/openapi.json", "/api/v1/corpora", "/api/v1/run?sentence=so+good",
    "/api/v1/run?sentence=", "/none", "/export/run.csv?sentence=so+good", "/compare",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_head_has_the_status_and_headers_of_get_and_no_body(client, address: str, encoding: str) -> None:
    headers = {"Accept-Encoding": encoding}
    got = client.get(address, headers=headers, follow_redirects=False)
    told = client.head(address, headers=headers, follow_redirects=False)
    assert (told.status_code, told.content) == (got.status_code, b"")
    assert dict(told.headers) == dict(got.headers)
    assert int(told.headers.get("content-length", 0)) > 0 or got.status_code == 303


def test_head_of_what_takes_no_get_is_refused(client) -> None:
    answer = client.head("/api/v1/train")
    assert (answer.status_code, answer.headers["allow"], answer.content) == (405, "POST", b"")


def test_a_connection_goes_on_after_a_head(live_server) -> None:
    with httpx.Client(base_url=live_server.url) as http:
        assert http.head("/healthz").headers["content-length"] == "15"
        assert http.get("/healthz").json() == {"status": "ok"}


def test_the_schema_speaks_of_get_alone_and_says_so(client) -> None:
    schema = client.get("/openapi.json").json()
    assert not any("head" in path for path in schema["paths"].values())
    assert "HEAD is answered wherever GET is" in schema["info"]["description"]
