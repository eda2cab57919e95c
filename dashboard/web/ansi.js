// Log text with terminal colours, as elements. Only SGR sequences mean anything here; every other
// control sequence is dropped, and text goes in as text nodes.

import { el } from "./dom.js";

const CONTROL = new RegExp(
    [
        String.raw`\x1b\[([0-9;:]*)m`, // SGR (ECMA-48, 8.3.117), the one kept
        String.raw`\x1b\[[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]`, // any other CSI (5.4)
        String.raw`\x1b\][^\x07\x1b]*(?:\x07|\x1b\\|$)`, // OSC, to BEL or ST
        String.raw`\x1b[\x20-\x7e]?`, // other escapes
        String.raw`[\x00-\x08\x0b-\x1f\x7f-\x9f]`, // stray control characters
    ].join("|"),
    "g",
);
const LINK = /https?:\/\/[^\s"'<>`\\^{|}]+[^\s"'<>`\\^{|}.,;:!?)\]]/g;
const FLAGS = { 1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "inverse", 9: "strike" };
const RESETS = { 22: ["bold", "dim"], 23: ["italic"], 24: ["underline"], 27: ["inverse"], 29: ["strike"] };

export function stripAnsi(text) {
    return afterReturn(text).replace(CONTROL, "");
}

// A progress line rewrites itself after a carriage return: what it said last counts.
function afterReturn(text) {
    const trimmed = text.replace(/[\r\n]+$/, "");
    return trimmed.slice(trimmed.lastIndexOf("\r") + 1);
}

const CUBE = [0, 95, 135, 175, 215, 255];

// A colour is the name of a class (the 16 of the theme) or "rgb(r g b)".
function indexedColour(index) {
    if (index < 16) return `c${index}`;
    if (index < 232) {
        const i = index - 16;
        return `rgb(${CUBE[Math.floor(i / 36)]} ${CUBE[Math.floor(i / 6) % 6]} ${CUBE[i % 6]})`;
    }
    const grey = 8 + (index - 232) * 10;
    return `rgb(${grey} ${grey} ${grey})`;
}

// The operands of 38 and 48: 5;n or 2;r;g;b. Returns [colour or null, operands used].
function extendedColour(codes) {
    const byte = (value) => Number.isInteger(value) && value >= 0 && value <= 255;
    if (codes[0] === 5) return [byte(codes[1]) ? indexedColour(codes[1]) : null, 2];
    if (codes[0] === 2) {
        const [r, g, b] = codes.slice(1, 4);
        return [byte(r) && byte(g) && byte(b) ? `rgb(${r} ${g} ${b})` : null, 4];
    }
    return [null, codes.length];
}

function applySgr(style, parameters) {
    const codes = parameters.split(/[;:]/).map((text) => (text === "" ? 0 : Number(text)));
    while (codes.length > 0) {
        const code = codes.shift();
        if (code === 0) style = { flags: new Set(), front: null, back: null };
        else if (FLAGS[code]) style.flags.add(FLAGS[code]);
        else if (RESETS[code]) for (const flag of RESETS[code]) style.flags.delete(flag);
        else if (code === 38 || code === 48) {
            const [colour, used] = extendedColour(codes);
            codes.splice(0, used);
            style[code === 38 ? "front" : "back"] = colour;
        } else if (code === 39) style.front = null;
        else if (code === 49) style.back = null;
        else if (code >= 30 && code <= 37) style.front = `c${code - 30}`;
        else if (code >= 90 && code <= 97) style.front = `c${code - 82}`;
        else if (code >= 40 && code <= 47) style.back = `c${code - 40}`;
        else if (code >= 100 && code <= 107) style.back = `c${code - 92}`;
    }
    return style;
}

function linked(text) {
    const parts = [];
    let end = 0;
    for (const match of text.matchAll(LINK)) {
        parts.push(text.slice(end, match.index));
        parts.push(el("a", { href: match[0], target: "_blank", rel: "noopener noreferrer" }, match[0]));
        end = match.index + match[0].length;
    }
    parts.push(text.slice(end));
    return parts.filter((part) => part !== "");
}

function styled(text, style) {
    const parts = linked(text);
    if (style.flags.size === 0 && !style.front && !style.back) return parts;
    const classes = [...style.flags].map((flag) => `a-${flag}`);
    const span = el("span", null, ...parts);
    for (const [side, colour] of [
        ["fg", style.front],
        ["bg", style.back],
    ]) {
        if (!colour) continue;
        if (colour.startsWith("c")) {
            classes.push(`a-${side}-${colour.slice(1)}`);
        } else {
            classes.push(`a-${side}`);
            span.style.setProperty(`--a-${side}`, colour);
        }
    }
    span.className = classes.join(" ");
    return [span];
}

// {nodes, plain}: what to show, and the same without colours for searching
export function parseAnsi(raw) {
    const text = afterReturn(raw);
    const nodes = [];
    let style = { flags: new Set(), front: null, back: null };
    let plain = "";
    let end = 0;
    const take = (piece) => {
        if (piece === "") return;
        plain += piece;
        nodes.push(...styled(piece, style));
    };
    for (const match of text.matchAll(CONTROL)) {
        take(text.slice(end, match.index));
        if (match[1] !== undefined) style = applySgr(style, match[1]);
        end = match.index + match[0].length;
    }
    take(text.slice(end));
    return { nodes, plain };
}
