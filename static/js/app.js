// Ties the page together: mounts what htmx brings, and hands keys and clicks to whom they concern.
import { buildAll } from "./frames.js";
import * as grid from "./grid.js";
import "./overview.js";
import { mount } from "./player.js";
import { say } from "./wording.js";

// Only the page of a comparison has a pair of stages, and it keeps it.
const { both } = document.querySelector(".duo") ? await import("./compare.js") : {};
let player = null, at = null;
const THEMES = ["", "light", "dark", "projector"];
const WORN = { light: say("Light"), dark: say("Dark"), projector: say("Projector") };
const SYSTEM = say("follow the system");

function wake() {
  const pair = document.querySelector(".duo");
  if (pair && player?.theatre !== pair) player = both(pair);
  const theatre = document.querySelector(".theatre");
  if (theatre && player?.theatre !== theatre) player = mount(theatre, at ?? begin(theatre));
  grid.mount();
  nameCells();
  for (const link of document.querySelectorAll("#examples a")) link.href === location.href ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
  const run = document.getElementById("run"), asked = document.getElementById("sentence");
  if (run?.dataset.sentence && asked && document.activeElement !== asked) asked.value = run.dataset.sentence;
  const target = document.querySelector(`#question [name=target][value="${run?.dataset.target}"]`);
  if (target && !document.activeElement?.closest(".target")) target.checked = true;
  if (target) target.closest(".target").hidden = run.dataset.task === "next_word";
}

/** The frame that the address asks to begin with. */
function begin({ dataset }) {
  if (!dataset.at) return null;
  const [phase, t, part] = dataset.at.split(".");
  return { phase, t: Number(t), part: Number(part) };
}

function nameTheme(button) {
  const theme = document.documentElement.dataset.theme ?? "";
  button.textContent = WORN[theme] ?? say("Theme");
  button.setAttribute("aria-label", say("Theme: {name}", { name: WORN[theme]?.toLowerCase() ?? SYSTEM }));
}

function wear(theme) {
  if (theme) document.documentElement.dataset.theme = theme; else delete document.documentElement.dataset.theme;
  document.querySelectorAll("[data-do=theme]").forEach(nameTheme);
  document.dispatchEvent(new CustomEvent("theme"));
}

function nameCells() {
  const open = !document.documentElement.classList.contains("shut");
  document.querySelectorAll("[data-do=cell]").forEach((button) => button.setAttribute("aria-expanded", open));
}

/** Close the menus that are open. */
function closeMenus(but = null) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== but) menu.open = false;
}

const actions = {
  play: () => player?.play(), back: () => player?.back(), forward: () => player?.forward(),
  help: () => document.getElementById("help")?.showModal(),
  text: (button) => {
    buildAll();
    button.setAttribute("aria-pressed", button.closest(".theatre").classList.toggle("astext"));
  },
  cell: () => {
    document.documentElement.classList.toggle("shut");
    nameCells();
  },
  theme: () => {
    const next = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme ?? "") + 1) % THEMES.length];
    try { localStorage.setItem("theme", next); } catch { /* the choice then lasts for this page */ }
    wear(next);
  },
};
const KEYS = {
  " ": "play", ArrowLeft: "back", ArrowRight: "forward", Home: "home", End: "end",
};

document.addEventListener("click", (event) => {
  const share = event.target.closest("[data-share]"), now = share && player?.state();
  if (now) share.href = `${share.dataset.share}&at=${now.phase}.${now.t}.${now.part}`;
  const button = event.target.closest("[data-do]");
  if (button && actions[button.dataset.do]) return actions[button.dataset.do](button);
  const phase = event.target.closest(".phase");
  if (phase) return player?.first(Number(phase.dataset.first));
  const jump = event.target.closest(".jump");
  if (jump) return player?.goto({ phase: player.state().phase === "back" ? "back" : "forward", t: Number(jump.dataset.t), part: 1 });
  closeMenus(event.target.closest("a") ? null : event.target.closest("details.menu"));
  grid.click(event);
});
// The sentence is run once when its typing pauses, or at once on Enter; leaving its field runs nothing again.
const PAUSE = 500; // ms
let typing = 0;
document.addEventListener("change", (event) => { if (event.target.id === "sentence") event.stopPropagation(); }, true);
document.addEventListener("submit", () => clearTimeout(typing), true);
document.addEventListener("input", (event) => {
  if (event.target.id === "sentence") {
    clearTimeout(typing);
    typing = setTimeout(() => event.target.dispatchEvent(new CustomEvent("typed")), PAUSE);
  }
});
document.addEventListener("input", (event) => { if (event.target.matches(".scrub")) player?.scrub(Number(event.target.value)); });
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const typing = event.target.closest(".lab input, input:not([type=range], [type=radio]), select, textarea, [contenteditable]");
  if (event.key === "Escape") {
    document.activeElement?.closest("details.menu[open]")?.querySelector("summary").focus();
    closeMenus();
  }
  if (event.key === "Tab") grid.ready();
  if (typing) return;
  if (grid.key(event)) return event.preventDefault();
  if (event.key === "?") return actions.help();
  if (event.key === "c") return actions.cell();
  if (event.key === "[" || event.key === "]") return player?.phase(event.key === "]" ? 1 : -1);
  const name = KEYS[event.key];
  if (!name || !player || grid.scrolls(event) || event.target.closest("[type=radio], [type=range]:not(.scrub)") || (event.key === " " && event.target.closest("button, summary, a"))) return;
  event.preventDefault();
  player[name]();
});
// Above the header while one of its sheets reaches there.
document.addEventListener("toggle", ({ target }) => target.closest?.(".theatre")?.classList.toggle("raised", document.querySelector(".theatre .menu[open]") !== null), true);
document.addEventListener("htmx:before:swap", (event) => {
  if (!player?.theatre.isConnected || !event.detail?.ctx?.target?.contains?.(player.theatre)) return;
  at = player.state();
  player.rest();
});
// A new stage comes in a template: there htmx does not look for its attributes, of which a stage has none.
addEventListener("htmx:after:swap", () => {
  const held = document.querySelector(".theatre > template");
  held?.replaceWith(held.content);
}, true);
// The old run goes first, when all have looked at it: names that stand twice are slow to look up.
addEventListener("htmx:before:swap", ({ detail }) => {
  const swaps = detail?.tasks?.some(({ type, swapSpec }) => type === "main" && swapSpec.style !== "none");
  if (swaps && detail.ctx.target?.contains?.(player?.theatre)) document.querySelectorAll(".theatre, .adds").forEach((part) => part.replaceChildren());
});
// A server that fails or cannot be reached changes nothing on the page, and says so.
const unanswered = (why) => {
  const place = document.getElementById("unanswered");
  if (!place) return;
  place.hidden = false;
  place.textContent = say("No answer to that ({why}). The picture is the one before; try again in a moment.", { why });
};
document.addEventListener("htmx:response:error", (event) => {
  const status = event.detail?.ctx?.response?.status ?? 0;
  if (status !== 422) unanswered(say("the server said {status}", { status }));
});
document.addEventListener("htmx:error", () => unanswered(say("the server cannot be reached")));
document.addEventListener("htmx:after:swap", wake);
document.querySelectorAll("[data-do=theme]").forEach(nameTheme);
// Another page of ours changed the theme: the one around this frame, or one beside it.
addEventListener("storage", ({ key, newValue }) => { if (key === "theme") wear(newValue ?? ""); });
wake();
// Pictures of the stage, to take along: fetched when the first is asked for.
document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-take]");
  if (button) (await import("./take.js")).take(button);
});
