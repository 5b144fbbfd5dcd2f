// Scatter plots of the ensembles: any two metrics, and severe harm against calls, seconds or cost.

import { $, fillSelect } from "../dom.js";
import { escapeMarkup, figure } from "../figures.js";
import { DATA, EFFORT, MEASURES, UNITS, formatInterval, formatValue, measureOf } from "../page_data.js";
import { board, figureOf, passes } from "./board_state.js";

const MAX_LABELLED = 14;

// Positions of names such that none covers another or a mark; null where there is no room.
function labelPositions(points, named, wide, high) {
  const ends = (p, side) => (named(p) && $("intervals").checked ? p[side].slice(0, 3) : [p[side][0]]);
  const scaled = (side) => {
    const values = points.flatMap((p) => ends(p, side)).filter((value) => value !== null && value !== undefined);
    const [low, top] = [Math.min(...values), Math.max(...values)];
    return (value) => (value - low) / (top - low || 1);
  };
  const [across, up] = [scaled("x"), scaled("y")];
  const centres = points.map((p) => [across(p.x[0]) * wide, (1 - up(p.y[0])) * high]);
  const taken = centres.map(([x, y]) => [x - 6, y - 6, x + 6, y + 6]);
  const meets = (a) => taken.some((b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]);
  return points.map((p, i) => {
    const [[x, y], width] = [centres[i], 6.2 * p.entry.name.length];
    const boxes = {
      "middle right": [x + 7, y - 7, x + 9 + width, y + 7],
      "top center": [x - width / 2, y - 21, x + width / 2, y - 7],
      "bottom center": [x - width / 2, y + 7, x + width / 2, y + 21],
      "middle left": [x - 9 - width, y - 7, x - 7, y + 7],
    };
    const [where, box] = Object.entries(boxes).find(([, found]) => !meets(found) && found[2] < wide + 60) ?? [];
    if (!where || !named(p)) return null;
    taken.push(box);
    return where;
  });
}

function errorBars(points, side, colour) {
  if (!$("intervals").checked || points.every((p) => p[side][1] === null || p[side][1] === undefined)) return {};
  return {
    type: "data",
    symmetric: false,
    thickness: 1,
    width: 0,
    color: colour,
    array: points.map((p) => (p.named ? (p[side][2] ?? p[side][0]) - p[side][0] : 0)),
    arrayminus: points.map((p) => (p.named ? p[side][0] - (p[side][1] ?? p[side][0]) : 0)),
  };
}

// Ensembles that have both figures, with positions of their names: all names if they are few, else those selected.
function pointsOf(x, y, wanted, [wide, high], alwaysNamed = () => false) {
  const points = DATA.entries
    .map((entry, i) => ({ entry, x: figureOf(i, x), y: figureOf(i, y) }))
    .filter(
      (p) =>
        wanted(p.entry) && passes(p.entry) && [p.x[0], p.y[0]].every((value) => value !== null && value !== undefined),
    );
  const few = points.length <= MAX_LABELLED;
  const named = (p) => few || board.selected.has(p.entry.name) || alwaysNamed(points, p);
  const places = labelPositions(points, named, wide, high);
  return points.map((p, i) => ({ ...p, label: places[i], named: named(p) }));
}

function pointsTrace(points, kind, [x, y], c, { intervals = true } = {}) {
  const { symbol, colour, size } = kind;
  const own = points.filter((p) => p.entry.kind === kind.name);
  return {
    type: "scatter",
    mode: "markers+text",
    name: kind.plural,
    x: own.map((p) => p.x[0]),
    y: own.map((p) => p.y[0]),
    text: own.map((p) => (p.label ? escapeMarkup(p.entry.name) : "")),
    textposition: own.map((p) => p.label ?? "top center"),
    textfont: { size: 11, color: c.soft },
    cliponaxis: false,
    marker: { symbol, color: c[colour], size, line: { width: 1.8, color: c[colour] } },
    error_x: intervals ? errorBars(own, "x", c.border) : {},
    error_y: intervals ? errorBars(own, "y", c.border) : {},
    customdata: own.map((p) => [
      escapeMarkup(p.entry.name),
      formatValue(p.x[0], x.unit),
      formatValue(p.y[0], y.unit),
      formatInterval(p.x[1], p.x[2], x.unit),
      formatInterval(p.y[1], p.y[2], y.unit),
    ]),
    hovertemplate: `<b>%{customdata[0]}</b><br>${escapeMarkup(x.label)} %{customdata[1]}  %{customdata[3]}<br>${escapeMarkup(y.label)} %{customdata[2]}  %{customdata[4]}<extra></extra>`,
  };
}

