// The resource table: a row a resource, patched in place as states change.

import { stripAnsi } from "./ansi.js";
import { el, icon, setAttribute, setChildren, setHidden, setText } from "./dom.js";
import { detailOf, isAlive, progressOf, reasonOf, statusOf } from "./status.js";
import { formatDateTime, formatDuration, formatSpan } from "./time.js";

const COLUMNS = ["Resource", "State", "Endpoints", "Uptime", "Last message", "Logs"];
const FILTERS = [
    ["all", "All", () => true],
    ["problem", "Problems", (tone) => tone === "bad" || tone === "warn"],
    ["progress", "In progress", (tone) => tone === "busy" || tone === "wait"],
    ["healthy", "Healthy", (tone) => tone === "ok"],
    ["off", "Not running", (tone) => tone === "off"],
];

const logsOf = (name) => `#/logs/${encodeURIComponent(name)}`;

function isWebAddress(url) {
    try {
        return ["http:", "https:"].includes(new URL(url).protocol);
    } catch {
        return false;
    }
}

// "http://127.0.0.1:8101/metrics" is read as 127.0.0.1:8101/metrics
function shortAddress(url) {
    return url.replace(/^[a-z][a-z0-9+.-]*:\/\//i, "").replace(/\/$/, "");
}

function copyButton(text) {
    const button = el(
        "button",
        { type: "button", class: "copy", title: `Copy ${text}`, "aria-label": `Copy ${text}` },
        icon("copy"),
    );
    button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(text);
        button.replaceChildren(icon("check"));
        setTimeout(() => button.replaceChildren(icon("copy")), 1500);
    });
    return button;
}

function endpointItem({ name, url }) {
    const address = String(url);
    const label = el("span", { class: "endpoint-name" }, String(name));
    if (isWebAddress(address))
        return el(
            "li",
            null,
            el(
                "a",
                { href: address, target: "_blank", rel: "noopener noreferrer", title: address },
                shortAddress(address),
            ),
            label,
        );
    return el("li", null, el("code", { title: address }, shortAddress(address)), label, copyButton(address));
}

let nextId = 0;

class Row {
    constructor(name, view) {
        const id = `details-${nextId++}`;
        this.view = view;
        this.name = name;
        this.toggle = el(
            "button",
            {
                type: "button",
                class: "toggle",
                "aria-expanded": "false",
                "aria-controls": id,
                onclick: () => this.setOpen(!this.isOpen),
            },
            icon("chevron"),
            el("span", { class: "name" }, name),
        );
        this.kind = el("span", { class: "kind" });
        this.shape = el("span", { class: "shape" });
        this.label = el("span", { class: "label" });
        this.detail = el("span", { class: "detail" });
        this.waiting = el("span", { class: "detail waiting" });
        this.meter = el("span", { class: "meter" }, el("span"));
        this.meterText = el("span", { class: "detail" });
        this.progress = el("span", { class: "progress", hidden: true }, this.meter, this.meterText);
        this.endpoints = el("ul", { class: "endpoints" });
        this.uptime = el("span", { class: "uptime" });
        this.message = el("span", { class: "message" });
        const cell = (className, ...children) => el("td", { role: "cell", class: className }, ...children);
        this.row = el(
            "tr",
            { role: "row", class: "resource" },
            el("th", { role: "rowheader", scope: "row", class: "cell-name" }, this.toggle, this.kind),
            cell(
                "cell-state",
                this.shape,
                el("span", { class: "words" }, this.label, this.detail, this.waiting, this.progress),
            ),
            cell("cell-endpoints", this.endpoints),
            cell("cell-uptime", this.uptime),
            cell("cell-message", this.message),
            cell(
                "cell-logs",
                el("a", { class: "logs-link", href: logsOf(name), "aria-label": `Logs of ${name}` }, "Logs"),
            ),
        );
        this.facts = el("dl");
        this.more = el(
            "tr",
            { role: "row", class: "more", id, hidden: true },
            el("td", { role: "cell", colspan: String(COLUMNS.length) }, this.facts),
        );
        this.isOpen = false;
    }

