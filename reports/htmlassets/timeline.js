"use strict";
// Memory, goroutines and CPU of every variant while it was under load, and that load.

const memorySeries = [
  { name: "live at the last collection", of: "live", colour: "accent", width: 2 },
  { name: "in use", of: "inUse", colour: "accent", dash: [6, 3] },
  { name: "idle", of: "idle", colour: "muted", dash: [6, 3] },
  { name: "released", of: "released", colour: "muted", dash: [2, 3] },
  { name: "stacks", of: "stacks", colour: "second" },
  { name: "RSS", of: "rss", colour: "ink" },
];

// lowCharts are below that of the memory; one without any value is left out. Points
// show what was read between two times without load.
const lowCharts = [
  { name: "goroutines", of: "goroutines", colour: "second", leastSpan: 10 },
  { name: "CPU", of: "cpu", colour: "ink", leastSpan: 0.1 },
  { name: "requests a second", of: "rate", colour: "accent", points: 3, leastSpan: 10 },
  { name: "p99 latency", of: "p99", colour: "accent", points: 3, leastSpan: 1, scale: 1000 },
];

// drawn is the curves that have a value in any of the charts: a service without a
// probe shows little of its runtime under load.
const drawn = (variants) => memorySeries.filter(({ of }) => variants.some(({ time }) => time[of].some((v) => v != null)));

function drawTimeline(variants) {
  const group = new Group("timeline"), curves = drawn(variants);
  variants.forEach(({ time }, id) => {
    const box = (name) => document.querySelector(`[data-${name}="${id}"]`);
    const readout = readoutOf("timeline-" + id), seconds = time.seconds;
    const common = { formatX: formatSeconds };
    const memory = [seconds, ...curves.map((s) => time[s.of])];
    const ifKnown = (name, v, text) => v == null ? [] : [[name, text]];
    new Plot(group, box("memory"), {
      ...common, kind: "memory", data: memory, series: curves, height: 190, steps: byteSteps, format: formatByteTicks, leastSpan: 1048576,
      readout: (i, at) => say(readout, [["at", at], ...curves.map((s, k) => [s.of === "live" ? "live" : s.name, formatBytes(memory[k + 1][i])]),
        ...ifKnown("goroutines", time.goroutines[i], formatCount(time.goroutines[i])), ...ifKnown("cores", time.cpu[i], formatCount(time.cpu[i])),
        ...ifKnown("requests/s", time.rate[i], formatCount(time.rate[i])), ...ifKnown("p99", time.p99[i], formatCount(time.p99[i] * 1000) + " ms")]),
    });
    for (const { name, of, colour, points, leastSpan, scale = 1 } of lowCharts) {
      if (!box(of)) continue; // of a load that came from elsewhere
      const values = time[of].map((v) => v == null ? null : v * scale);
      if (values.every((v) => v == null)) {
        box(of).previousElementSibling.remove();
        box(of).remove();
        continue;
      }
      new Plot(group, box(of), {
        ...common, kind: of, data: [seconds, values], height: 84, axis: false, leastSpan,
        series: [{ name, colour, points }], format: formatCountTicks,
      });
    }
  });
  drawTimelineLegend(group, curves);
  return group;
}

// drawTimelineLegend names the curves; each is a button that hides its curve in
// every chart.
function drawTimelineLegend(group, curves) {
  const legend = document.querySelector('[data-legend="timeline"]');
  for (const s of curves) {
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
