// The ledger's row j and the stage's step t are one thing: moving either moves the other.

const ledger = () => document.getElementById("ledger");

/** Light row j, and say how many Jacobians its chain has. */
function light(j) {
  const slide = ledger()?.querySelector(".jslide");
  if (!slide) return;
  const range = slide.querySelector("input"), [name, jacobians] = slide.querySelectorAll("output");
  range.value = j;
  name.textContent = j;
  jacobians.textContent = "reverse" in slide.dataset ? j - 1 : range.max - j;
  for (const row of ledger().querySelectorAll("tbody.step")) row.classList.toggle("inhand", Number(row.dataset.t) === Number(j));
}

document.addEventListener("input", (event) => {
  if (!event.target.matches(".jslide input")) return;
  const detail = { phase: "back", t: Number(event.target.value), part: 2 };
  light(detail.t);
  document.querySelector(".theatre")?.dispatchEvent(new CustomEvent("goto", { detail }));
});
document.addEventListener("frame", ({ detail }) => { if (detail.phase === "back") light(detail.t); });
document.addEventListener("htmx:after:swap", () => {
  const t = document.querySelector(".theatre[data-phase=back] .cur")?.dataset.t;
  if (t && !ledger()?.querySelector("tbody.inhand")) light(Number(t));
});
