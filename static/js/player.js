// The clock. The state of a theatre is one number: the index of a frame, and the progress u inside it.
import { camera } from "./camera.js";
import { arriving, current, find, read, show } from "./frames.js";
import { place, prepare, settle } from "./motion.js";

const MOVE = 520; // ms a frame takes to come in; a second group of flights takes as long again
const REST = 1500; // ms it then stands still, at 1x
const SWEEP = 90; // ms for each part that sweeps in, up to a limit
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const length = (frame) => MOVE * Math.max(1, frame.fly.length) + Math.min(1400, SWEEP * frame.sweep.length);

export function mount(theatre, at) {
  const story = read(theatre);
  const view = camera(theatre, story);
  const $ = (selector) => theatre.querySelector(selector);
  const scrub = $(".scrub"), announce = $(".announce"), layer = $(".flights"), pace = $("[data-do=speed]");
  const phases = [...theatre.querySelectorAll(".phase")], jumps = [...theatre.querySelectorAll(".jump")];
  const last = story.frames.length - 1;
  let frame = -1, told = -1, u = 1, flights = null, pan = [0, 0], playing = false, target = null, timer = 0, before = 0, rested = 0;

  function rest() {
    if (frame < 0) return;
    settle(story.frames[frame]);
    arriving(story.frames[frame], false);
    if (layer.firstChild) layer.replaceChildren();
    flights = null;
  }

  function enter(i) {
    if (i === frame) return;
    rest();
    pan = [frame < 0 ? view.at(i) : view.now(), view.at(i)];
    show(theatre, story, i);
    frame = i;
  }

  function draw() {
    const f = story.frames[frame], v = still() ? 1 : u;
    if (v >= 1) {
      view.to(pan[1]);
      rest();
    } else {
      if (flights === null) {
        view.to(pan[1]); // measured where the track will have come to rest
        flights = prepare(layer, f);
      }
      view.to(pan[0] + (pan[1] - pan[0]) * Math.min(1, v * 1.6));
      arriving(f, true);
      place(f, flights, v);
    }
    if (document.activeElement !== scrub || target !== null) scrub.value = frame + (v < 1 ? v - 1 : 0);
    if (told !== frame) tell(); // last: what it measures is laid out by then
  }

  function tell() {
    const f = story.frames[told = frame];
    for (const b of jumps) Number(b.dataset.t) === f.t ? current(b) : b.removeAttribute("aria-current");
    if (!playing) announce.textContent = f.item.querySelector(".cap").textContent;
    scrub.setAttribute("aria-valuetext", `${frame + 1} of ${last + 1}: ${f.item.querySelector(".where").textContent}`);
    for (const b of phases) b.classList.toggle("on", b.dataset.phase === f.phase);
    theatre.dispatchEvent(new CustomEvent("frame", { bubbles: true, detail: { phase: f.phase, t: f.t, part: f.part } }));
  }

  function advance(dt) {
    const stood = u >= 1 && target >= frame;
    u += (target >= frame ? dt : -dt) / length(story.frames[frame]);
    if (u <= 0 && target < frame) {
      enter(target);
      u = 1;
      target = null;
    } else if (u >= 1) {
      u = 1;
      if (!playing) target = null;
      else if (frame === last) pause();
      else if ((rested += dt) >= REST) {
        rested = 0;
        enter(frame + 1);
        u = 0;
        target = frame;
      } else if (stood) return; // standing still: nothing to draw
    }
    draw();
  }

  function tick(now) {
    const dt = Math.min(64, now - before) * Number(pace.value);
    before = now;
    if (target !== null) advance(dt);
    timer = theatre.isConnected && target !== null ? requestAnimationFrame(tick) : 0;
  }

  function run(to) {
    target = to;
    if (timer) return;
    before = performance.now();
    timer = requestAnimationFrame(tick);
  }

  function pause() {
    playing = false;
    target = null;
    theatre.classList.remove("playing");
    $("[data-do=play]").setAttribute("aria-label", "Play");
  }

  function seek(i, progress = 1) {
    pause();
    enter(Math.max(0, Math.min(last, i)));
    u = progress;
    rested = 0;
    draw();
  }

  const player = {
    theatre,
    rest() { if (frame >= 0) seek(frame); },
    play() {
      if (playing) return seek(frame);
      if (frame === last) seek(0);
      playing = true;
      theatre.classList.add("playing");
      $("[data-do=play]").setAttribute("aria-label", "Pause");
      run(frame);
    },
    forward() {
      if (frame === last) return seek(last);
      seek(frame + 1, still() ? 1 : 0);
      if (u < 1) run(frame);
    },
    back() {
      if (frame === 0) return seek(0);
      if (still()) return seek(frame - 1);
      pause();
      run(frame - 1);
    },
    home: () => seek(0),
    end: () => seek(last),
    first: (i) => seek(i),
    goto: ({ phase, t, part }) => seek(find(story, phase, t, part)),
    phase(step) {
      const names = phases.map((b) => b.dataset.phase), k = names.indexOf(story.frames[frame].phase) + step;
      if (names[k]) seek(find(story, names[k], -1));
    },
    /** A moment between two frames: whole numbers are frames at rest. Flights are made only if one stays in a frame. */
    scrub(value) {
      const i = Math.min(last, Math.ceil(value - 1e-6)), progress = 1 - (i - value);
      if (i !== frame) return seek(i);
      seek(i, progress);
    },
    state: () => ({ ...story.frames[frame], item: null, last: frame === last }),
  };
  theatre.addEventListener("goto", (event) => player.goto(event.detail));
  seek(at ? (at.last ? last : find(story, at.phase, at.t, at.part)) : 0);
  return player;
}
