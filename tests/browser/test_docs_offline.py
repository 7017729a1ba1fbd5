"""The API's reference works without any other machine, and within the policy."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def test_the_reference_lists_and_opens_operations_without_leaving_this_server(page: Page) -> None:
    page.goto("/docs")
    health = page.locator(".opblock", has_text="/healthz")
    expect(health).to_be_visible()
    health.locator(".opblock-summary-control").click()
    expect(health.locator(".opblock-body")).to_be_visible()


def test_the_reference_can_try_an_operation(page: Page) -> None:
    page.goto("/docs")
    health = page.locator(".opblock", has_text="/healthz")
    health.locator(".opblock-summary-control").click()
    health.get_by_role("button", name="Try it out").click()
    health.get_by_role("button", name="Execute").click()
    expect(health.locator(".live-responses-table .response-col_status").last).to_contain_text("200")


def test_the_watch_sees_a_policy_violation_and_a_foreign_request(page: Page) -> None:
    page.goto("/docs")
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.ran = true";
          document.head.append(script);
          const link = document.createElement("a");
          link.setAttribute("style", "color: red");
        }"""
    )
    watch = page.watch  # type: ignore[attr-defined]
    assert page.evaluate("window.ran") is None
    assert any("script-src" in text for text in watch.violations)
    watch.violations.clear()
    page.goto("about:blank")
    page.evaluate("fetch('http://other.invalid/').catch(() => {})")
    page.wait_for_timeout(200)
    assert watch.foreign_requests == ["http://other.invalid/"]
    watch.foreign_requests.clear()
    watch.allow("ERR_NAME_NOT_RESOLVED")
