// The log of one resource, live: fetched by id whenever the stream says that there is more.

import { parseAnsi } from "./ansi.js";
import { el, icon, setAttribute, setChildren, setHidden, setText } from "./dom.js";
import { statusOf } from "./status.js";
import { formatClock, formatDateTime } from "./time.js";

const LINES_MAX = 5000;
const FIRST_LINES = 1000;
const NEAR_END_PX = 24;

function remembered(key, fallback) {
    try {
        return localStorage.getItem(`berth.${key}`) ?? fallback;
    } catch {
        return fallback;
    }
}

function remember(key, value) {
    try {
        localStorage.setItem(`berth.${key}`, value);
    } catch {
        // Without storage the choice lasts as long as the page.
    }
}

const logsOf = (name) => `#/logs/${encodeURIComponent(name)}`;

export class LogsView {
    #name = null; // of the resource shown
    #resources = [];
    #lines = []; // {node, plain, stream} as on the page
    #after = 0; // the id of the last line fetched
    #fetching = false;
    #again = false; // more came while fetching
    #visible = false;
    #follow = true;
    #unseen = 0;
    #needle = "";

    constructor() {
        this.list = el("nav", { class: "log-list", "aria-label": "Resources" });
        this.select = el("select", {
            "aria-label": "Resource",
            onchange: () => (location.hash = logsOf(this.select.value)),
        });
        this.title = el("h2", { class: "log-title" });
        this.search = el("input", {
            type: "search",
            placeholder: "Filter lines",
            "aria-label": "Filter lines",
            spellcheck: "false",
            autocomplete: "off",
            oninput: () => this.#applyFilter(),
        });
        this.count = el("span", { class: "log-count", "aria-live": "polite" });
        this.errors = this.#switch("Errors", "Show stderr only", "logs.stderr", "off", () =>
            this.#applyFilter(),
        );
        this.wrap = this.#switch("Wrap", "Break long lines", "logs.wrap", "on", (on) =>
            this.lines.classList.toggle("wrapped", on),
        );
        this.times = this.#switch("Times", "Show the time of each line", "logs.times", "on", (on) =>
            this.lines.classList.toggle("untimed", !on),
        );
        this.followSwitch = el(
            "button",
            {
                type: "button",
                class: "chip switch",
                "aria-pressed": "true",
                title: "Keep the newest line in view",
                onclick: () => this.#setFollow(!this.#follow),
            },
            icon("check"),
            "Follow",
        );
        this.lines = el("ol", { class: "lines" });
        this.empty = el("p", { class: "empty" });
        this.scroller = el(
            "div",
            {
                class: "log-scroll",
                tabindex: "0",
                role: "log",
                "aria-live": "off",
                "aria-label": "Log lines",
            },
            this.empty,
            this.lines,
        );
        this.jump = el(
            "button",
            { type: "button", class: "to-end", hidden: true, onclick: () => this.#setFollow(true) },
            icon("down"),
            el("span"),
        );
        this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
        this.root = el(
            "section",
            { class: "page logs-page", "aria-label": "Logs" },
            this.list,
            el(
                "div",
                { class: "panel log" },
                el(
                    "div",
                    { class: "log-bar" },
                    this.title,
                    this.select,
                    el("div", { class: "log-search" }, this.search, this.count),
                    el(
                        "div",
                        { class: "log-switches", role: "group", "aria-label": "Display" },
                        this.errors,
                        this.times,
                        this.wrap,
                        this.followSwitch,
                    ),
                ),
                el("div", { class: "log-body" }, this.scroller, this.jump),
            ),
        );
        // What is scrolled into view takes its real height only then: the end moves, so go after it.
        new ResizeObserver(() => this.#pin()).observe(this.lines);
        for (const button of [this.wrap, this.times]) button.apply();
        document.addEventListener("keydown", (event) => this.#key(event));
    }

    #switch(label, title, key, fallback, apply) {
        const button = el("button", { type: "button", class: "chip switch", title }, icon("check"), label);
        button.isOn = remembered(key, fallback) === "on";
        button.apply = () => {
            setAttribute(button, "aria-pressed", String(button.isOn));
            apply(button.isOn);
        };
        button.addEventListener("click", () => {
            button.isOn = !button.isOn;
            remember(key, button.isOn ? "on" : "off");
            button.apply();
        });
        setAttribute(button, "aria-pressed", String(button.isOn));
        return button;
    }

    show(name) {
        this.#visible = true;
        if (name !== null) this.#open(name);
        else if (this.#name !== null) this.#open(this.#name);
        else if (this.#resources.length > 0) this.#open(String(this.#resources[0].name));
        this.#pin();
    }

    hide() {
        this.#visible = false;
    }

    update(resources) {
        this.#resources = resources;
        const entries = resources.map((resource) => ({ name: String(resource.name), ...statusOf(resource) }));
        const shown = this.#name;
        setChildren(this.list, { entries, shown }, () =>
            entries.map(({ name, tone, shape, label }) =>
                el(
                    "a",
                    {
                        href: logsOf(name),
                        "data-tone": tone,
                        "aria-current": name === shown ? "true" : null,
                        title: `${name}: ${label}`,
                    },
                    icon(shape),
                    el("span", null, name),
                ),
            ),
        );
        setChildren(this.select, { names: entries.map(({ name }) => name), shown }, ({ names }) =>
            names.map((name) => el("option", { value: name, selected: name === shown }, name)),
        );
        const current = entries.find(({ name }) => name === shown);
        setChildren(this.title, { shown, current }, () =>
            [
                shown ?? "Logs",
                current
                    ? el(
                          "span",
                          { class: "log-state", "data-tone": current.tone },
                          icon(current.shape),
                          current.label,
                      )
                    : null,
            ].filter(Boolean),
        );
        if (this.#visible && this.#name === null && entries.length > 0) this.#open(entries[0].name);
    }

    // The stream says that there are new lines; null after the connection came back: who knows.
    appended(name) {
        if (this.#visible && (name === null || name === this.#name)) this.#fetch();
    }

    #open(name) {
        if (name !== this.#name) {
            this.#name = name;
            this.#reset();
            this.#setFollow(true);
            this.update(this.#resources);
            this.list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
        }
        this.#fetch();
    }

    #reset() {
        this.#after = 0;
        this.#lines = [];
        this.#unseen = 0;
        this.lines.replaceChildren();
        this.#refreshCounts();
    }

    async #fetch() {
        if (this.#fetching) {
            this.#again = true;
            return;
        }
        this.#fetching = true;
        try {
            do {
                this.#again = false;
                await this.#fetchOnce();
            } while (this.#again);
        } catch {
            // The banner tells of a lost connection, and what was missed is fetched when it is back.
        } finally {
            this.#fetching = false;
        }
    }

    async #fetchOnce() {
        const name = this.#name;
        const after = this.#after;
        const limit = after === 0 ? FIRST_LINES : LINES_MAX;
        const answer = await fetch(
            `/api/logs?resource=${encodeURIComponent(name)}&after=${after}&limit=${limit}`,
        );
        if (name !== this.#name) {
            this.#again = true;
            return;
        }
        this.missing = answer.status === 404;
        if (!answer.ok) return this.#refreshCounts();
        const { lines, next } = await answer.json();
        if (name !== this.#name) {
            this.#again = true;
        } else if (next < after) {
            // Numbered anew: these are the lines of another run.
            this.#reset();
            this.#again = true;
        } else {
            this.#after = next;
            this.#append(lines);
            if (after !== 0 && lines.length === limit) this.#again = true;
        }
    }

    #append(lines) {
        const added = lines.map((line) => this.#makeLine(line));
        this.#lines.push(...added);
        this.lines.append(...added.map(({ node }) => node));
        const excess = this.#lines.splice(0, Math.max(0, this.#lines.length - LINES_MAX));
        for (const { node } of excess) node.remove();
        for (const line of added) this.#filterLine(line);
        if (!this.#follow) this.#unseen += added.length;
        this.#refreshCounts();
        this.#highlight();
        this.#pin();
    }

    #makeLine({ time, stream, text }) {
        const { nodes, plain } = parseAnsi(String(text));
        const isError = stream === "stderr";
        const node = el(
            "li",
            { class: isError ? "line stderr" : "line" },
            el("time", { datetime: String(time), title: formatDateTime(time) }, formatClock(time)),
            el("span", { class: "mark-err", title: isError ? "stderr" : null }, isError ? "err" : ""),
            el("span", { class: "text" }, ...nodes),
        );
        return { node, plain: plain.toLowerCase(), isError };
    }

    #filterLine(line) {
        const matches = line.plain.includes(this.#needle) && (line.isError || !this.errors.isOn);
        setHidden(line.node, !matches);
    }

    #applyFilter() {
        this.#needle = this.search.value.toLowerCase();
        for (const line of this.#lines) this.#filterLine(line);
        this.#refreshCounts();
        this.#highlight();
        this.#pin();
    }

    // Where the browser can, the matches are marked without touching the lines' elements.
    #highlight() {
        if (!globalThis.CSS?.highlights) return;
        CSS.highlights.delete("log-match");
        if (this.#needle === "") return;
        const ranges = [];
        for (const { node } of this.#lines) {
            if (node.hidden) continue;
            const walker = document.createTreeWalker(node.lastChild, NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) {
                const text = walker.currentNode.data.toLowerCase();
                for (
                    let at = text.indexOf(this.#needle);
                    at >= 0;
                    at = text.indexOf(this.#needle, at + this.#needle.length)
                ) {
                    const range = new Range();
                    range.setStart(walker.currentNode, at);
                    range.setEnd(walker.currentNode, at + this.#needle.length);
                    ranges.push(range);
                }
            }
        }
        CSS.highlights.set("log-match", new Highlight(...ranges));
    }

    #refreshCounts() {
        const filtered = this.#needle !== "" || this.errors.isOn;
        const shown = filtered ? this.#lines.filter(({ node }) => !node.hidden).length : this.#lines.length;
        setText(this.count, filtered ? `${shown} of ${this.#lines.length}` : "");
        setHidden(this.empty, shown > 0);
        setText(
            this.empty,
            this.missing
                ? "There is no such resource in this workspace."
                : this.#lines.length === 0
                  ? "Nothing has been said yet."
                  : "No line matches.",
        );
        setHidden(this.jump, this.#follow);
        setText(this.jump.lastChild, this.#unseen > 0 ? `${this.#unseen} new` : "To the end");
    }

    #setFollow(follow) {
        this.#follow = follow;
        if (follow) this.#unseen = 0;
        setAttribute(this.followSwitch, "aria-pressed", String(follow));
        this.#refreshCounts();
        this.#pin();
    }

    #pin() {
        if (this.#follow && this.#visible) this.scroller.scrollTop = this.scroller.scrollHeight;
    }

    #distanceToEnd() {
        return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight;
    }

    // Scrolling up pauses; scrolling back to the end goes on.
    #scrolled() {
        const upwards = this.scroller.scrollTop < (this.lastTop ?? 0);
        this.lastTop = this.scroller.scrollTop;
        const atEnd = this.#distanceToEnd() < NEAR_END_PX;
        if (this.#follow && upwards && !atEnd) this.#setFollow(false);
        else if (!this.#follow && !upwards && atEnd) this.#setFollow(true);
    }

    #key(event) {
        if (!this.#visible || event.ctrlKey || event.metaKey || event.altKey) return;
        const typing = event.target.closest("input, select, textarea");
        if (event.key === "/" && !typing) {
            event.preventDefault();
            this.search.focus();
        } else if (event.key === "Escape" && event.target === this.search) {
            this.search.value = "";
            this.#applyFilter();
        }
    }
}
