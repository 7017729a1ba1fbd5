"""The page runs on every change, and its address is the experiment: Back is undo, a reload shows the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Watch
from tests.browser.theatre import Opener, address, eventually, open_page, value_of, watch_of, watched
from tests.conftest import LiveServer

REFUSED = r"status of 422"
WRONG = ".error:not([hidden])"
# Everything by which a student tells one run from another; null while an answer is on its way.
SIGNATURE = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const text = (selector) => all(selector).map((el) => el.textContent);
  const run = document.getElementById("run"), link = document.querySelector("nav.links a[href*='/?']");
  const here = location.pathname + location.search;
  if (!link || !document.querySelector(".frame.on")) return null;
  if (run.matches(".htmx-swapping, .htmx-settling")) return null;
  if (here !== "/" && link.getAttribute("href") !== here) return null;
  const field = (el) => [el.name, el.type === "radio" ? (el.checked ? el.value : "") : el.value];
  return {
    address: link.getAttribute("href"),
    title: document.title,
    numbers: text("#stage .c text, #L, .norm"),
    story: text(".story .caption"),
    form: all("#question :is(input, select, textarea)").map(field),
    errors: text(".error:not([hidden])"),
  };
}"""


def shown(page: Page, where: str = "") -> dict[str, Any]:
    """What the page shows once address, picture and link agree and the address contains `where`."""
    found: list[dict[str, Any]] = []

    def settled() -> bool:
        seen = page.evaluate(SIGNATURE)
        if seen is None or where not in page.url:
            return False
        found.append(seen)
        return True

    wait(page, settled)
    return found[-1]


def wait(page: Page, holds: Callable[[], bool], tries: int = 400) -> None:
    for _ in range(tries):
        if holds():
            return
        page.wait_for_timeout(25)
    raise AssertionError(f"the page never settled; it is at {page.url}")


def twin(page: Page) -> dict[str, Any]:
    """The JSON answer that the page links to."""
    href = page.locator("nav.links a[href*='/api/v1/run']").get_attribute("href")
    answer = page.request.get(str(href))
    assert answer.ok, answer.text()
    found: dict[str, Any] = answer.json()
    return found


def assert_same_numbers(page: Page) -> dict[str, Any]:
    """The picture's numbers are the API's, to the decimals of a cell. Returns the API's answer."""
    answer = twin(page)
    forward, readout = answer["forward"]["left_to_right"], answer["forward"]["readout"]
    back = answer["backward"]["left_to_right"]
    cells = {"y": readout["y_hat"], "z": readout["logit"], "dy": answer["backward"]["readout"]["dL_dy_hat"]}
    for t in range(1, len(answer["words"]) + 1):
        cells[f"h-{t}"], cells[f"a-{t}"] = forward["h"][t - 1], forward["preactivation"][t - 1]
        cells[f"dh-{t}"], cells[f"da-{t}"] = back["dL_dh"][t - 1], back["dL_dpreactivation"][t - 1]
    written = page.evaluate(
        """(ids) => Object.fromEntries(ids.map((id) => [id,
          [...document.getElementById(id).querySelectorAll(".c > text")].map((el) => el.textContent)]))""",
        list(cells),
    )
    for name, values in cells.items():
        assert [value_of(text) for text in written[name]] == pytest.approx(values, abs=6e-4, rel=6e-2), name
    loss = page.locator("#L .strong").text_content()
    assert value_of(str(loss)) == pytest.approx(answer["loss"], abs=6e-4, rel=6e-3)
    return answer


def choose(page: Page, name: str, value: str) -> None:
    """Change one control as a student does."""
    if name == "sentence":
        page.fill("#sentence", value)
    elif name == "target":
        page.locator(f".target label:has([value='{value}'])").click()
    elif page.locator(f"#f-{name}").evaluate("(el) => el.tagName") == "SELECT":
        page.locator(f"#f-{name}").select_option(value)
    else:
        page.locator(f"#f-{name}").fill(value)
        page.locator(f"#f-{name}").press("Tab")


