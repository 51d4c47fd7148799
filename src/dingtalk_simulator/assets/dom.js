// Nodes without markup: whatever anybody wrote goes into the document as text.

const SVG = "http://www.w3.org/2000/svg";

/** An element. `props`: `class`, `on…` functions, properties (`value`, `hidden`, …) and attributes. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) set(node, name, value);
  node.append(...children.flat(4).filter((one) => one !== null && one !== undefined && one !== false && one !== ""));
  return node;
}

const PROPERTIES = new Set([
  "value", "checked", "disabled", "hidden", "selected", "multiple", "tabIndex", "htmlFor", "readOnly", "open",
]);

function set(node, name, value) {
  if (value === null || value === undefined || value === false) {
    if (PROPERTIES.has(name)) node[name] = false;
    return;
  }
  if (name === "class") node.className = value;
  else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "dataset") Object.assign(node.dataset, value);
  else if (PROPERTIES.has(name)) node[name] = value;
  else node.setAttribute(name, value === true ? "" : String(value));
}

export function replace(node, ...children) {
  node.replaceChildren(...children.flat(4).filter((one) => one !== null && one !== undefined && one !== false));
  return node;
}

const PATHS = {
  robot: "M12 3v3M7 7h10a3 3 0 0 1 3 3v6a3 3 0 0 1-3 3H7a3 3 0 0 1-3-3v-6a3 3 0 0 1 3-3zM9 12v1.500M15 12v1.500M2 12v3M22 12v3M10 16h4",
  group: "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.500 20a6.500 6.500 0 0 1 13 0M16 4.300a3.500 3.500 0 0 1 0 6.400M18 14.300A6.500 6.500 0 0 1 21.500 20",
  plus: "M12 5v14M5 12h14",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M4.900 4.900l1.400 1.400M17.700 17.700l1.400 1.400M4.900 19.100l1.400-1.400M17.700 6.300l1.400-1.400",
  moon: "M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z",
  auto: "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18",
  panel: "M4 5h16v14H4zM14.500 5v14",
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6L6 18",
  text: "M5 6V5h14v1M12 5v14M9 19h6",
  richText: "M4 5h16M4 10h8M4 15h8M4 20h16M15 10h5v5h-5z",
  picture: "M4 5h16v14H4zM4 16l4.500-4.500 4 4L16 12l4 4M9 9.500h.01",
  audio: "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM6 11a6 6 0 0 0 12 0M12 17v4M9 21h6",
  video: "M4 6h11v12H4zM15 10l5-3v10l-5-3",
  file: "M6 3h8l5 5v13H6zM14 3v5h5",
  unknownMsgType: "M9 9a3 3 0 1 1 4.500 2.600c-1 .6-1.500 1.200-1.500 2.400M12 18h.01M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20z",
  at: "M16 12a4 4 0 1 0-4 4c2 0 3-1 4-2.500.500 1.500 1.300 2.500 2.600 2.500C20.500 16 21 14 21 12a9 9 0 1 0-3.500 7",
  send: "M4 12l16-8-5 16-4-7-7-1zM11 13l9-9",
  quote: "M9 7L4 12l5 5M4 12h10a6 6 0 0 1 6 6v1",
  inspect: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5",
  replay: "M4 12a8 8 0 1 0 2.500-5.800M4 4v4.500h4.500",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  check: "M5 12.500l4.500 4.500L19 7",
  checks: "M2 13l4 4 8-9M11 16l1 1 9-9",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.500 2",
  stop: "M7 7h10v10H7z",
  warn: "M12 3.500L2.500 20h19zM12 10v4.500M12 17.500h.01",
  mute: "M4 4l16 16M9 5a8 8 0 0 1 11 11M4.500 9A8 8 0 0 0 15 19.500",
  link: "M10 14l4-4M8.500 11.500L6 14a3.500 3.500 0 0 0 5 5l2.500-2.500M15.500 12.500L18 10a3.500 3.500 0 0 0-5-5l-2.500 2.500",
  down: "M6 9l6 6 6-6",
  save: "M12 4v11M7.500 11l4.500 4.500 4.500-4.500M4 20h16",
  load: "M12 16V5M7.500 9.500L12 5l4.500 4.500M4 20h16",
  info: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5.500M12 7.500h.01",
  shield: "M12 3l8 3v6c0 5-3.500 8-8 9-4.500-1-8-4-8-9V6z",
};

export function icon(name, label = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  if (label) svg.setAttribute("aria-label", label);
  else svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name] ?? PATHS.unknownMsgType);
  svg.append(path);
  return svg;
}

export function iconButton(name, label, onclick, more = {}) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...more }, icon(name));
}

/** Let arrow keys walk over the elements that match, of which one at a time is in the tab order. */
export function roving(box, selector, { keys = ["ArrowUp", "ArrowDown"], choose = null } = {}) {
  box.addEventListener("keydown", (event) => {
    const [back, on] = keys;
    const known = [back, on, "Home", "End"];
    const from = event.target.closest(selector);
    if (!known.includes(event.key) || !from || event.target.matches("input, textarea, select")) return;
    const all = [...box.querySelectorAll(selector)];
    const at = all.indexOf(from);
    const to = { [back]: at - 1, [on]: at + 1, Home: 0, End: all.length - 1 }[event.key];
    const next = all[Math.max(0, Math.min(all.length - 1, to))];
    event.preventDefault();
    for (const one of all) one.tabIndex = one === next ? 0 : -1;
    next.focus();
    choose?.(next);
  });
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = h("textarea", { value: text, class: "hidden" });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
