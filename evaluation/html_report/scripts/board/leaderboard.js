// The leaderboard: ranked by any metric, filtered, over all cases or some of them.

import { $, el, on } from "../dom.js";
import { refresh } from "../figures.js";
import { DATA, UNITS, compressedData, formatInterval, formatValue, measureOf } from "../page_data.js";
import { board, figureOf, harmless, inSpecialty, passes } from "./board_state.js";

const ENDS = 5;
const tableRows = new Map([...$("leaderboard-table").tBodies[0].rows].map((row) => [Number(row.dataset.i), row]));

// The indices of ranked ensembles and of the others, each from best to worst; without a figure, last.
function ranked(places) {
  const sign = measureOf(board.metric).lower ? 1 : -1;
  const value = (i) => figureOf(i, board.metric)[0] ?? (harmless(i) ? Infinity : Infinity * sign);
  const by = (a, b) => sign * (value(a) - value(b)) || a - b;
  const isRanked = (i) => DATA.entries[i].ranked;
  return [places.filter(isRanked).sort((a, b) => by(a, b) || 0), places.filter((i) => !isRanked(i)).sort(by)];
}

function groups(order, unranked) {
  const chosen = order.filter((i) => board.selected.has(DATA.entries[i].name));
  const best = [`Best ${Math.min(ENDS, order.length)}`, order.slice(0, ENDS)];
  const worst = [`Worst ${Math.min(ENDS, order.length)}`, order.slice(-ENDS)];
  const selected = ["Selected", chosen];
  if (board.view === "best") return [best];
  if (board.view === "worst") return [worst];
  if (board.view === "selected") return [selected];
  if (board.view === "all") return [["", [...order, ...unranked]]];
  const seen = new Set();
  return [best, selected, worst].map(([title, places]) => [title, places.filter((i) => !seen.has(i) && seen.add(i))]);
}

function axisOf(places, measure) {
  const ends = places
    .flatMap((i) => figureOf(i, measure.key).slice(0, 3))
    .filter((end) => end !== null && end !== undefined);
  const high = ends.length ? Math.max(...ends) : 1;
  const step = measure.unit === "ratio" || measure.unit === "percent" ? 0.1 : 10 ** Math.floor(Math.log10(high || 1));
  const low = measure.unit === "ratio" && ends.length ? Math.min(...ends) : 0;
  return [Math.max(0, Math.floor(low / step) * step), Math.max(step, Math.ceil(high / step - 1e-9) * step)];
}

function setFigure(cell, figure, unit) {
  cell.querySelector(".value").textContent = formatValue(figure[0], unit);
  cell.querySelector(".interval").textContent = formatInterval(figure[1], figure[2], unit);
}

function setWhisker(cell, [mean, lo, hi], [low, high]) {
  const at = (value) => Math.min(100, Math.max(0, (100 * (value - low)) / (high - low)));
  const whisker = cell.querySelector(".whisker");
  whisker.replaceChildren();
  if (mean === null || mean === undefined) return;
  if (formatInterval(lo, hi, "ratio")) {
    const bar = el("i");
    bar.style.left = `${at(lo)}%`;
    bar.style.right = `${100 - at(hi)}%`;
    whisker.append(bar);
  }
  const mark = el("b");
  mark.style.left = `${at(mean)}%`;
  whisker.classList.toggle("out", mean < low || mean > high);
  whisker.append(mark);
}

function showRow(i, place, measure, axis) {
  const row = tableRows.get(i);
  const figure = figureOf(i, measure.key);
  row.hidden = false;
  row.querySelector(".rank").textContent = place;
  setFigure(row.querySelector(".main"), figure, measure.unit);
  setWhisker(row.querySelector(".track"), figure, axis);
  setFigure(row.querySelector(".severe"), figureOf(i, DATA.severe), "percent");
  row.querySelector(".om").textContent = formatValue(figureOf(i, DATA.omissions)[0], "count");
  row.querySelector(".com").textContent = formatValue(figureOf(i, DATA.commissions)[0], "count");
  row.querySelector(".pin").setAttribute("aria-pressed", board.selected.has(DATA.entries[i].name));
  return row;
}