CHANGES = (
    ("sentence", "movie was not good"), ("target", "1"), ("loss", "mse"), ("bias", "outside"),
    ("activation", "sigmoid"), ("weights", "drawn"), ("hidden_size", "4"), ("learning_rate", "0.5"),
    ("clip_norm", "0.25"), ("seed", "7"), ("initial_state", "random"), ("corpus", "catmatrat"),
)  # fmt: skip


def test_every_change_runs_and_back_takes_it_back(page: Page) -> None:
    open_page(page, address("movie was bad", target=0), charts=True)
    seen = [shown(page)]
    for name, value in CHANGES:
        choose(page, name, value)
        pair = "target=" if name == "target" else f"{name}={value.replace(' ', '+')}"
        if name == "target":  # 1 is the default, so the canonical address leaves it out
            wait(page, lambda: "target=" not in page.url)
            seen.append(shown(page))
        elif name == "weights":
            wait(page, lambda: "weights=" not in page.url)
            seen.append(shown(page))
        else:
            seen.append(shown(page, pair))
        answer = assert_same_numbers(page)
        expected = answer["experiment"][name]
        assert str(expected) == value or expected == float(value), name
        assert page.url.endswith(answer["permalink"]), "the address is the canonical one"
        form = dict(seen[-1]["form"])
        assert name in ("sentence", "target") or form[name] == value
    for before, after in pairwise(seen):
        assert before["numbers"] != after["numbers"] or before["story"] != after["story"]
    page.reload()
    assert shown(page) == seen[-1]
    for former in reversed(seen[:-1]):
        page.go_back()
        wait(page, lambda former=former: page.evaluate(SIGNATURE) == former)  # type: ignore[misc]
    for later in seen[1:4]:
        page.go_forward()
        wait(page, lambda later=later: page.evaluate(SIGNATURE) == later)  # type: ignore[misc]


