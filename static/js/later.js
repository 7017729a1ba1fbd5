// What few readers use comes when it is first asked for: typing over in place, and the pictures to take along.
const retype = async ({ target }) => (await import("./retype.js")).begin(target);

document.addEventListener("dblclick", retype);
document.addEventListener("keydown", (event) => {
  if (event.key !== "F2" && !(event.key === "Enter" && event.target.matches?.(".jump[aria-current]"))) return;
  event.preventDefault();
  retype(event);
});
document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-take]");
  if (button) (await import("./take.js")).take(button);
});
