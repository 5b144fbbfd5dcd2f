// The forest plot of differences: which rows are shown.

import { $, on } from "../dom.js";

function showComparisons() {
  const table = $("forest");
  if (!table) return;
  const against = $("against").value;
  const find = $("differences-find").value.trim().toLowerCase();
  let last = null;
  let shown = 0;
  for (const row of table.tBodies[0].rows) {
    const { team } = row.dataset;
    row.hidden = (against && row.dataset.against !== against) || !team.toLowerCase().includes(find);
    if (row.hidden) continue;
    row.classList.toggle("first", team !== last);
    last = team;
    shown += 1;
  }
  $("differences-note").textContent = `${shown} of ${table.tBodies[0].rows.length} comparisons`;
}

on("against", "change", showComparisons);
on("differences-find", "input", showComparisons);
