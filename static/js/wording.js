// The sentences that scripts say, in the page's language: English is the key, and stands in for what is missing.
const there = document.getElementById("wording");
const sentences = there ? JSON.parse(there.textContent) : {};

/** A sentence with its {blanks} filled in. */
export const say = (english, values = {}) => (sentences[english] ?? english).replace(/\{(\w+)\}/g, (_, name) => values[name]);
