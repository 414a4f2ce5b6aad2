"""The status page as a person sees it, and the browser that shows it."""

import base64
import json
import os
import shutil
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

# Longer than the page waits between two attempts to reach a server that was away for a moment.
PATIENCE_SECONDS = 20
DESKTOP = (1280, 900)
PHONE = (360, 740)


def start_browser():
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    # The tests may run as root, for whom Chromium's sandbox does not work, and in containers with little shared memory.
    # Scroll bars take room that they do not take on a phone.
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--hide-scrollbars",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    # Named, because selenium would otherwise look for a driver elsewhere.
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))


class Page:
    def __init__(self, browser, root):
        self.browser = browser
        self.root = root

    def open(self, root=None):
        """Opens the page, and waits until it shows what the server has said."""
        for log in ("browser", "performance"):
            self.browser.get_log(log)
        self.browser.get((root or self.root) + "/status")
        self.wait(lambda: self.state not in ("unknown", None), "the page shows no state")
        return self

    def update(self):
        """Has the page ask at once, as it does when it is looked at again."""
        self.run("document.dispatchEvent(new Event('visibilitychange'))")

    def wait(self, condition, complaint):
        return WebDriverWait(self.browser, PATIENCE_SECONDS, poll_frequency=0.05).until(
            lambda _: condition(), complaint
        )

    def wait_for_text(self, selector, text):
        self.wait(lambda: text in self.text(selector), f"{selector} never says {text!r}")

    def run(self, script, *arguments):
        return self.browser.execute_script(script, *arguments)

    def find(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def texts(self, selector):
        """The text of each such element at one moment: the page may change between two questions."""
        return self.run(
            "return [...document.querySelectorAll(arguments[0])].map((node) => node.textContent.trim())", selector
        )

    def text(self, selector):
        return " ".join(self.texts(selector))

    def is_shown(self, selector):
        return self.find(selector).is_displayed()

    def click(self, selector):
        # A driver clicks at a place on the screen, where a live page may show something else by then.
        self.run("document.querySelector(arguments[0]).click()", selector)

    def type(self, selector, text):
        field = self.find(selector)
        field.clear()
        field.send_keys(text)

    @property
    def state(self):
        return self.find("#state").get_attribute("data-state")

    @property
    def models(self):
        """The ids of the models in the table, from the top."""
        return self.texts("#models-rows [data-field=id]")

    def model(self, identifier, field):
        """One cell of the table of models; None while that model is not there."""
        names, cells = self.models, self.texts(f"#models-rows [data-field={field}]")
        return cells[names.index(identifier)] if identifier in names else None

    def set_size(self, size):
        self._command(
            "Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1, mobile=False
        )

    def set_scheme(self, scheme):
        self._command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def console(self):
        """What the browser has complained about since the page was opened."""
        return [entry["message"] for entry in self.browser.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def requested(self):
        """The addresses that were asked for since the page was opened."""
        events = [json.loads(entry["message"])["message"] for entry in self.browser.get_log("performance")]
        return [
            event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"
        ]

    def screenshot(self, name):
        """Leaves a picture of the whole page where they are asked for."""
        folder = os.environ.get("SCREENSHOTS")
        if not folder:
            return
        picture = self._command("Page.captureScreenshot", captureBeyondViewport=True, format="png")["data"]
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{name}.png").write_bytes(base64.b64decode(picture))

    def _command(self, name, **parameters):
        return self.browser.execute_cdp_cmd(name, parameters)
