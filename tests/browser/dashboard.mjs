// The dashboard's page, as somebody at the browser meets it.

import assert from "node:assert/strict";
import { join } from "node:path";
import { Demo, go, launch, lowContrast, openPage, row, screenshots, until } from "./harness.mjs";

const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 740 };
const VIEWS = { resources: "#/resources", logs: "#/logs/catalog", migrations: "#/migrations" };
const EVIL = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`;

const browser = await launch();

// Each check has a server and a browser profile of its own, and ends with nothing to complain of.
const checks = {
    async "login takes the token out of the address, into a locked-down cookie"({ demo, context, page }) {
        const token = new URL(demo.url).searchParams.get("t");
        assert.equal(page.url(), `${demo.origin}/`);
        assert.ok(!(await page.content()).includes(token));
        assert.ok(
            !(
                await page.evaluate(() =>
                    performance
                        .getEntries()
                        .map((entry) => entry.name)
                        .join(),
                )
            ).includes(token),
        );
        const cookies = await context.cookies();
        assert.equal(cookies.length, 1);
        const [cookie] = cookies;
        assert.equal(cookie.name, `berth_${demo.port}`);
        assert.equal(cookie.httpOnly, true);
        assert.equal(cookie.sameSite, "Strict");
        assert.equal(cookie.path, "/");
        assert.notEqual(cookie.value, token);
        assert.equal(await page.evaluate(() => document.cookie), "");
    },

    async "without the cookie there is only the advice to open the printed URL"({ demo }) {
        const stranger = await browser.newContext();
        const page = await stranger.newPage();
        const answer = await page.goto(demo.origin);
        assert.equal(answer.status(), 401);
        assert.match(await page.textContent("body"), /open the URL that `berth start` printed/);
        await stranger.close();
    },

    async "a link from another site logs in too"({ demo }) {
        // SameSite=Strict holds the fresh cookie back on the redirect; the page then asks once more.
        const visitor = await browser.newContext();
        const page = await visitor.newPage();
        await page.route("http://elsewhere.test/", (route) =>
            route.fulfill({ contentType: "text/html", body: `<a href="${demo.url}">berth</a>` }),
        );
        await page.goto("http://elsewhere.test/");
        await page.click("a");
        await page.waitForSelector(".resource");
        await visitor.close();
    },

    async "every state is told by words and by a shape of its own"({ page }) {
        const expected = {
            postgres: ["Running", "Healthy"],
            "reports-db": ["Building", "48 MB of 104 MB"],
            "app migrations": ["Finished", ""],
            orders: ["Running", "Unhealthy · 2 restarts"],
            search: ["Running", "Degraded"],
            mailer: ["Failed to start", "exit code 127 · 3 restarts"],
            reports: ["Waiting", "for reports-db, orders"],
            storefront: ["Starting", ""],
            studio: ["Not started", ""],
            importer: ["Exited", "exit code 143"],
            "app seed": ["Finished", ""],
        };
        const shapes = new Map();
        for (const [name, [label, detail]] of Object.entries(expected)) {
            assert.equal(await row(page, name).locator(".label").innerText(), label);
            assert.ok(
                (await row(page, name).locator(".words").innerText()).includes(detail),
                `${name}: ${detail}`,
            );
            shapes.set(name, await row(page, name).locator(".shape").innerHTML());
        }
        for (const [left, right] of [
            ["postgres", "orders"],
            ["postgres", "search"],
            ["orders", "mailer"],
            ["reports", "storefront"],
            ["studio", "importer"],
        ])
            assert.notEqual(shapes.get(left), shapes.get(right), `${left} and ${right} differ in shape`);
    },

    async "the table, the tab and the screen reader follow a change"({ demo, page }) {
        assert.equal(await page.title(), "◆ 5/11 healthy · harbour-shop");
        assert.equal(await page.locator("#branch").innerText(), "orders");
        assert.equal(await page.locator("#branch").getAttribute("title"), "orders at 1a2b3c4 in /home/me/harbour-shop");
        const icon = () => page.getAttribute("link[rel=icon]", "href");
        const before = await icon();
        await row(page, "mailer").locator(".toggle").focus();
        for (const name of ["orders", "search", "mailer", "importer"])
            demo.set(name, {
                state: "Running",
                health: "Healthy",
                message: `${name} is fine`,
                exitCode: null,
                startedAt: -1,
            });
        await until("the row of mailer changes", async () =>
            (await row(page, "mailer").innerText()).includes("mailer is fine"),
        );
        await until(
            "the title changes",
            async () => (await page.title()) === "◌ 9/12 healthy · harbour-shop",
        );
        assert.notEqual(await icon(), before);
        assert.equal(
            await page.evaluate(() => document.activeElement.textContent),
            "mailer",
            "the focus stays",
        );
        await until("the change is announced", async () =>
            /mailer: Running, Healthy/.test(await page.textContent("#announcer")),
        );
        demo.tell({ resources: demo.scenario.resources.slice(0, 1), workspace: "small" });
        await until("removed resources go", async () => (await page.locator("tr.resource").count()) === 1);
        await until("all is well", async () => (await page.title()) === "● 1/1 healthy · small");
        demo.tell({ resources: [] });
        await until("an empty workspace says so", () => page.getByText("declares none").isVisible());
    },

    async "uptime ticks, progress moves, a resource that is waited for is a step away"({ demo, page }) {
        const uptime = () => row(page, "storefront").locator(".uptime").innerText();
        const first = await uptime();
        assert.match(first, /^\d+ s$/);
        await until("the uptime ticks", async () => (await uptime()) !== first);
        assert.equal(await row(page, "app migrations").locator(".uptime").innerText(), "took 320 ms");
        demo.set("reports-db", { progress: { done: 1, total: 4, unit: "bytes" } });
        await until(
            "the meter moves",
            async () =>
                (await row(page, "reports-db")
                    .locator(".meter span")
                    .evaluate((node) => node.style.width)) === "25%",
        );
        await row(page, "reports").getByRole("button", { name: "orders" }).click();
        assert.equal(await row(page, "orders").locator(".toggle").getAttribute("aria-expanded"), "true");
        assert.ok(await page.getByText("18431").isVisible());
    },

    async "filters show what they name"({ page }) {
        await page.getByRole("button", { name: /^Problems/ }).click();
        assert.deepEqual(await page.locator("tr.resource:visible .name").allInnerTexts(), [
            "orders",
            "search",
            "mailer",
        ]);
        await page.getByRole("button", { name: /^All/ }).click();
        assert.equal(await page.locator("tr.resource:visible").count(), 13);
    },

    async "only web addresses are links"({ demo, page }) {
        const links = (name) =>
            row(page, name)
                .locator(".endpoints a")
                .evaluateAll((list) => list.map((a) => a.href));
        assert.deepEqual(await links("catalog"), ["http://127.0.0.1:8101/", "http://127.0.0.1:9101/metrics"]);
        assert.deepEqual(await links("postgres"), []);
        demo.set("catalog", {
            endpoints: [
                { name: "a", url: "javascript:window.hacked=1" },
                { name: "b", url: "data:text/html,x" },
                { name: "c", url: "//x" },
                { name: "d", url: "https://127.0.0.1:1/" },
            ],
        });
        await until(
            "the endpoints change",
            async () => (await row(page, "catalog").locator(".endpoints li").count()) === 4,
        );
        assert.deepEqual(await links("catalog"), ["https://127.0.0.1:1/"]);
    },

    async "a row tells why, and each fact for itself"({ demo, page }) {
        assert.match(
            await row(page, "reports").locator(".message").innerText(),
            /waiting for reports-db, which is Building: image pull 46 %/,
        );
        await row(page, "postgres").locator(".toggle").click();
        const checks = page.locator(".more:not([hidden]) .check");
        assert.deepEqual(await checks.allInnerTexts(), ["running", "unhealthy", "Postgres 15.8"]);
        assert.deepEqual(
            await checks.evaluateAll((list) => list.map((check) => check.dataset.tone)),
            ["ok", "bad", "ok"],
        );
        assert.match(await page.locator(".more:not([hidden])").innerText(), /creating 12 ms, login 1\.2 s/);
        demo.set("postgres", { facts: [{ name: "login", good: false, text: "refused: password", since: null }] });
        await until("the fact turns", async () => (await checks.innerText()) === "refused: password");
    },

    async "what resources say is never markup"({ demo, page }) {
        const resource = {
            ...demo.scenario.resources[0],
            name: EVIL,
            kind: EVIL,
            message: EVIL,
            why: EVIL,
            facts: [{ name: EVIL, good: false, text: EVIL, since: EVIL, seen: EVIL }],
            phases: [{ phase: EVIL, ms: 1 }],
            image: EVIL,
            state: EVIL,
            health: EVIL,
            waitingFor: [EVIL],
            dependsOn: [EVIL],
            containerId: EVIL,
            startedAt: null,
            endpoints: [{ name: EVIL, url: `http://x/${EVIL}` }],
        };
        demo.tell({ workspace: EVIL, resources: [resource] });
        await until(
            "the row shows the text",
            async () => (await page.locator("tr.resource .name").innerText()) === EVIL,
        );
        await page.locator(".toggle").click();
        demo.log(
            EVIL,
            `${EVIL}\u001b]8;;javascript:window.hacked=1\u0007link\u001b]8;;\u0007 javascript:alert(1) \u001b[38;5;196m${EVIL}`,
        );
        await go(page, `#/logs/${encodeURIComponent(EVIL)}`);
        await until(
            "the log shows the text",
            async () =>
                (await page.locator(".line .text").innerText()) === `${EVIL}link javascript:alert(1) ${EVIL}`,
        );
        demo.tell({
            migrations: [
                {
                    database: EVIL,
                    provider: EVIL,
                    applied: [{ name: EVIL, finishedAt: EVIL }],
                    pending: [EVIL],
                    failed: [{ name: EVIL, error: EVIL }],
                },
            ],
        });
        await go(page, "#/migrations");
        await until(
            "the migrations show the text",
            async () => (await page.locator(".error").innerText()) === EVIL,
        );
        assert.equal(await page.evaluate(() => window.hacked), undefined);
        assert.equal(await page.locator("img, body script").count(), 0);
        assert.equal(await page.locator("a[href^=javascript]").count(), 0);
    },

    async "logs grow live, in colour, with stderr told apart"({ demo, page, complaints }) {
        await go(page, VIEWS.logs);
        await until("the lines are there", async () => (await page.locator(".line").count()) === 12);
        assert.equal(await page.locator(".line.stderr").count(), 4);
        assert.equal(await page.locator(".line.stderr .mark-err").first().textContent(), "err");
        demo.log(
            "catalog",
            "10%\r55%\r\u001b[1;31mred\u001b[0m \u001b[38;2;10;200;30mtrue\u001b[0m\u001b[2K plain http://127.0.0.1:8101/x?y=1.",
        );
        await until("the new line is there", async () => (await page.locator(".line").count()) === 13);
        const last = page.locator(".line").last();
        assert.equal(
            await last.locator(".text").textContent(),
            "red true plain http://127.0.0.1:8101/x?y=1.",
        );
        assert.equal(await last.locator(".a-bold.a-fg-1").textContent(), "red");
        assert.equal(
            await last.locator(".a-fg").evaluate((node) => node.style.getPropertyValue("--a-fg")),
            "rgb(10 200 30)",
        );
        assert.equal(await last.locator("a").getAttribute("href"), "http://127.0.0.1:8101/x?y=1");
        demo.log("orders", "not for this view");
        await page.getByRole("link", { name: "orders" }).click();
        await until("the other log opens", async () =>
            (await page.locator(".line").last().innerText()).includes("not for this view"),
        );
        await page.getByRole("link", { name: "reports", exact: true }).click();
        await until("an empty log says so", () => page.getByText("Nothing has been said yet.").isVisible());
        await go(page, "#/logs/nobody");
        await until("an unknown one too", () => page.getByText("There is no such resource").isVisible());
        assert.match(complaints.splice(0).join(), /^Failed to load resource: [^,]*404 \(Not Found\)$/);
    },

    async "logs follow, pause when scrolled up, and go on"({ demo, page }) {
        const distance = () =>
            page
                .locator(".log-scroll")
                .evaluate((node) => node.scrollHeight - node.scrollTop - node.clientHeight);
        const top = () => page.locator(".log-scroll").evaluate((node) => node.scrollTop);
        demo.log("catalog", "filler", { repeat: 200 });
        await go(page, VIEWS.logs);
        await until("the lines are there", async () => (await page.locator(".line").count()) === 212);
        await until("the end is in view", async () => (await distance()) < 2);
        await page.locator(".log-scroll").hover();
        await page.mouse.wheel(0, -900);
        await until(
            "scrolling up pauses",
            async () =>
                (await page.getByRole("button", { name: "Follow" }).getAttribute("aria-pressed")) === "false",
        );
        await until("the scrolling has ended", async () => (await distance()) > 300);
        const held = await top();
        demo.log("catalog", "more", { repeat: 30 });
        await until("what is new is counted", () => page.getByRole("button", { name: "30 new" }).isVisible());
        assert.equal(await top(), held, "and the view stays where it was");
        await page.getByRole("button", { name: "30 new" }).click();
        await until("it goes to the end", async () => (await distance()) < 2);
        demo.log("catalog", "and on", { repeat: 30 });
        await until(
            "and follows again",
            async () => (await page.locator(".line").count()) === 272 && (await distance()) < 2,
        );
    },

    async "logs are searched, wrapped and narrowed to stderr"({ demo, page }) {
        const visible = () => page.locator(".line:visible").count();
        await go(page, VIEWS.logs);
        await until("the lines are there", async () => (await visible()) === 12);
        await page.keyboard.press("/");
        await page.keyboard.type("PRODUCTS/41");
        await until("one line matches", async () => (await visible()) === 1);
        assert.equal(await page.locator(".log-count").innerText(), "1 of 12");
        assert.equal(await page.evaluate(() => CSS.highlights.get("log-match").size), 1);
        demo.log("catalog", "GET /products/41 again");
        demo.log("catalog", "something else");
        await until(
            "new lines are filtered too",
            async () => (await page.locator(".log-count").innerText()) === "2 of 14",
        );
        await page.keyboard.press("Escape");
        await until("escape shows all", async () => (await visible()) === 14);
        await page.getByRole("button", { name: "Errors", exact: true }).click();
        await until("stderr only", async () => (await visible()) === 4);
        await page.getByRole("button", { name: "Errors", exact: true }).click();
        const wide = () =>
            page.locator(".log-scroll").evaluate((node) => node.scrollWidth > node.clientWidth);
        assert.equal(await wide(), false);
        demo.log("catalog", "long ".repeat(200));
        await until("long lines wrap", async () => (await visible()) === 15 && !(await wide()));
        await page.getByRole("button", { name: "Wrap" }).click();
        await until("and don't when told so", wide);
        await page.reload();
        await until(
            "which is remembered",
            async () =>
                (await page.getByRole("button", { name: "Wrap" }).getAttribute("aria-pressed")) === "false",
        );
    },

    async "a page keeps 5000 lines and stays quick"({ demo, page }) {
        await go(page, VIEWS.logs);
        await until("the lines are there", async () => (await page.locator(".line").count()) === 12);
        demo.log("catalog", "\u001b[32mbusy\u001b[0m line of a busy service", { repeat: 12000 });
        demo.log("catalog", "the last one");
        await until(
            "the last line arrives",
            async () => (await page.locator(".line").last().innerText()).includes("the last one"),
            20000,
        );
        assert.equal(await page.locator(".line").count(), 5000);
        const started = Date.now();
        demo.log("catalog", "quick");
        await until("and the next one soon", async () =>
            (await page.locator(".line").last().innerText()).includes("quick"),
        );
        assert.ok(Date.now() - started < 3000);
    },

    async "migrations show what failed and why, what is pending, what was applied"({ demo, page }) {
        await until(
            "the tab counts them",
            async () => (await page.locator("#migrations-badge").innerText()) === "3",
        );
        await go(page, VIEWS.migrations);
        const card = page.locator(".database").nth(1);
        assert.match(
            await card.locator("header").innerText(),
            /reports\s*MySQL\s*A migration failed\s*1 applied · 2 pending · 1 failed/,
        );
        assert.match(await card.locator(".error").innerText(), /error 1503 \(HY000\): A PRIMARY KEY/);
        assert.deepEqual(await card.locator("li .word").allInnerTexts(), [
            "failed",
            "pending",
            "pending",
            "applied",
        ]);
        assert.equal(
            await page.locator(".database").first().locator("time").last().innerText(),
            "10 days ago",
        );
        const applied = Array.from({ length: 40 }, (_, i) => ({
            name: `${20260101000000 + i}_step_${i}`,
            finishedAt: -10,
        }));
        demo.tell({
            migrations: [{ database: "app", provider: "sqlite", applied, pending: [], failed: [] }],
        });
        await until("the view follows", () => page.getByText("Up to date").isVisible());
        await until("and nothing is left to count", () => page.locator("#migrations-badge").isHidden());
        assert.equal(await page.locator(".migrations li").count(), 12);
        await page.getByRole("button", { name: "Show 28 older" }).click();
        assert.equal(await page.locator(".migrations li").count(), 40);
        demo.tell({ migrations: [] });
        await until("none is said, too", () =>
            page.getByText("No database of this workspace has migrations.").isVisible(),
        );
    },

    async "light and dark are legible at every width, and nothing scrolls sideways"({ demo }) {
        const grounds = new Set();
        for (const colorScheme of ["light", "dark"]) {
            for (const [size, viewport] of Object.entries({
                wide: WIDE,
                tablet: { width: 900, height: 1000 },
                phone: PHONE,
            })) {
                const complaints = [];
                const context = await browser.newContext({ colorScheme, viewport });
                const page = await openPage(context, demo, complaints);
                for (const [view, hash] of Object.entries(VIEWS)) {
                    await go(page, hash);
                    await page.waitForSelector(
                        { resources: ".resource", logs: ".line", migrations: ".database" }[view],
                    );
                    if (view === "resources") await page.locator(".toggle").first().click();
                    grounds.add(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
                    const overflow = await page.evaluate(
                        () => document.documentElement.scrollWidth - innerWidth,
                    );
                    assert.ok(overflow <= 0, `${view} is ${overflow} px too wide on ${size}`);
                    assert.deepEqual(await lowContrast(page), [], `${view}, ${size}, ${colorScheme}`);
                    await page.screenshot({ path: join(screenshots, `${view}-${size}-${colorScheme}.png`) });
                }
                assert.deepEqual(complaints, []);
                await context.close();
            }
        }
        assert.equal(grounds.size, 2);
    },

    async "everything is reached by keyboard"({ page }) {
        const reached = [];
        for (let i = 0; i < 14; i++) {
            await page.keyboard.press("Tab");
            reached.push(
                await page.evaluate(
                    () => document.activeElement.innerText.trim() || document.activeElement.ariaLabel,
                ),
            );
        }
        assert.equal(reached[0], "Skip to the content");
        for (const name of ["Resources", "Logs", "postgres"])
            assert.ok(reached.includes(name), `${name} in ${reached}`);
        await row(page, "postgres").locator(".toggle").press("Enter");
        assert.ok(await page.getByText("9f2c41d07be3").isVisible());
        await row(page, "postgres").locator(".toggle").press("Enter");
        assert.ok(await page.getByText("9f2c41d07be3").isHidden());
    },

    async "reduced motion means none"({ page }) {
        const moves = () =>
            row(page, "storefront")
                .locator(".icon-spin")
                .evaluate((node) => getComputedStyle(node).animationName);
        assert.equal(await moves(), "spin");
        await page.emulateMedia({ reducedMotion: "reduce" });
        assert.equal(await moves(), "none");
    },

    async "many tabs share one stream, and outlive the one that reads it"({
        demo,
        context,
        page,
        complaints,
    }) {
        const tabs = [];
        let streams = 0;
        context.on("request", (request) => {
            if (request.url().endsWith("/api/events")) streams++;
        });
        for (let i = 0; i < 7; i++) tabs.push(await openPage(context, demo, complaints));
        assert.equal(streams, 0, "the first tab's stream serves them all");
        const everywhere = async (text) => {
            for (const tab of tabs)
                await until(`"${text}" in every tab`, async () =>
                    (await row(tab, "search").innerText()).includes(text),
                );
        };
        demo.set("search", { message: "told to all" });
        await everywhere("told to all");
        await page.close();
        await until("another tab takes over", () => streams === 1);
        demo.set("search", { message: "still told" });
        await everywhere("still told");
    },

    async "a lost connection says so, and comes back by itself"({ demo, page, complaints }) {
        const token = new URL(demo.url).searchParams.get("t");
        const banner = page.locator("#banner");
        await go(page, VIEWS.logs);
        await until("the lines are there", async () => (await page.locator(".line").count()) === 12);
        await demo.stop();
        await until(
            "the banner tells",
            async () =>
                (await banner.isVisible()) && /connection to berth is lost/.test(await banner.innerText()),
        );
        await until("the tab tells", async () => (await page.title()) === "○ not connected · harbour-shop");
        const again = await Demo.start({ port: demo.port, token });
        assert.equal(again.port, demo.port);
        await until("the banner goes", () => banner.isHidden(), 15000);
        again.log("catalog", "after the restart");
        await until("logs go on", async () =>
            (await page.locator(".line").last().innerText()).includes("after the restart"),
        );
        await again.stop();
        await until("lost again", () => banner.isVisible());
        const other = await Demo.start({ port: demo.port, token: "another-token-of-enough-length" });
        await page.getByRole("button", { name: "Try now" }).click();
        await until(
            "a session of another run has ended",
            async () => /session has ended/.test(await banner.innerText()),
            15000,
        );
        // Logging in anew in a second tab brings the first one back.
        const second = await openPage(page.context(), other, complaints);
        await until(
            "both are live",
            async () => (await banner.isHidden()) && (await second.locator("#banner").isHidden()),
        );
        await other.stop();
        complaints.length = 0; // refused connections are what this was about
    },
};

const only = process.argv[2];
let failures = 0;
for (const [name, check] of Object.entries(checks)) {
    if (only && !name.includes(only)) continue;
    const started = Date.now();
    const complaints = [];
    const demo = await Demo.start();
    const context = await browser.newContext({ viewport: WIDE, colorScheme: "light" });
    try {
        const page = await openPage(context, demo, complaints);
        await check({ demo, context, page, complaints });
        assert.deepEqual(complaints, [], "the page has nothing to complain of");
        console.log(`ok    ${name} (${Date.now() - started} ms)`);
    } catch (error) {
        failures++;
        console.log(`FAIL  ${name}\n${error.stack}\n${complaints.join("\n")}`);
    }
    await context.close();
    if (demo.process.exitCode === null)
        await demo.stop().catch((error) => {
            failures++;
            console.log(`FAIL  ${name}\n${error.stack}`);
        });
}
await browser.close();
process.exit(failures ? 1 : 0);
