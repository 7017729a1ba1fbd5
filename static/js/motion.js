// What moves inside a frame, as a function of the frame and its progress u in [0, 1].
// Copies fly from part to part in a layer of their own; ribbons grow; dots run along their curves; parts sweep in.

const part = (id) => document.getElementById(id);
const ease = (u) => u * u * (3 - 2 * u);
const between = (a, b, u) => a + (b - a) * u;

function copyOf(source, layer) {
  const box = source.getBBox();
  const place = source.getBoundingClientRect();
  if (!place.width || !box.width) return null;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `${box.x} ${box.y} ${box.width} ${box.height}`);
  svg.setAttribute("width", place.width);
  svg.setAttribute("height", place.height);
  const tint = source.closest("[class*='t-']")?.getAttribute("class").match(/\bt-\d+\b/)?.[0];
  // The style sheet places a cell's box by where it stands, so a copy says where it came from; in the opened cell and
  // at the readout boxes stand as in a column.
  const stands = source.closest("svg").classList;
  const home = ["origin", "ending", "weights", "foot-of"].find((name) => stands.contains(name)) ?? "column";
  svg.setAttribute("class", `${tint ?? ""} ${home} near`);
  const copy = source.cloneNode(true);
  copy.removeAttribute("id");
  copy.removeAttribute("transform"); // where it stood; the view box does not know of it
  copy.querySelectorAll("[id]").forEach((inner) => inner.removeAttribute("id"));
  copy.classList.remove("arriving", "ghost");
  if (copy.classList.contains("layer")) copy.classList.add("on");
  svg.append(copy);
  layer.append(svg);
  return { svg, width: place.width, height: place.height };
}

const centre = (box, home) => ({ x: box.x + box.width / 2 - home.x, y: box.y + box.height / 2 - home.y });

/** Prepare a frame's flights: measured once, when the frame begins. */
export function prepare(layer, frame) {
  const home = layer.getBoundingClientRect();
  const groups = frame.fly.length;
  return frame.fly.flatMap((group, g) => group.flatMap(([what, from, to], k) => {
    const ends = [part(from), part(to)];
    if (!part(what) || ends.includes(null)) return [];
    const [a, b] = ends.map((end) => end.getBoundingClientRect());
    const flyer = a.width && b.width ? copyOf(part(what), layer) : null;
    if (!flyer) return [];
    flyer.svg.style.opacity = 0;
    const wait = group.length > 3 ? (k / group.length) * 0.5 : 0;
    return [{ ...flyer, start: (g + wait) / groups, end: (g + 1) / groups, from: centre(a, home), to: centre(b, home), small: groups > 1 && g === 1 }];
  }));
}

// Asking first makes Chromium write the attribute out; removed unwritten it comes back empty, and
// the policy forbids htmx to copy even an empty one.
export const bare = (el) => { if (el?.hasAttribute("style")) el.removeAttribute("style"); };

/** Nothing moves any more: no trace of movement stays on the parts. */
export function settle(frame) {
  for (const id of [...frame.grow, ...frame.sweep]) bare(part(id));
  for (const id of frame.slide) part(id)?.querySelectorAll(".dot").forEach(bare);
}

/** Place everything that moves at progress u < 1. */
export function place(frame, flights, u) {
  for (const f of flights) {
    const v = (u - f.start) / (f.end - f.start);
    f.svg.style.opacity = v <= 0 || v >= 1 ? 0 : 1;
    if (v <= 0 || v >= 1) continue;
    const w = ease(v);
    const arc = Math.min(26, Math.abs(f.to.x - f.from.x) / 8) * 4 * w * (1 - w);
    f.svg.style.transform = `translate(${between(f.from.x, f.to.x, w) - f.width / 2}px, ${between(f.from.y, f.to.y, w) - f.height / 2 - arc}px)`;
  }
  for (const id of frame.grow) {
    const el = part(id);
    if (el) el.style.clipPath = `inset(0 0 0 ${(1 - ease(u)) * 100}%)`;
  }
  frame.slide.forEach((id) => slide(part(id), ease(u)));
  frame.sweep.forEach((id, k) => {
    const el = part(id);
    if (!el) return;
    const v = ease(Math.min(1, Math.max(0, u * (frame.sweep.length + 2) / 3 - k / 3)));
    el.style.opacity = v;
    if (frame.phase === "unfold") el.style.transform = `translateX(${(v - 1) * 60}px)`;
  });
}

/** Dots run from zero along f to their place; f is read off the curve itself. */
function slide(group, u) {
  const line = group?.querySelector("path.f") ?? document.getElementById("curve");
  const points = (line?.getAttribute("d") ?? "").slice(1).split("L").map((p) => p.split(" ").map(Number));
  if (!group || points.length < 3) return;
  const start = points[(points.length - 1) / 2][0];
  const f = (x) => {
    const k = Math.min(points.length - 2, Math.max(0, points.findIndex((p) => p[0] >= x) - 1));
    const [[x0, y0], [x1, y1]] = [points[k], points[k + 1]];
    return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0 || 1);
  };
  for (const dot of group.querySelectorAll(".dot")) {
    const box = dot.previousElementSibling;
    const origin = Number(box.getAttribute("x") ?? box.getAttribute("transform")?.match(/[\d.]+/)?.[0] ?? 0);
    const end = Number(dot.getAttribute("cx")) - origin;
    const x = between(start, end, u);
    dot.style.transform = `translate(${x - end}px, ${f(x) - f(end)}px)`;
  }
}
