// The focus comes back after a swap: to the same field where the new markup has it, else to the nearest thing around
// it that is still there. A run brings its inspector a moment later, so a field may be two swaps away.
let wanted = [], landed = ""; // ids, the nearest first; the id where the focus waits for the first of them

const around = (el) => {
  const ids = [];
  for (; el; el = el.parentElement) if (el.id) ids.push(el.id);
  return ids;
};

document.addEventListener("htmx:before:swap", ({ detail }) => {
  const held = document.activeElement;
  if (!held || held === document.body || !detail?.ctx?.target?.contains?.(held)) return;
  if (!wanted.length || held.id !== landed) wanted = around(held);
});
// Whoever moves on is not called back. htmx itself puts the focus on what has the same id.
document.addEventListener("focusin", ({ target }) => {
  if (target.id !== landed && !wanted.includes(target.id)) wanted = [];
});
document.addEventListener("htmx:after:swap", () => {
  const held = document.activeElement;
  if (!wanted.length || (held !== document.body && !wanted.includes(held.id))) return;
  const found = wanted.map((id) => document.getElementById(id)).find(Boolean);
  if (!found) return;
  if (found.tabIndex < 0) found.setAttribute("tabindex", "-1");
  landed = found.id;
  if (landed === wanted[0]) wanted = [];
  if (found !== held) found.focus({ preventScroll: true });
});
