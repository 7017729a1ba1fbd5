// Numbers as a grid: one tab stop for each region, arrows between its cells, Enter or a click opens the inspector.
import { say } from "./wording.js";

const CELLS = ".c, .vec.code, .edge[id], .curves[id], .slot[id], #loss, #fold, [data-part]";
let asked = false;
const seen = (el) => !el.closest(".far") && el.getClientRects().length && getComputedStyle(el).visibility !== "hidden";

/** The cells in sight. Where layers lie over each other the last one drawn is the one that is seen. */
function cells(grid) {
  const places = new Map();
  for (const el of grid.querySelectorAll(CELLS)) {
    if (!seen(el)) continue;
    const box = el.getBoundingClientRect();
    places.set(`${Math.round(box.x + box.width / 2)} ${Math.round(box.y + box.height / 2)}`, el);
  }
  return [...places.values()];
}

/** The name of a part, as the server knows it: the id of its group and its index in it. */
export function nameOf(el) {
  if (el.dataset.part) return el.dataset.part;
  if (!el.classList.contains("c") && el.id) return el.id;
  const group = el.closest("[id]");
  return `${group.dataset.shows ?? group.id}.${[...group.querySelectorAll(".c")].indexOf(el)}`;
}

/** A strip of many units has no cells of its own: where it was clicked says which unit was meant. */
function inStrip(event) {
  const group = event.target.closest(".vec[id]");
  const frame = group?.querySelector("rect.band");
  if (!frame) return null;
  const box = frame.getBoundingClientRect();
  const units = Number(group.closest("[data-units]")?.dataset.units ?? 0);
  return units ? `${group.dataset.shows ?? group.id}.${Math.min(units - 1, Math.floor(((event.clientY - box.y) / box.height) * units))}` : null;
}

export function inspect(name) {
  const form = document.getElementById("inspecting");
  form.elements.part.value = name;
  form.dispatchEvent(new CustomEvent("inspect"));
}

function open(el) {
  if (!el.closest(".side")) document.querySelector(".side")?.scrollTo(0, 1e4); // to the inspector, which may stand below what the side shows
  document.querySelectorAll(".picked").forEach((old) => old.classList.remove("picked"));
  el.classList.add("picked");
  inspect(nameOf(el));
}

const lane = (lower) => (lower ? `, ${say("right to left")}` : "");
const NAMES = [
  [/^x-(\d+)$/, (t) => say("word {t} and its code", { t })],
  [/^edge-(\d+)$/, (t) => say("connections from h {before} to step {t}", { before: t - 1, t })],
  [/^edge_r-(\d+)$/, (t) => say("connections from h {before} to step {t}, right to left", { before: Number(t) + 1, t })],
  [/^road_r$/, () => say("the last state from right to left, on its way to the output")],
  [/^edge-y$/, () => say("connections from the last state to the output")],
  [/^f(_r)?-(\d+)$/, (lower, t) => say("activation at step {t}", { t }) + lane(lower)],
  [/^th(_r)?-(\d+)$/, (lower, t) => say("tanh of c {t}", { t }) + lane(lower)],
  [/^slot-(\w+)-whole$/, (name) => say("gradient of {name}, paid at once", { name })],
  [/^slot-(\w+)-(\d+)$/, (name, t) => say("coin of step {t} for {name}", { t, name })],
  [/^sigma$/, () => say("sigmoid of the output")],
  [/^loss$/, () => say("loss over the prediction")],
  [/^fold$/, () => say("the network folded")],
];

function label(el) {
  if (el.classList.contains("c") || el.hasAttribute("aria-label")) return;
  for (const [pattern, name] of NAMES) {
    const found = pattern.exec(el.id);
    if (found) el.setAttribute("aria-label", name(...found.slice(1)));
  }
}

/** Make each region of numbers one tab stop, where there is an inspector to open them in. */
function prepare() {
  asked = false;
  if (!document.getElementById("inspecting")) return;
  for (const grid of document.querySelectorAll(".grid, .bars")) {
    const all = [...grid.querySelectorAll(CELLS)].filter((el) => !el.hasAttribute("tabindex") && !el.closest(".far"));
    if (!all.length) continue;
    all.forEach((el) => { el.setAttribute("tabindex", "-1"); if (!el.closest("td")) el.setAttribute("role", "button"); label(el); });
    if (!grid.querySelector('[tabindex="0"]')) (cells(grid)[0] ?? all[0]).setAttribute("tabindex", "0");
  }
}

/** The same, when the browser has time. */
export function mount() {
  if (asked) return;
  asked = true;
  (window.requestIdleCallback ?? setTimeout)(prepare);
}
document.addEventListener("window", mount);

/** Before the focus moves on: a region whose tab stop went out of sight gets another one, in the step in hand. */
export function ready() {
  prepare();
  for (const grid of document.querySelectorAll(".grid, .bars")) {
    const stop = grid.querySelector('[tabindex="0"]');
    if (stop && seen(stop)) continue;
    stop?.setAttribute("tabindex", "-1");
    (cells(grid.querySelector(".cur") ?? grid)[0] ?? cells(grid)[0])?.setAttribute("tabindex", "0");
  }
}

function step(grid, from, dx, dy) {
  const a = from.getBoundingClientRect(), ax = a.x + a.width / 2, ay = a.y + a.height / 2;
  let best = null, least = Infinity;
  for (const el of cells(grid)) {
    const b = el.getBoundingClientRect(), x = b.x + b.width / 2 - ax, y = b.y + b.height / 2 - ay;
    const along = x * dx + y * dy, aside = Math.abs(x * dy) + Math.abs(y * dx);
    if (el === from || along < 3) continue;
    const cost = along + 3 * aside;
    if (cost < least) [best, least] = [el, cost];
  }
  return best;
}

const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

/** True when the key scrolls what has the focus and is wider than its window. Only the track follows the story. */
export const scrolls = ({ key, target }) => key in WAYS && target.hasAttribute("tabindex")
  && target.scrollWidth > target.clientWidth && !target.closest(".theatre");

/** True when the key was the grid's. */
export function key(event) {
  if (!document.getElementById("inspecting")) return false;
  const from = event.target.closest?.("[tabindex]");
  const grid = from?.closest(".grid, .bars");
  if (!grid || from === grid || from.matches(".track")) return false;
  if (event.key === "Enter" || event.key === " ") { open(from); return true; }
  if (event.key === "Escape") { grid.closest(".theatre")?.querySelector(".pp")?.focus(); return true; }
  const way = WAYS[event.key];
  const to = way && step(grid, from, ...way);
  if (!way) return false;
  if (to) {
    from.setAttribute("tabindex", "-1");
    to.setAttribute("tabindex", "0");
    to.focus();
  }
  return true;
}

export function click(event) {
  if (!document.getElementById("inspecting")) return;
  const el = event.target.closest(CELLS);
  const grid = el?.closest(".grid, .bars");
  if (grid) { el.setAttribute("tabindex", "-1"); open(el); return; }
  const name = inStrip(event);
  if (name) inspect(name);
}
