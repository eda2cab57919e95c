"""The dashboard of a real `berth start`, in headless Chromium.

    BERTH_UPDATE_SCREENSHOT=1   draws docs/dashboard.png anew, from examples/netscript (needs an engine)
"""
import os

from runner import node
from support.workspace import SOURCE, Workspace, eventually, run_tests


def test_quickstart_live():
    with Workspace(example="quickstart") as w:
        w.start()
        assert node("start.mjs", "live", w.json("ps")["dashboard"]) == 0
        assert w.resources()["notes"]["exitCode"] == 137  # which the page had done
        w.stop()


def draw_screenshot():
    with Workspace(example="netscript") as w:
        w.start()
        eventually(lambda: "dispatching" in w.run("logs", "dispatcher").stdout, 30, "the dispatcher")
        picture = SOURCE / "docs" / "dashboard.png"
        assert node("start.mjs", "picture", w.json("ps")["dashboard"], str(picture)) == 0
        w.stop("--all")


tests = {"test_quickstart_live": test_quickstart_live}
if os.environ.get("BERTH_UPDATE_SCREENSHOT"):
    tests["test_draw_screenshot"] = draw_screenshot
run_tests(tests)
