// The frames of a theatre, read from its story, and the picture of one frame.
// What is known at frame i is what any frame up to i revealed: a pure function of i, whichever way one came.

import { melt, mint } from "./coins.js";
import { follow, select } from "./gates.js";

const HOMES = ".column, .foot-of", PLACES = `${HOMES}, .adds`;
const list = (text) => (text ? text.split(" ") : []);
const part = (id) => document.getElementById(id);

export function read(theatre) {
  const frames = [...theatre.querySelectorAll(".story > .frame")].map((item) => ({
    item,
    phase: item.dataset.phase,
    t: Number(item.dataset.t),
    part: Number(item.dataset.part),
    lit: list(item.dataset.lit),
    fresh: list(item.dataset.new),
    on: list(item.dataset.on),
    fly: item.dataset.fly ? item.dataset.fly.split("|").map((group) => group.split(" ").map((move) => move.split(","))) : [],
    grow: list(item.dataset.grow),
    sweep: list(item.dataset.sweep),
    slide: list(item.dataset.slide),
    at: list(item.dataset.at ?? `col-${item.dataset.t}`),
    gate: item.dataset.gate,
  }));
  const reveals = new Map();
  frames.forEach((frame, i) => frame.fresh.forEach((id) => reveals.has(id) || reveals.set(id, i)));
  return { theatre, frames, reveals, homes: homesOf(reveals, theatre), near: new Set(), shown: -1 };
}

/** What is revealed when, by the column it stands in, or by the theatre. */
function homesOf(reveals, theatre) {
  const homes = new Map([[theatre, []]]);
  for (const [id, from] of reveals) {
    const el = part(id);
    if (!el) continue; // in a column that is still text
    const home = el.closest(PLACES) ?? theatre;
    if (!homes.has(home)) homes.set(home, []);
    homes.get(home).push([id, from]);
  }
  return homes;
}

// What most of a long sentence comes as: nobody sees it all.
const built = (markup) => new DOMParser().parseFromString(markup, "text/html").body;

/** Build what a frame says, where it came as text. */
export function build(item) {
  const text = item.firstElementChild;
  if (text?.localName === "script") text.replaceWith(...built(text.textContent).childNodes);
}

export const buildAll = () => document.querySelectorAll(".story > .frame").forEach(build);
addEventListener("beforeprint", buildAll);

/** Draw a column that came as text. */
function draw(story, column) {
  const text = column.nextElementSibling;
  if (text?.localName !== "script") return;
  text.remove();
  column.append(...built(`<svg>${text.textContent}</svg>`).firstChild.childNodes);
  if (light(story, column).length && story.frames[story.shown].t) near(story, [column]);
}

/** Light what the frame that is shown lights of a part that came late. */
function light(story, late) {
  const lit = idsOf(late).filter((id) => story.frames[story.shown]?.lit.includes(id));
  mark(lit, "lit", true);
  return lit;
}

/** The bars have come: the story tells them, too. */
export function join(story, bars) {
  if (!bars || story.homes.has(bars)) return;
  reveal(story, bars);
  light(story, bars);
}

const idsOf = (column) => [...column.querySelectorAll("[id]")].map(({ id }) => id);

/** What a column will reveal; another story, of a picture, may have drawn it. */
function partsOf(story, column) {
  if (!story.homes.has(column)) {
    const ids = idsOf(column).filter((id) => story.reveals.has(id));
    story.homes.set(column, ids.map((id) => [id, story.reveals.get(id)]));
  }
  return story.homes.get(column);
}

/** Draw the steps of a frame, and those beside them, from which coins are copied. */
function drawAround(story, { at, on }) {
  const steps = new Set([...at, ...on].map((id) => Number(/-(\d+)$/.exec(id)?.[1])).filter((t) => t >= 0));
  const columns = steps.size ? [...story.theatre.querySelectorAll(HOMES)] : [];
  const beside = columns.filter(({ dataset }) => [-1, 0, 1].some((by) => steps.has(Number(dataset.t) + by)));
  beside.forEach((column) => draw(story, column));
}

function near(story, columns) {
  for (const column of columns) {
    column.classList.add("near");
    story.near.add(column);
  }
}

const mark = (ids, name, yes) => ids.forEach((id) => part(id)?.classList.toggle(name, yes));

// The frame for which a column, or the theatre, was drawn last: whoever draws it, for a picture too.
const told = new WeakMap();

/** Bring what a column knows to the frame that is shown. A column out of sight waits until it is seen. */
export function reveal(story, column) {
  const i = story.shown;
  if (i < 0 || told.get(column) === i) return;
  if (column !== story.theatre) draw(story, column);
  const at = told.get(column) ?? -1;
  for (const [id, from] of partsOf(story, column)) {
    if (at < 0 || (from > i) !== (from > at)) part(id)?.classList.toggle("ghost", from > i);
  }
  told.set(column, i);
}

/** Draw frame i at rest. Only what differs from the frame before is touched. */
export function show(theatre, story, i) {
  const before = story.frames[story.shown];
  const frame = story.frames[i];
  story.shown = i;
  for (const column of story.homes.keys()) if (!column.classList.contains("far")) reveal(story, column);
  if (before) {
    mark(before.lit, "lit", false);
    mark(before.on, "on", false);
    mark(before.fresh, "arriving", false);
    before.item.classList.remove("on");
    mark(before.at, "cur", false);
    before.on.forEach(melt);
  }
  drawAround(story, frame);
  build(frame.item);
  frame.on.forEach(mint);
  mark(frame.lit, "lit", true);
  story.near.forEach((column) => column.classList.remove("near"));
  story.near.clear();
  if (frame.t) near(story, frame.lit.map((id) => part(id)?.closest(HOMES)).filter(Boolean));
  mark(frame.on, "on", true);
  frame.item.classList.add("on");
  mark(frame.at, "cur", true);
  select(frame.gate);
  theatre.dataset.phase = frame.phase;
  theatre.classList.toggle("rolled", frame.phase === "unfold" && frame.part === 1);
  theatre.classList.toggle("quiet", frame.phase === "forward" || frame.phase === "back");
  follow(theatre);
}

/** While a frame is on its way in, what it reveals has not arrived; a coin is struck when its factors have landed. */
export function arriving(frame, yes, u = 1) {
  const moving = [...frame.grow, ...frame.slide];
  if (frame.fly.length || moving.length) mark(frame.fresh.filter((id) => !moving.includes(id)), "arriving", yes);
  mark(frame.on, "arriving", yes && u < 1 - 1 / frame.fly.length);
}
