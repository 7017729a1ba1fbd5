"""The vendored Plotly draws the kinds of chart the product uses without breaking the policy."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, Route, expect

from app.serving.assets import asset_url
from app.serving.security import security_headers

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Charts</title>
<link rel="icon" href="{icon}">
<link id="plotly.js-style-global" class="no-inline-styles" rel="stylesheet" href="{style}"></head>
<body><div id="heat"></div><div id="bars"></div><div id="lines"></div>
<script src="{plotly}"></script><script src="/drawing.js"></script></body></html>"""
DRAWING = """
const config = {displaylogo: false, showSendToCloud: false};
const size = {width: 500, height: 250};
// Plotly writes into the layout it is given: each chart gets its own.
const heat = {type: "heatmap", z: [[1, -2, 3], [0, 1, -1]], xgap: 1, ygap: 1, showscale: false, zmid: 0};
const bars = [{type: "bar", x: ["a", "b"], y: [1, -2]}, {type: "bar", x: ["a", "b"], y: [2, 1]}];
const lines = [{type: "scatter", mode: "lines+markers", y: [1, 0.1, 0.01]}];
window.drawn = (async () => {
  await Plotly.newPlot("heat", [heat], {...size}, config);
  await Plotly.newPlot("bars", bars, {...size, barmode: "relative", title: {text: "Bars"}}, config);
  await Plotly.newPlot("lines", lines, {...size, yaxis: {type: "log"}}, config);
  await Plotly.react("heat", [{...heat, z: [[1, 2, 3], [0, 1, 5]]}], {...size}, config);
})();
"""


def serve_charts(page: Page) -> None:
    html = PAGE.format(
        icon=asset_url("favicon.svg"),
        style=asset_url("vendor/plotly/plotly.css"),
        plotly=asset_url("vendor/plotly/plotly-cartesian.min.js"),
    )

    def answer(route: Route, body: str, media_type: str) -> None:
        route.fulfill(body=body, headers={**security_headers(), "Content-Type": media_type})

    page.route("**/charts", lambda route: answer(route, html, "text/html"))
    page.route("**/drawing.js", lambda route: answer(route, DRAWING, "text/javascript"))
    page.goto("/charts")
    page.evaluate("window.drawn")


def test_heat_maps_bars_and_lines_draw_hover_and_redraw_without_a_violation(page: Page) -> None:
    serve_charts(page)
    expect(page.locator("#bars .bars .point")).to_have_count(4)
    expect(page.locator("#lines .scatterlayer .point")).to_have_count(3)
    for chart, across in (("heat", 0.25), ("bars", 0.25), ("lines", 0.5)):
        box: Any = page.locator(f"#{chart} .nsewdrag").bounding_box()
        page.mouse.move(box["x"] + box["width"] * across, box["y"] + box["height"] / 2)
        page.mouse.move(box["x"] + box["width"] * across + 3, box["y"] + box["height"] / 2)
        expect(page.locator(f"#{chart} .hoverlayer .hovertext").first).to_be_visible()


def test_the_style_sheet_kept_beside_plotly_is_the_one_it_would_inject(page: Page) -> None:
    """Without the link Plotly writes its rules into a style element, which tells what they are now."""
    page.route(
        "**/bare",
        lambda route: route.fulfill(body="<!doctype html><title>x</title>", content_type="text/html"),
    )
    page.goto("/bare")
    page.evaluate("""async (url) => {
        const script = document.createElement("script");
        script.src = url;
        document.head.append(script);
        await new Promise((done) => { script.onload = done; });
    }""", asset_url("vendor/plotly/plotly-cartesian.min.js"))  # fmt: skip
    rules = (
        "[...document.getElementById('plotly.js-style-global').sheet.cssRules].map((rule) => rule.cssText)"
    )
    injected = page.evaluate(rules)
    page.goto("/docs")
    kept = page.evaluate(
        """async (url) => {
        const link = Object.assign(document.createElement("link"), {rel: "stylesheet", href: url});
        document.head.append(link);
        await new Promise((done) => { link.onload = done; });
        return [...link.sheet.cssRules].map((rule) => rule.cssText);
    }""",
        asset_url("vendor/plotly/plotly.css"),
    )
    assert kept == injected and len(kept) > 50
