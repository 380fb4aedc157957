"""As much of a WebDriver client (https://www.w3.org/TR/webdriver2/) as the tests of the page need."""

import base64
import json
import socket
import subprocess
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
TAB, ENTER, ESCAPE, LEFT, RIGHT = "\ue004", "\ue007", "\ue00c", "\ue012", "\ue014"


class Browser:
    """A headless Chromium with one window."""

    def __init__(self, downloads):
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(["chromedriver", f"--port={self.port}", "--silent"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for("chromedriver", lambda: self.call("GET", "/status")["ready"])
        self.base += "/session/" + self.call("POST", "/session", {"capabilities": capabilities(downloads)})["sessionId"]
        self.resize(1440, 1000)

    def call(self, method, path, body=None):
        """A command of the protocol."""
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"].split("\n")[0]) from None

    def devtools(self, command, **parameters):
        """A command of Chromium's own protocol."""
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, address):
        self.call("POST", "/url", {"url": address})

    def open_tab(self, address):
        """Opens another tab, which is looked at from now on."""
        self.switch(self.call("POST", "/window/new", {"type": "tab"})["handle"])
        self.open(address)

    @property
    def tabs(self):
        return self.call("GET", "/window/handles")

    def switch(self, tab):
        self.call("POST", "/window", {"handle": tab})

    def close_other_tabs(self):
        first, *others = self.tabs
        for tab in others:
            self.switch(tab)
            self.call("DELETE", "/window")
        self.switch(first)

    def back(self):
        self.call("POST", "/back")

    @property
    def address(self):
        return self.call("GET", "/url")

    def run(self, script, *arguments):
        """The value of a script, which returns it."""
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def find(self, selector):
        return self.call("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self.call("POST", f"/element/{self.find(selector)}/click")

    def type(self, selector, text):
        self.call("POST", f"/element/{self.find(selector)}/value", {"text": text})

    def press(self, *keys):
        """Presses keys where the focus is."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.call("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def point_at(self, selector, across):
        """Moves the mouse over an element, to a part of its width."""
        left, top, width, height = self.run(
            "const box = document.querySelector(arguments[0]).getBoundingClientRect();"
            "return [box.left, box.top, box.width, box.height];", selector)
        move = {"type": "pointerMove", "duration": 0, "x": int(left + across * width), "y": int(top + height / 2)}
        self.call("POST", "/actions", {"actions": [
            {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": [move]}]})

    def resize(self, width, height, is_phone=False):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                      mobile=is_phone)

    def prefer(self, scheme):
        """Prefers `light` or `dark`, as the user's system would."""
        self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, path):
        picture = self.devtools("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture["data"]))

    def complaints(self):
        """Errors and warnings of the console since the last call, violations of the content policy among them."""
        entries = self.call("POST", "/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] in ("SEVERE", "WARNING")]

    def close(self):
        try:
            self.call("DELETE", "")
        finally:
            self.process.terminate()
            self.process.wait()


def capabilities(downloads):
    arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                 "--lang=en-GB"]
    preferences = {
        "download.default_directory": downloads,
        "profile.default_content_setting_values.automatic_downloads": 1,
    }
    return {"alwaysMatch": {
        "browserName": "chrome",
        "goog:chromeOptions": {"args": arguments, "prefs": preferences},
        "goog:loggingPrefs": {"browser": "ALL"},
    }}


def wait_for(what, condition, seconds=20):
    """Polls until the condition gives something true, and gives that."""
    deadline = time.monotonic() + seconds
    reason = None
    while time.monotonic() < deadline:
        try:
            value = condition()
            if value:
                return value
        except (RuntimeError, OSError, KeyError, TypeError) as error:
            reason = error
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain for {what}" + (f" ({reason})" if reason else ""))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
