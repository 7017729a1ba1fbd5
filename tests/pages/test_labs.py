"""Hands on over HTTP: fragments, pages without scripts, and errors in words."""

import re
from html import unescape
from typing import Any

import pytest

QUERY = "sentence=movie+was+not+good&target=0&weights=lecture"
FRAGMENT = {"HX-Request": "true", "Accept": "text/html"}


def text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def lab(client: Any, name: str, own: str = "", query: str = QUERY) -> str:
    answer = client.get(f"/labs/{name}?{query}{own}", headers=FRAGMENT)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def test_all_labs_come_as_one_fragment(client: Any) -> None:
    html = client.get(f"/labs?{QUERY}", headers=FRAGMENT).text
    assert html.lstrip().startswith('<section id="labs"')
    assert "<html" not in html
    assert "Reviews as one block" in html


def test_without_htmx_they_are_a_whole_page_with_forms_that_work(client: Any) -> None:
    html = client.get(f"/labs?{QUERY}", headers={"Accept": "text/html"}).text
    assert "<html" in html
    assert '<form class="labform" action="/labs/batch" method="get"' in html
    one = client.get(f"/labs/batch?{QUERY}&padding=before&mask=off", headers={"Accept": "text/html"}).text
    assert "<html" in one
    assert 'value="before" checked' in one


def test_the_block_follows_its_switches(client: Any) -> None:
    held, read = text(lab(client, "batch")), text(lab(client, "batch", "&padding=before&mask=off"))
    assert "(B, T, V) = (3, 4, 5)" in held
    assert "4 held 0 0 0 0 0" in held
    assert "1 zeros 0 0 0 0 0" in read
    for number in ("0.717169", "0.718232", "0.574209", "180", "30 (16.7 %)", "150 (83.3 %)"):
        assert number in held


def test_a_way_that_has_no_answer_says_why_beside_those_that_have(client: Any) -> None:
    """Zeros read after "movie was bad" lift its ŷ beyond 1, where bce with the bias outside is undefined."""
    reviews = "corpus=custom&review=movie+was+bad|0&review=movie+was+not+bad|0&vocabulary=movie,was,bad,not"
    query = f"sentence=movie+was+bad&weights=lecture&bias=outside&edit=readout.b_y.0|0.55&{reviews}"
    shown = text(lab(client, "batch", query=query))
    assert re.search(r"after, mask off bias 'outside' lets y_hat leave \(0, 1\)", shown)
    assert re.search(r"after, mask on 0\.\d+ 0\.\d+ ", shown)
    assert re.search(r"before, mask off 0\.\d+ ", shown)


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ("&padding=around", 'padding must be after or before, got "around"'),
        ("&mask=maybe", 'mask must be on or off, got "maybe"'),
        ("&padding=%3Cscript%3E", "padding must be after or before, got"),
    ],
)
def test_a_choice_that_is_none_is_answered_in_words(client: Any, own: str, message: str) -> None:
    answer = client.get(f"/labs/batch?{QUERY}{own}", headers=FRAGMENT)
    assert answer.status_code == 422
    assert message in unescape(answer.text)
    assert "<script>" not in answer.text
    assert '<section id="lab-batch"' in answer.text


def test_a_lab_that_is_not_there_is_not_found(client: Any) -> None:
    assert client.get(f"/labs/nothing?{QUERY}", headers={"Accept": "application/json"}).status_code == 404


