"use strict";
// What happens when the page is opened.

const { variants, graphs, axis } = JSON.parse(document.getElementById("data").textContent);

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const command = button.previousElementSibling;
    getSelection().selectAllChildren(command);
    try {
      await navigator.clipboard.writeText(command.textContent);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Selected"; // a browser may keep a file from the clipboard
    }
  });
}

if (variants?.length) {
  drawHeap(variants, axis);
  drawTimeline(variants);
  drawSparks(variants);
  onTheme.push(() => drawSparks(variants));
}
(graphs ?? []).forEach(drawGraph);
document.documentElement.dataset.ready = "true";
