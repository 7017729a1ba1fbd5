// What belongs to one step lights up together: its word, its column, its row of the ledger, its bars and its coins.
// The pointer and the keyboard's focus do the same.

const NAMED = /^(?:slot|coin|bars)-.+-(\d+)$/;
let lit = "";

/** The step an element belongs to, "" for none. */
function stepOf(el) {
  const at = el?.closest?.(".jump[data-t], .column[data-t], tbody.step[data-t], .slot[id], .bar[id]");
  return at?.dataset.t ?? NAMED.exec(at?.id ?? "")?.[1] ?? "";
}

function light(t) {
  if (t === lit) return;
  lit = t;
  document.querySelectorAll(".kin").forEach((el) => el.classList.remove("kin"));
  if (!t) return;
  const places = [".jump", ".column", "tbody.step"].map((kind) => `${kind}[data-t="${t}"]`);
  places.push(`.slot[id$="-${t}"]`, `.bar[id$="-${t}"]`);
  document.querySelectorAll(places.join()).forEach((el) => el.classList.add("kin"));
}

const follow = ({ target }) => light(stepOf(target));
document.addEventListener("pointerover", follow);
document.addEventListener("focusin", follow);
document.addEventListener("htmx:after:swap", () => { const t = lit; lit = ""; light(t); });
