// What the page knows, and who is told when it changes.

import { api } from "./api.js";

const KEPT = "simulator.";
const MOST_NOTES = 50;
const MOST_CALLS = 2000;

const listeners = new Map();

export const store = {
  state: null,
  people: new Map(), robots: new Map(), rooms: new Map(),
  lines: new Map(), // room id -> messages in their order
  messages: new Map(), cards: new Map(), sessions: new Map(),
  notes: new Map(), unread: new Map(),
  calls: [], callsLoaded: false,
  me: null, room: null, selected: null, quoting: null,
  isLive: false, tab: "inspect", panelOpen: false, client: "desktop",
};

export function on(kinds, listener) {
  for (const kind of kinds.split(" ")) listeners.set(kind, [...(listeners.get(kind) ?? []), listener]);
}

export function tell(kind, thing) {
  for (const listener of listeners.get(kind) ?? []) listener(thing);
}

export function kept(name) {
  try {
    return localStorage.getItem(KEPT + name);
  } catch {
    return null;
  }
}

export function keep(name, value) {
  try {
    localStorage.setItem(KEPT + name, value);
  } catch {
    // A browser that keeps nothing forgets it at the next visit.
  }
}

/** Everything anew; returns the cursor from which events follow. */
export async function load() {
  const state = await api.state();
  const [transcript, cards] = await Promise.all([api.transcript(), api.cards()]);
  for (const map of [store.lines, store.messages, store.sessions, store.cards, store.notes, store.unread]) map.clear();
  store.calls = [];
  store.callsLoaded = false;
  store.quoting = store.selected = null;
  takeState(state);
  for (const card of cards.cards) store.cards.set(card.id, card);
  for (const message of transcript.messages) put(message);
  stand();
  tell("all");
  loadCalls().catch(() => {}); // The log asks again when it is opened.
  return state.cursor;
}

function takeState(state) {
  store.state = state;
  store.people = new Map(state.people.map((one) => [one.id, one]));
  store.robots = new Map(state.robots.map((one) => [one.id, one]));
  store.rooms = new Map(state.rooms.map((one) => [one.id, one]));
}

/** Be somebody who is there, in a room of theirs. */
function stand() {
  const wanted = store.me ?? kept("me");
  store.me = store.people.has(wanted) ? wanted : store.people.keys().next().value ?? null;
  const room = store.rooms.get(store.room ?? kept("room"));
  const mine = myRooms();
  store.room = room?.members.includes(store.me) ? room.id : mine[0]?.id ?? null;
}

export async function refresh() {
  takeState(await api.state());
  stand();
  tell("world");
}

/** After a broken line: the cursor to go on from; everything anew where events are lost. */
export async function renew(cursor) {
  const started = store.state?.started_at;
  const state = await api.state();
  const isAnother = state.started_at !== started || state.cursor < cursor;
  if (isAnother || state.cursor - cursor > state.bounds.events) return load();
  takeState(state);
  stand();
  tell("world");
  return cursor;
}

export function heard(kind, data) {
  if (kind === "message" || kind === "delivery") {
    const isNew = !store.messages.has(data.id);
    const message = put(data);
    tell(isNew ? "message" : "changed", message);
  } else if (kind === "card") {
    store.cards.set(data.id, data);
    const message = store.messages.get(data.message);
    if (message) tell("changed", message);
  } else if (kind === "call") heardCall(data);
}

/** Keep a message without its exchanges, which are asked for when somebody looks. */
export function put(message) {
  const { frames = [], ...kept } = message;
  const before = store.messages.get(kept.id);
  const ways = frames.filter((one) => one.direction === "to_robot");
  kept.last = ways.length ? outline(ways.at(-1), ways.length) : before?.last ?? null;
  store.messages.set(kept.id, kept);
  if (kept.by === "person" && kept.session) store.sessions.set(kept.session, kept.id);
  const line = store.lines.get(kept.room) ?? [];
  store.lines.set(kept.room, line);
  const at = before ? line.findIndex((one) => one.id === kept.id) : -1;
  if (at >= 0) line[at] = kept;
  else insert(line, kept);
  return kept;
}

