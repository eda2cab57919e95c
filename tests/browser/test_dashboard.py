"""The dashboard's page in headless Chromium, over a scripted workspace."""
from runner import run

run("dashboard.mjs")
