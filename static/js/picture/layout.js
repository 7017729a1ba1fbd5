// The HTML and MathML around the drawings as flat SVG: boxes, lines of text, the tokens of a formula.

import { colour, drawing, element, escaped, lettering, round } from "./flatten.js";

const rule = document.createElement("canvas").getContext("2d");
const heights = new Map();

/** How far the letters of a style reach above and below the line they stand on, in pixels. */
function reach(style) {
  const font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  if (!heights.has(font)) {
    rule.font = font;
    const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = rule.measureText("x");
    heights.set(font, { up, down });
  }
  return heights.get(font);
}

/** A node of text, a line at a time: a line ends where the next word stands lower. */
function lines(node) {
  const range = document.createRange(), found = [];
  for (const { 0: word, index } of node.data.matchAll(/\S+/g)) {
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    const box = range.getBoundingClientRect(), line = found.at(-1);
    if (!box.width) continue;
    if (!line || Math.abs(line.top - box.top) > 2) found.push({ words: [word], left: box.left, right: box.right, top: box.top, height: box.height });
    else {
      line.words.push(word);
      line.left = Math.min(line.left, box.left);
      line.right = Math.max(line.right, box.right);
    }
  }
  return found;
}

function text(node, style, home, more = {}) {
  const { up, down } = reach(style), { hex } = colour(style.color);
  return lines(node).map(({ words, left, right, top, height }) => element("text", {
    x: round(left - home.x), y: round(top + (height - up - down) / 2 + up - home.y), ...lettering(style), fill: hex,
    // Another system's letters are wider or narrower; the words after these must not move.
    textLength: words.join("").length > 1 ? round(right - left) : null, ...more,
  }, escaped(words.join(" ")))).join("");
}

function box(el, style, home) {
  const at = el.getBoundingClientRect(), ground = colour(style.backgroundColor), edge = parseFloat(style.borderTopWidth);
  const line = colour(style.borderBottomColor), foot = parseFloat(style.borderBottomWidth);
  const round_ = Math.min(parseFloat(style.borderTopLeftRadius) || 0, at.height / 2);
  const place = { x: round(at.x - home.x + edge / 2), y: round(at.y - home.y + edge / 2), width: round(at.width - edge), height: round(at.height - edge), rx: round_ || null };
  if (ground.alpha || edge) return element("rect", { ...place, fill: ground.alpha ? ground.hex : "none", stroke: edge ? line.hex : null, "stroke-width": edge || null });
  if (!foot) return "";
  const y = round(at.bottom - foot / 2 - home.y);
  return element("line", { x1: round(at.x - home.x), x2: round(at.right - home.x), y1: y, y2: y, stroke: line.hex, "stroke-width": foot });
}

// Brackets that have grown with what they hold, as lines through the middle of their box: [left, right] of its width.
const BRACKETS = {
  "[": (l, r, t, b) => `M${r} ${t}H${l}V${b}H${r}`, "]": (l, r, t, b) => `M${l} ${t}H${r}V${b}H${l}`,
  "(": (l, r, t, b) => `M${r} ${t}Q${2 * l - r} ${(t + b) / 2} ${r} ${b}`, ")": (l, r, t, b) => `M${l} ${t}Q${2 * r - l} ${(t + b) / 2} ${l} ${b}`,
  "|": (l, r, t, b) => `M${(l + r) / 2} ${t}V${b}`,
  "‖": (l, r, t, b) => `M${(l * 2 + r) / 3} ${t}V${b}M${(l + 2 * r) / 3} ${t}V${b}`,
};

function token(el, style, home) {
  const node = el.firstChild, said = el.textContent.trim();
  if (node?.nodeType !== 3 || !said) return "";
  const at = el.getBoundingClientRect(), size = parseFloat(style.fontSize), { hex } = colour(style.color);
  if (el.localName === "mo" && BRACKETS[said] && at.height > 1.5 * size) {
    const [l, r] = [at.left + at.width * 0.35, at.right - at.width * 0.25].map((x) => x - home.x);
    const d = BRACKETS[said](l, r, at.top - home.y + 1, at.bottom - home.y - 1);
    return element("path", { d, fill: "none", stroke: hex, "stroke-width": 1.2 });
  }
  const slanted = el.localName === "mi" && [...said].length === 1 && el.getAttribute("mathvariant") !== "normal";
  return text(node, style, home, slanted ? { "font-style": "italic", textLength: null } : { lengthAdjust: "spacingAndGlyphs" });
}

function bar(el, style, home) {
  const [above, below] = [...el.children].map((part) => part.getBoundingClientRect()), at = el.getBoundingClientRect();
  const y = round((above.bottom + below.top) / 2 - home.y);
  return element("line", { x1: round(at.left - home.x), x2: round(at.right - home.x), y1: y, y2: y, stroke: colour(style.color).hex, "stroke-width": 1 });
}

function sketch(svg, home) {
  const { a, b, c, d, e, f } = svg.getScreenCTM(), inside = drawing(svg);
  return inside && element("g", { transform: `matrix(${[a, b, c, d, e - home.x, f - home.y].map((x) => Math.round(x * 1e4) / 1e4).join(" ")})` }, inside);
}

const level = (node) => (node.nodeType === 1 && Number(getComputedStyle(node).zIndex)) || 0; // "auto" is the ground

/** Everything that can be seen of an element. home: what becomes the origin. keep: false for what is left out. */
export function flat(el, home, keep = () => true) {
  const style = getComputedStyle(el), at = el.getBoundingClientRect();
  if (style.display === "none" || style.visibility === "hidden" || style.opacity === "0" || el.matches(".unseen, input") || !keep(el, at)) return "";
  if (el.localName === "svg") return sketch(el, home);
  if (["mi", "mn", "mo", "mtext"].includes(el.localName)) return token(el, style, home);
  const inside = [...el.childNodes].sort((one, other) => level(one) - level(other)).map((node) => node.nodeType === 3 ? text(node, style, home)
    : node.nodeType === 1 ? flat(node, home, keep) : "").join("");
  if (el.localName === "mfrac") return inside + bar(el, style, home);
  return (el.namespaceURI.endsWith("xhtml") ? box(el, style, home) : "") + inside;
}
