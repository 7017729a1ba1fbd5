// The clock. The state of the theatre is one number: frame index plus progress inside the frame.
import { arriving, find, read, show } from "./frames.js";
import { place, prepare } from "./motion.js";

const MOVE = 520; // ms a frame takes to come in; a second group of flights takes as long again
const REST = 1500; // ms it then stands still, at 1x
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const length = (frame) => MOVE * Math.max(1, frame.fly.length) + Math.min(1400, 90 * frame.sweep.length);

export function mount(theatre, at) {
  const story = read(theatre);
  const $ = (selector) => theatre.querySelector(selector);
  const scrub = $(".scrub"), track = $(".track"), announce = $(".announce");
  const last = story.frames.length - 1;
  let frame = -1, u = 1, flights = [], playing = false, target = null, timer = 0, before = 0, rested = 0;

  const camera = (i) => {
    const f = story.frames[i], room = track.scrollWidth - track.clientWidth;
    if (room <= 0) return 0;
    if (["output", "loss", "outback"].includes(f.phase) || (f.phase === "again" && f.part === 2)) return room;
    const column = f.t ? document.getElementById(`col-${f.t}`) : null;
    if (!column) return 0;
    const box = column.getBoundingClientRect(), home = track.getBoundingClientRect();
    return Math.max(0, Math.min(room, track.scrollLeft + box.x - home.x - (home.width - box.width) / 2));
  };
  let pan = [0, 0];
  const enter = (i) => {
    if (i === frame) return;
    frames_leave();
    pan = [frame < 0 ? camera(i) : track.scrollLeft, camera(i)];
    show(theatre, story, i);
    frame = i;
    flights = still() ? [] : null;
    tell();
  };
  const frames_leave = () => { if (frame >= 0) { place(story.frames[frame], flights ?? [], 1); arriving(story.frames[frame], false); } };
  const draw = () => {
    const f = story.frames[frame];
    const v = still() ? 1 : u;
    track.scrollLeft = pan[0] + (pan[1] - pan[0]) * Math.min(1, v * 1.6);
    if (v < 1 && flights === null) flights = prepare(theatre, f);
    arriving(f, v < 1);
    place(f, flights ?? [], v);
    if (v >= 1 && flights?.length) { flights.forEach((x) => x.svg.remove()); flights = null; }
    if (document.activeElement !== scrub || playing) scrub.value = Math.min(last, frame + (v < 1 ? v - 1 : 0));
  };
  const tell = () => {
    const f = story.frames[frame];
    const said = f.item.querySelector(".cap").textContent;
    if (!playing) announce.textContent = said;
    scrub.setAttribute("aria-valuetext", `${frame + 1} of ${last + 1}: ${f.item.querySelector(".where").textContent}`);
    for (const b of theatre.querySelectorAll(".phase")) b.classList.toggle("on", b.dataset.phase === f.phase);
    for (const b of theatre.querySelectorAll(".jump")) Number(b.dataset.t) === f.t ? b.setAttribute("aria-current", "step") : b.removeAttribute("aria-current");
    theatre.dispatchEvent(new CustomEvent("frame", { bubbles: true, detail: { phase: f.phase, t: f.t, part: f.part } }));
  };
  const speed = () => Number($("[data-do=speed]").value);
  const tick = (now) => {
    const dt = Math.min(64, now - before) * speed();
    before = now;
    if (target !== null) {
      u += (target >= frame ? dt : -dt) / length(story.frames[frame]);
      if (u >= 1) { u = 1; if (!playing || frame === last) { target = null; if (frame === last) pause(); } else { rested += dt; if (rested >= REST) { rested = 0; enter(frame + 1); u = 0; target = frame; } } }
      if (u <= 0 && target < frame) { enter(frame - 1); u = 1; target = null; }
      draw();
    }
    timer = theatre.isConnected && (playing || target !== null) ? requestAnimationFrame(tick) : 0;
  };
  const run = () => { if (!timer) { before = performance.now(); timer = requestAnimationFrame(tick); } };
  const pause = () => { playing = false; face(); };
  const face = () => {
    theatre.classList.toggle("playing", playing);
    $("[data-do=play]").setAttribute("aria-label", playing ? "Pause" : "Play");
  };
  const seek = (i, progress = 1) => { enter(Math.max(0, Math.min(last, i))); u = progress; target = null; rested = 0; draw(); };

  const player = {
    theatre,
    play() { if (playing) return pause(); if (frame === last) seek(0); playing = true; face(); target = frame; run(); },
    pause,
    forward() { pause(); if (frame === last) return; enter(frame + 1); u = still() ? 1 : 0; target = frame; run(); },
    back() { pause(); if (frame === 0) return; if (still() || flights?.length) return seek(frame - 1); u = 1; target = frame - 1; run(); },
    home() { pause(); seek(0); },
    end() { pause(); seek(last); },
    phase(step) { const names = [...new Set(story.frames.map((f) => f.phase))]; const k = names.indexOf(story.frames[frame].phase) + step; if (names[k]) { pause(); seek(find(story, names[k], -1)); } },
    goto({ phase, t, part }) { pause(); seek(find(story, phase, t, part)); },
    scrub(value) { pause(); const i = Math.ceil(value - 1e-6); enter(Math.max(0, Math.min(last, i))); u = 1 - (i - value); target = null; draw(); },
    first(i) { pause(); seek(i); },
    state: () => ({ phase: story.frames[frame].phase, t: story.frames[frame].t, part: story.frames[frame].part, last: frame === last }),
  };
  theatre.addEventListener("goto", (event) => player.goto(event.detail));
  seek(at ? (at.last ? last : find(story, at.phase, at.t, at.part)) : 0);
  return player;
}
