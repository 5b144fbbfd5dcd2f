"""The pictures of docs/report.md and the README: sections of a report in Chromium."""

import argparse
import shutil
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, sync_playwright

ARGUMENTS = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync
--disable-background-networking --disable-component-update""".split()
DRAWN = ".canvas[data-drawn] svg.main-svg"


class Picture(NamedTuple):
    """What is in a picture: the part at its top, its size, and what has to be drawn first."""

    part: str
    size: tuple[int, int]
    scheme: Any = "light"
    fragment: str = ""
    drawn: str = ""


PICTURES = {
    "report": Picture("#top", (1180, 920)),
    "differences": Picture("#differences", (1180, 700)),
    "teams": Picture("#teams", (1180, 760), drawn=f"#flows {DRAWN}"),
    "case": Picture(
        "#cases", (1180, 780), "dark", "#case=DermDemo2&ensemble=trio&trial=1", "#case .options"
    ),
    "small": Picture("#leaderboard-table", (390, 700)),
}


def take(browser: Browser, page: Path, picture: Picture, target: Path) -> None:
    """Open a report anew, go to a part, and write what is seen."""
    width, height = picture.size
    view = {"width": width, "height": height}
    tab = browser.new_page(viewport=view, color_scheme=picture.scheme)  # type: ignore[arg-type]
    tab.goto(page.as_uri() + picture.fragment)
    tab.wait_for_selector("html[data-ready]", state="attached")
    if picture.part != "#top":
        tab.locator(picture.part).evaluate("(node) => node.scrollIntoView()")
    if picture.drawn:
        tab.wait_for_selector(picture.drawn)
    tab.wait_for_timeout(1_000)
    tab.screenshot(path=target)
    tab.close()


def main() -> None:
    """Take every picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    where = shutil.which("chromium") or "/usr/bin/chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=where, args=ARGUMENTS)
        for name, picture in PICTURES.items():
            take(browser, given.report.resolve(), picture, given.folder / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
