// Where one writes: words, mentions, and the other kinds of messages.

import { h, icon, iconButton, replace, roving } from "./dom.js";
import { authorOf, preview } from "./messages.js";
import { avatar } from "./avatar.js";
import { isChinese, t } from "./i18n.js";
import { on, quote, robotOf, room, store } from "./store.js";
import { readAsUrl, samplePicture, say, upload } from "./actions.js";

const TYPES = ["text", "richText", "picture", "audio", "file", "video", "unknownMsgType"];
const WORDLESS = new Set(["picture", "file", "video"]);
const WITH_FILE = { picture: "image/*", richText: "image/*", file: "", video: "video/*" };
const PRIVATE_ONLY = new Set(["audio", "video", "file"]);

/** What is written so far, for each room; it outlives a change of the room. */
const drafts = new Map();
let box = null;

function draft() {
  if (!drafts.has(store.room)) drafts.set(store.room, { text: "", type: "text", file: null, shown: "", seconds: 4, mentionsRobot: true });
  return drafts.get(store.room);
}

export function composer(foot) {
  box = foot;
  draw();
}

on("quoting", () => {
  draw();
  area()?.focus();
});

const area = () => box?.querySelector("textarea");

function draw() {
  const here = room();
  if (!here) return replace(box);
  const now = draft();
  replace(box,
    suggestions(here),
    h("form", { class: "composer", "aria-label": t("composer"), onsubmit: submit },
      quoted(),
      h("div", { class: "composer-top" }, types(now), here.kind === "group" ? mentionChip(here, now) : null),
      PRIVATE_ONLY.has(now.type) && here.kind === "group" ? h("p", { class: "warning" }, t("onlyPrivate")) : null,
      now.type in WITH_FILE ? chooser(now) : null,
      now.type === "audio" ? length(now) : null,
      WORDLESS.has(now.type) ? null : writing(here, now),
      h("div", { class: "composer-end" }, h("span", { class: "hint" }, WORDLESS.has(now.type) ? "" : t("hint.text")), h("button", { type: "submit", class: "primary send" }, icon("send"), t("send")))));
  grow();
}

function quoted() {
  if (!store.quoting) return null;
  return h("div", { class: "quoting" }, icon("quote"), h("span", {}, t("quoting", { name: authorOf(store.quoting) }), preview(store.quoting)), iconButton("close", t("unquote"), () => quote(null)));
}

function types(now) {
  const bar = h("div", { class: "types", role: "radiogroup", "aria-label": t("typeLabel") }, TYPES.map((type) =>
    h("button", { type: "button", role: "radio", class: "type", "aria-checked": String(type === now.type), "aria-label": t(`type.${type}`), title: t(`type.${type}`), tabIndex: type === now.type ? 0 : -1, dataset: { type }, onclick: () => choose(type) }, icon(type))));
  roving(bar, ".type", { keys: ["ArrowLeft", "ArrowRight"] });
  return bar;
}

function choose(type) {
  Object.assign(draft(), { type, file: null, shown: "" });
  draw();
  box.querySelector(WORDLESS.has(type) ? ".chooser button" : "textarea")?.focus();
}

function mentionChip(here, now) {
  const robot = robotOf(here);
  return h("button", { type: "button", class: "mention-chip", "aria-pressed": String(now.mentionsRobot), title: t(now.mentionsRobot ? "mentionOn" : "mentionOff"), onclick: () => { now.mentionsRobot = !now.mentionsRobot; draw(); area()?.focus(); } }, icon(now.mentionsRobot ? "check" : "at"), t("mentionRobot", { name: robot?.name ?? "" }));
}

function chooser(now) {
  const input = h("input", { type: "file", class: "hidden", tabIndex: -1, accept: WITH_FILE[now.type] || null, "aria-label": t("chooseFile"), onchange: () => take(input.files[0]) });
  const isPicture = WITH_FILE[now.type] === "image/*";
  return h("div", { class: "chooser" }, input,
    now.shown ? h("img", { class: "thumb", src: now.shown, alt: now.file.name }) : null,
    h("button", { type: "button", class: "quiet framed", onclick: () => input.click() }, icon("file"), now.file ? now.file.name : t("chooseFile")),
    isPicture ? h("button", { type: "button", class: "quiet framed", onclick: async () => take(await samplePicture()) }, icon("picture"), t("samplePicture")) : h("span", { class: "hint" }, t("sampleFile")));
}

async function take(file) {
  if (!file) return;
  const now = draft();
  now.file = file;
  now.shown = /^image\/(png|jpeg|gif|webp|bmp)$/.test(file.type) ? await readAsUrl(file) : "";
  draw();
  box.querySelector(".send")?.focus();
}

const length = (now) => h("label", { class: "inline-field" }, t("seconds"), h("input", { type: "number", min: "0", max: "3600", value: String(now.seconds), oninput: (event) => { now.seconds = Number(event.target.value); } }));

function writing(here, now) {
  const hint = now.type === "text" ? t("place.text", { robot: here.kind === "group" ? here.title : robotOf(here)?.name ?? "" }) : t(`hint.${now.type}`);
  const list = h("div", { class: "mention-list", role: "listbox", id: "mention-list", "aria-label": t("mentionList"), hidden: true });
  const field = h("textarea", { rows: "1", value: now.text, placeholder: hint, "aria-label": t("composer"), "aria-controls": "mention-list", maxlength: "100000",
    oninput: () => { now.text = field.value; grow(); offer(here, field, list); },
    onkeydown: (event) => keys(event, field, list),
    onblur: () => setTimeout(() => { list.hidden = true; }, 150) });
  return h("div", { class: "writing" }, list, field);
}

