// Figures: Plotly is inflated when the first of them comes near, and each is drawn when it does.

import { $, on, whenNear } from "./dom.js";
import { DATA, inflate } from "./page_data.js";

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

// A label in which Plotly interprets no markup.
export function escapeMarkup(text) {
  return String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

// Set up the figure in an element, if the page has it: `build` returns Plotly's traces and layout for the current choices,
// `choices` fills the figure's select elements.
export function figure(id, build, choices = () => {}) {
  const node = $(id);
  if (!node) return;
  choices();
  FIGURES.set(id, { node, build, drawn: false });
  for (const select of node.querySelectorAll("select, input")) select.addEventListener("change", () => refresh(id));
  whenNear(node, () => draw(id));
}

async function draw(id) {
  const figureState = FIGURES.get(id);
  figureState.drawn = true;
  await loadPlotly();
  const { traces, layout } = figureState.build(themeColours());
  const canvas = figureState.node.querySelector(".canvas");
  await Plotly.react(canvas, traces, withStyle(layout), { displayModeBar: false, responsive: true });
  canvas.dataset.drawn = traces.length;
}

// Draw a figure again, if it was drawn before.
export function refresh(id) {
  if (FIGURES.get(id)?.drawn) draw(id);
}

function redraw() {
  for (const id of FIGURES.keys()) refresh(id);
}

function themeColours() {
  const style = getComputedStyle(document.documentElement);
  const names = [
    "paper",
    "wash",
    "line",
    "border",
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

// A layout in the page's type and themeColours.
function withStyle(layout) {
  const c = themeColours();
  const axis = {
    gridcolor: c.line,
    zerolinecolor: c.border,
    linecolor: c.border,
    automargin: true,
    zeroline: false,
    ticks: "",
    tickfont: { size: 12, color: c.soft },
    fixedrange: true,
  };
  const axes = Object.fromEntries(
    Object.entries(layout).map(([name, value]) =>
      /^[xy]axis/.test(name) ? [name, { ...axis, ...value, title: axisTitle(value.title, c) }] : [name, value],
    ),
  );
  return {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: c.sans, size: 12, color: c.ink },
    margin: { l: 8, r: 14, t: 20, b: layout.showlegend === false ? 44 : 78, pad: 0 },
    hoverlabel: {
      bgcolor: c.paper,
      bordercolor: c.border,
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
    ...axes,
    annotations: [...(layout.annotations ?? []), ...noticeAnnotations(c)],
  };
}

function axisTitle(text, c) {
  return text ? { text: escapeMarkup(text), font: { size: 12, color: c.soft }, standoff: 12 } : undefined;
}

// The notices that belong to every figure, inside the figure, so that a copied picture has them too.
function noticeAnnotations(c) {
  const text = DATA.tags
    .filter((tag) => tag !== "NOTICE")
    .map(escapeMarkup)
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

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

on("theme", "click", () => {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  redraw();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redraw());

// Print in light themeColours, whatever the screen shows.
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
