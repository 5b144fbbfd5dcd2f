"use strict";
// Figures: Plotly is inflated when the first of them comes near, and each is drawn when it does.

const FIGURES = new Map();
let plotly = null;

function loadPlotly() {
  plotly ??= inflate($("plotly")).then((code) => {
    const script = document.createElement("script");
    script.textContent = code; // allowed by its hash
    document.head.append(script);
  });
  return plotly;
}

// A label in which Plotly finds no markup.
function safe(text) {
  return String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

// A figure by the id of its element; `build` gives Plotly's traces and layout from what is chosen at the time.
function figure(id, build) {
  const node = $(id);
  if (!node) return;
  FIGURES.set(id, { node, build, drawn: false });
  for (const select of node.querySelectorAll("select, input")) select.addEventListener("change", () => refresh(id));
  whenNear(node, () => draw(id));
}

async function draw(id) {
  const own = FIGURES.get(id);
  own.drawn = true;
  await loadPlotly();
  const { traces, layout } = own.build(colours());
  const canvas = own.node.querySelector(".canvas");
  await Plotly.react(canvas, traces, styled(layout), { displayModeBar: false, responsive: true });
  canvas.dataset.drawn = traces.length;
}

function refresh(id) {
  if (FIGURES.get(id)?.drawn) draw(id);
}

function redraw() {
  for (const id of FIGURES.keys()) refresh(id);
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  const names = [
    "paper",
    "wash",
    "line",
    "rule",
    "ink",
    "soft",
    "faint",
    "blue",
    "red",
    "amber",
    "sky",
    "green",
    "pink",
    "sans",
  ];
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

// A layout in the page's own hand: its type, thin lines, nothing else.
function styled(layout) {
  const c = colours();
  const axis = {
    gridcolor: c.line,
    zerolinecolor: c.rule,
    linecolor: c.rule,
    automargin: true,
    zeroline: false,
    ticks: "",
    tickfont: { size: 12, color: c.soft },
    fixedrange: true,
  };
  const own = Object.fromEntries(
    Object.entries(layout).map(([name, value]) =>
      /^[xy]axis/.test(name) ? [name, { ...axis, ...value, title: titled(value.title, c) }] : [name, value],
    ),
  );
  return {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: c.sans, size: 12, color: c.ink },
    margin: { l: 8, r: 14, t: 20, b: layout.showlegend === false ? 44 : 78, pad: 0 },
    hoverlabel: {
      bgcolor: c.paper,
      bordercolor: c.rule,
      font: { family: c.sans, size: 12, color: c.ink },
      align: "left",
    },
    legend: {
      orientation: "h",
      yref: "container",
      y: 0,
      x: 0,
      yanchor: "bottom",
      font: { color: c.soft },
      itemclick: false,
      itemdoubleclick: false,
    },
    hovermode: "closest",
    dragmode: false,
    xaxis: axis,
    yaxis: axis,
    ...own,
    annotations: [...(layout.annotations ?? []), ...stamp(c)],
  };
}

function titled(text, c) {
  return text ? { text: safe(text), font: { size: 12, color: c.soft }, standoff: 12 } : undefined;
}

// What must be said with every figure stands in the figure, so that a picture of it says so too.
function stamp(c) {
  const text = DATA.tags
    .filter((tag) => tag !== "NOTICE")
    .map(safe)
    .join(" · ");
  return text
    ? [
        {
          text,
          xref: "paper",
          yref: "paper",
          x: 1,
          y: 1,
          xanchor: "right",
          yanchor: "bottom",
          showarrow: false,
          font: { size: 9, color: c.faint },
        },
      ]
    : [];
}

// On paper everything is light.
let screenTheme;
addEventListener("beforeprint", () => {
  screenTheme = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
  for (const id of FIGURES.keys()) if (globalThis.Plotly) draw(id);
});
addEventListener("afterprint", () => {
  if (screenTheme) document.documentElement.dataset.theme = screenTheme;
  else delete document.documentElement.dataset.theme;
  redraw();
});
setTimeout(() => requestIdleCallback(loadPlotly), 1500);
