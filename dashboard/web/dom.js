// Building elements. Text always becomes a text node: nothing that a resource says is markup.

const SVG = "http://www.w3.org/2000/svg";

// el("a", {href: "#", class: "x", onclick: f, hidden: false}, "text", node, null, …)
export function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes ?? {})) {
        if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
        else if (value === true) node.setAttribute(name, "");
        else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
}

// The setters touch the page only where something differs, so that selections, focus and screen
// readers are left alone by the many updates that change nothing.
export function setText(node, text) {
    if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node, name, value) {
    if (value === null) node.removeAttribute(name);
    else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

export function setHidden(node, hidden) {
    if (node.hidden !== hidden) node.hidden = hidden;
}

// Replaces the children when the value they were made from has changed.
export function setChildren(node, value, make) {
    const key = JSON.stringify(value);
    if (node.madeFrom === key) return;
    node.madeFrom = key;
    node.replaceChildren(...make(value));
}

// Shapes of 16 by 16, each telling its state without colour. "fill" is drawn solid, "line" as a
// stroke, "cut" as a stroke in the colour of the ground.
const ICONS = {
    ok: [
        ["fill", "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1z"],
        ["cut", "M4.9 8.3l2.1 2.1 4.1-4.6"],
    ],
    running: [["fill", "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11z"]],
    done: [
        ["line", "M8 1.9a6.1 6.1 0 1 1 0 12.2A6.1 6.1 0 0 1 8 1.9z"],
        ["line", "M5.3 8.2l1.9 1.9 3.6-4"],
    ],
    degraded: [
        ["fill", "M8 1.6 15.2 14H.8z"],
        ["cut", "M8 6.2v3.6M8 11.9v.1"],
    ],
    unhealthy: [
        ["fill", "M8 .4 15.6 8 8 15.6.4 8z"],
        ["cut", "M8 4.6v4M8 11v.1"],
    ],
    failed: [
        ["fill", "M5.2 1h5.6L15 5.2v5.6L10.8 15H5.2L1 10.8V5.2z"],
        ["cut", "M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8"],
    ],
    busy: [
        ["track", "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2z"],
        ["spin", "M8 2a6 6 0 0 1 6 6"],
    ],
    waiting: [
        ["line", "M8 1.9a6.1 6.1 0 1 1 0 12.2A6.1 6.1 0 0 1 8 1.9z"],
        ["line", "M8 4.8V8l2.2 1.5"],
    ],
    idle: [["dash", "M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2z"]],
    stopped: [
        [
            "line",
            "M4.4 2.9h7.2a1.5 1.5 0 0 1 1.5 1.5v7.2a1.5 1.5 0 0 1-1.5 1.5H4.4a1.5 1.5 0 0 1-1.5-1.5V4.4a1.5 1.5 0 0 1 1.5-1.5z",
        ],
    ],
    pending: [["dash", "M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2z"]],
    chevron: [["line", "M6 3.8 10.2 8 6 12.2"]],
    copy: [["line", "M5.8 5.8h7.4v7.4H5.8zM3.6 10.2h-.8V2.8h7.4v.8"]],
    check: [["line", "M3.5 8.4l3 3 6-6.6"]],
    down: [["line", "M8 3v9.4M4 8.6l4 4 4-4"]],
};

export function icon(name, className) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 16 16");
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("class", `icon ${className ?? ""}`);
    for (const [kind, data] of ICONS[name]) {
        const path = document.createElementNS(SVG, "path");
        path.setAttribute("d", data);
        path.setAttribute("class", `icon-${kind}`);
        svg.append(path);
    }
    return svg;
}

// The same shape as an image of its own, for the tab.
export function iconImage(name, colour) {
    const styles = {
        fill: `fill="${colour}"`,
        cut: `fill="none" stroke="#fff" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"`,
        line: `fill="none" stroke="${colour}" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"`,
        dash: `fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="2.6 2.6"`,
        track: `fill="none" stroke="${colour}" stroke-width="2.4" stroke-opacity=".35"`,
        spin: `fill="none" stroke="${colour}" stroke-width="2.6" stroke-linecap="round"`,
    };
    const paths = ICONS[name].map(([kind, data]) => `<path d="${data}" ${styles[kind]}/>`).join("");
    return `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="${SVG}" viewBox="0 0 16 16">${paths}</svg>`)}`;
}
