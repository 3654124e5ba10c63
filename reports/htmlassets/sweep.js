"use strict";
// The charts of a sweep: a variant's figure over a value, both on logarithmic scales.

const { charts, variants } = JSON.parse(document.getElementById("data").textContent);
const strokes = ["leak", "accent", "clean", "over", "second", "unsure", "muted", "ink"];
const strokeOf = (variant) => colour(strokes[variants.indexOf(variant) % strokes.length]);

const writers = { bytes: formatBytes, seconds: formatTime, "requests/s": formatCount };

function formatTime(v) {
  return v == null ? "–" : v < 1 ? significant(v * 1000) + " ms" : significant(v) + " s";
}

// decades are the ticks of a logarithmic axis that are written out.
const decades = (write) => (_, ticks) => ticks.map((v) => v != null && Number.isInteger(Math.round(Math.log10(v) * 1e6) / 1e6) ? write(v) : null);

function drawLog(box) {
  const { unit, at, series } = charts[box.dataset.chart];
  const axis = { stroke: colour("muted"), font: "11px " + getComputedStyle(document.body).fontFamily, grid: { stroke: colour("line"), width: 1 }, ticks: { show: false } };
  box.replaceChildren();
  const values = series.flatMap((s) => s.values).filter((v) => v > 0);
  const range = (low, high) => [10 ** Math.floor(Math.log10(low)), 10 ** Math.ceil(Math.log10(high * 1.01))];
  new uPlot({
    width: box.clientWidth, height: 260, padding: [8, 16, 0, 0], legend: { show: false }, cursor: { y: false },
    scales: {
      x: { time: false, distr: 3, range: [at[0] * 0.8, at[at.length - 1] * 1.25] },
      y: { distr: 3, range: range(Math.min(...values), Math.max(...values)) },
    },
    axes: [
      { ...axis, splits: () => at, values: (_, ticks) => ticks.map(formatCount), grid: { show: false } },
      { ...axis, size: 70, values: decades(writers[unit]) },
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
