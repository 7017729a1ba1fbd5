// The picture of a frame: the stage is laid out in the light theme at the width of a slide, written down as one SVG,
// and put back, all before the browser paints again. Nobody sees it happen.

import { reveal, show } from "../frames.js";
import { bare } from "../motion.js";
import { gauge } from "../room.js";
import { element, escaped, round } from "./flatten.js";
import { flat } from "./layout.js";

const NARROW = 1200, WIDE = 1600, EDGE = 16; // px
const PARTS = ".story > .frame.on, .scene, .cells, .shelf, .scales";

/** Do something while the theatre stands in the light, `width` pixels wide or as wide as what it holds. */
function staged(theatre, work) {
  const root = document.documentElement, { theme } = root.dataset, text = theatre.classList.contains("astext");
  const track = theatre.querySelector(".track"), at = [scrollX, scrollY], told = theatre.querySelector(".story"), { style } = told, kept = style.minHeight;
  const scrolled = [track, ...theatre.querySelectorAll(".cells")].map((room) => [room, room.scrollLeft]);
  root.dataset.theme = "light";
  root.classList.add("pictured");
  theatre.classList.remove("astext");
  theatre.style.width = `${NARROW}px`;
  try {
    const widths = [...theatre.querySelectorAll(".cell")].map((cell) => Number(cell.getAttribute("width")) + 2 * EDGE);
    theatre.style.width = `${Math.min(WIDE, Math.max(NARROW, track.scrollWidth + 2, ...widths))}px`;
    style.minHeight = "";
    style.minHeight = `${gauge(told)}px`; // of the light at this width, whatever the page's is
    return work(track);
  } finally {
    style.minHeight = kept;
    bare(theatre);
    theatre.classList.toggle("astext", text);
    root.classList.remove("pictured");
    if (theme === undefined) delete root.dataset.theme; else root.dataset.theme = theme;
    for (const [room, left] of scrolled) room.scrollLeft = left;
    scrollTo({ left: at[0], top: at[1], behavior: "instant" });
  }
}

/** The columns that fit, around the step in hand; those the screen has no room for are drawn for the while. */
function framed(track, story, work) {
  const room = track.getBoundingClientRect(), current = track.querySelector(".cur")?.getBoundingClientRect();
  if (track.scrollWidth > track.clientWidth + 1) track.scrollLeft += current ? current.x + current.width / 2 - room.x - room.width / 2 : -track.scrollLeft;
  const seen = [...track.querySelectorAll(".far")].filter((column) => {
    const { left, right } = column.getBoundingClientRect();
    return right > room.left && left < room.right;
  });
  for (const column of seen) {
    column.classList.remove("far");
    reveal(story, column);
  }
  try {
    return work(room);
  } finally {
    seen.forEach((column) => column.classList.add("far"));
  }
}

/** The frame that the theatre shows, as {svg, width, height}; inside `staged` only. */
function composed(theatre, story, track) {
  return framed(track, story, (room) => {
    const home = theatre.getBoundingClientRect(), parts = [...theatre.querySelectorAll(PARTS)];
    const wide = track.scrollWidth > track.clientWidth + 1;
    const within = (el, at) => !wide || !track.contains(el) || (at.right > room.left && at.left < room.right);
    const inside = parts.map((el) => {
      const drawn = flat(el, home, within);
      return wide && el.contains(track) ? element("g", { "clip-path": "url(#window)" }, drawn) : drawn;
    }).join("");
    const width = Math.ceil(home.width), height = Math.ceil(Math.max(...parts.map((el) => el.getBoundingClientRect().bottom)) - home.y + EDGE / 2);
    const clip = wide ? element("clipPath", { id: "window" }, element("rect", { x: round(room.x - home.x), y: 0, width: round(room.width), height })) : "";
    const said = theatre.querySelector(".story > .frame.on .cap").textContent.replace(/\s+/g, " ");
    const ground = element("rect", { width, height, fill: "#ffffff" });
    const svg = element("svg", { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}`, role: "img" },
      `${element("title", {}, escaped(said))}${clip}${ground}${inside}`);
    return { svg, width, height };
  });
}

const nowAt = (theatre, story) => story.frames.findIndex(({ item }) => item === theatre.querySelector(".story > .frame.on"));

/** The picture of frame i of a story; the theatre then shows again what it showed. */
export function picture(theatre, story, i = nowAt(theatre, story)) {
  const gates = [...theatre.ownerDocument.querySelectorAll("input[data-gate]:checked")];
  const now = nowAt(theatre, story);
  story.shown = now;
  return staged(theatre, (track) => {
    try {
      if (i !== now) show(theatre, story, i);
      return composed(theatre, story, track);
    } finally {
      if (i !== now) show(theatre, story, now);
      gates.forEach((gate) => { gate.checked = true; });
    }
  });
}
