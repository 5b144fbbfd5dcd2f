// The state of the leaderboard: its metric and filters, and the figures of the cases that they leave.

import { DATA, EFFORT } from "../page_data.js";

export const board = {
  metric: DATA.headline,
  view: document.querySelector("[name=view]:checked").value,
  answered: false,
  filters: { size: "", graph: "", family: "", access: "", specialty: "", category: "" },
  find: "",
  selected: new Set(DATA.selected),
  subsets: null,
};

// A figure of an ensemble as [mean, lower end, upper end, cases], over all cases or those that the filters leave.
export function figureOf(i, key) {
  const entry = DATA.entries[i];
  if (key in EFFORT) return [entry[key], null, null];
  const { specialty, category } = board.filters;
  if (!specialty && !category) {
    const figures = (board.answered && entry.answered_only) || entry.figures;
    return figures[key] ?? [null, null, null];
  }
  const values = board.subsets.values[i][category ? `${category}|${key}` : key];
  const there = values ?? zerosOfCategory(i, key, category);
  const some = (there ?? []).filter((value, n) => value !== null && inSpecialty(n));
  if (!some.length) return [null, null, null];
  return [some.reduce((sum, value) => sum + value, 0) / some.length / board.subsets.scale, null, null, some.length];
}

// Without any harm of a category, the value is zero in every case for which the ensemble has a score.
function zerosOfCategory(i, key, category) {
  if (!category || !board.subsets.by_category.includes(key)) return null;
  return board.subsets.values[i][DATA.severe]?.map((value) => (value === null ? null : 0));
}

export function inSpecialty(n) {
  return !board.filters.specialty || board.subsets.specialties[n] === board.filters.specialty;
}

// Whether an ensemble passes the filters and the search.
export function passes(entry) {
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

// Without severe harm the number needed to harm is infinite, which is stored as no figure: it ranks first.
export function harmless(i) {
  return board.metric === DATA.needed_to_harm && figureOf(i, DATA.severe)[0] === 0;
}
