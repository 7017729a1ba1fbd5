// Two theatres, each in a frame of its own, on one clock. A beat says which frame of each is shown.
import { clock, transport } from "./clock.js";
import { read } from "./frames.js";
import { length } from "./player.js";

const KEYS = [" ", "ArrowLeft", "ArrowRight", "Home", "End", "[", "]", "?"]; // of the clock, wherever the focus is

export function both(pair) {
  const beats = JSON.parse(pair.querySelector("script[type='application/json']").textContent);
  const phases = [...pair.querySelectorAll(".phase")].map((b) => ({ name: b.dataset.phase, first: Number(b.dataset.first), title: b.textContent }));
  const controls = transport(pair);
  const last = beats.length - 1;
  const sides = [...pair.querySelectorAll("iframe")].map((frame, k) => ({ frame, k, theatre: null, frames: [] }));
  const phase = () => phases.findLast(({ first }) => first <= Math.max(0, time.frame()));
  let leading = false, levelled = -1;

  /** Each side where this beat has it; one that stands still in this beat, or came to its frame earlier, rests. */
  function draw(i, u, moving) {
    leading = true;
    for (const { theatre, k } of sides) {
      const held = i > 0 && beats[i - 1][k] === beats[i][k];
      theatre?.dispatchEvent(new CustomEvent("moment", { detail: { i: beats[i][k], u: held ? 1 : u, playing: time.playing() } }));
    }
    leading = false;
    if (levelled !== i) level(i);
    controls.at(i + (u < 1 ? u - 1 : 0), moving);
  }

  /** Stages beside each other stand at one height: the story that says less takes the room of the other. */
  function level(i) {
    levelled = i;
    const stories = sides.map(({ theatre }) => theatre?.querySelector(".story"));
    if (!stories.every(Boolean)) return;
    for (const story of stories) story.style.height = "";
    const beside = sides[0].frame.offsetTop === sides[1].frame.offsetTop;
    const most = beside ? Math.max(...stories.map((story) => story.offsetHeight)) : 0;
    for (const story of stories) if (story.offsetHeight < most) story.style.height = `${most}px`;
  }

  const time = clock({
    last, draw, pace: controls.pace, played: controls.played,
    length: (i) => Math.max(...sides.map(({ frames, k }) => (frames.length ? length(frames[beats[i][k]]) : 1))),
    alive: () => pair.isConnected,
    enter() {
      controls.tell(phase().name, `${time.frame() + 1} of ${last + 1}: ${phase().title}`);
    },
  });

  /** The frame has its page: its keys and its words move the clock of both, and it is as tall as what is in it. */
  function arrive(side) {
    const page = side.frame.contentDocument;
    side.theatre = page?.querySelector(".theatre") ?? null;
    if (!side.theatre) return;
    side.frames = read(side.theatre).frames;
    page.addEventListener("keydown", (event) => {
      const { key, target } = event;
      if (!KEYS.includes(key) || event.ctrlKey || event.metaKey || event.altKey || target.closest("input, select")) return;
      if (key === " " && target.closest("button, summary, a")) return;
      event.preventDefault();
      event.stopPropagation();
      pair.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    }, true);
    side.theatre.addEventListener("frame", ({ detail }) => {
      if (leading) return;
      const index = side.frames.findIndex((f) => f.phase === detail.phase && f.t === detail.t && f.part === detail.part);
      const beat = beats.findIndex((each) => each[side.k] === index);
      if (beat >= 0) time.seek(beat);
    });
    const grow = () => {
      side.frame.style.height = `${page.body.scrollHeight}px`;
      level(time.frame());
    };
    new side.frame.contentWindow.ResizeObserver(grow).observe(page.body);
    grow();
    time.rest();
  }

  time.seek(0);
  for (const side of sides) {
    side.frame.addEventListener("load", () => arrive(side));
    if (side.frame.contentDocument?.readyState === "complete") arrive(side);
  }
  return {
    ...time,
    theatre: pair,
    phase(step) {
      const to = controls.beside(phase().name, step);
      if (to !== undefined) time.seek(to);
    },
    goto() {},
    state: () => ({ phase: phase().name }),
  };
}
