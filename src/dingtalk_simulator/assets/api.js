// The control API. A refusal becomes one sentence.

const ROOT = "/_simulator";

export class Refusal extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

async function call(method, path, body) {
  const sent = method === "GET" ? {} : { headers: { "Content-Type": "application/json" } };
  if (body !== undefined) sent.body = typeof body === "string" ? body : JSON.stringify(body);
  let answer;
  try {
    answer = await fetch(ROOT + path, { method, ...sent });
  } catch {
    throw new Refusal(0, "");
  }
  const text = await answer.text();
  let told = {};
  try {
    told = JSON.parse(text);
  } catch {
    if (answer.ok) throw new Refusal(answer.status, "no JSON");
  }
  if (!answer.ok) throw new Refusal(answer.status, String(told.detail ?? answer.statusText));
  return told;
}

const id = encodeURIComponent;

export const api = {
  state: () => call("GET", "/state"),
  transcript: (room) => call("GET", room ? `/transcript?room=${id(room)}` : "/transcript"),
  importTranscript: (text) => call("POST", "/transcript", text),
  cards: () => call("GET", "/cards"),
  message: (name) => call("GET", `/messages/${id(name)}`),
  say: (words) => call("POST", "/messages", words),
  replay: (name, same) => call("POST", `/messages/${id(name)}/replay`, { same_id: same }),
  calls: (after, limit = 1000, endpoint = "") => call("GET", `/calls?after=${after}&limit=${limit}&endpoint=${id(endpoint)}`),
  call: async (number) => (await call("GET", `/calls?after=${number - 1}&limit=1`)).calls.find((one) => one.id === number),
  addPerson: (person) => call("POST", "/people", person),
  addRobot: (robot) => call("POST", "/robots", robot),
  changeRobot: (name, change) => call("PATCH", `/robots/${id(name)}`, change),
  addRoom: (room) => call("POST", "/rooms", room),
  changeRoom: (name, change) => call("PATCH", `/rooms/${id(name)}`, change),
  switchTo: (change) => call("PATCH", "/switches", change),
  switchesBack: () => call("DELETE", "/switches"),
  fail: (failure) => call("POST", "/failures", failure),
  clearFailures: (endpoint) => call("DELETE", endpoint ? `/failures/${id(endpoint)}` : "/failures"),
  endStream: (robot, how) => call("POST", "/stream", { robot, how }),
  expire: (what, which) => call("POST", "/expire", which ? { what, which } : { what }),
  click: (card, person, action) => call("POST", `/cards/${id(card)}/click`, { person, action }),
  upload: (file) => call("POST", "/media", file),
  reset: () => call("POST", "/reset", {}),
};

/** Where a picture of the simulator is, for an address or media id as messages carry it; null for others. */
export function ownPicture(address) {
  if (typeof address !== "string") return null;
  if (address.startsWith("@")) return `${ROOT}/media/${id(address)}`;
  if (address.startsWith(`${ROOT}/media/`)) return address;
  try {
    const url = new URL(address, location.origin);
    const isOurs = url.origin === location.origin && /^\/(files|_simulator\/media)\/[^/]+$/.test(url.pathname);
    return isOurs ? url.pathname : null;
  } catch {
    return null;
  }
}
