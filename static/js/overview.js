// A long sentence at a glance: where the track stands in it, which step is in hand, and a way to another one.

const slider = (theatre) => theatre.querySelector(".overview input");
const within = (value, least, most) => Math.max(least, Math.min(most, value));

function go(theatre, t) {
  const detail = { phase: theatre.dataset.phase === "back" ? "back" : "forward", t, part: 1 };
  theatre.dispatchEvent(new CustomEvent("goto", { detail }));
}

document.addEventListener("window", ({ target, detail }) => {
  const range = slider(target), frame = target.querySelector(".overview .window");
  if (!frame) return;
  const from = within(detail.from, 0, range.max), to = within(detail.to, from, range.max);
  frame.setAttribute("x", from.toFixed(2));
  frame.setAttribute("width", (to - from).toFixed(2));
});

document.addEventListener("frame", ({ target, detail }) => {
  const range = slider(target), now = target.querySelector(".overview .now");
  if (!now) return;
  const steps = detail.t > 0 ? detail.at.map((id) => /^col\w*-(\d+)$/.exec(id)?.[1]).filter(Boolean) : [];
  now.setAttribute("d", steps.map((t) => `M${t - 1} 0h1v${now.dataset.height}h-1z`).join(""));
  if (!detail.t) return;
  range.value = detail.t;
  range.setAttribute("aria-valuetext", target.querySelector(`.jump[data-t="${detail.t}"]`)?.textContent ?? detail.t);
});

document.addEventListener("input", ({ target }) => {
  if (target.matches(".overview input")) go(target.closest(".theatre"), Number(target.value));
});

// The pointer takes the step that it is over; the slider itself would be off by half a step at its ends.
const point = (event) => {
  const glance = event.target.closest?.(".glance");
  if (!glance || !event.buttons) return;
  const box = glance.getBoundingClientRect(), range = glance.querySelector("input");
  const t = within(Math.floor(((event.clientX - box.x) / box.width) * range.max) + 1, 1, Number(range.max));
  if (event.type === "pointerdown") glance.setPointerCapture(event.pointerId);
  range.focus({ preventScroll: true });
  if (event.type === "pointerdown" || t !== Number(range.value)) go(glance.closest(".theatre"), t);
  event.preventDefault();
};
document.addEventListener("pointerdown", point);
document.addEventListener("pointermove", point);
document.addEventListener("mousedown", (event) => { if (event.target.closest?.(".glance")) event.preventDefault(); });
