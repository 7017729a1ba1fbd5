// Runs before the first paint: what the style sheets need to know.
document.documentElement.classList.add("js");
try {
  const theme = localStorage.getItem("theme");
  // A theme that the address names wins.
  if (theme && !document.documentElement.dataset.theme) document.documentElement.dataset.theme = theme;
} catch { /* storage may be forbidden: the system's theme is as good */ }
