// The page's language: the browser's at first, then what was chosen.

import { keep, kept, tell } from "./store.js";
import { WORDS } from "./words.js";
import { SWITCHES } from "./switches.js";

const LANGUAGES = ["zh", "en"];

function first() {
  const chosen = kept("language");
  if (LANGUAGES.includes(chosen)) return chosen;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

let language = first();

export const isChinese = () => language === "zh";

/** The sentence of that name, with `{name}` filled in. */
export function t(name, facts = {}) {
  const both = WORDS[name] ?? SWITCHES[name];
  const text = both ? both[LANGUAGES.indexOf(language)] : name;
  return text.replace(/\{(\w+)\}/g, (_, key) => facts[key] ?? "");
}

export function speak(wanted) {
  language = wanted;
  keep("language", wanted);
  mark();
  tell("all");
}

export function mark() {
  document.documentElement.lang = isChinese() ? "zh-CN" : "en";
  document.title = t("title");
}

const two = (number) => String(number).padStart(2, "0");

export function clock(at, { seconds = false } = {}) {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}${seconds ? `:${two(date.getSeconds())}` : ""}`;
}

/** `10:05` today, `7-19 10:05` on other days. */
export function when(at) {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? clock(at) : `${date.getMonth() + 1}-${date.getDate()} ${clock(at)}`;
}

export function latency(milliseconds) {
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
}
