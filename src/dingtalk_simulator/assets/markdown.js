// Markdown as a DingTalk client shows it: its documented subset, what desktop clients show besides, the rest as text.

import { h } from "./dom.js";
import { ownPicture } from "./api.js";
import { t } from "./i18n.js";

const DEEPEST = 6;
const SYMBOLS = { nbsp: "\u00a0", lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/**
 * Nodes for a text. `isCard`: AI cards break lines at `<br>`. `isOldPhone`: tables and code fences stay as they
 * are written. `mention(text)` makes nodes of plain words.
 */
export function markdown(text, { isCard = false, isOldPhone = false, mention = (words) => [words] } = {}) {
  const how = { isCard, isOldPhone, mention };
  return blocks(text.replace(/\r\n?/g, "\n").split("\n"), how, 0);
}

const FENCE = /^ {0,3}(```+|~~~+)\s*([\w+#.-]*)\s*$/;
const HEADING = /^ {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])[ \t]+(.*)$/;
const RULE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
const QUOTED = /^ {0,3}>\s?/;

function blocks(lines, how, depth) {
  const found = [];
  let at = 0;
  while (at < lines.length) {
    const [node, next] = block(lines, at, how, depth);
    if (node) found.push(node);
    at = next;
  }
  return found;
}

function block(lines, at, how, depth) {
  const line = lines[at];
  if (!line.trim()) return [null, at + 1];
  if (FENCE.test(line) && !how.isOldPhone) return fence(lines, at);
  const heading = HEADING.exec(line);
  if (heading) return [h(`h${heading[1].length}`, { class: "md-heading" }, inline(heading[2], how)), at + 1];
  if (QUOTED.test(line) && depth < DEEPEST) return quotation(lines, at, how, depth);
  if (ITEM.test(line) && depth < DEEPEST) return list(lines, at, how, depth);
  if (isTable(lines, at, how)) return table(lines, at, how);
  return paragraph(lines, at, how, depth);
}

function fence(lines, at) {
  const [, mark, language] = FENCE.exec(lines[at]);
  let end = at + 1;
  while (end < lines.length && !(lines[end].trim().startsWith(mark) && /^[`~]+$/.test(lines[end].trim()))) end++;
  const code = h("pre", { class: "md-code", tabIndex: 0, "aria-label": language || "code" }, h("code", {}, lines.slice(at + 1, end).join("\n")));
  return [language ? h("div", { class: "md-fence" }, h("span", { class: "md-language" }, language), code) : code, end + 1];
}

function quotation(lines, at, how, depth) {
  let end = at;
  while (end < lines.length && QUOTED.test(lines[end])) end++;
  const inner = lines.slice(at, end).map((line) => line.replace(QUOTED, ""));
  return [h("blockquote", {}, blocks(inner, how, depth + 1)), end];
}

function list(lines, at, how, depth) {
  const [, indent, mark] = ITEM.exec(lines[at]);
  const isOrdered = /\d/.test(mark);
  const items = [];
  let end = at;
  while (end < lines.length) {
    const item = ITEM.exec(lines[end]);
    const isNext = item && item[1].length <= indent.length + 1 && /\d/.test(item[2]) === isOrdered;
    if (isNext) items.push([item[3]]);
    else if (!items.length || (item && item[1].length <= indent.length + 1)) break;
    else if (/^\s{2,}\S/.test(lines[end]) || item) items.at(-1).push(lines[end].replace(/^ {1,4}|^\t/, ""));
    else if (!lines[end].trim() && continues(lines, end, indent.length)) items.at(-1).push("");
    else break;
    end++;
  }
  const start = isOrdered ? Math.min(parseInt(mark, 10), 1e6) : null;
  const nodes = items.map((inner) => h("li", {}, blocks(inner, how, depth + 1)));
  return [h(isOrdered ? "ol" : "ul", { start: start === 1 ? null : start }, nodes), end];
}

function continues(lines, at, indent) {
  const next = lines[at + 1] ?? "";
  return (ITEM.test(next) && ITEM.exec(next)[1].length >= indent) || /^\s{2,}\S/.test(next);
}

const isTable = (lines, at, how) =>
  !how.isOldPhone && lines[at].includes("|") && RULE.test(lines[at + 1] ?? "") && (lines[at + 1] ?? "").includes("-")
  && cells(lines[at]).length === cells(lines[at + 1]).length;

function cells(line) {
  const inner = line.trim().replace(/^\|/, "").replace(/(?<!\\)\|$/, "");
  return inner.split(/(?<!\\)\|/).map((one) => one.trim().replace(/\\\|/g, "|"));
}

function table(lines, at, how) {
  const sides = cells(lines[at + 1]).map((one) => (/^:.*:$/.test(one) ? "center" : one.endsWith(":") ? "right" : "left"));
  let end = at + 2;
  while (end < lines.length && lines[end].includes("|") && lines[end].trim()) end++;
  const row = (line, tag) => h("tr", {}, sides.map((side, n) => h(tag, { class: `to-${side}` }, inline(cells(line)[n] ?? "", how))));
  const body = lines.slice(at + 2, end).map((line) => row(line, "td"));
  const made = h("table", {}, h("thead", {}, row(lines[at], "th")), h("tbody", {}, body));
  return [h("div", { class: "md-table", tabIndex: 0, role: "region", "aria-label": "table" }, made), end];
}

