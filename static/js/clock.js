// One clock: the index of a frame, and the progress u inside it. A screen is told when either changes.
import { say } from "./wording.js";

const REST = 1500; // ms a frame stands still, at 1x

export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * screen: last, the index of its last frame; length(i), ms that frame i takes to come in; pace(), how fast time
 * runs; alive(), whether it is still on the page; enter(i), another frame begins; draw(i, u, moving); played(yes).
 */
export function clock(screen) {
  let frame = -1, u = 1, playing = false, target = null, timer = 0, before = 0, rested = 0;

  function enter(i) {
    if (i === frame) return;
    frame = i;
    screen.enter(i);
  }

  const draw = () => screen.draw(frame, u, target !== null);

  function advance(dt) {
    const stood = u >= 1 && target >= frame;
    u += (target >= frame ? dt : -dt) / screen.length(frame);
    if (u <= 0 && target < frame) {
      enter(target);
      u = 1;
      target = null;
    } else if (u >= 1 && target >= frame) {
      u = 1;
      if (!playing) target = null;
      else if (frame === screen.last) pause();
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
    // A key may come after the frame it is drawn in began: then no time has passed, rather than less than none.
    const dt = Math.max(0, Math.min(64, now - before)) * screen.pace();
    before = now;
    if (target !== null) advance(dt);
    timer = screen.alive() && target !== null ? requestAnimationFrame(tick) : 0;
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
    screen.played(false);
  }

  function seek(i, progress = 1) {
    pause();
    enter(Math.max(0, Math.min(screen.last, i)));
    u = progress;
    rested = 0;
    draw();
  }

  return {
    seek,
    playing: () => playing,
    frame: () => frame,
    rest() { if (frame >= 0) seek(frame); },
    play() {
      if (playing) return seek(frame);
      if (frame === screen.last) seek(0);
      playing = true;
      screen.played(true);
      run(frame);
    },
    forward() {
      if (frame === screen.last) return seek(screen.last);
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
    end: () => seek(screen.last),
    first: (i) => seek(i),
    /** A moment between two frames: whole numbers are frames at rest. Flights are made only if one stays in a frame. */
    scrub(value) {
      const i = Math.min(screen.last, Math.ceil(value - 1e-6)), progress = 1 - (i - value);
      if (i !== frame) return seek(i);
      seek(i, progress);
    },
  };
}

/** The transport of a clock: its button, its scale of phases, its scrubber. */
export function transport(place) {
  const scrub = place.querySelector(".scrub"), pace = place.querySelector("[data-do=speed]");
  const phases = [...place.querySelectorAll(".phase")];
  return {
    pace: () => Number(pace.value),
    played(yes) {
      place.classList.toggle("playing", yes);
      if (yes) place.dispatchEvent(new CustomEvent("played", { bubbles: true }));
      place.querySelector("[data-do=play]").setAttribute("aria-label", yes ? say("Pause") : say("Play"));
    },
    at(value, moving) { if (document.activeElement !== scrub || moving) scrub.value = value; },
    tell(phase, said) {
      scrub.setAttribute("aria-valuetext", said);
      for (const b of phases) b.classList.toggle("on", b.dataset.phase === phase);
    },
    /** The first frame of the phase so many after this one; undefined beyond the ends. */
    beside(phase, step) {
      const to = phases[phases.findIndex((b) => b.dataset.phase === phase) + step];
      return to && Number(to.dataset.first);
    },
  };
}