    setOpen(open) {
        this.isOpen = open;
        setAttribute(this.toggle, "aria-expanded", String(open));
        setHidden(this.more, !open || this.row.hidden);
    }

    setShown(shown) {
        setHidden(this.row, !shown);
        setHidden(this.more, !shown || !this.isOpen);
    }

    update(resource) {
        const status = statusOf(resource);
        this.resource = resource;
        this.tone = status.tone;
        setAttribute(this.row, "data-tone", status.tone);
        setAttribute(this.row, "data-state", String(resource.state));
        setText(this.kind, String(resource.kind ?? ""));
        setChildren(this.shape, status.shape, (shape) => [icon(shape)]);
        setText(this.label, status.label);
        setText(this.detail, detailOf(resource));
        this.#updateWaiting(resource.waitingFor ?? []);
        this.#updateProgress(progressOf(resource));
        setChildren(this.endpoints, resource.endpoints ?? [], (endpoints) => endpoints.map(endpointItem));
        const message = stripAnsi(String(reasonOf(resource) ?? resource.message ?? ""));
        setText(this.message, message);
        setAttribute(this.message, "title", message || null);
        setChildren(this.facts, resource, (value) => this.#makeFacts(value));
        this.tick();
    }

    #updateWaiting(names) {
        setChildren(this.waiting, names, (list) => {
            if (list.length === 0) return [];
            const parts = ["for "];
            list.forEach((name, i) => {
                if (i > 0) parts.push(", ");
                parts.push(
                    el(
                        "button",
                        { type: "button", class: "jump", onclick: () => this.view.jump(name) },
                        String(name),
                    ),
                );
            });
            return parts;
        });
    }

    #updateProgress(progress) {
        setHidden(this.progress, !progress);
        if (!progress) return;
        this.meter.firstChild.style.width = `${(progress.fraction * 100).toFixed(1)}%`;
        setText(this.meterText, progress.text);
    }

    #makeFacts(resource) {
        const facts = [];
        const fact = (term, ...value) =>
            facts.push(el("div", null, el("dt", null, term), el("dd", null, ...value)));
        if (resource.why) fact("Why", stripAnsi(String(resource.why)));
        if (resource.message) fact("Message", stripAnsi(String(resource.message)));
        for (const { name, good, text, since } of resource.facts ?? [])
            fact(
                `Check: ${name}`,
                el(
                    "span",
                    { class: "check", "data-tone": good ? "ok" : "bad", title: `since ${formatDateTime(since)}` },
                    icon(good ? "ok" : "failed"),
                    stripAnsi(String(text)),
                ),
            );
        const phases = (resource.phases ?? []).map(({ phase, ms }) => `${phase} ${formatDuration(ms)}`);
        if (phases.length) fact("Its start", phases.join(", "));
        for (const { name, url } of resource.endpoints ?? [])
            fact(`Endpoint ${name}`, el("code", null, String(url)), copyButton(String(url)));
        if (resource.dependsOn?.length) fact("Depends on", resource.dependsOn.join(", "));
        if (resource.startedAt) fact("Started", formatDateTime(resource.startedAt));
        if (resource.image) fact("Image", el("code", null, String(resource.image)));
        if (resource.containerId)
            fact(
                "Container",
                el("code", null, String(resource.containerId).slice(0, 12)),
                copyButton(String(resource.containerId)),
            );
        if (resource.pid) fact("Process", el("code", null, String(resource.pid)));
        if (resource.restarts > 0) fact("Restarts", String(resource.restarts));
        if (resource.exitCode !== null && resource.exitCode !== undefined)
            fact("Exit code", String(resource.exitCode));
        if (facts.length === 0) fact("State", String(resource.state));
        return facts;
    }

    tick() {
        const { startedAt, finishedAt } = this.resource;
        const started = startedAt ? Date.parse(startedAt) : NaN;
        const finished = finishedAt ? Date.parse(finishedAt) : NaN;
        if (isAlive(this.resource) && !Number.isNaN(started))
            setText(this.uptime, formatSpan(Date.now() - started));
        else if (!Number.isNaN(started) && !Number.isNaN(finished))
            setText(this.uptime, `took ${formatDuration(finished - started)}`);
        else setText(this.uptime, "");
    }
}

