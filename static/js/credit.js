// The credit matrix and the stage: a number that is pointed at or focused lights its loss and its step, and says it.
const parts = (cell) => (cell?.dataset.lights ?? "").split(" ").map((id) => document.getElementById(id)).filter(Boolean);
let held = null, first = "";

function hold(cell) {
  if (cell === held) return;
  parts(held).forEach((el) => el.classList.remove("blaming"));
  parts(cell).forEach((el) => el.classList.add("blaming"));
  const said = document.querySelector(".creditsaid");
  if (said) {
    first ||= said.textContent;
    said.textContent = cell ? cell.getAttribute("aria-label") : first;
  }
  held = cell;
}

const cellOf = (target) => target?.closest?.(".credit .blame") ?? null;
const focused = () => cellOf(document.activeElement);
document.addEventListener("pointerover", ({ target }) => { const cell = cellOf(target); if (cell || held) hold(cell ?? focused()); });
document.addEventListener("focusin", ({ target }) => { const cell = cellOf(target); if (cell || held) hold(cell); });
document.addEventListener("htmx:after:swap", () => { if (held && !held.isConnected) hold(null); });
