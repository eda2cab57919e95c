// Times as people read them.

const pad = (number, digits = 2) => String(number).padStart(digits, "0");

// "12 s", "3 m 05 s", "4 h 10 m", "2 d 3 h"
export function formatSpan(ms) {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    if (seconds < 60) return `${seconds} s`;
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return `${minutes} m ${pad(seconds % 60)} s`;
    const hours = Math.floor(minutes / 60);
    if (hours < 24) return `${hours} h ${pad(minutes % 60)} m`;
    return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

// What something took: "320 ms", "3.2 s", and longer as above.
export function formatDuration(ms) {
    if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
    return ms < 10000 ? `${(ms / 1000).toFixed(1)} s` : formatSpan(ms);
}

export function formatAgo(time) {
    const ms = Date.now() - Date.parse(time);
    if (Number.isNaN(ms)) return "";
    if (ms < 60_000) return "just now";
    const minutes = Math.floor(ms / 60_000);
    if (minutes < 60) return `${minutes} min ago`;
    const hours = Math.floor(minutes / 60);
    if (hours < 48) return `${hours} h ago`;
    return `${Math.floor(hours / 24)} days ago`;
}

export function formatDateTime(time) {
    const date = new Date(time);
    return Number.isNaN(date.getTime()) ? String(time) : date.toLocaleString();
}

// "09:41:07.032" in local time
export function formatClock(time) {
    const date = new Date(time);
    if (Number.isNaN(date.getTime())) return "";
    return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`;
}

export function formatBytes(bytes) {
    const units = ["B", "kB", "MB", "GB", "TB"];
    let unit = 0;
    let value = bytes;
    while (value >= 1000 && unit < units.length - 1) {
        value /= 1000;
        unit++;
    }
    return `${unit > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
