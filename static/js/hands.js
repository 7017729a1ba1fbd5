// Hands on: what is dragged shows at once what the engine computed for that place; what is let go of is asked for by
// the form around it. And while the parts of a new run are on their way, their places stay as tall as they were.

/** The field that a slider stands for follows it, by the marks of its plot where it has one. */
function follow(range) {
  const field = document.getElementById(range.dataset.for), lab = range.closest(".lab");
  const marks = [...lab.querySelectorAll(".mark")];
  if (!marks.length) return void (field.value = range.value);
  const here = marks.find((mark) => mark.dataset.k === range.value);
  for (const mark of marks) mark.classList.toggle("on", mark === here);
  field.value = here.dataset.value;
  document.getElementById(range.dataset.tells).textContent = here.dataset.said;
  range.setAttribute("aria-valuetext", here.dataset.said);
}

document.addEventListener("input", ({ target }) => { if (target.matches("input[type=range][data-for]")) follow(target); });

// A sheet of its own and no style attributes: htmx would copy those, which the policy forbids.
const PARTS = ["ledger", "labs", "charts", "panels"];
const heights = new CSSStyleSheet();
let came = false; // whether the new run, with parts still to come, is on the page
document.adoptedStyleSheets.push(heights);
document.addEventListener("htmx:before:swap", ({ detail }) => {
  if (detail?.ctx?.target?.id !== "run") return;
  const rules = [`body { min-height: ${document.body.offsetHeight}px; overflow-anchor: none }`]; // or the page jumps
  for (const id of PARTS) {
    const height = document.getElementById(id)?.offsetHeight;
    if (height) rules.push(`#${id}:has(> .later) { min-height: ${height}px }`);
  }
  heights.replaceSync(rules.join(" "));
  came = false;
});
document.addEventListener("htmx:after:swap", () => {
  const waiting = document.querySelector(".run > section > .later");
  if (came && !waiting) heights.replaceSync("");
  came ||= Boolean(waiting);
});
