// The stage stands still while the story is told: the story keeps the room that its tallest frame takes, up to what a
// phone can spare. Unless that is half of the window, it also stays in sight when the page is scrolled.
import { build } from "./frames.js";

const MOST = 336; // px: a frame of two lanes on a phone may take more, and then moves the stage for as long as it is told
const LARGEST = 0.42; // of the window's height
const SPARE = 4; // px: a formula of the same kind with a power of ten in it is a little taller
const told = new WeakMap(); // of each story the frames to measure, and how broad it was then
let room = 0; // what the last story took: the next one is seldom far from it

/** Of each kind of frame the one that says most. The folded network is a picture of its own, seen once. */
function longest(story) {
  const found = new Map();
  for (const item of story.children) {
    const { phase, part, gate } = item.dataset, kind = `${phase} ${part} ${gate}`, length = item.textContent.length;
    if (phase !== "unfold" && !(found.get(kind)?.length >= length)) found.set(kind, { item, length });
  }
  return [...found.values()].map(({ item }) => item);
}

/** A story in sight covers what a page would scroll to under it. */
function stay(story) {
  const stays = story.classList.toggle("stays", room < LARGEST * innerHeight);
  document.documentElement.style.scrollPaddingTop = stays ? `${room}px` : "";
}

function keep(story, height) {
  room = height;
  story.style.minHeight = `${room}px`;
  stay(story);
}

/** The room that a story keeps at its width and in its theme, in pixels; none where it is not seen as a picture. */
export function gauge(story) {
  const on = story.querySelector(".on");
  if (!on || story.closest(".astext") || !story.offsetWidth) return 0;
  const { items } = told.get(story), around = story.offsetHeight - on.offsetHeight;
  items.forEach(build);
  for (const item of items) item.classList.add("gauged");
  const most = Math.max(...items.map((item) => item.getBoundingClientRect().height));
  for (const item of items) item.classList.remove("gauged");
  return Math.min(MOST, Math.ceil(most + around + SPARE));
}

function measure(story) {
  const height = gauge(story);
  if (height) keep(story, height);
}

/** Whether the frame on is one whose height a story may keep: not the folded network, nor what stands level with another. */
const counts = (story) => story.querySelector(".on")?.dataset.phase !== "unfold" && !story.style.height && !story.closest(".astext");

// A window of another width tells the captions in other lines; a frame that is taller after all keeps its height.
const sizes = new ResizeObserver((seen) => {
  for (const { target, borderBoxSize: [{ inlineSize, blockSize }] } of seen) {
    const known = told.get(target);
    if (known.width !== inlineSize) setTimeout(measure, 0, target);
    else if (blockSize > room + 1 && room < MOST && counts(target)) {
      known.items.push(target.querySelector(".on"));
      keep(target, Math.min(MOST, Math.ceil(blockSize)));
    }
    known.width = inlineSize;
  }
});

document.addEventListener("frame", ({ target }) => {
  const story = target.querySelector(".story");
  if (told.has(story)) return;
  told.set(story, { items: longest(story), width: 0 });
  if (room) keep(story, room);
  sizes.observe(story, { box: "border-box" });
});
const stories = (call) => () => document.querySelectorAll(".theatre > .story").forEach(call);
document.addEventListener("theme", stories(measure));
addEventListener("resize", stories(stay)); // a lower window alone tells nothing in other lines
