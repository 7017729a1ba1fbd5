// The coin of a step: copied from the columns onto the mould on its card when a frame shows it, and gone after.

const COIN = /^coin-(.+)-(\d+)$/;
const part = (id) => document.getElementById(id);

function listed(text) {
  const tokens = text.split(" "), cells = [];
  for (let k = 0; k < tokens.length; k += 2) cells.push([tokens[k], tokens[k + 1]]);
  return cells;
}

/** Step t of an array: from where it stands, else from the list of what nothing shows. */
function step(array, t, width) {
  const shown = part(`${array}-${t}`);
  if (!shown) return listed(part(`all-${array}`).value).slice((t - 1) * width, t * width);
  return [...shown.querySelectorAll(".c")].map((cell) => [/v-\w+/.exec(cell.getAttribute("class"))?.[0] ?? "", cell.querySelector("text").textContent]);
}

function dress(cell, [tone, text]) {
  cell.setAttribute("class", `c ${tone}`);
  if (cell.hasAttribute("tabindex")) cell.setAttribute("tabindex", "-1");
  cell.querySelector("text").textContent = text;
  return cell;
}

function row(model, id, cells, kind = "") {
  const line = model.cloneNode(true);
  line.id = id;
  line.setAttribute("class", `vec ${kind}`);
  [...line.children].forEach((cell, k) => dress(cell, cells[k]));
  return line;
}

const moved = (line, y) => { line.setAttribute("transform", `translate(0 ${y})`); return line; };

function seen(models, id, cells) {
  const group = document.createElementNS("http://www.w3.org/2000/svg", "g");
  group.id = id;
  group.setAttribute("class", "vec seen");
  group.append(...models.map((model, i) => {
    const cell = dress(model.firstElementChild.cloneNode(true), cells[i]), lowered = model.getAttribute("transform");
    if (lowered) cell.setAttribute("transform", lowered);
    cell.querySelector("rect").setAttribute("x", -52);
    cell.querySelector("text").setAttribute("x", -29);
    return cell;
  }));
  return group;
}

function faces({ blame, rows, seen: states, before, products }, key, t) {
  const models = [...part(`${key}-all`).children], width = models[0].children.length, size = models.length * width;
  const arrays = blame.split(" "), blamed = step(arrays[t - 1] ?? arrays[0], t, width);
  if (!states) return [moved(row(models[0], `in-${key}-${t}`, blamed), rows?.split(" ")[t - 1] ?? 0)];
  const entered = states.split(" ").flatMap((array) => step(array, t + Number(before), models.length));
  const inside = products ? listed(products).slice((t - 1) * size, t * size) : [];
  return [
    moved(row(models[0], `top-${key}-${t}`, blamed, "blame"), -24),
    seen(models, `left-${key}-${t}`, entered),
    ...(products ? models.map((model, i) => row(model, `in-${key}-${t}-${i}`, inside.slice(i * width, (i + 1) * width))) : []),
  ];
}

/** Put the coin of this name on its card, where there is one. */
export function mint(id) {
  const [, key, t] = COIN.exec(id) ?? [], mould = key && part(key)?.querySelector(".mould");
  if (!mould) return;
  const coin = mould.cloneNode(true), tint = /\bt-\d+/.exec(part(`slot-${key}-${t}`).getAttribute("class"))[0];
  coin.id = id;
  coin.setAttribute("class", `layer coin ${tint}`);
  for (const el of coin.querySelectorAll("[data-away]")) el.textContent = Number(t) + Number(el.dataset.away);
  if (mould.dataset.blame) coin.append(...faces(mould.dataset, key, Number(t)));
  mould.after(coin);
  pick(coin);
}

/** Mark the number of a coin that the inspector shows, unless it was picked elsewhere. */
function pick(coin) {
  const [, row, k] = /^(.+)\.(\d+)$/.exec(part("inspector")?.dataset.partShown) ?? [];
  const cell = row && coin.querySelector(`[id="${row}"]`)?.querySelectorAll(".c")[k];
  if (cell && !document.querySelector(".picked")) cell.classList.add("picked");
}

export const melt = (id) => { if (COIN.test(id)) part(id)?.remove(); };
