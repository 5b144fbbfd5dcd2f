// The data embedded in the page, and how its figures are formatted.

import { $ } from "./dom.js";

export const DATA = JSON.parse($("data").textContent);
export const MEASURES = new Map(DATA.measures.map((one) => [one.key, one]));
export const EFFORT = {
  calls_each: { key: "calls_each", label: "Calls per answer", unit: "effort", lower: true },
  seconds: { key: "seconds", label: "Seconds per answer", unit: "effort", lower: true },
  cost_each: { key: "cost_each", label: "Dollars per answer", unit: "dollars", lower: true },
};
// The tables of the analysis, by name, as lists of rows.
export const TABLES = Object.fromEntries(Object.entries(DATA.teams).map(([name, table]) => [name, rowsOf(table)]));
export const UNITS = {
  percent: { scale: 100, digits: 1, after: "%", ticks: ".0%" },
  count: { scale: 1, digits: 2, after: "", ticks: "" },
  ratio: { scale: 1, digits: 3, after: "", ticks: "" },
  effort: { scale: 1, digits: 1, after: "", ticks: "" },
  dollars: { scale: 1, digits: 4, after: "", ticks: "" },
};

function rowsOf(table) {
  return table.rows.map((row) => Object.fromEntries(table.columns.map((name, i) => [name, row[i]])));
}

// A metric, or what an answer takes, by its key.
export function measureOf(key) {
  return MEASURES.get(key) ?? EFFORT[key];
}

// The text of an element that holds gzip in base64.
export async function inflate(node) {
  const packed = atob(node.textContent.trim());
  const bytes = Uint8Array.from(packed, (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

const loaded = new Map();

// The JSON of a compressed element, parsed once.
export function compressedData(id) {
  if (!loaded.has(id)) loaded.set(id, inflate($(id)).then(JSON.parse));
  return loaded.get(id);
}

// A figure as text; a dash where there is none.
export function formatValue(value, unit) {
  if (value === null || value === undefined) return "–";
  const { scale, digits, after } = UNITS[unit];
  return (scale * value).toFixed(digits).replace("-", "−") + after;
}

// An interval as text; empty where there is none, or where both ends are the same text.
export function formatInterval(lo, hi, unit) {
  if (lo === null || hi === null || lo === undefined || hi === undefined) return "";
  const [low, high] = [lo, hi].map((end) => formatValue(end, unit).replace("%", ""));
  return low === high ? "" : `${low} to ${high}`;
}