// Published figures as marks along an axis, apart from the points of the study.
function publishedMarks(key, axis, c) {
  return DATA.published.flatMap((set) => {
    const column = set.columns.findIndex((column) => column.key === key && column.comparable);
    if (column < 0) return [];
    const rows = set.rows.filter((row) => row[column + 1] !== null);
    const values = rows.map((row) => row[column + 1]);
    const edge = rows.map(() => 0.012);
    return [
      {
        type: "scatter",
        mode: "markers",
        name: `published: ${set.board}, ${set.protocol}`,
        cliponaxis: false,
        ...(axis === "x" ? { x: values, y: edge, yaxis: "y2" } : { x: edge, y: values, xaxis: "x2" }),
        marker: {
          symbol: axis === "x" ? "line-ns" : "line-ew",
          size: 13,
          line: { width: 1.6, color: c.pink },
        },
        customdata: rows.map((row) => [escapeMarkup(row[0]), escapeMarkup(set.board)]),
        hovertemplate: `<b>%{customdata[0]}</b><br>%{customdata[1]}: %{${axis}:.3f}<br>${escapeMarkup(set.about)}<extra>published</extra>`,
      },
    ];
  });
}

function choices() {
  const pairs = [...MEASURES.values(), ...Object.values(EFFORT)].map((one) => [
    one.key,
    one.definition && one.definition !== DATA.definition ? `${one.label} (${one.definition})` : one.label,
  ]);
  fillSelect($("scatter-x"), pairs, DATA.severe);
  fillSelect($("scatter-y"), pairs, DATA.headline);
}

figure("scatter", (c) => {
  const [x, y] = [measureOf($("scatter-x").value), measureOf($("scatter-y").value)];
  const unranked = $("scatter-controls").checked;
  const points = pointsOf(x.key, y.key, (entry) => unranked || entry.ranked, [
    $("scatter").clientWidth - 90,
    400,
  ]);
  const marks = $("published-on").checked ? [...publishedMarks(x.key, "x", c), ...publishedMarks(y.key, "y", c)] : [];
  $("scatter-note").textContent = marks.length
    ? "Marks along an axis are published figures for other cases, models or protocols. They are not points of this study."
    : `${x.lower ? "Left" : "Right"} and ${y.lower ? "down" : "up"} is better.${points.every((p) => p.named) ? "" : " Only selected ensembles have their names and intervals shown."}`;
  const hidden = { overlaying: "x", range: [0, 1], visible: false };
  return {
    traces: [
      ...DATA.kinds
        .map((kind) => pointsTrace(points, kind, [x, y], c))
        .filter((trace) => trace.x.length),
      ...marks,
    ],
    layout: {
      height: 460,
      xaxis: { title: x.label, tickformat: UNITS[x.unit].ticks },
      yaxis: { title: y.label, tickformat: UNITS[y.unit].ticks },
      ...(marks.length ? { xaxis2: hidden, yaxis2: { ...hidden, overlaying: "y" } } : {}),
    },
  };
}, choices);

// The Pareto front: points that no other point beats on both axes, from left to right.
function paretoFront(points) {
  return [...points]
    .sort((a, b) => a.x[0] - b.x[0] || a.y[0] - b.y[0])
    .reduce((found, p) => (found.length && found.at(-1).y[0] <= p.y[0] ? found : [...found, p]), []);
}

figure("frontier", (c) => {
  const [x, y] = [measureOf($("frontier-x").value), measureOf(DATA.severe)];
  const points = pointsOf(
    x.key,
    y.key,
    (entry) => entry.ranked,
    [$("frontier").clientWidth - 90, 250],
    (all, p) => paretoFront(all).includes(p),
  );
  const best = paretoFront(points);
  const line = {
    type: "scatter",
    mode: "lines",
    x: best.map((p) => p.x[0]),
    y: best.map((p) => p.y[0]),
    name: "Pareto front",
    line: { shape: "hv", color: c.soft, width: 1.2, dash: "dot" },
    hoverinfo: "skip",
  };
  const traces = DATA.kinds
    .map((kind) => pointsTrace(points, kind, [x, y], c, { intervals: false }))
    .filter((trace) => trace.x.length);
  return {
    traces: [...(best.length > 1 ? [line] : []), ...traces],
    layout: {
      height: 340,
      xaxis: { title: x.label, rangemode: "tozero" },
      yaxis: { title: y.label, tickformat: ".0%", rangemode: "tozero" },
    },
  };
});
