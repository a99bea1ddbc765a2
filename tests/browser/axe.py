"""Accessibility violations that axe-core finds in a page. axe adds inline styles, which the site's
content security policy forbids: the browser context needs `bypass_csp`."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

NEXT_FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
ANIMATIONS_FINISHED = """() => document.getAnimations().every(
  (animation) => animation.playState === "finished" || animation.timeline instanceof ScrollTimeline
)"""
IMPACTS = ("serious", "critical")
SCHEMES = ("light", "dark")


def violations(page: Page) -> list[str]:
    """The serious and critical ones in the light and the dark color scheme, with their elements."""
    messages = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.evaluate(NEXT_FRAME)
        page.wait_for_function(ANIMATIONS_FINISHED)
        for violation in Axe().run(page).response["violations"]:
            if violation["impact"] in IMPACTS:
                elements = [
                    f"{node['target']} {node.get('failureSummary', '')}"
                    for node in violation["nodes"]
                ]
                messages.append(f"{scheme} {page.url}: {violation['id']}: {elements[:5]}")
    return messages
