// Reading by keyboard: j goes to the next trial, k to the one before. A button copies the page's link.
"use strict";
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, textarea, select")) return;
  const way = { j: "next", k: "prev" }[event.key];
  const link = way && document.querySelector(`nav a[rel=${way}]`);
  if (link) link.click();
});
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const told = document.querySelector("[data-copied]");
    try {
      await navigator.clipboard.writeText(location.origin + button.dataset.copy);
      told.textContent = "Copied; it opens this trial for you, here.";
    } catch {
      told.textContent = location.origin + button.dataset.copy;
    }
  });
}
