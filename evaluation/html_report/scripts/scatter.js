"use strict";
// The clouds of points: any two metrics against one another, and harm against what it takes.

const KIND = {
  team: { name: "teams", symbol: "circle", colour: "blue", size: 10 },
  solo: { name: "models alone", symbol: "diamond-open", colour: "red", size: 10 },
  imported: { name: "files of answers", symbol: "square-open", colour: "green", size: 10 },
  control: { name: "controls", symbol: "x-thin-open", colour: "faint", size: 8 },
};
const LABELLED = 14;
const FORMAT = { percent: ".0%", ratio: "", count: "", effort: "", dollars: "" };

// Where names go so that none covers another or a mark; a name without room is left to the pointer.
function labels(points, named, wide, high) {
  const ends = (p, side) => (named(p) && $("intervals").checked ? p[side].slice(0, 3) : [p[side][0]]);
  const reach = (side) => {
    const values = points.flatMap((p) => ends(p, side)).filter((value) => value !== null && value !== undefined);
    const [low, top] = [Math.min(...values), Math.max(...values)];
    return (value) => (value - low) / (top - low || 1);
  };
  const [across, up] = [reach("x"), reach("y")];
  const spots = points.map((p) => [across(p.x[0]) * wide, (1 - up(p.y[0])) * high]);
  const taken = spots.map(([x, y]) => [x - 6, y - 6, x + 6, y + 6]);
  const meets = (a) => taken.some((b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]);
  return points.map((p, i) => {
    const [[x, y], width] = [spots[i], 6.2 * p.entry.name.length];
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

function errors(points, side, colour) {
  if (!$("intervals").checked || points.every((p) => p[side][1] === null || p[side][1] === undefined)) return {};
  return {
    type: "data",
    symmetric: false,
    thickness: 1,
    width: 0,
    color: colour,
    array: points.map((p) => (p.told ? (p[side][2] ?? p[side][0]) - p[side][0] : 0)),
    arrayminus: points.map((p) => (p.told ? p[side][0] - (p[side][1] ?? p[side][0]) : 0)),
  };
}

// Ensembles with both figures, and where their names go: all if they are few, else those selected.
function pointsOf(x, y, wanted, [wide, high], known = () => false) {
  const points = DATA.entries
    .map((entry, i) => ({ entry, x: figureOf(i, x), y: figureOf(i, y) }))
    .filter(
      (p) =>
        wanted(p.entry) && passes(p.entry) && [p.x[0], p.y[0]].every((value) => value !== null && value !== undefined),
    );
  const few = points.length <= LABELLED;
  const told = (p) => few || board.selected.has(p.entry.name) || known(points, p);
  const places = labels(points, told, wide, high);
  return points.map((p, i) => ({ ...p, label: places[i], told: told(p) }));
}

function cloud(points, kind, [x, y], c, { intervals = true } = {}) {
  const { name, symbol, colour, size } = KIND[kind];
  const own = points.filter((p) => p.entry.kind === kind);
  return {
    type: "scatter",
    mode: "markers+text",
    name,
    x: own.map((p) => p.x[0]),
    y: own.map((p) => p.y[0]),
    text: own.map((p) => (p.label ? safe(p.entry.name) : "")),
    textposition: own.map((p) => p.label ?? "top center"),
    textfont: { size: 11, color: c.soft },
    cliponaxis: false,
    marker: { symbol, color: c[colour], size, line: { width: 1.8, color: c[colour] } },
    error_x: intervals ? errors(own, "x", c.rule) : {},
    error_y: intervals ? errors(own, "y", c.rule) : {},
    customdata: own.map((p) => [
      safe(p.entry.name),
      written(p.x[0], x.unit),
      written(p.y[0], y.unit),
      spread(p.x[1], p.x[2], x.unit),
      spread(p.y[1], p.y[2], y.unit),
    ]),
    hovertemplate: `<b>%{customdata[0]}</b><br>${safe(x.label)} %{customdata[1]}  %{customdata[3]}<br>${safe(y.label)} %{customdata[2]}  %{customdata[4]}<extra></extra>`,
  };
}

// Published figures as marks along an axis: beside the study's points, not among them.
function rug(key, axis, c) {
  return DATA.published.flatMap((set) => {
    const column = set.columns.findIndex((name) => key === `2026-07/${name}` && name !== "Safety");
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
        customdata: rows.map((row) => [safe(row[0]), safe(set.board)]),
        hovertemplate: `<b>%{customdata[0]}</b><br>%{customdata[1]}: %{${axis}:.3f}<br>${safe(set.about)}<extra>published</extra>`,
      },
    ];
  });
}

figure("scatter", (c) => {
  const [x, y] = [measureOf($("scatter-x").value), measureOf($("scatter-y").value)];
  const controls = $("scatter-controls").checked;
  const points = pointsOf(x.key, y.key, (entry) => controls || entry.kind !== "control", [
    $("scatter").clientWidth - 90,
    400,
  ]);
  const marks = $("published-on").checked ? [...rug(x.key, "x", c), ...rug(y.key, "y", c)] : [];
  $("scatter-note").textContent = marks.length
    ? "Marks along an axis are published figures of other cases, models or protocols; they are no points of this study."
    : `Better is ${x.lower ? "left" : "right"} and ${y.lower ? "down" : "up"}.${points.every((p) => p.told) ? "" : " Names and intervals are those of selected ensembles."}`;
  const hidden = { overlaying: "x", range: [0, 1], visible: false };
  return {
    traces: [
      ...Object.keys(KIND)
        .map((kind) => cloud(points, kind, [x, y], c))
        .filter((trace) => trace.x.length),
      ...marks,
    ],
    layout: {
      height: 460,
      xaxis: { title: x.label, tickformat: FORMAT[x.unit] },
      yaxis: { title: y.label, tickformat: FORMAT[y.unit] },
      ...(marks.length ? { xaxis2: hidden, yaxis2: { ...hidden, overlaying: "y" } } : {}),
    },
  };
});

// The points that no other beats on both axes, from left to right.
function unbeaten(points) {
  return [...points]
    .sort((a, b) => a.x[0] - b.x[0] || a.y[0] - b.y[0])
    .reduce((found, p) => (found.length && found.at(-1).y[0] <= p.y[0] ? found : [...found, p]), []);
}

figure("frontier", (c) => {
  const [x, y] = [measureOf($("frontier-x").value), measureOf(DATA.severe)];
  const points = pointsOf(
    x.key,
    y.key,
    (entry) => entry.kind !== "control",
    [$("frontier").clientWidth - 90, 250],
    (all, p) => unbeaten(all).includes(p),
  );
  const best = unbeaten(points);
  const line = {
    type: "scatter",
    mode: "lines",
    x: best.map((p) => p.x[0]),
    y: best.map((p) => p.y[0]),
    name: "frontier",
    line: { shape: "hv", color: c.soft, width: 1.2, dash: "dot" },
    hoverinfo: "skip",
  };
  const traces = ["team", "solo", "imported"]
    .map((kind) => cloud(points, kind, [x, y], c, { intervals: false }))
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
