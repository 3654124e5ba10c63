"use strict";
// Flame graphs of what grew between the first profile and the last.

const cellHeight = 21;

function drawGraph({ unit, root }, index) {
  const box = document.querySelector(`[data-graph="${index}"]`), readout = readoutOf("graph-" + index);
  const amount = unit === "bytes" ? formatBytes : formatCount;
  const words = ({ data }) => `${data.n}: ${signed(amount(data.d))}, ${significant(100 * data.d / (root.d || root.v))} % of the growth`;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const chart = d3fg.flamegraph()
    .cellHeight(cellHeight).inverted(true).minFrameSize(1).transitionDuration(still ? 0 : 200)
    .getName(({ data }) => `${data.n} ${signed(amount(data.d))}`)
    .setLabelHandler(words)
    .setDetailsHandler((text) => { if (text) readout.textContent = text; })
    .setSearchHandler((found) => { readout.textContent = found.length === 1 ? "1 frame found" : `${found.length} frames found`; })
    .setSearchMatch(({ data }, term) => term !== "" && data.n.toLowerCase().includes(term.toLowerCase()))
    .setColorMapper((frame) => fill(frame, root.v))
    .onClick((frame) => { readout.textContent = words(frame); });
  // The graph's own height has room for a title, which it does not have.
  const depth = (frame) => 1 + Math.max(0, ...(frame.c ?? []).map(depth));
  const height = depth(root) * cellHeight + 2;
  box.style.minHeight = height + "px";
  let width = 0;
  box.plot = {
    draw() {
      if (width || !box.clientWidth) return;
      width = box.clientWidth;
      d3fg.select(box).datum(root).call(chart.width(width).height(height));
      keyboard(box);
      onResize.observe(box);
    },
    resize() {
      if (!box.clientWidth || box.clientWidth === width) return;
      width = box.clientWidth;
      chart.width(width).update();
    },
  };
  nearScreen.observe(box);
  addEventListener("beforeprint", box.plot.draw);
  document.querySelector(`[data-unzoom="${index}"]`).addEventListener("click", () => chart.resetZoom());
  document.querySelector(`[data-find="${index}"]`).addEventListener("input", (event) => {
    if (event.target.value) chart.search(event.target.value);
    else chart.clear();
  });
}

// fill is redder the more of the growth a frame has, and blue where it shrank: the
// sign in its name says the same.
function fill({ data, highlight }, total) {
  if (highlight) return "color-mix(in srgb, var(--unsure) 55%, var(--paper))";
  const part = Math.round(12 + 43 * Math.sqrt(Math.abs(data.d) / (total || 1)));
  return `color-mix(in srgb, var(--${data.d < 0 ? "accent" : "leak"}) ${part}%, var(--paper))`;
}

// keyboard makes one frame at a time reachable: arrows move to the caller, the
// callee and the neighbours, Enter zooms.
function keyboard(box) {
  const elementOf = (frame) => [...box.querySelectorAll("g.frame")].find((g) => g.__data__ === frame);
  box.querySelector("g.frame")?.setAttribute("tabindex", "0");
  box.addEventListener("keydown", (event) => {
    const here = event.target.closest("g.frame");
    if (!here) return;
    const frame = here.__data__, siblings = frame.parent?.children ?? [frame], place = siblings.indexOf(frame);
    if (event.key === "Enter" || event.key === " ") here.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    const next = { ArrowUp: frame.parent, ArrowDown: frame.children?.[0], ArrowLeft: siblings[place - 1], ArrowRight: siblings[place + 1] }[event.key];
    const element = next && elementOf(next);
    if (element) {
      here.setAttribute("tabindex", "-1");
      element.setAttribute("tabindex", "0");
      element.focus();
      element.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
    }
    if (element || event.key === "Enter" || event.key === " ") event.preventDefault();
  });
}
