"use strict";
// What every part uses: elements made of text alone, data that is inflated when it is needed, figures as they are written.

const $ = (id) => document.getElementById(id);
const DATA = JSON.parse($("data").textContent);
const MEASURES = new Map(DATA.measures.map((one) => [one.key, one]));
const EFFORT = {
  calls_each: { key: "calls_each", label: "Calls an answer", unit: "effort", lower: true },
  seconds: { key: "seconds", label: "Seconds an answer", unit: "effort", lower: true },
  cost_each: { key: "cost_each", label: "Dollars an answer", unit: "dollars", lower: true },
};

function measureOf(key) {
  return MEASURES.get(key) ?? EFFORT[key];
}

// An element; what is given as a child is text, or an element that was made in the same way.
function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

function on(id, event, act) {
  $(id)?.addEventListener(event, act);
}

async function inflate(node) {
  const packed = atob(node.textContent.trim());
  const bytes = Uint8Array.from(packed, (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

const kept = new Map();

// The JSON of a compressed part, read once.
function part(id) {
  if (!kept.has(id)) kept.set(id, inflate($(id)).then(JSON.parse));
  return kept.get(id);
}

const UNITS = {
  percent: { scale: 100, digits: 1, after: "%" },
  count: { scale: 1, digits: 2, after: "" },
  ratio: { scale: 1, digits: 3, after: "" },
  effort: { scale: 1, digits: 1, after: "" },
  dollars: { scale: 1, digits: 4, after: "" },
};

function written(value, unit) {
  if (value === null || value === undefined) return "–";
  const { scale, digits, after } = UNITS[unit];
  return (scale * value).toFixed(digits).replace("-", "−") + after;
}

function spread(lo, hi, unit) {
  if (lo === null || hi === null || lo === undefined || hi === undefined) return "";
  const [low, high] = [lo, hi].map((end) => written(end, unit).replace("%", ""));
  return low === high ? "" : `${low} to ${high}`;
}

// The rows of a table that is kept as columns and rows.
function rowsOf(table) {
  return table.rows.map((row) => Object.fromEntries(table.columns.map((name, i) => [name, row[i]])));
}

function distinct(values) {
  return [...new Set(values)];
}

function fill(select, pairs, chosen) {
  select.replaceChildren(...pairs.map(([value, label]) => el("option", { value, selected: value === chosen }, label)));
}

// Do something when an element comes near, once.
function whenNear(node, act) {
  const watcher = new IntersectionObserver(
    (seen) => {
      if (!seen.some((entry) => entry.isIntersecting)) return;
      watcher.disconnect();
      act();
    },
    { rootMargin: "500px" },
  );
  watcher.observe(node);
}

function dark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

on("theme", "click", () => {
  document.documentElement.dataset.theme = dark() ? "light" : "dark";
  redraw();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redraw());