def test_a_question_with_a_fault_has_no_labs(client: Any) -> None:
    answer = client.get("/labs?sentence=good&hidden_size=900", headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "hidden_size"


def test_hostile_words_are_shown_and_not_run(client: Any) -> None:
    query = "sentence=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E+it%27s&corpus=custom"
    html = client.get(f"/labs?{query}", headers=FRAGMENT).text
    assert "<img" not in html


def test_a_nudge_stands_beside_the_contribution_and_the_total(client: Any) -> None:
    found = text(lab(client, "nudge", "&weight=left_to_right.W_hh.0.1&step=3&size=1e-5"))
    run = client.get(f"/api/v1/run?{QUERY}&include=contributions").json()
    gradient = run["gradients"]["left_to_right"]["W_hh"]
    contribution, total = gradient["contributions"][2][0][1], gradient["total"][0][1]
    for value in (contribution, total):
        assert f"{value:.6g}".replace("-", "−") in found
    assert "copy of step 3 moved by ε = 1e-05 : loss 1.28468 →" in found


def test_a_weight_leads_from_the_inspector_to_its_nudge(client: Any) -> None:
    html = client.get(f"/inspect?{QUERY}&part=W_hh-0.1", headers=FRAGMENT).text
    link = unescape(re.search(r'id="edit-nudge" href="([^"]*)"', html)[1])  # type: ignore[index]
    assert link == f"/labs/nudge?{QUERY}&weight=left_to_right.W_hh.0.1"
    assert 'value="left_to_right.W_hh.0.1" selected' in client.get(link, headers=FRAGMENT).text


def test_a_step_that_a_readout_has_no_copy_at_gives_way_to_all(client: Any) -> None:
    html = lab(client, "nudge", "&weight=readout.W_hy.0.0&step=2")
    assert '<option value="0" selected>' in html


def test_a_large_network_takes_the_address_of_a_weight_as_text(client: Any) -> None:
    html = lab(client, "nudge", "", "sentence=so+good&hidden_size=32")
    assert '<input id="nudge-weight" name="weight" value="left_to_right.W_hh.0.0"' in html


def test_each_place_of_the_slider_says_what_the_engine_found_there(client: Any) -> None:
    html = lab(client, "rate", "&reach=10", QUERY + "&learning_rate=10")
    marks = re.findall(r'class="mark([^"]*)" data-k="(\d+)" data-value="([^"]*)" data-said="([^"]*)"', html)
    assert [int(k) for _, k, _, _ in marks] == list(range(41))
    assert [value for on, _, value, _ in marks if on] == ["10.0"]
    assert marks[-1][3].startswith("η = 10: predicted") and "actual 3.52116; the loss rose" in marks[-1][3]
    assert f'max="{len(marks) - 1}" step="1" value="40"' in html
    for _, _, value, said in marks[::20]:
        run = client.get(f"/api/v1/run?{QUERY}&learning_rate={value}").json()
        assert f"actual {run['update']['loss']:.6g}" in said.replace("−", "-")


@pytest.mark.parametrize(
    ("name", "own", "message"),
    [
        ("nudge", "&weight=left_to_right.W_hh.7.7", "weight must be an entry of"),
        ("nudge", "&size=much", 'size must be a number, got "much"'),
        ("nudge", "&size=nan", "size must be a number other than 0"),
        ("nudge", "&step=9", "step must be 0 to 4, 0 for all copies at once, got 9"),
        ("nudge", "&step=-1", 'step must be a whole number from 0, got "-1"'),
        ("rate", "&reach=0", "reach must be 0.1 to 1000000"),
    ],
)
def test_what_a_lab_cannot_do_is_answered_in_words(client: Any, name: str, own: str, message: str) -> None:
    answer = client.get(f"/labs/{name}?{QUERY}{own}", headers=FRAGMENT)
    assert answer.status_code == 422
    assert message in unescape(answer.text)


def test_a_step_leads_to_an_address_that_undoes_itself(client: Any) -> None:
    html = lab(client, "train")
    links = dict(re.findall(r'id="train-(\w+)" class="act" href="([^"]*)"', html))
    assert list(links) == ["this", "1", "2", "3", "all"]
    on = unescape(links["all"])
    assert on == "/?sentence=movie+was+not+good&target=0&steps=all~0.1&weights=lecture"
    answer = client.get(on, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert '<input type="hidden" name="steps" value="all~0.1">' in answer.text
    after = lab(client, "train", "", on.removeprefix("/?"))
    links = dict(re.findall(r'id="train-(\w+)" class="act" href="([^"]*)"', after))
    assert unescape(links["undo"]) == unescape(links["begin"]) == f"/?{QUERY}"
    assert "steps=all~0.1~2&" in unescape(links["all"])
    run = client.get(f"/api/v1/run?{on.removeprefix('/?')}").json()
    assert f"After 1 step the loss of this sentence is {run['loss']:.6g} ; it fell." in text(after)
    assert run["experiment"]["steps"] == [{"on": "all", "rate": 0.1}]


ONE_UNIT = (
    "sentence=cat+mat+rat&corpus=catmatrat&loss=mse&parameters="
    '{"left_to_right":{"W_xh":[[0.5],[-0.3],[0.8]],"W_hh":[[0.6]],"b_h":[0.1]},'
    '"readout":{"W_hy":[[0.9]],"b_y":[0.1]}}'
)


def test_the_switch_says_which_sum_is_the_gradient(client: Any) -> None:
    """E9, by the one-unit network: −.09886 and −.15763, W_hh −.02355 and −.04057."""
    held, free = (text(lab(client, "freeze", f"&state={state}", ONE_UNIT)) for state in ("held", "free"))
    assert re.search(r"held the sum is −0\.0988\d+ : the gradient", held)
    assert re.search(r"free the sum is −0\.1576\d+ , not the gradient −0\.0988\d+ : what earlier", free)
    found = text(lab(client, "freeze", "&weight=left_to_right.W_hh.0.0", ONE_UNIT))
    assert re.search(r"sum −0\.0235\d* −0\.0405\d*", found)
    assert "−0.0988" not in found


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ("&state=melted", 'state must be held or free, got "melted"'),
        ("&weight=readout.b_y.0", "weight must be of a chain: no state depends on the readout"),
    ],
)
def test_what_cannot_be_frozen_is_answered_in_words(client: Any, own: str, message: str) -> None:
    answer = client.get(f"/labs/freeze?{QUERY}{own}", headers=FRAGMENT)
    assert answer.status_code == 422
    assert message in unescape(answer.text)
