// The page: which view is shown, the header, the tab, and the connection.

import { el, icon, iconImage, setAttribute, setChildren, setHidden, setText } from "./dom.js";
import { LogsView } from "./logs.js";
import { attentionOf, MigrationsView } from "./migrations.js";
import { ResourcesView } from "./resources.js";
import { OVERALL, statusOf, summarise } from "./status.js";
import { Stream } from "./stream.js";

const byId = (id) => document.getElementById(id);
const views = { resources: new ResourcesView(), logs: new LogsView(), migrations: new MigrationsView() };
const stream = new Stream();
let current = null;

// "#/logs/api" -> ["logs", "api"]
function route() {
    const [, view, argument] = /^#\/([a-z]+)(?:\/(.+))?$/.exec(location.hash) ?? [];
    let name = null;
    try {
        name = argument === undefined ? null : decodeURIComponent(argument);
    } catch {
        // Not an address of ours.
    }
    return Object.hasOwn(views, view) ? [view, name] : ["resources", null];
}

function navigate() {
    const [name, argument] = route();
    for (const link of document.querySelectorAll("[data-view]"))
        setAttribute(link, "aria-current", link.dataset.view === name ? "page" : null);
    if (current !== views[name]) {
        current?.hide();
        current = views[name];
        byId("view").replaceChildren(current.root);
        document.body.dataset.view = name;
    }
    current.show(argument);
}

// The branch, or the commit where there is none; the rest is in the tooltip.
function setCheckout(git) {
    const { branch, commit, worktree, linked } = git ?? {};
    setHidden(byId("branch"), !git);
    setText(byId("branch"), branch ?? commit ?? "");
    const what = [branch ?? "no branch", commit ? `at ${commit}` : "without a commit"].join(" ");
    const where = worktree ? ` in ${linked ? "the worktree " : ""}${worktree}` : "";
    setAttribute(byId("branch"), "title", git ? what + where : null);
}

function setTab(workspace, summary, connected) {
    const overall = OVERALL[connected ? summary.tone : "off"];
    const state = connected
        ? `${overall.character} ${summary.healthy}/${summary.wanted} healthy`
        : "○ not connected";
    document.title = workspace ? `${state} · ${workspace}` : state;
    setAttribute(document.querySelector("link[rel=icon]"), "href", iconImage(overall.shape, overall.colour));
}

const state = { workspace: "", git: null, resources: [], connection: "connecting" };

function refresh() {
    const summary = summarise(state.resources);
    const connected = state.connection === "live" || state.connection === "connecting";
    const { shape } = OVERALL[summary.tone];
    setText(byId("workspace"), state.workspace || "berth");
    setCheckout(state.git);
    setAttribute(byId("summary"), "data-tone", connected ? summary.tone : "off");
    setChildren(byId("summary"), [shape, summary.healthy, summary.wanted, connected], () =>
        connected
            ? [icon(shape), el("span", null, `${summary.healthy}/${summary.wanted} healthy`)]
            : [icon("idle"), el("span", null, "Not connected")],
    );
    setTab(state.workspace, summary, connected);
}

// Says aloud what changed, a second's worth at a time.
const news = new Map();
let newsTimer = 0;

function announce(before, after) {
    const words = (resource) => {
        const { label } = statusOf(resource);
        return resource.health ? `${label}, ${resource.health}` : label;
    };
    const known = new Map(before.map((resource) => [resource.name, words(resource)]));
    for (const resource of after)
        if (known.has(resource.name) && known.get(resource.name) !== words(resource))
            news.set(resource.name, words(resource));
    if (news.size === 0 || newsTimer) return;
    newsTimer = setTimeout(() => {
        newsTimer = 0;
        setText(byId("announcer"), [...news].map(([name, text]) => `${name}: ${text}`).join("; "));
        news.clear();
    }, 1000);
}

const BANNERS = {
    lost: "The connection to berth is lost: what you see may be out of date. Trying again…",
    ended: "This session has ended. Open the URL that berth start printed.",
};

function connectionChanged(connection) {
    state.connection = connection;
    views.resources.stale = connection !== "live";
    document.body.classList.toggle("stale", connection !== "live");
    setHidden(byId("banner"), !BANNERS[connection]);
    setText(byId("banner-text"), BANNERS[connection] ?? "");
    setHidden(byId("banner-retry"), connection !== "lost");
    if (connection === "live") views.logs.appended(null);
    refresh();
}

stream.addEventListener("resources", ({ detail }) => {
    const resources = detail.resources ?? [];
    announce(state.resources, resources);
    state.workspace = String(detail.workspace ?? "");
    state.git = detail.git ?? null;
    state.resources = resources;
    views.resources.update(resources);
    views.logs.update(resources);
    refresh();
});
stream.addEventListener("migrations", ({ detail }) => {
    const databases = detail.map((database) => ({ applied: [], pending: [], failed: [], ...database }));
    const attention = attentionOf(databases);
    views.migrations.update(databases);
    setHidden(byId("migrations-badge"), attention === 0);
    setText(byId("migrations-badge"), String(attention));
});
stream.addEventListener("logs", ({ detail }) => views.logs.appended(detail.resource));
stream.addEventListener("status", ({ detail }) => connectionChanged(detail));

byId("banner-retry").addEventListener("click", () => stream.retry());
document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    byId("view").focus();
});
addEventListener("hashchange", navigate);
navigate();
stream.start();