function outline(call, count) {
  return { status: call.status, latency: call.latency_ms, error: call.error, count };
}

function insert(line, message) {
  let at = line.length;
  while (at > 0 && line[at - 1].sequence > message.sequence) at--;
  line.splice(at, 0, message);
  const most = store.state?.bounds.messages ?? 2000;
  for (const gone of line.splice(0, Math.max(0, line.length - most))) {
    store.messages.delete(gone.id);
    store.sessions.delete(gone.session);
  }
}

function heardCall(call) {
  if (store.callsLoaded) {
    const at = store.calls.findLastIndex((one) => one.id === call.id);
    if (at >= 0) store.calls[at] = call; // A frame that has got its acknowledgement.
    else store.calls.push(call);
    store.calls.splice(0, Math.max(0, store.calls.length - MOST_CALLS));
    tell("calls");
  }
  const note = noted(call);
  if (note) tell("note", note);
}

/** A call of a robot that failed is shown in the room that it was for. */
function noted(call) {
  const asked = store.messages.get(store.sessions.get(call.query?.session));
  const room = call.room ?? asked?.room;
  if (!isTrouble(call) || !room || call.direction !== "from_robot") return null;
  const note = { kind: "note", id: `call-${call.id}`, at: call.at, room, call };
  const others = (store.notes.get(room) ?? []).filter((one) => one.id !== note.id);
  store.notes.set(room, [...others, note].slice(-MOST_NOTES));
  return note;
}

const GOOD_ENDS = ["1000", "1001"];

export function isTrouble(call) {
  if (call.endpoint === "streamEnd") return !GOOD_ENDS.includes(call.code);
  if (call.connection && call.status === null) return Boolean(call.error); // A frame may yet be acknowledged.
  if (call.errcode !== null && call.errcode !== undefined && call.errcode !== 0) return true;
  if (call.status === null || call.status >= 400 || call.error) return true;
  return Boolean(call.failure) && !["latency", "duplicate", "quota"].includes(call.failure);
}

/** The outlines of all calls that are kept. */
export async function loadCalls() {
  const all = new Map();
  let after = 0;
  for (;;) {
    const { calls, cursor } = await api.calls(after);
    for (const { request_headers, request_body, answer_headers, answer_body, ...rest } of calls) all.set(rest.id, rest);
    if (calls.length < 1000) break;
    after = cursor;
  }
  store.calls = [...all.values()].slice(-MOST_CALLS);
  store.callsLoaded = true;
  const notes = store.calls.map(noted).filter(Boolean);
  tell("calls");
  if (notes.length) tell("notes");
}

export const me = () => store.people.get(store.me);
export const room = () => store.rooms.get(store.room);
export const robotOf = (one) => store.robots.get(one?.robot);
export const lastOf = (one) => store.lines.get(one.id)?.at(-1);

export function myRooms() {
  const mine = [...store.rooms.values()].filter((one) => one.members.includes(store.me));
  const when = (one) => lastOf(one)?.at ?? 0;
  return mine.sort((a, b) => when(b) - when(a));
}

export function become(person) {
  store.me = person;
  store.quoting = null;
  keep("me", person);
  const here = room();
  const isInList = !here && matchMedia("(max-width: 719px)").matches; // On a phone the list is a page of its own.
  if (!isInList && !here?.members.includes(person)) {
    const robot = here?.robot;
    const mine = myRooms();
    store.room = (mine.find((one) => one.robot === robot && one.kind === here?.kind) ?? mine[0])?.id ?? null;
  }
  tell("all");
}

export function enter(name) {
  store.room = name;
  store.quoting = null;
  store.unread.delete(name);
  if (name) keep("room", name);
  tell("room");
}

export function select(thing) {
  store.selected = thing;
  store.tab = "inspect";
  tell("selected");
}

export function quote(message) {
  store.quoting = message;
  tell("quoting");
}
