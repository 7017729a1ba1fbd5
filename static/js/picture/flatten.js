// What the browser has laid out, as flat SVG that any program draws: each shape with its colours written on it, each
// run of text at its place. No style sheet, no script, no reference to anything outside.

const MARKUP = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
// XML has no way to write these at all.
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;
export const escaped = (text) => text.replace(UNWRITABLE, "\ufffd").replace(/[&<>"]/g, (sign) => MARKUP[sign]);
export const round = (x) => String(Math.round(x * 100) / 100);
export const element = (name, attributes, inside = "") => {
  const written = Object.entries(attributes).filter(([, value]) => (value ?? "") !== "");
  return `<${name}${written.map(([key, value]) => ` ${key}="${escaped(String(value))}"`).join("")}${inside ? `>${inside}</${name}>` : "/>"}`;
};

const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const colours = new Map();

/** A computed colour, oklab() and all, as what every program reads: #rrggbb and an opacity. */
export function colour(text) {
  if (!colours.has(text)) {
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = "#000000";
    brush.fillStyle = text;
    brush.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = brush.getImageData(0, 0, 1, 1).data;
    colours.set(text, { hex: `#${[r, g, b].map((x) => x.toString(16).padStart(2, "0")).join("")}`, alpha: a / 255 });
  }
  return colours.get(text);
}

function paint(name, text, opacity) {
  const { hex, alpha } = text === "none" ? { alpha: 0 } : colour(text);
  const all = alpha * Number(opacity);
  if (!all) return { [name]: "none" };
  return { [name]: hex, [`${name}-opacity`]: all < 0.996 ? round(all) : null };
}

function ink(style) {
  const stroke = paint("stroke", style.stroke, style.strokeOpacity);
  const fill = paint("fill", style.fill, style.fillOpacity);
  if (stroke.stroke === "none" || !parseFloat(style.strokeWidth)) return fill;
  return {
    ...fill, ...stroke, "stroke-width": parseFloat(style.strokeWidth),
    "stroke-dasharray": style.strokeDasharray === "none" ? null : style.strokeDasharray.replaceAll("px", ""),
    "stroke-linecap": style.strokeLinecap === "butt" ? null : style.strokeLinecap,
    "stroke-linejoin": style.strokeLinejoin === "miter" ? null : style.strokeLinejoin,
  };
}

// The stacks of the page without the names that only a browser knows.
const BROWSERS_OWN = /(?:^|, )(?:-apple-system|BlinkMacSystemFont|ui-monospace)(?=,)/g;

export const lettering = (style) => ({
  "font-family": style.fontFamily.replace(BROWSERS_OWN, "").replace(/^, /, "").replaceAll('"', "'"),
  "font-size": parseFloat(style.fontSize),
  "font-weight": style.fontWeight === "400" ? null : style.fontWeight,
  "font-style": style.fontStyle === "normal" ? null : style.fontStyle,
});

const GEOMETRY = {
  path: ["d"], line: ["x1", "y1", "x2", "y2"], polyline: ["points"], polygon: ["points"], circle: ["cx", "cy", "r"],
  ellipse: ["cx", "cy", "rx", "ry"], text: ["x", "y", "dx", "dy", "rotate", "textLength"], tspan: ["x", "y", "dx", "dy"],
};
// The style sheet gives a rectangle its place and size as often as the markup does.
const boxed = (style) => Object.fromEntries(
  ["x", "y", "width", "height", "rx"].map((key) => [key, style[key] === "auto" ? null : round(parseFloat(style[key]))]),
);
const geometry = (el, style) => el.localName === "rect" ? boxed(style)
  : Object.fromEntries(GEOMETRY[el.localName].map((key) => [key, el.getAttribute(key)]));
const anchor = (style) => (style.textAnchor === "start" ? null : style.textAnchor);
const opacity = (style) => (style.opacity === "1" ? null : style.opacity);

// What a part of a text says to leave behind what the whole text says.
const NEUTRAL = { "font-weight": "normal", "font-style": "normal", "text-anchor": "start", "fill-opacity": 1, "stroke-opacity": 1, stroke: "none", direction: "ltr" };

function written(el, parent) {
  const style = getComputedStyle(el);
  if (style.display === "none" || style.visibility === "hidden") return "";
  const all = { ...lettering(style), "text-anchor": anchor(style), direction: style.direction === "rtl" ? "rtl" : null, ...ink(style) };
  const own = Object.fromEntries(Object.entries(all).map(([key, value]) => [key, parent?.[key] === value ? null : value ?? (parent?.[key] ? NEUTRAL[key] : null)]));
  const inside = [...el.childNodes].map((node) => node.nodeType === 3 ? escaped(node.data.replace(/\s+/g, " "))
    : ["tspan", "a"].includes(node.localName) ? written(node, all) : "").join("");
  const place = el.localName === "a" ? {} : geometry(el, style);
  return inside && element(parent ? "tspan" : "text", { ...place, transform: el.getAttribute("transform"), opacity: opacity(style), ...own }, inside);
}

/** The same geometry without its own paint: what a `use` repeats takes the paint of the `use`. */
function bare(el) {
  if (el.localName === "g") return element("g", { transform: el.getAttribute("transform") }, [...el.children].map(bare).join(""));
  if (el.localName !== "rect" && !GEOMETRY[el.localName]) return "";
  return element(el.localName, { ...geometry(el, getComputedStyle(el)), transform: el.getAttribute("transform") });
}

function repeated(el, style) {
  const target = document.getElementById((el.getAttribute("href") ?? "").slice(1));
  const at = `translate(${el.getAttribute("x") ?? 0} ${el.getAttribute("y") ?? 0})`;
  return target ? element("g", { transform: at, opacity: opacity(style), ...ink(style) }, bare(target)) : "";
}

/** An element of a drawing and all below it. */
export function drawing(el) {
  const style = getComputedStyle(el), kind = el.localName;
  if (style.display === "none" || style.opacity === "0") return "";
  if (["g", "a", "svg"].includes(kind)) {
    const inside = [...el.children].map(drawing).join("");
    const wrap = { transform: el.getAttribute("transform"), opacity: opacity(style) };
    return inside && (wrap.transform || wrap.opacity) ? element("g", wrap, inside) : inside;
  }
  if (style.visibility === "hidden") return "";
  if (kind === "text") return written(el, null);
  if (kind === "use") return repeated(el, style);
  if (kind !== "rect" && !GEOMETRY[kind]) return "";
  const how = ink(style);
  if (how.fill === "none" && !how.stroke) return "";
  return element(kind, { ...geometry(el, style), transform: el.getAttribute("transform"), opacity: opacity(style), ...how });
}
