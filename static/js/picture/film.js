// All frames of a story as an animated GIF, which every slide program plays. A frame at a time, so that the page goes
// on answering; of each frame only the pixels that changed are written.

import { read } from "../frames.js";
import { picture } from "./picture.js";
import { raster } from "./raster.js";
import { say } from "../wording.js";

const MOST_FRAMES = 240;
const MOST_BYTES = 40e6;
const COLOURS = 255; // and one for "as before"
const breath = () => new Promise((go) => setTimeout(go));
/** As long as the words take to read, in ms. */
const rest = ({ item }) => Math.max(1600, Math.min(6500, 600 + 38 * item.querySelector(".cap").textContent.length));

/** Raises where the story is longer than an animation may be. */
function allowed(count) {
  if (count > MOST_FRAMES) throw new RangeError(say("An animation has at most {most} frames, this story has {count}. Take a shorter sentence, or its pictures one by one.", { most: MOST_FRAMES, count }));
}

/** Write one frame: a palette of its own, and where it is as the frame before, nothing. */
function append(gif, coder, pixels, before, { width, height }, delay) {
  const palette = coder.quantize(pixels, COLOURS, { format: "rgb565" });
  const index = coder.applyPalette(pixels, palette, "rgb565");
  const now = new Uint32Array(pixels.buffer);
  if (before) for (let k = 0; k < now.length; k++) if (now[k] === before[k]) index[k] = palette.length;
  gif.writeFrame(index, width, height, { palette: [...palette, [255, 255, 255]], delay, transparent: Boolean(before), transparentIndex: palette.length, dispose: 1 });
  return now;
}

/** The GIF as a blob, or null when it was given up. tell(done, all): how far it is. alive(): whether to go on. */
export async function film(theatre, tell, alive) {
  const coder = await import("../../vendor/gifenc/gifenc.esm.js");
  const story = read(theatre), pictures = [], all = 2 * story.frames.length;
  allowed(story.frames.length);
  for (let i = 0; i < story.frames.length; i++) {
    if (!alive()) return null;
    pictures.push(picture(theatre, story, i));
    tell(i + 1, all);
    await breath();
  }
  const size = { width: Math.max(...pictures.map((each) => each.width)), height: Math.max(...pictures.map((each) => each.height)) };
  const gif = coder.GIFEncoder();
  let before = null;
  for (let i = 0; i < pictures.length; i++) {
    const { brush } = await raster(pictures[i], 1, size);
    if (!alive()) return null;
    const { data } = brush.getImageData(0, 0, size.width, size.height);
    before = append(gif, coder, data, before, size, rest(story.frames[i]));
    if (gif.bytesView().length > MOST_BYTES) throw new RangeError(say("An animation has at most {most} MB, and this one would be larger. Take a shorter sentence or fewer units.", { most: MOST_BYTES / 1e6 }));
    tell(pictures.length + i + 1, all);
    await breath();
  }
  gif.finish();
  return new Blob([gif.bytes()], { type: "image/gif" });
}
