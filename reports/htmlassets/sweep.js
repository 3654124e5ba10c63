"use strict";
// The charts of a sweep: a variant's figure over a value, both on logarithmic scales.

const { charts, variants } = JSON.parse(document.getElementById("data").textContent);
const strokes = ["leak", "accent", "clean", "over", "second", "unsure", "muted", "ink"];
const strokeOf = (variant) => colour(strokes[variants.indexOf(variant) % strokes.length]);

const writers = { bytes: formatBytes, seconds: formatTime, "requests/s": formatCount };

function formatTime(v) {
  return v == null ? "–" : v < 1 ? significant(v * 1000) + " ms" : significant(v) + " s";
}

// powers are those of a base from the last at or below low to the first at or above
// high: of 16 for bytes, 1 KiB, 16 KiB, 256 KiB, 4 MiB, else of 10.
function powers(base, low, high) {
  const first = Math.floor(Math.log(low) / Math.log(base) + 1e-9), last = Math.ceil(Math.log(high) / Math.log(base) - 1e-9);
  return Array.from({ length: Math.max(2, last - first + 1) }, (_, i) => base ** (first + i));
}

function drawLog(box) {
  const { unit, at, series } = charts[box.dataset.chart];
  const filter = (_, all) => all; // uPlot leaves most ticks of a logarithmic axis without a text
  const axis = { filter, stroke: colour("muted"), font: "11px " + getComputedStyle(document.body).fontFamily, grid: { stroke: colour("line"), width: 1 }, ticks: { show: false } };
  box.replaceChildren();
  const values = series.flatMap((s) => s.values).filter((v) => v > 0);
  const ticks = powers(unit === "bytes" ? 16 : 10, Math.min(...values), Math.max(...values));
  new uPlot({
    width: box.clientWidth, height: 260, padding: [8, 32, 0, 0], legend: { show: false }, cursor: { y: false },
    scales: {
      x: { time: false, distr: 3, range: [at[0] * 0.8, at[at.length - 1] * 1.25] },
      y: { distr: 3, range: [ticks[0], ticks[ticks.length - 1]] },
    },
    axes: [
      { ...axis, splits: () => at, values: (_, values) => values.map(formatCount), grid: { show: false } },
      { ...axis, size: 70, splits: () => ticks, values: (_, at) => at.map(writers[unit]) },
    ],
    series: [{}, ...series.map((s) => ({ label: s.variant, stroke: strokeOf(s.variant), width: 1.5, spanGaps: true, points: { show: true, size: 5, fill: strokeOf(s.variant) } }))],
  }, [at, ...series.map((s) => s.values)], box);
}

function drawAll() {
  document.querySelectorAll("[data-chart]").forEach(drawLog);
  document.getElementById("legend")?.replaceChildren(...variants.map((name) => {
    const part = document.createElement("span");
    part.textContent = "● " + name;
    part.style.color = strokeOf(name);
    part.style.marginRight = "1rem";
    return part;
  }));
}

onTheme.push(drawAll);
addEventListener("resize", drawAll);
drawAll();
document.documentElement.dataset.ready = "true";
