// The track follows the step in hand, and draws only the columns that can be seen.
// Asking the browser where the track stands would make it lay out the page anew, so that is remembered.
import { reveal } from "./frames.js";

const AT_THE_END = ["output", "loss", "outback"];
const ASIDE = 2; // columns drawn beyond either border

export function camera(theatre, story) {
  const track = theatre.querySelector(".track");
  const columns = [...track.querySelectorAll(".column")];
  const upper = columns.slice(0, Number(theatre.dataset.steps)); // of two lanes the first; the other stands below it
  const feet = [...track.querySelectorAll(".foot-of")];
  let lefts = [], span = 0, width = 0, room = 0, drawn = "", where = 0;

  const measure = () => {
    if (!track.isConnected) return sizes.disconnect();
    const home = track.getBoundingClientRect().x - track.scrollLeft;
    lefts = upper.map((column) => column.getBoundingClientRect().x - home);
    span = columns[0].getBoundingClientRect().width;
    width = track.clientWidth;
    room = Math.max(0, track.scrollWidth - width);
    window_(track.scrollLeft);
  };
  const window_ = (x) => {
    where = x;
    const step = upper.length > 1 ? lefts[1] - lefts[0] : width;
    const first = Math.floor((x - lefts[0]) / step) - ASIDE;
    const last = first + Math.ceil(width / step) + 2 * ASIDE;
    theatre.dispatchEvent(new CustomEvent("window", { bubbles: true, detail: { from: (x - lefts[0]) / step, to: (x + width - lefts[0]) / step } }));
    if (`${first} ${last}` === drawn) return;
    drawn = `${first} ${last}`;
    for (const column of [...columns, ...feet]) {
      const far = column.dataset.t - 1 < first || column.dataset.t - 1 > last;
      column.classList.toggle("far", far);
      if (!far) reveal(story, column);
    }
  };
  const sizes = new ResizeObserver(measure);
  [track, columns[0]].forEach((el) => sizes.observe(el)); // a theme may enlarge the columns alone
  // None is laid out before it is known to be in sight.
  for (const column of [...columns, ...feet]) column.classList.add("far");
  track.addEventListener("scroll", () => requestAnimationFrame(() => window_(track.scrollLeft)), { passive: true });

  return {
    measure,
    /** Where the track stands when frame i is at rest. */
    at(i) {
      const f = story.frames[i];
      if (!room) return 0;
      const elsewhere = f.item.dataset.at && !f.at.includes("readout"); // where every step predicts
      if ((AT_THE_END.includes(f.phase) && !elsewhere) || (f.phase === "again" && f.part === 2)) return room;
      if (!f.t) return 0;
      return Math.max(0, Math.min(room, lefts[f.t - 1] - (width - span) / 2));
    },
    now: () => (room ? where : 0),
    to(x) {
      if (!room || Math.abs(where - x) < 0.5) return;
      window_(x);
      track.scrollLeft = x;
    },
  };
}