function paragraph(lines, at, how, depth) {
  let end = at + 1;
  while (end < lines.length && lines[end].trim() && !begins(lines, end, how, depth)) end++;
  const nodes = [];
  lines.slice(at, end).forEach((line, n, all) => {
    nodes.push(...inline(line.replace(/^\s+|\s+$/g, ""), how));
    if (n === all.length - 1) return;
    // DingTalk breaks a line at two spaces before its end; a bare one is swallowed by some clients.
    const isBroken = / {2,}$|\\$/.test(line) || how.isOldPhone;
    nodes.push(isBroken ? h("br") : " ");
  });
  return [h("p", {}, nodes), end];
}

const begins = (lines, at, how, depth) =>
  HEADING.test(lines[at]) || (FENCE.test(lines[at]) && !how.isOldPhone) || (depth < DEEPEST && (QUOTED.test(lines[at]) || ITEM.test(lines[at])));

const PARTS = [
  ["escape", /\\([\\`*_{}[\]()#+\-.!<>|~&])/],
  ["code", /(`{1,3})(?!`)([^\n]*?[^`])\1(?!`)/],
  ["image", /!\[([^\]\n]*)\]\(\s*<?([^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*)>?(?:\s+"[^"\n]*")?\s*\)/],
  ["link", /\[((?:[^[\]\n]|\[[^[\]\n]*\])*)\]\(\s*<?([^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*)>?(?:\s+"[^"\n]*")?\s*\)/],
  ["bold", /\*\*(?=\S)([^\n]*?\S)\*\*/],
  ["italic", /\*(?=[^\s*])([^*\n]*?[^\s*])\*(?!\*)/],
  ["font", /<font color=["']?(#[0-9a-fA-F]{3,8}|[a-zA-Z]{3,20})["']?>([^<\n]*)<\/font>/],
  ["entity", /&(nbsp|lt|gt|amp|quot|apos|#160|#xA0|#39|#60|#62);/],
  ["br", /<br\s*\/?>/],
];
const LONGEST_LINE = 10_000;

/** Nodes of one line; the leftmost construct first. */
export function inline(text, how, depth = 0) {
  const nodes = [];
  let rest = text;
  while (rest) {
    const found = depth < DEEPEST && text.length <= LONGEST_LINE ? leftmost(rest) : null;
    if (!found) break;
    const [name, match] = found;
    if (match.index) nodes.push(...how.mention(rest.slice(0, match.index)));
    nodes.push(...part(name, match, how, depth));
    rest = rest.slice(match.index + match[0].length);
  }
  if (rest) nodes.push(...how.mention(rest));
  return nodes;
}

function leftmost(text) {
  let best = null;
  for (const [name, pattern] of PARTS) {
    const match = pattern.exec(text);
    if (match && (!best || match.index < best[1].index)) best = [name, match];
  }
  return best;
}

function part(name, match, how, depth) {
  const deeper = (text) => inline(text, how, depth + 1);
  switch (name) {
    case "escape": return [match[1]];
    case "code": return [h("code", { class: "md-inline" }, match[2].trim())];
    case "image": return [picture(match[2], match[1])];
    case "link": return [link(match[2], deeper(match[1]))];
    case "bold": return [h("strong", {}, deeper(match[1]))];
    case "italic": return [h("em", {}, deeper(match[1]))];
    case "font": return [coloured(match[1], deeper(match[2]))];
    case "br": return how.isCard ? [h("br")] : [match[0]];
    default: return [symbol(match[1])];
  }
}

function symbol(name) {
  if (name === "#160" || name === "#xA0") return "\u00a0";
  return SYMBOLS[name] ?? { "#39": "'", "#60": "<", "#62": ">" }[name];
}

function coloured(colour, nodes) {
  const span = h("span", {}, nodes);
  span.style.color = colour;
  return span;
}

/** The address behind a link, unless it is of a kind that a chat client would not open. */
export function address(text) {
  try {
    const url = new URL(text);
    if (url.protocol === "dingtalk:") return address(url.searchParams.get("url") ?? "");
    return ["http:", "https:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

export function link(target, nodes) {
  const href = address(target);
  if (!href) return h("span", { class: "md-nolink", title: target }, nodes);
  return h("a", { href, title: href, target: "_blank", rel: "noopener noreferrer" }, nodes);
}

/** A picture of this machine, or a note where it would be: nothing is loaded from elsewhere. */
export function picture(source, name = "") {
  const own = ownPicture(source);
  if (own) {
    const image = h("img", { class: "picture", src: own, alt: name || t("type.picture"), loading: "lazy" });
    image.addEventListener("error", () => image.replaceWith(h("span", { class: "no-picture" }, t("pictureGone"))), { once: true });
    return image;
  }
  const href = address(source);
  const words = [h("span", { class: "no-picture-name" }, name || t("type.picture")), h("small", {}, t("outsidePicture"))];
  return href ? h("a", { class: "no-picture", href, target: "_blank", rel: "noopener noreferrer", title: href }, words) : h("span", { class: "no-picture" }, words);
}

const ADDRESS = /https?:\/\/[^\s<>"'，。；！？、）】》]+[^\s<>"'，。；！？、）】》.,;:!?)\]]/;

/** Plain words, with addresses to click as clients make them. */
export function plain(text, mention = (words) => [words]) {
  const nodes = [];
  let rest = text;
  for (let found = ADDRESS.exec(rest); found; found = ADDRESS.exec(rest)) {
    nodes.push(...mention(rest.slice(0, found.index)), link(found[0], [found[0]]));
    rest = rest.slice(found.index + found[0].length);
  }
  return [...nodes, ...mention(rest)];
}
