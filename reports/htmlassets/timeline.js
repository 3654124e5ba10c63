"use strict";
// Memory, goroutines and CPU of every variant while it was under load.

const memorySeries = [
  { name: "live at the last collection", of: "live", colour: "accent", width: 2 },
  { name: "in use", of: "inUse", colour: "accent", dash: [6, 3] },
  { name: "idle", of: "idle", colour: "muted", dash: [6, 3] },
  { name: "released", of: "released", colour: "muted", dash: [2, 3] },
  { name: "stacks", of: "stacks", colour: "second" },
  { name: "RSS", of: "rss", colour: "ink" },
];

function drawTimeline(variants) {
  const group = new Group("timeline");
  variants.forEach(({ time }, id) => {
    const box = (name) => document.querySelector(`[data-${name}="${id}"]`);
    const readout = readoutOf("timeline-" + id), seconds = time.seconds;
    const common = { formatX: formatSeconds };
    const memory = [seconds, ...memorySeries.map((s) => time[s.of])];
    new Plot(group, box("memory"), {
      ...common, kind: "memory", data: memory, series: memorySeries, height: 190, steps: byteSteps, format: formatByteTicks, leastSpan: 1048576,
      readout: (i, at) => say(readout, [["at", at], ...memorySeries.map((s, k) => [s.of === "live" ? "live" : s.name, formatBytes(memory[k + 1][i])]),
        ["goroutines", formatCount(time.goroutines[i])], ["cores", formatCount(time.cpu[i])]]),
    });
    new Plot(group, box("goroutines"), {
      ...common, kind: "goroutines", data: [seconds, time.goroutines], height: 84, axis: false, leastSpan: 10,
      series: [{ name: "goroutines", colour: "second" }], format: formatCountTicks,
    });
    if (time.cpu.every((v) => v == null)) {
      box("cpu").previousElementSibling.remove();
      box("cpu").remove();
    }
    else new Plot(group, box("cpu"), {
      ...common, kind: "cpu", data: [seconds, time.cpu], height: 84, axis: false, leastSpan: 0.1,
      series: [{ name: "CPU", colour: "ink" }], format: formatCountTicks,
    });
  });
  drawTimelineLegend(group);
  return group;
}

// drawTimelineLegend names the curves; each is a button that hides its curve in
// every chart.
function drawTimelineLegend(group) {
  const legend = document.querySelector('[data-legend="timeline"]');
  for (const s of memorySeries) {
    const item = document.createElement("li"), button = document.createElement("button"), key = document.createElement("i");
    key.className = "key" + (!s.dash ? "" : s.dash[0] > 3 ? " dash" : " dot");
    key.style.setProperty("--key", `var(--${s.colour})`);
    button.type = "button";
    button.setAttribute("aria-pressed", "true");
    button.append(key, s.name);
    button.addEventListener("click", () => {
      const hide = !group.hidden.delete(s.name);
      if (hide) group.hidden.add(s.name);
      button.setAttribute("aria-pressed", String(!hide));
      group.redraw();
    });
    item.append(button);
    legend.append(item);
  }
}
