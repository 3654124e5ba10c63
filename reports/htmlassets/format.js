"use strict";
// How figures are written: as the command writes them.

const units = ["B", "KiB", "MiB", "GiB", "TiB"];

function significant(v) {
  const size = Math.abs(v);
  const decimals = size < 0.005 ? 0 : size < 9.995 ? 2 : size < 99.95 ? 1 : 0;
  return String(Number(v.toFixed(decimals)));
}

function formatBytes(v) {
  if (v == null) return "–";
  let unit = 0;
  while (Math.abs(v) >= 1023.5 && unit < units.length - 1) {
    v /= 1024;
    unit++;
  }
  return significant(v) + " " + units[unit];
}

// formatByteTicks writes the ticks of an axis: in one unit, and as exactly as their
// distance asks for.
function formatByteTicks(ticks) {
  const most = Math.max(...ticks.map(Math.abs), 1);
  const unit = Math.min(units.length - 1, Math.floor(Math.log2(most) / 10)), size = 1024 ** unit;
  const step = ticks.length > 1 ? (ticks[1] - ticks[0]) / size : 1;
  const decimals = step % 1 === 0 ? 0 : Math.min(4, Math.max(0, Math.ceil(-Math.log10(step))));
  return ticks.map((v) => v === 0 ? "0" : `${(v / size).toFixed(decimals)} ${units[unit]}`);
}

const formatCountTicks = (ticks) => ticks.map(formatCount);

function formatCount(v) {
  if (v == null) return "–";
  if (Math.abs(v) < 999.5) return significant(v);
  return Math.round(v).toString().replace(/\B(?=(\d{3})+$)/g, " ");
}

const formatSeconds = (v) => v == null ? "–" : significant(v) + " s";

// signed says in words, not by colour, what grew and what shrank.
const signed = (text) => text.startsWith("-") ? "−" + text.slice(1) : "+" + text;

// byteSteps are the distances of an axis' ticks: 1, 2 and 4 of every power of 2.
const byteSteps = Array.from({ length: 50 }, (_, i) => 2 ** i);