export class ResourcesView {
    #rows = new Map();
    #filter = "all";
    #timer = 0;

    constructor() {
        this.chips = new Map(
            FILTERS.map(([key, label]) => [
                key,
                el(
                    "button",
                    {
                        type: "button",
                        class: "chip",
                        "data-filter": key,
                        "aria-pressed": String(key === "all"),
                        onclick: () => this.#choose(key),
                    },
                    label,
                    el("span", { class: "count" }),
                ),
            ]),
        );
        this.body = el("tbody", { role: "rowgroup" });
        this.empty = el("p", { class: "empty", hidden: true });
        const heads = COLUMNS.map((title) =>
            el(
                "th",
                {
                    role: "columnheader",
                    scope: "col",
                    class: `head-${title.split(" ").at(-1).toLowerCase()}`,
                },
                title,
            ),
        );
        const table = el(
            "table",
            { role: "table", class: "resources" },
            el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, ...heads)),
            this.body,
        );
        this.root = el(
            "section",
            { class: "page", "aria-label": "Resources" },
            el("div", { class: "chips", role: "group", "aria-label": "Show" }, ...this.chips.values()),
            el("div", { class: "panel" }, table, this.empty),
        );
    }

    show() {
        const tick = () => document.hidden || this.stale || this.#rows.forEach((row) => row.tick());
        tick();
        this.#timer = setInterval(tick, 1000);
    }

    hide() {
        clearInterval(this.#timer);
    }

    update(resources) {
        const gone = new Set(this.#rows.keys());
        let before = null;
        for (const resource of resources) {
            const name = String(resource.name);
            gone.delete(name);
            if (!this.#rows.has(name)) this.#rows.set(name, new Row(name, this));
            const row = this.#rows.get(name);
            row.update(resource);
            // Only a row that is out of its place is moved: moving drops the focus.
            const next = before ? before.more.nextSibling : this.body.firstChild;
            if (next !== row.row)
                (this.body.insertBefore(row.more, next), this.body.insertBefore(row.row, row.more));
            before = row;
        }
        for (const name of gone) {
            this.#rows.get(name).row.remove();
            this.#rows.get(name).more.remove();
            this.#rows.delete(name);
        }
        this.#refresh();
    }

    // Opens the row of a resource and brings it into view.
    jump(name) {
        const row = this.#rows.get(String(name));
        if (!row) return;
        if (row.row.hidden) this.#choose("all");
        row.setOpen(true);
        row.row.scrollIntoView({ block: "center" });
        row.toggle.focus();
    }

    #choose(key) {
        this.#filter = key;
        for (const [name, chip] of this.chips) setAttribute(chip, "aria-pressed", String(name === key));
        this.#refresh();
    }

    #refresh() {
        const rows = [...this.#rows.values()];
        for (const [key, , matches] of FILTERS) {
            const count = rows.filter((row) => matches(row.tone)).length;
            setText(this.chips.get(key).lastChild, String(count));
            setHidden(this.chips.get(key), key !== "all" && key !== this.#filter && count === 0);
        }
        const [, , matches] = FILTERS.find(([key]) => key === this.#filter);
        let shown = 0;
        for (const row of rows) {
            row.setShown(matches(row.tone));
            shown += matches(row.tone) ? 1 : 0;
        }
        setHidden(this.empty, shown > 0);
        setText(
            this.empty,
            rows.length === 0
                ? "This workspace has no resources yet: appsettings.json declares none."
                : "No resource is in this state now.",
        );
    }
}
