// The dashboard of a running `berth start`: node start.mjs live URL, or picture URL FILE.

import assert from "node:assert/strict";
import { kill } from "node:process";
import { go, launch, openPage, row, until } from "./harness.mjs";

const [task, url, file] = process.argv.slice(2);
const berth = { url, origin: new URL(url).origin };

// The real thing may be under load, or slow with sanitizers.
const PATIENCE = 30000;

// Comes true within the time, or fails with the last text there was.
const shows = (what, text, pattern) =>
    until(
        what,
        async () => {
            assert.match(await text(), pattern);
            return true;
        },
        PATIENCE,
    );

const fetched = (page, path) => page.evaluate(async (path) => (await fetch(path)).json(), path);

const tasks = {
    async live({ page, context }) {
        const token = new URL(url).searchParams.get("t");
        assert.equal(page.url(), `${berth.origin}/`, "the token is out of the address");
        assert.ok(!(await page.content()).includes(token));
        assert.equal((await context.cookies()).length, 1);
        await page.evaluate(() => {
            window.sameDocument = true;
        });

        await shows("all is well", () => page.title(), /^● 4\/4 healthy · quickstart$/);
        const expected = {
            sqlite: /database\s*Running\s*Healthy[^]*notes\.db/,
            "sqlite-migrations": /migrations\s*Finished[^]*2 applied/,
            "sqlite-seed": /seed\s*Finished[^]*3 rows/,
            notes: /service\s*Running\s*Healthy[^]*127\.0\.0\.1:\d+/,
        };
        assert.equal(await page.locator("tr.resource").count(), 4);
        for (const [name, words] of Object.entries(expected))
            assert.match(await row(page, name).innerText(), words);

        await go(page, "#/migrations");
        const card = page.locator(".database");
        await until("the migrations are there", async () => (await card.count()) === 1, PATIENCE);
        assert.match(await card.innerText(), /sqlite\s*SQLite[^]*Up to date/);
        assert.deepEqual(await card.locator("li .word").allInnerTexts(), ["applied", "applied"]);
        assert.match(await card.innerText(), /20260105090000_init/);
        assert.match(await card.innerText(), /20260112100000_add_done/);

        // A request to the service shows in its log as it comes.
        await go(page, "#/logs/notes");
        const lines = page.locator(".line");
        await until("the log is there", async () => (await lines.count()) > 0, PATIENCE);
        const { resources } = await fetched(page, "/api/resources");
        const notes = resources.find((resource) => resource.name === "notes");
        const answer = await fetch(`${notes.endpoints[0].url}/here-i-am`);
        assert.equal(answer.status, 200);
        await shows("the request is in the log", () => lines.last().innerText(), /GET \/here-i-am/);

        // What is known of it, each for itself.
        await go(page, "#/resources");
        await row(page, "notes").locator(".toggle").click();
        const checks = page.locator(".more:not([hidden]) .check");
        assert.deepEqual(await checks.allInnerTexts(), ["running", "status 200"]);

        // The service is killed: its row follows.
        await go(page, "#/resources");
        kill(notes.pid, "SIGKILL");
        await shows("the row tells the end", () => row(page, "notes").innerText(), /exit code 137[^]*signal 9/);
        await shows("and what is known", async () => (await checks.allInnerTexts())[0], /signal 9/);
        await shows("so does the tab", () => page.title(), /^◆ 3\/4 healthy · quickstart$/);
        assert.ok(await page.evaluate(() => window.sameDocument), "the page was not loaded again");
    },

    async picture({ page }) {
        await shows("all is well", () => page.title(), /^● (\d+)\/\1 healthy · orders$/);
        await page.mouse.move(0, 0);
        await page.screenshot({ path: file });
    },
};

const browser = await launch();
const complaints = [];
let failed = false;
try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 500 }, colorScheme: "light" });
    const page = await openPage(context, berth, complaints);
    await tasks[task]({ page, context });
    assert.deepEqual(complaints, [], "the page has nothing to complain of");
} catch (error) {
    failed = true;
    console.log(`${error.stack}\n${complaints.join("\n")}`);
}
await browser.close();
process.exit(failed ? 1 : 0);
