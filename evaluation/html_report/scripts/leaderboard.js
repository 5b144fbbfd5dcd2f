"use strict";
// The board: ranked by any metric, filtered, over all cases or some of them.

const ENDS = 5;
const board = {
  metric: DATA.headline,
  view: document.querySelector("[name=view]:checked").value,
  answered: false,
  filters: { size: "", graph: "", family: "", access: "", specialty: "", category: "" },
  find: "",
  selected: new Set(DATA.selected),
  subsets: null,
};
const lines = new Map([...$("board-table").tBodies[0].rows].map((row) => [Number(row.dataset.i), row]));

// A figure of an ensemble as [mean, lower end, upper end, cases]: of all cases, or of those that the filters leave.
function figureOf(i, key) {
  const entry = DATA.entries[i];
  if (key in EFFORT) return [entry[key], null, null];
  const { specialty, category } = board.filters;
  if (!specialty && !category) {
    const figures = (board.answered && entry.answered_only) || entry.figures;
    return figures[key] ?? [null, null, null];
  }
  const values = board.subsets.values[i][category ? `${category}|${key}` : key];
  const there = values ?? fallback(i, key, category);
  const some = (there ?? []).filter((value, n) => value !== null && inSpecialty(n));
  if (!some.length) return [null, null, null];
  return [some.reduce((sum, value) => sum + value, 0) / some.length / board.subsets.scale, null, null, some.length];
}

// No harm of a category in any case is a zero wherever the ensemble has a score.
function fallback(i, key, category) {
  if (!category || !board.subsets.by_category.includes(key)) return null;
  return board.subsets.values[i][DATA.severe]?.map((value) => (value === null ? null : 0));
}

function inSpecialty(n) {
  return !board.filters.specialty || board.subsets.specialties[n] === board.filters.specialty;
}

function passes(entry) {
  const { size, graph, family, access } = board.filters;
  const text = [entry.name, entry.graph, ...entry.families, ...Object.values(entry.seats)].join(" ").toLowerCase();
  return (
    (!size || entry.size === Number(size)) &&
    (!graph || entry.graph === graph) &&
    (!family || entry.families.includes(family)) &&
    (!access || entry.access.includes(access)) &&
    text.includes(board.find)
  );
}

// The places of ensembles from best to worst; what has no figure comes last.
function ranked(places) {
  const sign = measureOf(board.metric).lower ? 1 : -1;
  const value = (i) => figureOf(i, board.metric)[0] ?? (harmless(i) ? Infinity : Infinity * sign);
  const by = (a, b) => sign * (value(a) - value(b)) || a - b;
  const controls = places.filter((i) => DATA.entries[i].kind === "control");
  return [places.filter((i) => !controls.includes(i)).sort((a, b) => by(a, b) || 0), controls.sort(by)];
}

// Of an ensemble without severe harm the number of cases for one has no end, which is no figure.
function harmless(i) {
  return board.metric === "v1/NNH" && figureOf(i, DATA.severe)[0] === 0;
}

function groups(order, controls) {
  const chosen = order.filter((i) => board.selected.has(DATA.entries[i].name));
  const best = [`Best ${Math.min(ENDS, order.length)}`, order.slice(0, ENDS)];
  const worst = [`Worst ${Math.min(ENDS, order.length)}`, order.slice(-ENDS)];
  const selected = ["Selected", chosen];
  if (board.view === "best") return [best];
  if (board.view === "worst") return [worst];
  if (board.view === "selected") return [selected];
  if (board.view === "all") return [["", [...order, ...controls]]];
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
  cell.querySelector(".value").textContent = written(figure[0], unit);
  cell.querySelector(".interval").textContent = spread(figure[1], figure[2], unit);
}

