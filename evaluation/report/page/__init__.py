"""One HTML file that shows a study whole: what it holds, its templates, styles and scripts."""
