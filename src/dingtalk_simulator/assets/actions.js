// What people do, with a sentence when it cannot be done.

import { api, Refusal } from "./api.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { heard, store } from "./store.js";

const LONG_ENOUGH = 6000;

export function toast(text, isBad = false) {
  const box = document.getElementById("toasts");
  const one = h("div", { class: isBad ? "toast bad" : "toast" }, text);
  box.append(one);
  while (box.children.length > 3) box.firstChild.remove();
  setTimeout(() => one.remove(), isBad ? LONG_ENOUGH : LONG_ENOUGH / 2);
}

export function sentence(error) {
  if (!(error instanceof Refusal)) return t("broken", { detail: String(error?.message ?? error) });
  return error.status === 0 ? t("offline") : t("refusedBy", { detail: error.message });
}

/** Do it; null and a sentence on the screen when it fails. */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    toast(sentence(error), true);
    return null;
  }
}

export async function say(words) {
  const message = await attempt(() => api.say({ person: store.me, room: store.room, wait: false, ...words }));
  // The feed tells it as well, and later than this only when it is slow.
  if (message && !store.messages.has(message.id)) heard("message", message);
  return message;
}

export async function replay(message, isSame) {
  if (await attempt(() => api.replay(message.id, isSame))) toast(t("replayed"));
}

export const clickCard = (card, action) => attempt(() => api.click(card.id, store.me, action));

const LARGEST = 20 * 1024 * 1024;

export function readAsUrl(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

/** Put a file onto the simulator's shelf; its id, or null. */
export async function upload(file) {
  if (file.size > LARGEST) {
    toast(t("tooLarge"), true);
    return null;
  }
  const url = await readAsUrl(file);
  const content = url.slice(url.indexOf(",") + 1);
  const kind = /^[\w.+-]{1,60}\/[\w.+-]{1,80}$/.test(file.type) ? file.type : "application/octet-stream";
  const kept = await attempt(() => api.upload({ file_name: (file.name || "file").slice(0, 200), content_type: kind, content: url.includes(",") ? content : "" }));
  return kept?.id ?? null;
}

/** A small landscape, for who has no picture at hand. */
export function samplePicture() {
  const canvas = document.createElement("canvas");
  canvas.width = 480;
  canvas.height = 320;
  const paint = canvas.getContext("2d");
  const sky = paint.createLinearGradient(0, 0, 0, 320);
  for (const [at, colour] of [[0, "#3b82f6"], [0.55, "#a5d8ff"], [0.75, "#ffe3b3"]]) sky.addColorStop(at, colour);
  paint.fillStyle = sky;
  paint.fillRect(0, 0, 480, 320);
  paint.fillStyle = "#fff3c4";
  paint.beginPath();
  paint.arc(350, 190, 42, 0, 7);
  paint.fill();
  hill(paint, "#5b8def", [230, 150, 220, 170]);
  hill(paint, "#2f6fdb", [270, 215, 250, 225]);
  hill(paint, "#1d4ea8", [300, 265, 285, 275]);
  return new Promise((resolve) => canvas.toBlob((blob) => resolve(new File([blob], "sample.png", { type: "image/png" })), "image/png"));
}

function hill(paint, colour, [a, b, c, d]) {
  paint.fillStyle = colour;
  paint.beginPath();
  paint.moveTo(0, a);
  paint.bezierCurveTo(140, b, 260, c + 30, 330, c);
  paint.quadraticCurveTo(420, d, 480, d - 20);
  paint.lineTo(480, 320);
  paint.lineTo(0, 320);
  paint.fill();
}

export function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const anchor = h("a", { href: url, download: name });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
