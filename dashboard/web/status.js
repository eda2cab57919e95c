// What a resource's state means on the page: a tone (its colour), a shape, and words.

import { formatBytes } from "./time.js";

const ALIVE = new Set(["Running", "RuntimeUnhealthy"]);
// Kinds that are there to end; of any other, an end is not what was wanted of it.
const ONE_SHOT = new Set(["migrations", "seed", "tool"]);
// Interrupted or terminated: somebody stopped it.
const ASKED_TO_STOP = new Set([130, 143]);
const PLAIN = new Map([
    ["NotStarted", ["off", "idle", "Not started"]],
    ["Waiting", ["wait", "waiting", "Waiting"]],
    ["Building", ["busy", "busy", "Building"]],
    ["Starting", ["busy", "busy", "Starting"]],
    ["Stopping", ["busy", "busy", "Stopping"]],
    ["FailedToStart", ["bad", "failed", "Failed to start"]],
]);

// {tone: ok|busy|wait|warn|bad|off, shape, label}
export function statusOf(resource) {
    const make = (tone, shape, label) => ({ tone, shape, label });
    const { state, health, exitCode } = resource;
    if (PLAIN.has(state)) return make(...PLAIN.get(state));
    if (ALIVE.has(state)) {
        if (state === "RuntimeUnhealthy" || health === "Unhealthy")
            return make("bad", "unhealthy", "Running");
        if (health === "Degraded") return make("warn", "degraded", "Running");
        return make("ok", health === "Healthy" ? "ok" : "running", "Running");
    }
    if (state === "Finished" || state === "Exited") return ended(resource, make);
    return make("off", "idle", String(state));
}

// Aspire's words: a container has Exited, a process has Finished.
function ended({ kind, state, exitCode }, make) {
    if (ASKED_TO_STOP.has(exitCode)) return make("off", "stopped", state === "Finished" ? "Stopped" : state);
    if (exitCode) return make("bad", "failed", state === "Finished" ? "Failed" : state);
    return ONE_SHOT.has(kind) ? make("ok", "done", state) : make("off", "stopped", state);
}

// The second line under the state, where there is more to say than "running".
export function detailOf(resource) {
    const { state, health, exitCode, restarts } = resource;
    const parts = [];
    if (ALIVE.has(state))
        parts.push(state === "RuntimeUnhealthy" ? "Unhealthy" : (health ?? "no health check"));
    if (["Finished", "Exited", "FailedToStart"].includes(state) && exitCode)
        parts.push(`exit code ${exitCode}`);
    if (restarts > 0) parts.push(restarts === 1 ? "1 restart" : `${restarts} restarts`);
    return parts.join(" · ");
}

// What keeps it from being green, where that does not change from moment to moment; else nothing.
export function reasonOf({ state, why }) {
    return state === "Starting" || state === "Building" || state === "Stopping" ? null : why;
}

// {fraction, text} while there is something to count, else null
export function progressOf(resource) {
    const { progress, state } = resource;
    if (!progress || !(progress.total > 0) || !["Building", "Starting", "Running"].includes(state))
        return null;
    if (resource.state === "Running" && progress.done >= progress.total) return null;
    const fraction = Math.min(1, Math.max(0, progress.done / progress.total));
    const text =
        progress.unit === "bytes"
            ? `${formatBytes(progress.done)} of ${formatBytes(progress.total)}`
            : `${progress.done} of ${progress.total} ${progress.unit ?? ""}`.trim();
    return { fraction, text };
}

export const isAlive = (resource) => ALIVE.has(resource.state) || resource.state === "Starting";

// One line for the whole workspace. What was not asked to run does not count.
export function summarise(resources) {
    const counts = { ok: 0, busy: 0, wait: 0, warn: 0, bad: 0, off: 0 };
    for (const resource of resources) counts[statusOf(resource).tone]++;
    const wanted = resources.length - counts.off;
    const tone = counts.bad
        ? "bad"
        : counts.warn
          ? "warn"
          : counts.busy || counts.wait
            ? "busy"
            : wanted
              ? "ok"
              : "off";
    return { counts, wanted, healthy: counts.ok, tone };
}

// For the header and the tab: shape, and a character of like shape for the title.
export const OVERALL = {
    ok: { shape: "ok", character: "●", colour: "#1f9d57" },
    busy: { shape: "busy", character: "◌", colour: "#2f81d8" },
    warn: { shape: "degraded", character: "▲", colour: "#d18a00" },
    bad: { shape: "unhealthy", character: "◆", colour: "#d9363e" },
    off: { shape: "idle", character: "○", colour: "#7b8794" },
};
