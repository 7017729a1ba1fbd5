// The gate whose cards and bars are shown: the one that the frame is about, else the one that was chosen.
let chosen = "";
const part = (id) => document.getElementById(id);

/** Show a gate in the tray and among the bars; without one, the choice of the user, or what the page came with. */
export function select(gate) {
  const radios = [...document.querySelectorAll("input[data-gate]")];
  const wanted = gate || chosen;
  const known = radios.some((radio) => radio.dataset.gate === wanted);
  for (const radio of radios) radio.checked = known ? radio.dataset.gate === wanted : radio.defaultChecked;
}

/** Bring what is lit in the opened cell into sight, where it is wider than its room. */
export function follow(theatre) {
  const room = theatre.querySelector(".cells");
  if (!room || room.scrollWidth <= room.clientWidth) return;
  const all = [...room.querySelectorAll(".cell.cur .vec.lit")], inCard = all.filter((part) => part.closest(".gatecard"));
  const boxes = (inCard.length ? inCard : all).map((part) => part.getBoundingClientRect());
  const lit = boxes.filter((box) => box.width);
  if (!lit.length) return;
  const left = Math.min(...lit.map((box) => box.left)), right = Math.max(...lit.map((box) => box.right));
  const home = room.getBoundingClientRect();
  room.scrollLeft += (left + right) / 2 - home.left - home.width / 2;
}

// The title of the opened cell stays in sight.
document.addEventListener("scroll", ({ target }) => {
  if (target.id === "cells") target.style.setProperty("--slid", `${target.scrollLeft}px`);
}, true);
let lane = "lane-above"; // whose cell is open, of two
document.addEventListener("change", ({ target }) => {
  if (target.name === "lane") lane = target.id;
  if (!target.matches("input[data-gate]")) return;
  chosen = target.dataset.gate;
  select();
});

const picked = {}; // the weight whose bars were chosen, by the name of its tabs

/** The bars of a weight that the frame is about: the chosen ones, or those the page came with, if they are among them. */
function turn(theatre) {
  const lit = theatre.querySelector(".story > .on")?.dataset.lit ?? "";
  const told = new Set([...lit.matchAll(/\b(?:total|bars)-(\S+?)(?:-\d+)?(?!\S)/g)].map((found) => found[1]));
  for (const tabs of document.querySelectorAll(".adds .tabs")) {
    const all = [...tabs.querySelectorAll(":scope > input[value]")], meant = all.filter((radio) => told.has(radio.value));
    const usual = all.find((radio) => radio.value === picked[radio.name]) ?? all.find((radio) => radio.defaultChecked);
    const shown = meant.length && !meant.includes(usual) ? meant[0] : usual;
    if (shown) shown.checked = true;
  }
}

document.addEventListener("frame", ({ target }) => {
  if (part(lane)) part(lane).checked = true; // a new run keeps the lane that was chosen
  turn(target);
});
// Of a whole page the bars come after the stage, and then show the frame in hand.
let bars = null;
document.addEventListener("htmx:after:swap", () => {
  const theatre = document.querySelector(".theatre"), detail = document.querySelector(".adds:not([hx-get])");
  if (!theatre || !detail || detail === bars) return;
  bars = detail;
  theatre.dispatchEvent(new CustomEvent("bars", { detail }));
  select(theatre.querySelector(".story > .on")?.dataset.gate);
  turn(theatre);
});
document.addEventListener("change", ({ target }) => {
  if (target.matches(".adds input[value]")) picked[target.name] = target.value;
});