function grow() {
  const field = area();
  if (!field) return;
  field.classList.remove("tall", "taller");
  const lines = field.scrollHeight;
  if (lines > 120) field.classList.add("taller");
  else if (lines > 50) field.classList.add("tall");
}

/** Behind an `@`: who can be mentioned. */
function offer(here, field, list) {
  const before = field.value.slice(0, field.selectionStart);
  const at = /@([^\s@]{0,20})$/.exec(before);
  const robot = robotOf(here);
  const known = here.kind === "group" && at ? [robot, ...here.members.map((one) => store.people.get(one))].filter((one) => one && one.id !== store.me && one.name.toLowerCase().includes(at[1].toLowerCase())) : [];
  list.hidden = !known.length;
  replace(list, known.slice(0, 8).map((one, n) => h("div", { role: "option", class: "mention-option", "aria-selected": String(n === 0), dataset: { name: one.name }, onmousedown: (event) => { event.preventDefault(); insert(field, list, one.name); } }, avatar(one, one === robot), h("bdi", {}, one.name))));
}

function insert(field, list, name) {
  const end = field.selectionStart;
  const start = field.value.lastIndexOf("@", end - 1);
  field.setRangeText(`@${name} `, start, end, "end");
  draft().text = field.value;
  list.hidden = true;
}

function keys(event, field, list) {
  if (event.isComposing || event.keyCode === 229) return;
  if (!list.hidden && picked(event, field, list)) return event.preventDefault();
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    field.form.requestSubmit();
  } else if (event.key === "Escape" && store.quoting) quote(null);
}

function picked(event, field, list) {
  const all = [...list.children];
  const at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
  if (event.key === "Escape") {
    list.hidden = true;
    event.stopPropagation();
    return true;
  }
  if (event.key === "Enter" || event.key === "Tab") {
    insert(field, list, all[at].dataset.name);
    return true;
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return false;
  const next = (at + step + all.length) % all.length;
  all.forEach((one, n) => one.setAttribute("aria-selected", String(n === next)));
  return true;
}

async function submit(event) {
  event.preventDefault();
  const here = room();
  const now = draft();
  const words = wording(here, now);
  const isNothing = !words.text && !now.file && now.type === "text" && !(here.kind === "group" && words.mentions_robot);
  if (isNothing) return area()?.focus();
  if (now.type === "richText" && !words.text && !now.file) return area()?.focus();
  if (now.type in WITH_FILE) {
    const file = now.file ?? (await sample(now.type));
    words.media = file && (await upload(file));
    if (file && !words.media) return;
  }
  if (now.type === "audio") words.duration = Math.round(now.seconds * 1000);
  Object.assign(now, { text: "", file: null, shown: "" });
  store.quoting = null;
  draw();
  area()?.focus();
  if (!(await say(words)) && words.text && !now.text) {
    now.text = words.text;
    draw();
  }
}

/** What the control API is told; a mention of the robot is taken from the words, as DingTalk does. */
function wording(here, now) {
  const robot = robotOf(here);
  const named = `@${robot?.name}`;
  const isNamed = here.kind === "group" && robot && now.text.includes(named);
  const text = (isNamed ? now.text.replace(named, "") : now.text).trim();
  const mentions = here.members.filter((one) => one !== store.me && text.includes(`@${store.people.get(one)?.name}`));
  return { msgtype: now.type, text: WORDLESS.has(now.type) ? "" : text, mentions_robot: here.kind === "group" ? now.mentionsRobot || isNamed : true, mentions: here.kind === "group" ? mentions : [], quotes: store.quoting?.id ?? null };
}

async function sample(type) {
  if (type === "picture") return samplePicture();
  return null; // The simulator has samples of its own.
}

const SUGGESTED = ["帮助", "用表格比较三种排序算法", "串聊", "单聊", "模板", "用量", "#图片 一只戴眼镜的猫", "#域名 example.com", "#证书 example.com", "重置", "余额", "查对话"];

function suggestions(here) {
  const all = here.kind === "group" ? [...SUGGESTED.slice(0, 4), "群ID", ...SUGGESTED.slice(4)] : SUGGESTED;
  const bar = h("div", { class: "suggestions", role: "toolbar", id: "suggestions", "aria-label": t("suggestions") }, all.map((text, n) =>
    h("button", { type: "button", class: "suggestion", tabIndex: n ? -1 : 0, title: t(`try.${text}`), lang: "zh", onclick: () => say({ msgtype: "text", text }) }, text, isChinese() ? null : h("span", { lang: "en" }, t(`en.${text}`)))));
  const more = h("button", { type: "button", class: "quiet more-suggestions", "aria-controls": "suggestions", hidden: true, onclick: () => expand(!isExpanded) });
  const box = h("div", { class: "suggestion-box" }, bar, more);
  // What does not fit in its rows is behind a button that says so; whoever walks there by keyboard sees all.
  const fit = () => { more.hidden = !isExpanded && bar.scrollHeight <= bar.clientHeight + 2; };
  const expand = (wanted) => {
    isExpanded = wanted;
    box.classList.toggle("expanded", isExpanded);
    more.setAttribute("aria-expanded", String(isExpanded));
    replace(more, t(isExpanded ? "fewerSuggestions" : "moreSuggestions"), icon("down"));
    fit();
  };
  bar.addEventListener("focusin", (event) => event.target.offsetTop - bar.offsetTop >= bar.clientHeight && expand(true));
  roving(bar, ".suggestion", { keys: ["ArrowLeft", "ArrowRight"] });
  new ResizeObserver(fit).observe(bar);
  expand(isExpanded);
  return box;
}

let isExpanded = false;
