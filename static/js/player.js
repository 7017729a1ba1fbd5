// A theatre on a clock: the frames of one run, drawn as the clock moves through them.
import { camera } from "./camera.js";
import { clock, still, transport } from "./clock.js";
import { arriving, join, read, show } from "./frames.js";
import { place, prepare, settle } from "./motion.js";

const MOVE = 520; // ms a frame takes to come in; a second group of flights takes as long again
const SWEEP = 90; // ms for each part that sweeps in, up to a limit
export const length = (frame) => MOVE * Math.max(1, frame.fly.length) + Math.min(1400, SWEEP * frame.sweep.length);

const find = (story, phase, t, k = 1) => {
  const at = story.frames.findIndex((f) => f.phase === phase && f.t === t && f.part === k);
  return at >= 0 ? at : story.frames.findIndex((f) => f.phase === phase);
};

export function mount(theatre, at) {
  const story = read(theatre);
  const view = camera(theatre, story);
  const announce = theatre.querySelector(".announce"), layer = theatre.querySelector(".flights");
  const jumps = [...theatre.querySelectorAll(".jump")];
  const controls = transport(theatre);
  const last = story.frames.length - 1;
  let shown = -1, told = -1, flights = null, pan = [0, 0], hushed = false;

  function rest() {
    if (shown < 0) return;
    settle(story.frames[shown]);
    arriving(story.frames[shown], false);
    if (layer.firstChild) layer.replaceChildren();
    flights = null;
  }

  function enter(i) {
    rest();
    show(theatre, story, i);
    if (shown < 0) view.measure(); // once
    pan = [shown < 0 ? view.at(i) : view.now(), view.at(i)];
    shown = i;
  }

  function draw(i, u, moving) {
    const f = story.frames[i], v = still() ? 1 : u;
    if (v >= 1) {
      view.to(pan[1]);
      rest();
    } else {
      if (flights === null) {
        view.to(pan[1]); // measured where the track will have come to rest
        flights = prepare(layer, f);
      }
      view.to(pan[0] + (pan[1] - pan[0]) * Math.min(1, v * 1.6));
      arriving(f, true, v);
      place(f, flights, v);
    }
    controls.at(i + (v < 1 ? v - 1 : 0), moving);
    if (told !== i) tell(); // last: what it measures is laid out by then
  }

  function tell() {
    const f = story.frames[told = shown];
    for (const b of jumps) Number(b.dataset.t) === f.t ? current(b) : b.removeAttribute("aria-current");
    if (!time.playing() && !hushed) announce.textContent = f.item.querySelector(".cap").textContent;
    controls.tell(f.phase, `${shown + 1} of ${last + 1}: ${f.item.querySelector(".where").textContent}`);
    theatre.dispatchEvent(new CustomEvent("frame", { bubbles: true, detail: { phase: f.phase, t: f.t, part: f.part, at: f.at } }));
  }

  const time = clock({
    last, enter, draw, pace: controls.pace, played: controls.played,
    length: (i) => length(story.frames[i]),
    alive: () => theatre.isConnected,
  });
  const player = {
    ...time,
    theatre,
    goto: ({ phase, t, part }) => time.seek(find(story, phase, t, part)),
    phase(step) {
      const to = controls.beside(story.frames[shown].phase, step);
      if (to !== undefined) time.seek(to);
    },
    state: () => ({ ...story.frames[shown], item: null, last: shown === last }),
  };
  theatre.addEventListener("bars", ({ detail }) => join(story, detail));
  theatre.addEventListener("goto", (event) => player.goto(event.detail));
  // Another clock leads: where this one has to be, and whether it plays, so that nothing is announced.
  theatre.addEventListener("moment", ({ detail }) => {
    hushed = detail.playing;
    time.seek(detail.i, detail.u);
    hushed = false;
  });
  time.seek(at ? (at.last ? last : find(story, at.phase, at.t, at.part)) : 0);
  return player;
}

/** The word in hand, brought into sight in its strip without moving the page. */
function current(jump) {
  jump.setAttribute("aria-current", "step");
  const strip = jump.parentElement, box = jump.getBoundingClientRect(), home = strip.getBoundingClientRect();
  if (box.left < home.left || box.right > home.right) strip.scrollLeft += box.left - home.left - (home.width - box.width) / 2;
}
