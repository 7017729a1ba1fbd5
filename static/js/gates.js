// The gate whose cards and bars are shown: the one that the frame is about, else the one that was chosen.
let chosen = "";

/** Show a gate in the tray and among the bars; without one, the choice of the user, or what the page came with. */
export function select(gate) {
  const radios = [...document.querySelectorAll("input[data-gate]")];
  const wanted = gate || chosen;
  const known = radios.some((radio) => radio.dataset.gate === wanted);
  for (const radio of radios) radio.checked = known ? radio.dataset.gate === wanted : radio.defaultChecked;
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("input[data-gate]")) return;
  chosen = event.target.dataset.gate;
  select();
});
