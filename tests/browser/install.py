"""Which Chromium the tests use, and how to get one: ``python -m tests.browser.install``.

It is Playwright's own build, about 180 MB in its cache folder, with what Playwright knows of the
libraries that are missing. Whatever Chromium the system has is used instead.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Playwright, sync_playwright

OFF = "--disable-features=" + ",".join(
    (
        # A page's address bar is a page or two itself, and costs as much as what is tested.
        "WebUIOmniboxPopup",
        "WebUIOmniboxAimPopup",
        "WebUIOmniboxFullPopup",
        # The last such option has the only word: what Playwright turns off by its own.
        "AvoidCorsURLLoaderRestartOnRedirect",
        "AvoidUnnecessaryBeforeUnloadCheckSync",
        "DestroyProfileOnBrowserClose",
        "HttpsFirstBalancedModeAutoEnable",
        "HttpsUpgrades",
        "LensOverlay",
        "MediaRouter",
        "NetworkTimeServiceQuerying",
        "OptimizationHints",
        "PaintHolding",
        "PreconnectToSearch",
        "ThirdPartyStoragePartitioning",
        "AimEnabled",
    )
)
"""What of a Chromium is turned off, as an option of its command."""

NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium(playwright: Playwright) -> str | None:
    """Give the browser's path: what the environment names, else what there is."""
    named = os.environ.get("PALAIS_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    own = playwright.chromium.executable_path
    return found or (own if Path(own).is_file() else None)


def main() -> int:
    """Install, or say that nothing had to be done."""
    with sync_playwright() as playwright:
        found = chromium(playwright)
    if found:
        print(f"chromium is {found}: unchanged")
        return 0
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    return subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
