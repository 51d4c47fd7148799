// One message as it stands in a conversation.

import { h, icon, iconButton } from "./dom.js";
import { link, markdown, picture, plain } from "./markdown.js";
import { clock, latency, t } from "./i18n.js";
import { quote, select, store } from "./store.js";
import { clickCard, replay } from "./actions.js";
import { avatar } from "./avatar.js";
import { withTables } from "./tables.js";

const ENDED = ["finished", "failed"];
const STATES = { pending: "clock", acknowledged: "checks", refused: "warn", timed_out: "clock", unreachable: "warn", not_delivered: "mute", queued: "clock" };

/** `isFollowing`: the one before is of the same author, so that name and picture need not be repeated. */
export function bubble(message, { isGroup = false, isFollowing = false } = {}) {
  const isMine = message.by === "person" && message.author.id === store.me;
  const card = store.cards.get(message.card);
  const classes = ["message", isMine ? "mine" : "theirs", `by-${message.by}`, isFollowing ? "following" : "", isBare(message) ? "bare" : ""];
  const node = h(
    "article",
    { class: classes.filter(Boolean).join(" "), tabIndex: -1, "aria-label": labelOf(message), dataset: { id: message.id }, onclick: (event) => chosen(event, message), onkeydown: (event) => pressed(event, message) },
    avatar(message.author, message.by === "robot"),
    h("div", { class: "column" },
      (isGroup || message.by === "robot") && !isMine ? nameOf(message) : null,
      h("div", { class: "row" },
        h("div", { class: `bubble ${card ? `card card-${card.state}` : ""} kind-${message.msgtype}` }, quotation(message), content(message, card)),
        tools(message)),
      reactions(message),
      footer(message)));
  node.classList.toggle("selected", store.selected?.id === message.id);
  return node;
}

const isBare = (message) => ["picture", "sampleImageMsg"].includes(message.msgtype) && !message.quotes;

export const authorOf = (message) => message.author.name || message.author.id;

export function labelOf(message) {
  return t("saidIn", { name: authorOf(message), text: preview(message) }).slice(0, 300);
}

