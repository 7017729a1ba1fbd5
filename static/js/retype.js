// Typing over in place: a double click, or F2, opens a field over a word of the strip or a number of the first state.
// A weight's field is the inspector's. The change goes through the page's form, so its address follows.
import { inspect, nameOf } from "./grid.js";
import { say } from "./wording.js";

let field = null, home = null; // the open field, and how to find its element again after the run

/** A field over an element, with its value selected. Enter takes it, Escape and leaving do not. */
function open(el, value, label, take, find) {
  close();
  const box = el.getBoundingClientRect();
  field = Object.assign(document.createElement("input"), { className: "retype", value, ariaLabel: label });
  Object.assign(field.style, {
    left: `${box.left + scrollX}px`, top: `${box.top + scrollY}px`, width: `${Math.max(box.width, 72)}px`, height: `${Math.max(box.height, 28)}px`,
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    const typed = field.value.trim();
    close();
    find()?.focus();
    if (event.key === "Escape" || !typed || typed === value) return;
    home = find;
    take(typed);
  });
  field.addEventListener("blur", close);
  document.body.append(field);
  field.select();
  field.focus();
}

function close() {
  const old = field;
  field = null;
  old?.remove();
}

/** The sentence as it was typed, with word t replaced. */
function retyped(t, word) {
  const sentence = document.getElementById("run").dataset.sentence;
  let from = 0;
  for (const jump of document.querySelectorAll(".strip .jump")) {
    const old = jump.querySelector("bdi").textContent, at = sentence.indexOf(old, from);
    if (at < 0) return null;
    if (Number(jump.dataset.t) === t) return sentence.slice(0, at) + word + sentence.slice(at + old.length);
    from = at + old.length;
  }
  return null;
}

function ask(id, value) {
  const control = document.getElementById(id);
  control.value = value;
  control.form.requestSubmit();
}

/** A word in the strip, or over its column where all fit and there is no strip. */
function word(el, t) {
  const jump = () => document.querySelector(`.jump[data-t="${t}"]`);
  const find = () => (jump()?.checkVisibility() ? jump() : document.getElementById(`x-${t}`));
  open(el, jump().querySelector("bdi").textContent, say("Word {t}", { t }), (typed) => {
    const sentence = retyped(t, typed);
    if (sentence) ask("sentence", sentence);
  }, find);
}

/** Units of the first state, exactly: zeros, or the list in its field; null where it is drawn. */
function firstState() {
  const control = document.getElementById("f-initial_state"), units = Number(document.querySelector(".theatre").dataset.units);
  if (!control || control.value === "random") return null;
  return control.value === "zeros" ? Array(units).fill("0") : control.value.split(",").map((text) => text.trim());
}

function unit(el, k) {
  const state = firstState(), find = () => document.querySelectorAll("#h-0 .c")[k];
  if (!state) return document.getElementById("f-initial_state")?.focus();
  open(el, state[k], say("Unit {unit} of the first state", { unit: k + 1 }), (typed) => ask("f-initial_state", state.with(k, typed.replace("\u2212", "-")).join(",")), find);
}

/** A weight's own field comes with its inspector. */
function weight(name) {
  inspect(name);
  document.addEventListener("htmx:after:swap", () => setTimeout(() => document.getElementById("edit-value")?.select()), { once: true });
}

/** Only where the sentence itself can be typed: not in a locked view, nor where two runs stand side by side. */
const changeable = () => document.getElementById("sentence")?.checkVisibility() && document.querySelectorAll(".theatre").length === 1;

function begin(target) {
  if (!changeable()) return false;
  const at = target.closest?.(".jump, .vec.code[id^='x-']"), cell = target.closest?.("#stage .c, #stage [data-part]");
  if (at) return word(at, Number(at.dataset.t ?? at.id.slice(2))), true;
  if (!cell) return false;
  const name = nameOf(cell), first = /^h-0\.(\d+)$/.exec(name);
  first ? unit(cell, Number(first[1])) : weight(name);
  return true;
}

document.addEventListener("dblclick", ({ target }) => begin(target));
document.addEventListener("keydown", (event) => {
  const again = event.key === "Enter" && event.target.matches?.(".jump[aria-current]");
  if ((event.key === "F2" || again) && begin(event.target)) event.preventDefault();
});
document.addEventListener("htmx:after:swap", () => {
  const el = home?.();
  if (!el || !document.querySelector(".run > * > .later, .side .later")) return;
  home = null;
  if (el.tabIndex < 0 || !el.hasAttribute("tabindex")) el.matches("button") || el.setAttribute("tabindex", "0");
  el.focus();
});
