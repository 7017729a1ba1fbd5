// What a frame is about is brought into sight, between the story and the transport. Whoever scrolls by hand while the
// clock plays, or has the focus somewhere else, keeps the page where it was put.
import { still } from "./clock.js";

const PAUSE = 140; // ms a frame stands before the page moves: a scrubber passes many
const MARGIN = 8; // px
const known = new WeakSet();
let byHand = false, held = false, gliding = false, timer = 0, changed = 0;

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

/** The box around all of these that can be seen, if there is any. */
function around(parts) {
  const boxes = parts.map((part) => part.getBoundingClientRect()).filter(({ height }) => height);
  if (!boxes.length) return [];
  return [{ top: Math.min(...boxes.map(({ top }) => top)), bottom: Math.max(...boxes.map(({ bottom }) => bottom)) }];
}

/**
 * What is to be seen, what matters least left out first: the coins on their cards, with what they were paid in; the
 * opened cell, of two the upper one, whole so that the page stands still as long as it is told; or all that is lit,
 * the columns, the cards. What is said of it is to be seen with it, unless it stays in sight anyway.
 */
function wanted(story, theatre) {
  const said = story.querySelector(".on"), { lit = "", on = "" } = said.dataset;
  const parts = `${lit} ${on}`.split(" ").map((id) => document.getElementById(id)).filter((part) => theatre.contains(part));
  const inside = (place) => parts.filter((part) => part.closest(place));
  const cell = inside(".cell")[0]?.closest(".cell"), upper = parts.filter((part) => cell?.contains(part));
  const paid = on.includes("coin") ? [[...upper, ...inside(".tray")], inside(".tray")] : [];
  const opened = cell ? [...paid, [cell], upper] : [parts, ...paid];
  const caption = story.classList.contains("stays") ? [] : [said];
  const places = [...opened, inside(".scene"), inside(".tray"), parts.slice(0, 1)].filter((each) => each.length);
  return places.flatMap((each) => around([...caption, ...each]));
}

/** How far to scroll until as much of it is seen as there is room for. */
function away(theatre) {
  const story = theatre.querySelector(".story");
  const top = MARGIN + (story.classList.contains("stays") ? story.offsetHeight : 0);
  const bottom = innerHeight - theatre.querySelector(".transport").offsetHeight - MARGIN;
  const box = wanted(story, theatre).find((each) => each.bottom - each.top <= bottom - top);
  if (!box || (box.top >= top && box.bottom <= bottom)) return 0;
  return box.bottom > bottom ? Math.ceil(box.bottom - bottom) : Math.floor(box.top - top);
}

function look(theatre) {
  if (byHand || held || elsewhere() || !theatre.isConnected) return;
  const by = away(theatre), to = Math.max(0, Math.min(scrollY + by, document.documentElement.scrollHeight - innerHeight));
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