@pytest.fixture(scope="module")
def opened(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    with watched(browser, live_server.url) as page:
        watch_of(page).allow(REFUSED)
        yield page


@pytest.fixture
def asked(opened: Page) -> Iterator[Page]:
    """One page for several tests, opened anew at the same run."""
    open_page(opened, address("movie was good"))
    yield opened
    watch_of(opened).assert_clean()


BAD = (
    ("hidden_size", "900", "hidden_size must be 1 to 256, got 900"),
    ("learning_rate", "-1", "learning_rate must be"),
    ("clip_norm", "0", "clip_norm must be"),
    ("seed", "1.5", "seed must be"),
    ("initial_state", "nonsense", "initial_state must be"),
    ("initial_state", "0.1,0.2", "initial_state must"),
    ("sentence", "", "sentence must"),
    ("sentence", "word " * 257, "256 words"),
)


def test_a_refused_value_stays_with_its_message_and_the_picture_stays_too(asked: Page) -> None:
    page, before = asked, shown(asked)
    for name, typed, message in BAD:
        field = page.locator("#sentence" if name == "sentence" else f"#f-{name}")
        good = field.input_value()
        choose(page, name, typed)
        expect(page.locator(f"#error-{name}"), f"{name}={typed[:20]}").to_contain_text(message)
        expect(page.locator(f"#error-{name}")).to_be_visible()
        expect(field).to_have_value(typed)
        if name != "sentence":
            expect(field).to_have_attribute("aria-invalid", "true")
            expect(field).to_have_attribute("aria-describedby", f"error-{name}")
        after = page.evaluate(SIGNATURE)
        assert (after["numbers"], after["address"]) == (before["numbers"], before["address"]), name
        choose(page, name, good)
        expect(page.locator(WRONG)).to_have_count(0)
        expect(field).to_have_value(good)
    assert shown(page)["numbers"] == before["numbers"]


def test_two_refused_values_are_both_told_and_mended_one_by_one(asked: Page) -> None:
    choose(asked, "hidden_size", "900")
    expect(asked.locator("#error-hidden_size")).to_be_visible()
    choose(asked, "seed", "-4")
    expect(asked.locator("#error-seed")).to_be_visible()
    expect(asked.locator("#error-hidden_size")).to_be_visible()
    choose(asked, "hidden_size", "2")
    expect(asked.locator("#error-hidden_size")).to_have_count(0)
    expect(asked.locator("#error-seed")).to_be_visible()
    expect(asked.locator("#f-hidden_size")).to_have_value("2")
    choose(asked, "seed", "4")
    assert "hidden_size=2" in shown(asked, "seed=4")["address"]


def test_cross_entropy_refuses_an_answer_outside_its_domain(asked: Page) -> None:
    """E5: with the bias outside and b_y = .6, "movie was good" gives 1.3079."""
    open_page(asked, address("movie was good", bias="outside", loss="mse", edit="readout.b_y.0|0.6"))
    before = shown(asked)
    y_hat = asked.locator("#y .c > text").text_content()
    assert value_of(str(y_hat)) == pytest.approx(1.3079, abs=6e-3)
    choose(asked, "loss", "bce")
    said = asked.locator("#error-bias")
    expect(said).to_contain_text("1.3079")
    expect(asked.locator("#f-loss")).to_have_value("bce")
    assert asked.evaluate(SIGNATURE)["numbers"] == before["numbers"]
    choose(asked, "bias", "inside")
    expect(asked.locator(WRONG)).to_have_count(0)
    assert value_of(str(asked.locator("#y .c > text").text_content())) < 1


def test_an_address_that_cannot_be_run_keeps_what_it_says(asked: Page) -> None:
    """The form is there with its values and messages; mending one runs."""
    asked.goto(address("movie was good", hidden_size=900))
    expect(asked.locator("#refusal-h")).to_be_visible()
    expect(asked.locator("#error-hidden_size")).to_contain_text("hidden_size must be 1 to 256, got 900")
    expect(asked.locator("#sentence")).to_have_value("movie was good")
    choose(asked, "hidden_size", "3")
    shown(asked)
    expect(asked.locator("#refusal-h")).to_have_count(0)
    assert assert_same_numbers(asked)["experiment"]["hidden_size"] == 3


def test_own_reviews_run_and_survive_reload_and_back(asked: Page) -> None:
    page, before = asked, shown(asked)
    choose(page, "corpus", "custom")
    shown(page, "corpus=custom")
    page.fill("#reviews", "great fun | 1\ndull and long | 0")
    page.locator("#reviews").press("Tab")
    after = shown(page, "review=")
    reviews = [value for name, value in parse_qsl(urlsplit(page.url).query) if name == "review"]
    assert reviews == ["great fun|1", "dull and long|0"]
    answer = assert_same_numbers(page)
    assert answer["vocabulary"] == ["great", "fun", "dull", "and", "long", "movie", "was", "good"]
    page.reload()
    assert shown(page) == after
    expect(page.locator("#reviews")).to_have_value("great fun | 1\ndull and long | 0")
    page.go_back()
    wait(page, lambda: page.locator("#reviews").input_value() == "")
    page.go_back()
    wait(page, lambda: page.evaluate(SIGNATURE) == before)
    expect(page.locator("#reviews")).to_have_count(0)


def test_a_bar_inside_a_review_stays_as_it_was_typed(asked: Page) -> None:
    open_page(asked, address("movie was good", corpus="custom", review=["dull | and long|0"]))
    expect(asked.locator("#reviews")).to_have_value("dull | and long | 0")


def test_a_review_that_cannot_be_read_is_named_and_kept(asked: Page) -> None:
    choose(asked, "corpus", "custom")
    shown(asked, "corpus=custom")
    asked.fill("#reviews", "no label here")
    asked.locator("#reviews").press("Tab")
    expect(asked.locator(f".faults {WRONG}")).to_contain_text("label 0 or 1")
    expect(asked.locator("#reviews")).to_have_value("no label here")
    asked.fill("#reviews", "a label here | 0")
    asked.locator("#reviews").press("Tab")
    shown(asked, "review=a+label+here")
    expect(asked.locator(WRONG)).to_have_count(0)


def test_a_weight_typed_into_the_inspector_is_an_edit_that_can_be_taken_back(asked: Page) -> None:
    page, before = asked, shown(asked)
    page.locator("#W_hh-0 .c").nth(1).click()
    field = page.locator("#edit-value")
    expect(page.locator("#inspector")).to_have_attribute("data-part-shown", "W_hh-0.1")
    field.fill("0.75")
    field.press("Enter")
    after = shown(page, "edit=")
    assert ("edit", "left_to_right.W_hh.0.1|0.75") in parse_qsl(urlsplit(page.url).query)
    assert page.locator("#W_hh-0 .c > text").nth(1).text_content() == ".75"
    answer = assert_same_numbers(page)
    assert answer["parameters"]["left_to_right"]["W_hh"][0][1] == 0.75
    assert after["numbers"] != before["numbers"]
    page.reload()
    assert shown(page) == after
    choose(page, "seed", "3")
    shown(page, "seed=3")
    assert "edit=left_to_right.W_hh.0.1" in page.url, "a later change keeps the edit"
    page.go_back()
    wait(page, lambda: page.evaluate(SIGNATURE) == after)
    page.locator("#W_hh-0 .c").nth(1).click()
    page.locator("#edit-undo").click()
    wait(page, lambda: "edit=" not in page.url)
    assert shown(page)["numbers"] == before["numbers"]


def test_what_a_change_leaves_out_is_said_and_comes_back_with_back(asked: Page) -> None:
    there = "left_to_right.W_hh.2.2|0.5"
    open_page(asked, address("movie was good", edit=[there]))
    before = shown(asked)
    expect(asked.locator(".leftout")).to_have_text("")
    choose(asked, "hidden_size", "2")
    shown(asked, "hidden_size=2")
    expect(asked.get_by_role("status").and_(asked.locator(".leftout"))).to_have_text(
        "Given weights that no longer fit were left out: Whh, now of size 2 × 2."
    )
    assert "edit" not in asked.url
    choose(asked, "seed", "3")
    shown(asked, "seed=3")
    expect(asked.locator(".leftout")).to_have_text("")
    asked.go_back()
    shown(asked, "hidden_size=2")
    asked.go_back()
    wait(asked, lambda: asked.evaluate(SIGNATURE) == before)
    assert ("edit", there) in parse_qsl(urlsplit(asked.url).query)
    assert twin(asked)["parameters"]["left_to_right"]["W_hh"][2][2] == 0.5


def test_editing_an_entry_again_replaces_its_edit_and_an_empty_value_runs_nothing(asked: Page) -> None:
    open_page(asked, address("movie was good", edit=["left_to_right.W_hh.0.1|0.75", "readout.W_hy.2.0|-1"]))
    asked.locator("#W_hh-0 .c").nth(1).click()
    expect(asked.locator("#edit-value")).to_have_value("0.75")
    asked.fill("#edit-value", "-2")
    asked.press("#edit-value", "Enter")
    shown(asked, "-2")
    edits = [value for name, value in parse_qsl(urlsplit(asked.url).query) if name == "edit"]
    assert sorted(edits) == ["left_to_right.W_hh.0.1|-2.0", "readout.W_hy.2.0|-1.0"]


@pytest.mark.parametrize(
    "name", ["Three steps", "Four steps, no bias", "Maharashtra, 20 words", "Rat rat mat", "One unit"]
)
def test_a_preset_is_one_click_in_the_sheet(asked: Page, name: str) -> None:
    asked.get_by_text("Examples", exact=True).click()
    link = asked.locator("#examples a").filter(has_text=re.compile(f"^{re.escape(name)}$"))
    href = str(link.get_attribute("href"))
    link.click()
    wait(asked, lambda: asked.url.endswith(href))
    shown(asked)
    expect(asked.locator("#examples .sheet")).to_be_hidden()
    expect(asked.locator("#examples [aria-current=true]")).to_have_text(name)
    answer = assert_same_numbers(asked)
    assert answer["experiment"]["sentence"] == asked.locator("#sentence").input_value()
    assert (
        f"{answer['experiment']['target']}" == asked.locator("#question [name=target]:checked").input_value()
    )


def test_an_example_of_another_cell_brings_its_own_weights(asked: Page) -> None:
    asked.get_by_text("Examples", exact=True).click()
    link = asked.locator("#examples a").filter(has_text=re.compile("^movie was not good, LSTM$"))
    href = str(link.get_attribute("href"))
    link.click()
    wait(asked, lambda: asked.url.endswith(href))
    shown(asked)
    given = asked.locator("#W_hf-0 .c > text").all_text_contents()
    W_hh = twin(asked)["experiment"]["parameters"]["left_to_right"]["W_hh"]
    assert [value_of(text) for text in given] == W_hh[0][3:6]
    expect(asked.locator(".leftout")).to_have_text("")


def slow(page: Page, milliseconds: int) -> None:
    """Every answer takes that much longer."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": milliseconds, "downloadThroughput": -1, "uploadThroughput": -1},
    )


def test_typing_never_loses_a_letter_while_answers_arrive(page: Page) -> None:
    open_page(page, address("movie was good"))
    eventually(page, "document.querySelectorAll('.later').length === 0")
    slow(page, 250)
    page.click("#sentence")
    page.keyboard.press("End")
    typed = "movie was good"
    for word, pause in ((" but", 620), (" not", 560), (" at all", 100)):
        for letter in word:
            page.keyboard.type(letter)
            typed += letter
            page.wait_for_timeout(20)
            assert page.input_value("#sentence") == typed
        page.wait_for_timeout(pause)
        assert page.input_value("#sentence") == typed
        assert page.evaluate("document.activeElement.id") == "sentence"
        assert page.evaluate("document.activeElement.selectionStart") == len(typed)
    wait(page, lambda: "at+all" in page.url)
    assert page.locator("#stage .jump").count() == len(typed.split())
    assert page.input_value("#sentence") == typed


TYPE_BEFORE_ENTER = """(text) => {
  const field = document.getElementById("sentence");
  field.addEventListener("keydown", () => {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }, { once: true });
}"""


def test_enter_runs_a_typed_sentence_once(page: Page) -> None:
    open_page(page, address("movie was good"))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/?sentence" in request.url else None)
    # The last letter comes right before Enter: between two calls from here the pause after typing may pass.
    page.evaluate(TYPE_BEFORE_ENTER, "movie was bad")
    page.press("#sentence", "Enter")
    shown(page, "bad")
    page.wait_for_timeout(900)
    assert len(asked) == 1


def test_the_first_click_after_typing_is_answered(page: Page) -> None:
    open_page(page, address("movie was good"))
    page.fill("#sentence", "movie was bad")
    shown(page, "bad")
    eventually(page, "document.querySelectorAll('.later').length === 0")
    page.locator("#W_hh-0 .c").nth(1).click()
    expect(page.locator("#inspector")).to_have_attribute("data-part-shown", "W_hh-0.1")
    page.wait_for_timeout(400)
    expect(page.locator("#inspector")).to_have_attribute("data-part-shown", "W_hh-0.1", timeout=1000)


@pytest.mark.parametrize(("name", "typed"), [("seed", "41"), ("initial_state", "0.1,0.2,0.3")])
def test_a_knob_being_typed_into_is_not_overwritten_by_an_answer(page: Page, name: str, typed: str) -> None:
    open_page(page, address("movie was good"))
    eventually(page, "document.querySelectorAll('.later').length === 0")
    slow(page, 500)
    choose(page, "activation", "sigmoid")
    field = page.locator(f"#f-{name}")
    field.click()
    field.press("ControlOrMeta+a")
    for letter in typed:
        page.keyboard.type(letter)
        page.wait_for_timeout(40)
    wait(page, lambda: "activation=sigmoid" in page.url)
    page.wait_for_timeout(100)
    assert field.input_value() == typed
    assert page.evaluate("document.activeElement.id") == f"f-{name}"
    field.press("Tab")
    wait(page, lambda: f"{name}={typed}" in page.url)
    assert "activation=sigmoid" in page.url


def test_the_last_of_quick_changes_wins(page: Page) -> None:
    open_page(page, address("movie was good"))
    slow(page, 200)
    for name in ("sigmoid", "relu", "identity", "tanh", "relu"):
        page.locator("#f-activation").select_option(name)
    shown(page, "activation=relu")
    page.wait_for_timeout(500)
    assert assert_same_numbers(page)["experiment"]["activation"] == "relu"
    expect(page.locator("#f-activation")).to_have_value("relu")


def test_a_change_without_a_network_leaves_the_picture(page: Page, watch: Watch) -> None:
    open_page(page, address("movie was good"))
    eventually(page, "document.querySelectorAll('.later').length === 0")
    before = shown(page)
    watch.allow("ERR_FAILED|Failed to fetch")
    page.route("**/?*", lambda route: route.abort())
    choose(page, "activation", "sigmoid")
    page.wait_for_timeout(200)
    assert page.evaluate(SIGNATURE)["numbers"] == before["numbers"]
    page.unroute("**/?*")
    choose(page, "activation", "identity")
    shown(page, "activation=identity")
    assert assert_same_numbers(page)["experiment"]["activation"] == "identity"


def test_a_new_run_is_never_seen_before_its_frame_and_finds_no_old_names(page: Page) -> None:
    """A name that stands in the page twice makes the browser walk through all of it for each look-up."""
    open_page(page, address("movie was good"))
    page.evaluate(
        """() => {
          window.bare = 0;
          window.left = [];
          const look = () => {
            const stage = document.querySelector(".theatre");
            if (stage && !stage.querySelector(".story > .frame.on")) window.bare++;
            requestAnimationFrame(look);
          };
          look();
          addEventListener("htmx:before:swap", () => {
            window.left.push(document.querySelectorAll(".theatre [id], .adds [id]").length);
          });
        }"""
    )
    for name in ("relu", "sigmoid", "identity"):
        choose(page, "activation", name)
        shown(page, f"activation={name}")
        eventually(page, "document.querySelectorAll('.later').length === 0")
    assert page.evaluate("[window.bare, window.left.filter((count) => count === 0).length]") == [0, 3]


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_that_fails_leaves_the_picture(page: Page, watch: Watch, status: int) -> None:
    open_page(page, address("movie was good"))
    eventually(page, "document.querySelectorAll('.later').length === 0")
    watch.allow("status of 50")
    page.route(
        "**/?*", lambda route: route.fulfill(status=status, content_type="text/html", body="<h1>No</h1>")
    )
    choose(page, "activation", "relu")
    expect(page.locator("#unanswered")).to_be_visible()
    assert page.locator("#stage .frame.on").count() == 1
    page.unroute("**/?*")
    choose(page, "activation", "identity")
    shown(page, "activation=identity")


def test_themes_change_and_are_kept(new_page: Opener) -> None:
    page = new_page()
    open_page(page, address("movie was good"))
    button = page.locator("[data-do=theme]")
    ground = "getComputedStyle(document.body.parentElement).backgroundColor"
    seen = [page.evaluate(ground)]
    for name in ("light", "dark", "projector"):
        button.click()
        assert page.evaluate("document.documentElement.dataset.theme") == name
        expect(button).to_have_accessible_name(f"Theme: {name}")
        seen.append(page.evaluate(ground))
    assert seen[0] == seen[1] and len(set(seen)) == 3
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "projector"
    expect(button).to_have_accessible_name("Theme: projector")


WEIGHED = """() => ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
  .filter(({ name }) => !name.includes("plotly")).map((entry) => [entry.name, entry.encodedBodySize])"""
LATE = ("#inspector[data-part-shown]", "#ledger table", "#panels table", "#charts table", "#labs form")


def test_a_page_of_twelve_words_weighs_at_most_120_kilobytes(new_page: Opener) -> None:
    """All that it loads by itself, packed, but for the charts' library, which comes after the stage."""
    page = new_page()
    page.goto("/?sentence=the+movie+was+not+good+but+the+end+of+it+was+great&hidden_size=8")
    for part in LATE:
        expect(page.locator(part).first).to_be_attached()
    sizes = dict(page.evaluate(WEIGHED))
    assert len(sizes) > 20 and 90_000 < sum(sizes.values()) <= 120_000, sizes
