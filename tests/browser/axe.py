"""What axe-core finds wrong with a page for who does not see it, or not well. It adds styles of its
own, which our policy does not allow: its browser has to look past it."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

DRAWN = "() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
AT_REST = """() => document.getAnimations().every(
  (one) => one.playState === "finished" || one.timeline instanceof ScrollTimeline
)"""
GRAVE = ("serious", "critical")
SCHEMES = ("light", "dark")


def findings(page: Page) -> list[str]:
    """In light and in dark, the grave ones, each with where it is."""
    found = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.evaluate(DRAWN)
        page.wait_for_function(AT_REST)
        for fault in Axe().run(page).response["violations"]:
            if fault["impact"] in GRAVE:
                places = [
                    f"{node['target']} {node.get('failureSummary', '')}" for node in fault["nodes"]
                ]
                found.append(f"{scheme} {page.url}: {fault['id']}: {places[:5]}")
    return found