async function showLeaderboard() {
  const { specialty, category } = board.filters;
  if (specialty || category) board.subsets = await compressedData("subsets");
  const measure = measureOf(board.metric);
  const passing = DATA.entries.map((_, i) => i).filter((i) => passes(DATA.entries[i]));
  const [order, unranked] = ranked(passing);
  const axis = axisOf(order.length ? order : unranked, measure);
  const body = $("leaderboard-table").tBodies[0];
  const shown = groups(order, unranked).flatMap(([title, places]) => [
    ...(title && places.length ? [el("tr", { class: "group" }, el("td", { colspan: 11 }, title))] : []),
    ...places.map((i) => showRow(i, order.includes(i) ? order.indexOf(i) + 1 : "", measure, axis)),
  ]);
  const rows = shown.filter((row) => row.dataset.i).length;
  for (const row of tableRows.values()) row.hidden = !shown.includes(row);
  body.replaceChildren(...shown, ...[...tableRows.values()].filter((row) => row.hidden));
  $("main-label").textContent = measure.label;
  const { scale, after } = UNITS[measure.unit];
  [$("axis-low").textContent, $("axis-high").textContent] = axis.map(
    (end) => `${Number((scale * end).toPrecision(6))}${after}`,
  );
  for (const button of document.querySelectorAll("[data-rank]")) {
    const own = button.dataset.rank === board.metric;
    button.parentElement.toggleAttribute("aria-sort", own);
    if (own) button.parentElement.setAttribute("aria-sort", measure.lower ? "ascending" : "descending");
  }
  showNote(rows);
  refresh("scatter");
}

function showNote(rows) {
  const { specialty, category } = board.filters;
  const parts = [`${rows} of ${DATA.ensembles} ensembles.`];
  if (specialty || category) {
    const number = board.subsets.specialties.filter((_, n) => inSpecialty(n)).length;
    const what = category ? `harms of ${category} options only` : "";
    const whose = specialty ? `the ${number} cases of ${specialty}` : `all ${number} cases`;
    parts.push(
      `Plain means over ${whose}${what ? `, ${what}` : ""}, without intervals. A dash: this figure is not available case by case. Calls, seconds and cost are of the whole study.`,
    );
    if (board.answered) parts.push(`${DATA.answered_only.label} is not available case by case: ${DATA.answered_only.otherwise}.`);
  } else if (board.answered) {
    parts.push(`${DATA.answered_only.label}: ${DATA.answered_only.sentence}.`);
  }
  if (board.view !== "all") parts.push("Use Select in a row to keep that ensemble in this view.");
  $("leaderboard-note").textContent = parts.join(" ");
}

function toggleSelected(name) {
  board.selected.has(name) ? board.selected.delete(name) : board.selected.add(name);
  showLeaderboard();
}

on("metric", "change", (event) => {
  board.metric = event.target.value;
  showLeaderboard();
});
on("find", "input", (event) => {
  board.find = event.target.value.trim().toLowerCase();
  showLeaderboard();
});
on("answered", "change", (event) => {
  board.answered = event.target.checked;
  showLeaderboard();
});
on("intervals", "change", (event) => {
  $("leaderboard").classList.toggle("no-intervals", !event.target.checked);
  refresh("scatter");
});
on("published-on", "change", (event) => {
  $("published").hidden = !event.target.checked;
  refresh("scatter");
});
for (const name of Object.keys(board.filters)) {
  on(`by-${name}`, "change", (event) => {
    board.filters[name] = event.target.value;
    showLeaderboard();
  });
}
on("reset", "click", () => {
  for (const name of Object.keys(board.filters)) $(`by-${name}`).value = board.filters[name] = "";
  $("find").value = board.find = "";
  showLeaderboard();
});
for (const radio of document.querySelectorAll("[name=view]")) {
  radio.addEventListener("change", () => {
    board.view = radio.value;
    showLeaderboard();
  });
}
$("leaderboard-table").addEventListener("click", (event) => {
  const rank = event.target.closest("[data-rank]");
  if (rank) {
    board.metric = $("metric").value = rank.dataset.rank;
    showLeaderboard();
  }
  const pin = event.target.closest(".pin");
  if (pin) toggleSelected(DATA.entries[pin.closest("tr").dataset.i].name);
});
