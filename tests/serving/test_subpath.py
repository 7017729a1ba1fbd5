from __future__ import annotations

import html
import re

import pytest

from app.serving.subpath import SubPath


@pytest.fixture(scope="module")
def below(make_client):
    return make_client(root_path="/unrolled")


@pytest.mark.parametrize("prefix", ["", "/unrolled"], ids=["stripped by the proxy", "left by the proxy"])
@pytest.mark.parametrize("path", ["/healthz", "/docs", "/openapi.json", "/static/favicon.svg"])
def test_an_address_answers_whether_the_proxy_strips_the_prefix_or_not(below, prefix: str, path: str) -> None:
    assert below.get(prefix + path).status_code == 200


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_every_link_of_a_page_carries_the_prefix_and_answers(below, path: str) -> None:
    found = re.findall(r'(?:href|src|action|hx-[a-z]+|data-schema)="(/[^"]*)"', below.get(path).text)
    links = {html.unescape(link) for link in found}
    assert links
    assert {link for link in links if not link.startswith("/unrolled/")} == set()
    assert {link for link in links if _end_of(below, link).status_code != 200} == set()


def _end_of(below, link: str):
    """The answer that a link leads to: some addresses are made out, and lead on to the canonical one."""
    answer = below.get(link)
    if answer.status_code == 303:
        assert answer.headers["location"].startswith("/unrolled/")
        return below.get(answer.headers["location"])
    return answer


def test_the_schema_names_the_prefix(below) -> None:
    assert below.get("/openapi.json").json()["servers"] == [{"url": "/unrolled"}]


def test_an_unknown_address_below_the_prefix_is_404(below) -> None:
    assert below.get("/unrolled/none").status_code == 404


@pytest.mark.parametrize(
    ("path", "full"),
    [("/", "/unrolled/"), ("/unrolled", "/unrolled/"), ("/unrolled/", "/unrolled/"),
     ("/unrolledish", "/unrolled/unrolledish"), ("/run", "/unrolled/run")],
)  # fmt: skip
def test_the_full_path_has_the_prefix_once(path: str, full: str) -> None:
    assert SubPath(app=None, root_path="/unrolled/").full(path) == full  # type: ignore[arg-type]
