// What the browser tests share: the demo server, the browser, and checks that wait.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const build = process.env.BERTH_BUILD;
const here = fileURLToPath(new URL(".", import.meta.url));
export const screenshots = join(build, "browser", "screenshots");

// Without these, Chromium looks for hosts that a test machine can't reach.
const CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

export async function launch() {
    await mkdir(screenshots, { recursive: true });
    return chromium.launch({
        executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
        args: CHROMIUM_FLAGS,
    });
}

export class Demo {
    static async start({ port = 0, token = null } = {}) {
        const demo = new Demo();
        const scenario = join(here, "demo.json");
        demo.process = spawn(
            join(build, "browser", "dashboard_demo"),
            [scenario, "--port", String(port), ...(token ? ["--token", token] : [])],
            { stdio: ["pipe", "pipe", "inherit"] },
        );
        demo.exited = once(demo.process, "exit");
        [demo.url] = await once(createInterface(demo.process.stdout), "line");
        demo.origin = new URL(demo.url).origin;
        demo.port = Number(new URL(demo.url).port);
        demo.scenario = JSON.parse(await readFile(scenario, "utf8"));
        return demo;
    }

    tell(command) {
        this.process.stdin.write(`${JSON.stringify(command)}\n`);
    }

    set(resource, fields) {
        this.tell({ resource, set: fields });
    }

    log(resource, text, more = {}) {
        this.tell({ log: resource, text, ...more });
    }

    // Fails when the server does not end cleanly: a sanitizer had something to say.
    async stop() {
        this.process.stdin.end();
        const [code, signal] = await this.exited;
        assert.deepEqual([code, signal], [0, null], "the demo server ends cleanly");
    }
}

// A page that reports whatever a page should never have: console errors, exceptions, violations of
// the content security policy, requests to anywhere else.
export async function openPage(context, demo, complaints) {
    const page = await context.newPage();
    await page.addInitScript(() => {
        addEventListener("securitypolicyviolation", (event) =>
            console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`),
        );
    });
    page.on(
        "console",
        (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()),
    );
    page.on("pageerror", (error) => complaints.push(error.stack));
    page.on("request", (request) => {
        const url = request.url();
        if (!url.startsWith(demo.origin) && !url.startsWith("data:")) complaints.push(`request to ${url}`);
    });
    await page.goto(demo.url);
    await page.waitForSelector(".resource");
    return page;
}

export async function until(what, check, patience = 8000) {
    const deadline = Date.now() + patience;
    for (let last; ; await new Promise((resolve) => setTimeout(resolve, 30))) {
        try {
            if (await check()) return;
            last = null;
        } catch (error) {
            last = error;
        }
        if (Date.now() > deadline)
            assert.fail(`not within ${patience} ms: ${what}${last ? ` (${last.message})` : ""}`);
    }
}

export const row = (page, name) =>
    page
        .locator("tr.resource")
        .filter({ has: page.locator("th").getByRole("button", { name, exact: true }) });

export async function go(page, hash) {
    await page.evaluate((value) => {
        location.hash = value;
    }, hash);
}

// Elements whose text has less contrast to its ground than WCAG 2.2 AA asks for (4.5 to 1).
export function lowContrast(page) {
    return page.evaluate(() => {
        const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
        const pixel = (layers) => {
            canvas.clearRect(0, 0, 1, 1);
            for (const layer of layers) {
                canvas.fillStyle = layer;
                canvas.fillRect(0, 0, 1, 1);
            }
            return [...canvas.getImageData(0, 0, 1, 1).data];
        };
        const luminance = ([r, g, b]) => {
            const [x, y, z] = [r, g, b]
                .map((v) => v / 255)
                .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
            return 0.2126 * x + 0.7152 * y + 0.0722 * z;
        };
        const found = [];
        for (const element of document.querySelectorAll("body *")) {
            const text = [...element.childNodes]
                .filter((node) => node.nodeType === 3)
                .map((node) => node.data.trim())
                .join("");
            const style = getComputedStyle(element);
            if (
                !text ||
                element.closest("svg, .sr-only, .skip, .head-logs, noscript") ||
                !element.checkVisibility() ||
                style.color === "rgba(0, 0, 0, 0)"
            )
                continue;
            const grounds = [];
            for (let at = element; at; at = at.parentElement)
                grounds.unshift(getComputedStyle(at).backgroundColor);
            const front = luminance(pixel([...grounds, style.color]));
            const back = luminance(pixel(grounds));
            const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
            if (ratio < 4.5)
                found.push(
                    `${element.className || element.tagName} "${text.slice(0, 30)}" ${ratio.toFixed(2)}`,
                );
        }
        return [...new Set(found)];
    });
}
