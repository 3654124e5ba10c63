"use strict";
// Charts side by side: drawn when they come near the screen, with one cursor, one
// zoom and, if the reader wants, one scale.

const nearScreen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) target.plot.draw();
  }
}, { rootMargin: "400px" });

const onResize = new ResizeObserver((entries) => {
  for (const { target } of entries) target.plot.resize();
});

// A Group is the charts of a section.
class Group {
  constructor(name) {
    this.section = document.querySelector(`[data-group="${name}"]`);
    this.name = name;
    this.plots = [];
    this.hidden = new Set();
    if (!this.section) return;
    this.same = this.section.querySelector("[data-same]");
    this.same.addEventListener("change", () => this.redraw());
    for (const button of this.section.querySelectorAll("[data-zoom]")) {
      button.addEventListener("click", () => this.zoom(button.dataset.zoom));
    }
    onTheme.push(() => this.redraw());
    addEventListener("beforeprint", () => this.plots.forEach((plot) => plot.draw()));
  }

  redraw() {
    for (const plot of this.plots) plot.redraw();
  }

  // range is the scale of a chart's values: from 0 to the largest of all charts of
  // its kind, or what its own values need.
  range(plot, low, high) {
    if (this.same.checked) {
      const all = this.plots.filter((p) => p.kind === plot.kind);
      return [0, Math.max(1, ...all.map((p) => p.largest())) * 1.05];
    }
    const span = Math.max((high ?? 1) - (low ?? 0), plot.leastSpan);
    return [Math.max(0, (low ?? 0) - span * 0.08), (low ?? 0) + span * 1.08];
  }

  zoom(how) {
    const first = this.plots.find((plot) => plot.chart);
    if (!first) return;
    const { min, max } = first.chart.scales.x;
    const middle = (min + max) / 2, half = (max - min) / 2;
    if (how === "all") this.show(...this.extent());
    else if (how === "in") this.show(middle - half / 2, middle + half / 2);
    else {
      const [low, high] = this.extent();
      this.show(Math.max(low, middle - half * 2), Math.min(high, middle + half * 2));
    }
  }

  extent() {
    const ends = this.plots.map((plot) => plot.data[0]).filter((x) => x.length);
    return [Math.min(...ends.map((x) => x[0])), Math.max(...ends.map((x) => x[x.length - 1]))];
  }

  // show makes every chart show the same part of the axis.
  show(min, max) {
    if (this.showing || !(max > min)) return;
    this.showing = true;
    this.shown = [min, max];
    for (const { chart } of this.plots) chart?.batch(() => chart.setScale("x", { min, max }));
    this.showing = false;
  }
}

// A Plot is one chart in its box.
class Plot {
  constructor(group, box, { kind, data, series, bands, format, formatX, steps, height, leastSpan, readout, axis }) {
    Object.assign(this, { group, box, kind, data, series, bands, format, formatX, steps, height, readout, axis });
    this.leastSpan = leastSpan ?? 1;
    box.plot = this;
    group.plots.push(this);
    if (!data[0].length) {
      box.textContent = "nothing was measured";
      return;
    }
    nearScreen.observe(box);
    if (box.tabIndex === 0) box.addEventListener("keydown", (event) => this.key(event));
    this.read(data[0].length - 1);
  }

  largest() {
    let most = 0;
    this.data.forEach((values, i) => {
      if (i === 0 || this.group.hidden.has(this.series[i - 1].name)) return;
      for (const v of values) if (v > most) most = v;
    });
    return most;
  }

  draw() {
    if (this.chart || !this.data[0].length) return;
    const [min, max] = this.group.shown ?? this.group.extent();
    const grid = { stroke: colour("line"), width: 1 };
    const axis = { stroke: colour("muted"), font: "11px " + getComputedStyle(document.body).fontFamily, grid, ticks: { show: false } };
    this.chart = new uPlot({
      width: this.box.clientWidth, height: this.height, padding: [8, 8, this.axis === false ? 8 : 0, 0],
      legend: { show: false },
      cursor: {
        y: false, drag: { x: true, y: false },
        points: { size: 6 },
        sync: { key: this.group.name, scales: ["x", null], filters: { pub: (type) => type === "mousemove" || type === "mouseleave" } },
      },
      scales: { x: { time: false, min, max }, y: { range: (_, low, high) => this.group.range(this, low, high) } },
      axes: [
        { ...axis, size: 24, gap: 4, space: 60, grid: { show: false }, values: (_, ticks) => ticks.map(this.formatX), show: this.axis !== false },
        { ...axis, size: 70, gap: 6, space: this.height > 100 ? 34 : 22, incrs: this.steps, values: (_, ticks) => this.format(ticks) },
      ],
      series: [{}, ...this.series.map((s) => this.styled(s))],
      bands: this.bands?.map((b) => ({ series: b, fill: colour("muted") + "38" })),
      hooks: {
        setCursor: [(u) => this.read(u.cursor.idx ?? this.data[0].length - 1)],
        setScale: [(u, key) => key === "x" && this.group.show(u.scales.x.min, u.scales.x.max)],
      },
    }, this.data, this.box);
    onResize.observe(this.box);
  }

  styled({ name, colour: c, width, dash, points, line }) {
    const stroke = c && colour(c);
    return {
      label: name, stroke, width: width ?? 1.5, dash, show: !this.group.hidden.has(name),
      paths: line === false ? () => null : undefined,
      points: { show: points != null, size: points, fill: line === false ? colour("paper") : stroke },
    };
  }

  redraw() {
    if (!this.chart) return;
    this.chart.destroy();
    this.chart = null;
    this.draw();
  }

  resize() {
    const width = this.box.clientWidth;
    if (this.chart && width && width !== this.chart.width) this.chart.setSize({ width, height: this.height });
  }

  // read writes the values at a point beside the chart.
  read(i) {
    if (!this.readout) return;
    const at = this.formatX(this.data[0][i]);
    this.readout(i, at);
  }

  key(event) {
    const { chart } = this;
    if (!chart) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) {
      const last = this.data[0].length - 1;
      const i = Math.min(last, Math.max(0, (chart.cursor.idx ?? (step > 0 ? -1 : last + 1)) + step));
      chart.setCursor({ left: chart.valToPos(this.data[0][i], "x"), top: 10 }, true, true);
    } else if (event.key === "+" || event.key === "=") this.group.zoom("in");
    else if (event.key === "-") this.group.zoom("out");
    else if (event.key === "0" || event.key === "Escape") this.group.zoom("all");
    else return;
    event.preventDefault();
  }
}

// say writes names and values into an element, as text.
function say(element, pairs) {
  element.replaceChildren(...pairs.map(([name, value]) => {
    const part = document.createElement("span"), b = document.createElement("b");
    b.textContent = value;
    part.append(name + " ", b);
    return part;
  }));
}

const readoutOf = (name) => document.querySelector(`[data-readout="${name}"]`);
