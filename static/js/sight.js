// What a frame is about is brought into sight, between the story and the transport. Whoever scrolls by hand while the
// clock plays, or has the focus somewhere else, keeps the page where it was put.
import { still } from "./clock.js";

const PAUSE = 140; // ms a frame stands before the page moves: a scrubber passes many
const MARGIN = 4; // px
const NAMES = 16; // px above a vector of a cell, where its name may stand
const known = new WeakSet();
let byHand = false, held = false, gliding = false, timer = 0, changed = 0, phase = "";

const hands = () => { byHand = true; gliding = false; };
addEventListener("wheel", hands, { passive: true });
addEventListener("touchmove", hands, { passive: true });
// A frame that makes the page shorter scrolls it as well, but at once.
addEventListener("scroll", () => { byHand ||= !gliding && performance.now() - changed > 2 * PAUSE; }, { passive: true });
addEventListener("scrollend", () => { gliding = false; });
document.addEventListener("played", () => { byHand = false; });
// What the pointer drags along the story must not be drawn away from under it, nor what it presses before it lets go.
addEventListener("pointerdown", ({ target }) => {
  clearTimeout(timer);
  if (gliding) scrollTo({ top: scrollY, behavior: "instant" });
  held = Boolean(target.closest?.(".overview, .strip, .scrub"));
  if (document.querySelector(".playing") && !target.closest?.(".transport")) hands();
}, true);
addEventListener("keydown", ({ key }) => {
  held = false;
  if (key.startsWith("Page")) hands();
}, true);
/** Whether the keyboard is at something that the page would be drawn away from. */
function elsewhere() {
  const at = document.activeElement;
  return at !== document.body && !at?.closest(".transport") && at?.matches(":focus-visible");
}

/** The box around all of these that can be seen, if there is any, with the names above them. */
function around(parts, names = 0) {
  const boxes = parts.map((part) => part.getBoundingClientRect()).filter(({ height }) => height);
  if (!boxes.length) return [];
  return [{ top: Math.min(...boxes.map(({ top }) => top)) - names, bottom: Math.max(...boxes.map(({ bottom }) => bottom)) }];
}

/** Those on cards of the first row, if half of them are. */
function rowOf(coins) {
  const top = (part) => part.closest("svg").getBoundingClientRect().top, row = coins.filter((part) => top(part) < top(coins[0]) + 4);
  return 2 * row.length < coins.length ? [] : row;
}

/**
 * What is to be seen, what matters least left out first: the coins on their cards, or on one row of them, with what
 * they were paid in; the opened cell, whole so that the page stands still as long as it is told; or all that is lit,
 * the columns, the cards. What is said of it is to be seen with it, unless it stays in sight anyway. `enough` is what
 * the page is not moved for once it has been brought to a phase: what is lit in the cell is seen.
 */
function wanted(story, theatre) {
  const said = story.querySelector(".on"), { lit = "", on = "" } = said.dataset;
  const parts = `${lit} ${on}`.split(" ").map((id) => document.getElementById(id)).filter((part) => theatre.contains(part));
  const inside = (place) => parts.filter((part) => part.closest(place));
  const cell = inside(".cell").map((part) => part.closest(".cell")).find((each) => each.clientHeight), upper = parts.filter((part) => cell?.contains(part));
  const coins = on.includes("coin") ? inside(".tray") : [], row = rowOf(coins);
  const paid = [coins, row].filter((some) => some.length).map((some) => [...upper, ...some]);
  const opened = cell ? [...paid, coins, row, [cell], upper] : [parts, coins];
  const caption = story.classList.contains("stays") ? [] : [said];
  const places = [...opened, [...upper], inside(".scene"), inside(".tray"), parts.slice(0, 1)].filter((each) => each.length);
  const boxes = places.flatMap((each) => around([...caption, ...each], each === upper || paid.includes(each) ? NAMES : 0));
  return [boxes, cell && !coins.length && said.dataset.phase === phase ? around([...caption, ...upper], NAMES) : []];
}

/** How far to scroll until as much of it is seen as there is room for. */
function away(theatre) {
  const story = theatre.querySelector(".story");
  const top = MARGIN + (story.classList.contains("stays") ? story.offsetHeight : 0);
  const bottom = innerHeight - theatre.querySelector(".transport").offsetHeight - MARGIN;
  const [boxes, enough] = wanted(story, theatre), seen = (each) => each.top >= top && each.bottom <= bottom;
  const box = boxes.find((each) => each.bottom - each.top <= bottom - top);
  if (!box || seen(box) || enough.some(seen)) return 0;
  return box.bottom > bottom ? Math.ceil(box.bottom - bottom) : Math.floor(box.top - top);
}

function look(theatre) {
  if (byHand || held || elsewhere() || !theatre.isConnected) return;
  const by = away(theatre);
  phase = theatre.dataset.phase;
  const to = Math.max(0, Math.min(scrollY + by, document.documentElement.scrollHeight - innerHeight));
  if (Math.abs(to - scrollY) < 1) return;
  gliding = true;
  scrollTo({ top: to, behavior: still() ? "instant" : "smooth" });
}

document.addEventListener("frame", ({ target }) => {
  changed = performance.now();
  clearTimeout(timer);
  if (known.has(target)) timer = setTimeout(look, PAUSE, target);
  known.add(target);
});
