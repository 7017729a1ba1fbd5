// Draws the charts that a fragment brings, in the colours of the theme, and ties them to the theatre's clock.
const CONFIG = { displaylogo: false, showSendToCloud: false, displayModeBar: false, responsive: true };
const idle = window.requestIdleCallback ?? ((task) => setTimeout(task, 30));
const plots = new Set();
let plotly = null, now = 0;

/** Plotly's own rules come as a file, under the name by which Plotly knows that they are there. */
function load(section) {
  plotly ??= new Promise((done, failed) => {
    if (!document.getElementById("plotly.js-style-global")) {
      const link = Object.assign(document.createElement("link"), { id: "plotly.js-style-global", className: "no-inline-styles", rel: "stylesheet", href: section.dataset.plotlyCss });
      document.head.append(link);
    }
    const script = Object.assign(document.createElement("script"), { src: section.dataset.plotly, onload: done, onerror: failed });
    document.head.append(script);
  });
  return plotly;
}

/** A token's value here and now: a probe's computed style, because light-dark() is resolved only in use. */
function reader(figure) {
  const probe = document.createElement("i"), found = new Map();
  probe.hidden = true;
  figure.append(probe);
  const read = (value, key) => {
    const name = `${key === "family"}${value}`;
    if (!found.has(name)) {
      probe.style.color = probe.style.fontFamily = "";
      probe.style[key === "family" ? "fontFamily" : "color"] = value;
      found.set(name, getComputedStyle(probe)[key === "family" ? "fontFamily" : "color"]);
    }
    return found.get(name);
  };
  return { read, done: () => probe.remove() };
}

function filled(value, read, key = "") {
  if (Array.isArray(value)) return value.map((item) => filled(item, read, key));
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, filled(v, read, k)]));
  return typeof value === "string" && value.startsWith("var(--") ? read(value, key) : value;
}

function draw(figure) {
  const plot = figure.querySelector(".plot");
  const views = JSON.parse(figure.querySelector("script").textContent);
  const view = [...figure.querySelectorAll(".switch input:checked")].map((input) => input.value).join(".");
  const probe = reader(figure), { data, layout } = filled(views[view], probe.read);
  probe.done();
  const scale = parseFloat(getComputedStyle(plot).fontSize) / layout.font.size;
  if (scale > 1) layout.font.size *= scale; // the projector's larger type
  window.Plotly.react(plot, data, layout, CONFIG);
  if (plots.has(plot)) return;
  plots.add(plot);
  plot.on("plotly_click", ({ points }) => go(figure, points[0].x));
  plot.on("plotly_afterplot", () => mark(plot));
  mark(plot);
}

function go(figure, t) {
  document.querySelector(".theatre")?.dispatchEvent(new CustomEvent("goto", { detail: { phase: figure.dataset.phase, t, part: 1 } }));
}

/** A frame around the current step; it moves by transform alone, so it costs the animation nothing. */
function mark(plot) {
  const box = plot.parentElement.querySelector(".now"), axis = plot._fullLayout?.xaxis, down = plot._fullLayout?.yaxis;
  box.hidden = !axis || now < 1 || now > Number(plot.closest(".chart").dataset.steps);
  if (box.hidden) return;
  const width = axis.d2p(now + 0.5) - axis.d2p(now - 0.5);
  box.style.width = `${width}px`;
  box.style.height = `${down._length}px`;
  box.style.transform = `translate(${axis._offset + axis.d2p(now - 0.5)}px, ${down._offset}px)`;
}

async function wake() {
  for (const plot of plots) if (!plot.isConnected) { plots.delete(plot); window.Plotly.purge(plot); }
  const waiting = [...document.querySelectorAll(".chart:not([data-drawn])")];
  if (!waiting.length) return;
  waiting.forEach((figure) => { figure.dataset.drawn = "soon"; });
  now = Number(document.querySelector(".theatre .cur")?.id.slice(4) ?? 0);
  try { await load(waiting[0].closest(".charts")); } catch { return waiting.forEach((figure) => { figure.dataset.drawn = "failed"; }); }
  waiting.forEach((figure) => idle(() => { if (figure.isConnected) { draw(figure); figure.dataset.drawn = "yes"; } }));
}

const redraw = () => plots.forEach((plot) => plot.isConnected && draw(plot.closest(".chart")));
document.addEventListener("htmx:after:swap", wake);
document.addEventListener("change", (event) => { const figure = event.target.closest(".chart"); if (figure?.dataset.drawn === "yes") draw(figure); });
document.addEventListener("frame", ({ detail }) => { now = detail.t; plots.forEach(mark); });
document.addEventListener("theme", redraw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
wake();
