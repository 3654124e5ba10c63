"use strict";
// The live heap at the checkpoints, its fitted line, and what the budget allows.

function heapColumns({ requests, live, rounds, line, allowed }) {
  const none = requests.map(() => null);
  // A line is drawn where it was fitted, which is to fresh requests, and the budget
  // up to what the lab sends on its own account: that is off the scale of the rest.
  const along = (slope) => line ? requests.map((x, i) => rounds[i] === "fresh" ? line.y + slope * (x - line.x) : null) : none;
  const own = rounds.findIndex((round) => round === "flood" || round === "sampling"), asked = own < 0 ? rounds.length : own;
  const fit = along(line?.slope), low = along(line?.low), high = along(line?.high);
  const start = fit[0] ?? live[0];
  return [
    requests, live, live.map((y, i) => rounds[i] === "fresh" ? null : y), fit,
    low.map((y, i) => y == null ? null : Math.min(y, high[i])), high.map((y, i) => y == null ? null : Math.max(y, low[i])),
    allowed == null ? none : requests.map((x, i) => i < asked ? start + allowed * (x - requests[0]) : null),
  ];
}

const heapSeries = [
  { name: "live", colour: "accent", width: 1, points: 5 },
  { name: "other", colour: "accent", points: 7, line: false },
  { name: "fit", colour: "ink", dash: [6, 4], width: 1.25 },
  { name: "low", width: 0 },
  { name: "high", width: 0 },
  { name: "budget", colour: "over", dash: [2, 3], width: 1.5 },
];

function drawHeap(variants, axis) {
  const group = new Group("heap");
  variants.forEach(({ heap }, id) => {
    const data = heapColumns(heap), last = data[0].length - 1, readout = readoutOf("heap-" + id);
    new Plot(group, document.querySelector(`[data-heap="${id}"]`), {
      kind: "heap", data, series: heapSeries, bands: [[5, 4]], height: 190, steps: byteSteps,
      format: formatByteTicks, formatX: formatCount,
      // Noise is not to look like a leak: a chart of its own scale shows 16 KiB at least.
      leastSpan: Math.max(16384, heap.allowed ? Math.min(heap.allowed * (data[0][last] - data[0][0]), 1048576) : 0),
      readout: (i, at) => say(readout, [["after", at + " " + axis], ["live heap", formatBytes(data[1][i])],
        ...(data[3][i] == null ? [] : [["fit", formatBytes(data[3][i])]]), ...(heap.rounds[i] === "fresh" ? [] : [["round", heap.rounds[i]]])]),
    });
  });
  return group;
}

// drawSparks puts the shape of every live heap beside its name, on one scale.
function drawSparks(variants) {
  const most = Math.max(1, ...variants.flatMap(({ heap }) => heap.live));
  for (const box of document.querySelectorAll("[data-spark]")) {
    const { heap, kind } = variants[box.dataset.spark];
    if (!heap.live.length || !box.clientWidth) continue;
    box.replaceChildren();
    new uPlot({
      width: box.clientWidth, height: box.clientHeight, padding: [2, 2, 2, 2], legend: { show: false }, cursor: { show: false },
      scales: { x: { time: false }, y: { range: [0, most] } }, axes: [{ show: false }, { show: false }],
      series: [{}, { stroke: colour(kind === "clean" ? "muted" : kind), width: 1.75, points: { show: false } }],
    }, [heap.requests, heap.live], box);
  }
}