/** What the list of conversations, a quotation or a reader's voice says of a message. */
export function preview(message) {
  const card = store.cards.get(message.card);
  const text = (card?.text || message.text || "").trim();
  const words = ["markdown", "actionCard", "link"].includes(message.msgtype) ? message.title || text : text;
  const bare = words.replace(/[#*`>_~|]+/g, " ").replace(/\s+/g, " ").trim().slice(0, 120);
  const kinds = { picture: "picture", sampleImageMsg: "picture", audio: "audio", sampleAudio: "audio", video: "video", sampleVideo: "video", file: "file", sampleFile: "file", unknownMsgType: "unknownMsgType" };
  const kind = kinds[message.msgtype];
  if (kind) return `[${t(`type.${kind}`)}]${kind === "audio" && bare ? ` ${bare}` : kind === "file" ? ` ${message.media[0]?.file_name ?? ""}` : ""}`;
  if (card && !bare) return `[${t("card")}] ${t(`card.${card.state}`)}`;
  return bare || t("unreadable");
}

function nameOf(message) {
  const person = store.people.get(message.author.id);
  return h("div", { class: "author" }, h("bdi", {}, authorOf(message)), message.by === "robot" ? h("span", { class: "tag" }, t("robotLabel")) : person?.is_external ? h("span", { class: "tag grey" }, t("external")) : null);
}

function chosen(event, message) {
  if (event.target.closest("a, button, audio, video") || !getSelection().isCollapsed) return;
  select({ kind: "message", id: message.id });
}

function pressed(event, message) {
  if (event.key === "Enter" && event.target === event.currentTarget) select({ kind: "message", id: message.id });
}

function tools(message) {
  return h("div", { class: "tools" },
    iconButton("quote", t("quote"), () => quote(message), { tabIndex: -1 }),
    iconButton("inspect", t("inspect"), () => select({ kind: "message", id: message.id }), { tabIndex: -1 }),
    message.by === "person" ? iconButton("replay", t("replaySame"), () => replay(message, true), { tabIndex: -1 }) : null);
}

function quotation(message) {
  const quoted = store.messages.get(message.quotes);
  if (!quoted) return null;
  return h("div", { class: "quotation" }, h("bdi", {}, authorOf(quoted)), `：${preview(quoted)}`);
}

function content(message, card) {
  if (card) return cardContent(card);
  const show = CONTENT[message.msgtype] ?? CONTENT.text;
  return show(message);
}

/** Words with mentions as chips. */
function mentions(message) {
  const names = message.mentions.map((one) => (one === "@all" ? "所有人" : (store.people.get(one) ?? store.robots.get(one))?.name)).filter(Boolean);
  if (!names.length) return (words) => [words];
  const pattern = new RegExp(`@(?:${names.map((one) => one.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "g");
  return (words) => split(words, pattern, (name) => h("span", { class: "mention" }, name));
}

function split(words, pattern, make) {
  const nodes = [];
  let at = 0;
  for (const found of words.matchAll(pattern)) {
    if (found.index > at) nodes.push(words.slice(at, found.index));
    nodes.push(make(found[0]));
    at = found.index + found[0].length;
  }
  if (at < words.length) nodes.push(words.slice(at));
  return nodes;
}

function robotChip(message) {
  if (message.by !== "person") return null;
  const robot = store.robots.get(message.mentions.find((one) => store.robots.has(one)));
  return robot ? [h("span", { class: "mention" }, `@${robot.name}`), " "] : null;
}

function others(message) {
  const left = message.by === "person" ? message.mentions.map((one) => store.people.get(one)?.name).filter((name) => name && !message.text.includes(`@${name}`)) : [];
  return left.map((name) => [" ", h("span", { class: "mention" }, `@${name}`)]);
}

const words = (message) => h("div", { class: "words" }, robotChip(message), plain(message.text, mentions(message)), others(message));
const marked = (text, message, more = {}) => h("div", { class: "markdown" }, withTables(markdown(text, { isOldPhone: store.client === "phone", mention: mentions(message), ...more })));
const fields = (message) => (message.content && typeof message.content === "object" ? message.content : {});

const CONTENT = {
  text: words,
  unknownMsgType: (message) => h("div", { class: "words odd" }, icon("unknownMsgType"), message.text || String(fields(message).unknownMsgType ?? "")),
  markdown: (message) => marked(message.text, message),
  richText: rich,
  picture: (message) => [robotChip(message), message.media.length ? message.media.map((one) => picture(one.url, one.file_name)) : h("span", { class: "sample" }, icon("picture"), t("type.picture"))],
  audio: (message) => h("div", { class: "voice" }, icon("audio"), h("span", { class: "waves", "aria-hidden": "true" }, [5, 9, 14, 8, 12, 16, 10, 6, 11, 7].map((tall) => h("i", { class: `tall-${tall}` }))), h("span", { class: "length" }, `${Math.round((fields(message).duration ?? 0) / 1000)}″`), h("div", { class: "transcript" }, message.text || t("noTranscript"))),
  video: (message) => file(message, "video"),
  file: (message) => file(message, "file"),
  link: (message) => linked(fields(message).title, fields(message).text, fields(message).messageUrl, fields(message).picUrl),
  actionCard: actions,
  feedCard: (message) => h("div", { class: "feed" }, (Array.isArray(fields(message).links) ? fields(message).links : []).map((one) => linked(one?.title, "", one?.messageURL, one?.picURL))),
  sampleImageMsg: (message) => picture(fields(message).photoURL),
  sampleFile: (message) => attachment("file", fields(message).fileName, fields(message).fileType),
  sampleAudio: (message) => attachment("audio", t("voice"), `${Math.round(Number(fields(message).duration) / 1000) || "?"}″`),
  sampleVideo: (message) => attachment("video", t("type.video"), fields(message).videoType),
};
for (const count of ["", 2, 3, 4, 5, 6]) CONTENT[`sampleActionCard${count}`] = actions;

function rich(message) {
  const media = [...message.media];
  const pieces = Array.isArray(fields(message).richText) ? fields(message).richText : [{ text: message.text }];
  const nodes = pieces.map((piece) => {
    if (piece?.type === "picture") return media.length ? pictureOf(media.shift()) : null;
    if (piece?.type === "at") return h("span", { class: "mention" }, `@${piece.atName}`);
    return plain(String(piece?.text ?? ""), mentions(message));
  });
  return h("div", { class: "words" }, robotChip(message), nodes);
}

const pictureOf = (one) => picture(one.url, one.file_name);

const file = (message, kind) => attachment(kind, message.media[0]?.file_name ?? fields(message).fileName, message.media[0]?.content_type);

const attachment = (kind, name, about) => h("div", { class: "attachment" }, h("span", { class: "attachment-icon" }, icon(kind)), h("div", {}, h("bdi", {}, String(name ?? t(`type.${kind}`))), h("small", {}, String(about ?? ""))));

function linked(title, text, target, pictured) {
  return h("div", { class: "linked" }, h("div", { class: "linked-words" }, h("strong", {}, link(String(target ?? ""), [String(title ?? "")])), text ? h("p", {}, String(text)) : null), pictured ? picture(String(pictured)) : null);
}

function actions(message) {
  const given = fields(message);
  const buttons = [];
  const add = (title, target) => title && buttons.push(h("span", { class: "card-button" }, link(String(target ?? ""), [String(title)])));
  if (given.singleTitle) add(given.singleTitle, given.singleURL);
  else for (const one of Array.isArray(given.btns) ? given.btns : []) add(one?.title, one?.actionURL);
  for (let n = 1; n <= 5; n++) add(given[`actionTitle${n}`] ?? given[`buttonTitle${n}`], given[`actionURL${n}`] ?? given[`buttonUrl${n}`]);
  const isAcross = given.btnOrientation === "1" || message.msgtype === "sampleActionCard6";
  return [marked(message.text, message), h("div", { class: isAcross ? "card-buttons across" : "card-buttons" }, buttons)];
}

function cardContent(card) {
  const isEnded = ENDED.includes(card.state);
  const state = h("div", { class: "card-state" }, isEnded ? null : h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), card.state === "failed" ? icon("warn") : null, t(`card.${card.state}`));
  const text = card.text ? h("div", { class: "markdown" }, withTables(markdown(card.text, { isCard: true }))) : null;
  const buttons = [...cardButtons(card), ...(isEnded ? [] : [{ id: "btn_stop", text: t("stop"), isStop: true }])];
  return [
    card.variables.msgTitle ? h("div", { class: "card-title" }, card.variables.msgTitle) : null,
    text,
    card.ignored_keys?.length ? h("div", { class: "card-ignored" }, icon("warn"), t("card.ignored", { keys: card.ignored_keys.join("、") })) : null,
    card.state === "finished" ? null : state,
    buttons.length ? h("div", { class: "card-buttons across" }, buttons.map((one) => h("button", { type: "button", class: "card-button", onclick: () => clickCard(card, one.id) }, one.isStop ? icon("stop") : null, one.text))) : null,
  ];
}

function cardButtons(card) {
  for (const name of ["msgButtons", "buttons"]) {
    try {
      const list = JSON.parse(card.variables[name] ?? "[]");
      if (Array.isArray(list)) return list.filter((one) => one?.text).slice(0, 6).map((one) => ({ id: String(one.id ?? one.actionId ?? one.text), text: String(one.text) }));
    } catch {
      // Not a list of buttons; the inspector shows what it is.
    }
  }
  return [];
}

const reactions = (message) => (message.reactions.length ? h("div", { class: "reactions" }, message.reactions.map((one) => h("span", {}, String(one)))) : null);

function footer(message) {
  const time = h("time", { class: "at" }, clock(message.at, { seconds: true }));
  if (message.by !== "person" || !message.delivery) return h("div", { class: "footer" }, time);
  const last = message.last;
  const detail = last?.status && message.delivery === "refused" ? ` ${last.status}` : last && message.delivery === "acknowledged" ? ` · ${latency(last.latency)}` : "";
  const count = last?.count > 1 ? ` · ${t("delivered", { count: last.count })}` : "";
  return h("div", { class: "footer" }, h("span", { class: `delivery is-${message.delivery}` }, icon(STATES[message.delivery] ?? "clock"), t(`delivery.${message.delivery}`), detail, count), time);
}
