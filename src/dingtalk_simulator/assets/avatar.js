// A face for everybody: the end of the name on a colour of its own.

import { h, icon } from "./dom.js";

const COLOURS = 7;

export function avatar({ id = "", name = "" }, isRobot = false) {
  if (isRobot) return h("span", { class: "avatar robot", "aria-hidden": "true" }, icon("robot"));
  return h("span", { class: `avatar colour-${colour(id || name)}`, "aria-hidden": "true" }, initials(name || id));
}

export const groupAvatar = () => h("span", { class: "avatar group", "aria-hidden": "true" }, icon("group"));

function initials(name) {
  const letters = [...name.trim()];
  if (/^[\x20-\x7e]+$/.test(name)) return name.trim().split(/\s+/).map((one) => one[0]).join("").slice(0, 2).toUpperCase();
  return letters.slice(-2).join("");
}

function colour(text) {
  let sum = 7;
  for (const letter of text) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return sum % COLOURS;
}
