// The page's scripts: each of these modules sets up one part.

import "./board/leaderboard.js";
import "./board/forest_plot.js";
import "./board/scatter.js";
import "./analysis/harm_figures.js";
import "./analysis/effect_figures.js";
import "./analysis/member_figures.js";
import "./cases/case_browser.js";

document.documentElement.dataset.ready = "yes";
