// The migrations of each database: what failed and why, what is pending, what was applied.

import { stripAnsi } from "./ansi.js";
import { el, icon, setChildren } from "./dom.js";
import { formatAgo, formatDateTime } from "./time.js";

const APPLIED_SHOWN = 12;
const PROVIDERS = new Map([
    ["postgresql", "PostgreSQL"],
    ["mysql", "MySQL"],
    ["sqlite", "SQLite"],
    ["sqlserver", "SQL Server"],
]);

export function attentionOf(databases) {
    return databases.reduce((sum, database) => sum + database.pending.length + database.failed.length, 0);
}

// "20260104091500_init": the time prefix is there to sort by, the name to read.
function migrationName(name) {
    const match = /^(\d{8,14}_)(.+)$/s.exec(String(name));
    return match
        ? el("span", { class: "migration-name" }, el("span", { class: "prefix" }, match[1]), match[2])
        : el("span", { class: "migration-name" }, String(name));
}

function item(tone, shape, word, name, ...rest) {
    return el(
        "li",
        { "data-tone": tone },
        el("span", { class: "shape" }, icon(shape)),
        migrationName(name),
        el("span", { class: "word" }, word),
        ...rest,
    );
}

function failedItem({ name, error }) {
    return item(
        "bad",
        "failed",
        "failed",
        name,
        el("pre", { class: "error", tabindex: "0" }, stripError(String(error))),
    );
}

const stripError = (text) => text.split("\n").map(stripAnsi).join("\n");

function appliedItem({ name, finishedAt }) {
    const when = finishedAt
        ? el("time", { datetime: finishedAt, title: formatDateTime(finishedAt) }, formatAgo(finishedAt))
        : null;
    return item("ok", "done", "applied", name, when);
}

function verdict({ applied, pending, failed }) {
    if (failed.length > 0)
        return [
            "bad",
            "failed",
            failed.length === 1 ? "A migration failed" : `${failed.length} migrations failed`,
        ];
    if (pending.length > 0) return ["wait", "pending", `${pending.length} pending`];
    return applied.length > 0 ? ["ok", "ok", "Up to date"] : ["off", "idle", "No migrations"];
}

function databaseCard(database, expanded, onExpand) {
    const { applied, pending, failed } = database;
    const [tone, shape, words] = verdict(database);
    const newest = [...applied].reverse();
    const shown = expanded ? newest : newest.slice(0, APPLIED_SHOWN);
    const counts = [`${applied.length} applied`, `${pending.length} pending`];
    if (failed.length > 0) counts.push(`${failed.length} failed`);
    return el(
        "article",
        { class: "panel database", "data-tone": tone },
        el(
            "header",
            null,
            el(
                "h2",
                null,
                String(database.database),
                el("span", { class: "kind" }, PROVIDERS.get(database.provider) ?? String(database.provider)),
            ),
            el("p", { class: "verdict" }, icon(shape), words),
            el("p", { class: "counts" }, counts.join(" · ")),
        ),
        el(
            "ol",
            { class: "migrations" },
            ...failed.map(failedItem),
            ...pending.map((name) => item("wait", "pending", "pending", name)),
            ...shown.map(appliedItem),
        ),
        shown.length < applied.length
            ? el(
                  "button",
                  { type: "button", class: "chip expand", onclick: onExpand },
                  `Show ${applied.length - shown.length} older`,
              )
            : null,
    );
}

export class MigrationsView {
    #databases = [];
    #expanded = new Set();
    #timer = 0;

    constructor() {
        this.root = el("section", { class: "page migrations-page", "aria-label": "Migrations" });
        this.#render();
    }

    // "2 min ago" grows old.
    show() {
        this.#render(true);
        this.#timer = setInterval(() => document.hidden || this.#render(true), 60_000);
    }

    hide() {
        clearInterval(this.#timer);
    }

    update(databases) {
        this.#databases = databases;
        this.#render();
    }

    #render(again = false) {
        if (again) this.root.madeFrom = null;
        setChildren(
            this.root,
            { databases: this.#databases, expanded: [...this.#expanded] },
            ({ databases }) =>
                databases.length === 0
                    ? [
                          el(
                              "div",
                              { class: "panel" },
                              el("p", { class: "empty" }, "No database of this workspace has migrations."),
                          ),
                      ]
                    : databases.map((database) =>
                          databaseCard(database, this.#expanded.has(database.database), () => {
                              this.#expanded.add(database.database);
                              this.#render();
                          }),
                      ),
        );
    }
}