function setWhisker(cell, [mean, lo, hi], [low, high]) {
  const at = (value) => Math.min(100, Math.max(0, (100 * (value - low)) / (high - low)));
  const whisker = cell.querySelector(".whisker");
  whisker.replaceChildren();
  if (mean === null || mean === undefined) return;
  if (spread(lo, hi, "ratio")) {
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
  const row = lines.get(i);
  const figure = figureOf(i, measure.key);
  row.hidden = false;
  row.querySelector(".rank").textContent = place;
  setFigure(row.querySelector(".main"), figure, measure.unit);
  setWhisker(row.querySelector(".track"), figure, axis);
  setFigure(row.querySelector(".severe"), figureOf(i, DATA.severe), "percent");
  row.querySelector(".om").textContent = written(figureOf(i, "v1/Omissions")[0], "count");
  row.querySelector(".com").textContent = written(figureOf(i, "v1/Commissions")[0], "count");
  row.querySelector(".pin").setAttribute("aria-pressed", board.selected.has(DATA.entries[i].name));
  return row;
}

async function showBoard() {
  const { specialty, category } = board.filters;
  if (specialty || category) board.subsets = await part("subsets");
  const measure = measureOf(board.metric);
  const passing = DATA.entries.map((_, i) => i).filter((i) => passes(DATA.entries[i]));
  const [order, controls] = ranked(passing);
  const axis = axisOf(order.length ? order : controls, measure);
  const body = $("board-table").tBodies[0];
  const shown = groups(order, controls).flatMap(([title, places]) => [
    ...(title && places.length ? [el("tr", { class: "group" }, el("td", { colspan: 11 }, title))] : []),
    ...places.map((i) => showRow(i, order.includes(i) ? order.indexOf(i) + 1 : "", measure, axis)),
  ]);
  const rows = shown.filter((row) => row.dataset.i).length;
  for (const row of lines.values()) row.hidden = !shown.includes(row);
  body.replaceChildren(...shown, ...[...lines.values()].filter((row) => row.hidden));
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
  note(rows);
  refresh("scatter");
}

function note(rows) {
  const { specialty, category } = board.filters;
  const parts = [`${rows} of ${DATA.ensembles} ensembles.`];
  if (specialty || category) {
    const number = board.subsets.specialties.filter((_, n) => inSpecialty(n)).length;
    const what = category ? `harms by ${category} options alone` : "";
    const whose = specialty ? `the ${number} cases of ${specialty}` : `all ${number} cases`;
    parts.push(
      `Plain means over ${whose}${what ? `, ${what}` : ""}: no interval. A dash: not kept case by case. What answers take stays that of the whole study.`,
    );
    if (board.answered) parts.push("Answered only is not kept case by case: refusals, empty and invalid replies count here.");
  } else if (board.answered) {
    parts.push("Answered only: refusals, empty and invalid replies are left out.");
  }
  if (board.view !== "all") parts.push(`Select an ensemble in its row to keep it here.`);
  $("board-note").textContent = parts.join(" ");
}

function toggleSelected(name) {
  board.selected.has(name) ? board.selected.delete(name) : board.selected.add(name);
  showBoard();
}

on("metric", "change", (event) => {
  board.metric = event.target.value;
  showBoard();
});
on("find", "input", (event) => {
  board.find = event.target.value.trim().toLowerCase();
  showBoard();
});
on("answered", "change", (event) => {
  board.answered = event.target.checked;
  showBoard();
});
on("intervals", "change", (event) => {
  $("board").classList.toggle("no-intervals", !event.target.checked);
  refresh("scatter");
});
on("published-on", "change", (event) => {
  $("published").hidden = !event.target.checked;
  refresh("scatter");
});
for (const name of Object.keys(board.filters)) {
  on(`by-${name}`, "change", (event) => {
    board.filters[name] = event.target.value;
    showBoard();
  });
}
on("reset", "click", () => {
  for (const name of Object.keys(board.filters)) $(`by-${name}`).value = board.filters[name] = "";
  $("find").value = board.find = "";
  showBoard();
});
for (const radio of document.querySelectorAll("[name=view]")) {
  radio.addEventListener("change", () => {
    board.view = radio.value;
    showBoard();
  });
}
$("board-table").addEventListener("click", (event) => {
  const rank = event.target.closest("[data-rank]");
  if (rank) {
    board.metric = $("metric").value = rank.dataset.rank;
    showBoard();
  }
  const pin = event.target.closest(".pin");
  if (pin) toggleSelected(DATA.entries[pin.closest("tr").dataset.i].name);
});
