// A picture in pixels: the SVG drawn on a canvas, as any viewer would draw it.
import { say } from "../wording.js";

const LONGEST = 16384; // px a side of a canvas may have

export async function raster({ svg, width, height }, wanted, size = { width, height }) {
  const scale = Math.min(wanted, LONGEST / Math.max(size.width, size.height));
  const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(size.width * scale);
    canvas.height = Math.round(size.height * scale);
    const brush = canvas.getContext("2d", { willReadFrequently: wanted === 1 });
    brush.fillStyle = "#ffffff";
    brush.fillRect(0, 0, canvas.width, canvas.height);
    brush.drawImage(image, ((size.width - width) / 2) * scale, 0, width * scale, height * scale);
    return { canvas, brush };
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** The canvas as a PNG file. */
export const png = ({ canvas }) => new Promise((done, failed) => {
  canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error(say("the picture is too large for this browser")))), "image/png");
});
