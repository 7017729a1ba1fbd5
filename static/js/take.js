// The pictures of “Take along”: what the stage shows, as files.

import { read } from "./frames.js";
import { say } from "./wording.js";

let filming = 0; // which animation is being drawn; another number gives it up

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Stand still at the frame in hand. */
function halt(theatre) {
  const { phase, t, part } = theatre.querySelector(".story > .frame.on").dataset;
  theatre.dispatchEvent(new CustomEvent("goto", { detail: { phase, t: Number(t), part: Number(part) } }));
  return t === "0" ? `${phase}-${part}` : `${phase}-${t}-${part}`;
}

/** The picture of the frame in hand, and the frame's name. */
async function still(theatre) {
  const { picture } = await import("./picture/picture.js"), at = halt(theatre);
  return { at, ...picture(theatre, read(theatre)) };
}

const kinds = {
  async svg(theatre, name) {
    const { at, svg } = await still(theatre);
    save(new Blob([svg], { type: "image/svg+xml" }), `${name}-${at}.svg`);
  },
  async png(theatre, name) {
    const { raster, png } = await import("./picture/raster.js"), drawn = await still(theatre);
    save(await png(await raster(drawn, 2)), `${name}-${drawn.at}.png`);
  },
  async gif(theatre, name, dialog) {
    const { film } = await import("./picture/film.js"), mine = ++filming, bar = dialog.querySelector("progress");
    halt(theatre);
    const tell = (done, all) => { bar.max = all; bar.value = done; };
    const blob = await film(theatre, tell, () => mine === filming && theatre.isConnected && dialog.open);
    if (blob) save(blob, `${name}.gif`);
  },
};

export async function take(button) {
  const theatre = button.closest(".theatre"), dialog = theatre.querySelector(".drawing"), said = dialog.querySelector(".said");
  const menu = button.closest("details"), end = dialog.querySelector("button");
  menu.open = false;
  menu.querySelector("summary").focus(); // where the dialog gives the focus back
  dialog.classList.remove("failed");
  end.textContent = say("Cancel");
  if (button.dataset.take === "gif") {
    said.textContent = say("Drawing every frame of the story …");
    dialog.querySelector("progress").removeAttribute("value");
    dialog.showModal();
  }
  try {
    await kinds[button.dataset.take](theatre, button.dataset.name, dialog);
    dialog.close();
  } catch (error) {
    dialog.classList.add("failed");
    end.textContent = say("Close");
    said.textContent = error instanceof RangeError ? error.message : say("The picture could not be drawn ({why}).", { why: error.message });
    if (!dialog.open) dialog.showModal();
  }
}
