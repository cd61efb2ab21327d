// The explorer page: shows faces as PNGs. No library, no build step.

import { labelNames, makeUrls } from "./server.js";

const ROWS = 16; // of one request: the server's largest batch
const PAGE = 32; // faces that are added to the wall at a time
const STEPS = 32; // of a walk
const LAST_SEED = 2 ** 31 - 1;
const LAST_LABEL = 18;
const MOST = 2000; // kept faces, and faces on the wall
const MOST_PICTURES = 5000; // that are remembered
const FRAME = 90; // milliseconds between two faces of a walk

const find = (id) => document.getElementById(id);
const state = readHash();
const pictures = new Map(); // of "signature/row" to data URLs
let playing = null;

// ---- What is shown, kept in the address so that it can be shared ----

function readHash() {
  const given = new URLSearchParams(location.hash.slice(1));
  const integer = (text, last) => (/^\d{1,10}$/.test(text ?? "") ? Math.min(Number(text), last) : null);
  const kept = (given.get("kept") ?? "").split(",").map((text) => integer(text, LAST_SEED));
  const truncation = Number.parseFloat(given.get("truncation"));
  return {
    first: integer(given.get("first"), LAST_SEED) ?? 0,
    count: Math.max(PAGE, integer(given.get("count"), MOST) ?? 0),
    kept: [...new Set(kept.filter((seed) => seed !== null))].slice(0, MOST),
    truncation: truncation >= 0 && truncation <= 1 ? truncation : 1,
    label: integer(given.get("label"), LAST_LABEL),
    from: integer(given.get("from"), LAST_SEED),
    to: integer(given.get("to"), LAST_SEED),
    step: integer(given.get("step"), STEPS) ?? 0,
  };
}

function writeHash() {
  const { first, count, kept, truncation, label, from, to, step } = state;
  const shown = { first, count, kept: kept.join(","), truncation, label, from, to, step };
  const wanted = Object.entries(shown).filter(([, value]) => value !== null && value !== "");
  history.replaceState(null, "", "#" + new URLSearchParams(wanted));
}

// ---- The source of the faces ----

// One request series for each thing that is shown; a new one ends the one before.
const drawings = new Map();
const troubles = new Map(); // what to say of those that get no answer

function begin(name) {
  drawings.get(name)?.abort();
  troubles.delete(name);
  const controller = new AbortController();
  drawings.set(name, controller);
  return { name, ended: controller.signal };
}

// Returns data URLs of rows, each an object of the signature's inputs.
async function ask(drawing, rows) {
  const signature = signatureOf(rows[0]);
  const key = (row) => `${signature}/${JSON.stringify(row)}`;
  const missing = rows.filter((row) => !pictures.has(key(row)));
  if (pictures.size > MOST_PICTURES) pictures.clear();
  const found = new Map();
  for (let first = 0; first < missing.length; first += ROWS) {
    const part = missing.slice(first, first + ROWS);
    const made = await makeUrls(signature, part, drawing.ended, (text) => tell(drawing, text));
    part.forEach((row, index) => found.set(key(row), made[index]));
  }
  const urls = rows.map((row) => found.get(key(row)) ?? pictures.get(key(row)));
  found.forEach((url, name) => pictures.set(name, url));
  return urls;
}

function tell(drawing, text) {
  drawing.ended.throwIfAborted();
  if (text === null) troubles.delete(drawing.name);
  else troubles.set(drawing.name, text);
  const [said = ""] = troubles.values();
  if (find("status").textContent !== said) find("status").textContent = said;
}

// Does some drawing; one that was ended by a newer one ends silently.
async function draw(name, work) {
  const drawing = begin(name);
  try {
    await work(drawing);
  } catch (error) {
    if (!drawing.ended.aborted) throw error;
  }
}

// Returns a row of the chosen label, and the signature that takes it.
const labelled = (row) => (state.label === null ? row : { ...row, label: state.label });
const signatureOf = (row) => {
  const what = "seed" in row ? "sample" : "interpolate";
  return "label" in row ? `${what}_label` : { sample: "sample_png", interpolate: "interpolate" }[what];
};
const faceRow = (seed) => labelled({ seed, truncation: state.truncation });

// Shows the faces of seeds in images.
async function fill(drawing, images, seeds) {
  for (let first = 0; first < seeds.length; first += ROWS) {
    const rows = seeds.slice(first, first + ROWS).map(faceRow);
    const urls = await ask(drawing, rows);
    drawing.ended.throwIfAborted();
    urls.forEach((url, index) => { images[first + index].src = url; });
  }
}

// ---- The wall ----

function wallSeeds() {
  return Array.from({ length: state.count }, (_, index) => (state.first + index) % (LAST_SEED + 1));
}

function drawWall() {
  const wall = find("wall");
  const seeds = wallSeeds();
  const buttons = new Map([...wall.children].map((button) => [Number(button.dataset.seed), button]));
  wall.replaceChildren(...seeds.map((seed) => buttons.get(seed) ?? wallButton(seed)));
  markKept();
  find("more").disabled = state.count >= MOST;
  draw("wall", (drawing) => fill(drawing, [...wall.querySelectorAll("img")], seeds));
}

function wallButton(seed) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.seed = seed;
  button.append(image(`Face ${seed}`));
  button.addEventListener("click", () => toggle(seed));
  return button;
}

function image(description) {
  const picture = document.createElement("img");
  picture.alt = description;
  return picture;
}

function markKept() {
  for (const button of find("wall").children) {
    const kept = state.kept.includes(Number(button.dataset.seed));
    button.setAttribute("aria-pressed", kept);
  }
}

// ---- The kept faces ----

function toggle(seed) {
  const at = state.kept.indexOf(seed);
  if (at < 0) state.kept.push(seed);
  else state.kept.splice(at, 1);
  markKept();
  drawKept();
}

function drawKept() {
  find("none-kept").hidden = state.kept.length > 0;
  const items = state.kept.map(keptItem);
  find("kept").replaceChildren(...items);
  drawWalkChoices();
  writeHash();
  draw("kept", async (drawing) => {
    await fill(drawing, items.map((item) => item.querySelector("img")), state.kept);
    for (const item of items) item.querySelector("a").href = item.querySelector("img").src;
  });
}

function keptItem(seed) {
  const item = document.createElement("li");
  const name = document.createElement("span");
  name.textContent = seed;
  const download = document.createElement("a");
  download.className = "button";
  download.download = `face-${seed}.png`;
  download.textContent = "Download";
  download.setAttribute("aria-label", `Download face ${seed}`);
  const remove = document.createElement("button");
  remove.type = "button";
  remove.textContent = "Remove";
  remove.setAttribute("aria-label", `Remove face ${seed}`);
  remove.addEventListener("click", () => { toggle(seed); find("kept-title").focus(); });
  item.append(image(`Kept face ${seed}`), name, download, remove);
  return item;
}

// ---- The walk ----

function drawWalkChoices() {
  const { kept } = state;
  find("walk").hidden = kept.length < 2;
  if (kept.length < 2) return stop();
  if (!kept.includes(state.from)) state.from = kept.find((seed) => seed !== state.to);
  if (!kept.includes(state.to) || state.to === state.from) {
    state.to = kept.findLast((seed) => seed !== state.from);
  }
  for (const end of ["from", "to"]) {
    find(end).replaceChildren(...kept.map((seed) => new Option(`face ${seed}`, seed)));
    find(end).value = state[end];
  }
  return drawWalk();
}

function walkRow(step) {
  const { from, to, truncation } = state;
  return labelled({ from_seed: from, to_seed: to, fraction: step / STEPS, truncation });
}

function drawWalk() {
  const { from, to, step } = state;
  find("fraction").value = step;
  find("fraction").setAttribute("aria-valuetext", `${Math.round((100 * step) / STEPS)} %`);
  return draw("walk", async (drawing) => {
    const [url] = await ask(drawing, [walkRow(step)]);
    drawing.ended.throwIfAborted();
    find("walker").src = find("walk-download").href = url;
    find("walker").alt = `A face between ${from} and ${to}`;
    find("walk-download").download = `walk-${from}-${to}-${step}.png`;
  });
}

async function play() {
  find("play").textContent = "Pause";
  const mine = (playing = {});
  const rows = Array.from({ length: STEPS + 1 }, (_, step) => walkRow(step));
  await draw("walk", (drawing) => ask(drawing, rows));
  let direction = 1;
  while (playing === mine) {
    if (state.step + direction < 0 || state.step + direction > STEPS) direction = -direction;
    state.step += direction;
    await drawWalk();
    await new Promise((resolve) => setTimeout(resolve, FRAME));
  }
}

function stop() {
  playing = null;
  find("play").textContent = "Play";
}

// ---- The labels, if the generator has any ----

let names = null; // until they are known

async function findLabels() {
  names = await labelNames();
  const choices = [["All", null], ...names.map((name, index) => [name, index])];
  find("labels").replaceChildren(...choices.map(([text, label]) => labelButton(text, label)));
  find("labels").hidden = names.length === 0;
  if (dropUnknownLabel()) drawAll();
  else markLabel();
}

function labelButton(text, label) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  button.dataset.label = label;
  button.addEventListener("click", () => { state.label = label; drawAll(); });
  return button;
}

function markLabel() {
  for (const button of find("labels").children) {
    button.setAttribute("aria-pressed", button.dataset.label === String(state.label));
  }
}

// The address may name a label that the generator does not have. Returns whether it did.
function dropUnknownLabel() {
  const isUnknown = names !== null && state.label !== null && state.label >= names.length;
  if (isUnknown) state.label = null;
  return isUnknown;
}

// ---- Controls ----

function showTruncation() {
  find("truncation").value = state.truncation;
  find("truncation-value").textContent = `${Math.round(100 * state.truncation)} %`;
}

function drawAll() {
  stop();
  showTruncation();
  writeHash();
  markLabel();
  drawWall();
  drawKept();
}

find("truncation").addEventListener("input", () => {
  state.truncation = Number(find("truncation").value);
  showTruncation();
});
find("truncation").addEventListener("change", drawAll);
find("more").addEventListener("click", () => {
  state.count = Math.min(state.count + PAGE, MOST);
  writeHash();
  drawWall();
});
find("new").addEventListener("click", () => {
  state.first = Math.floor(Math.random() * (LAST_SEED - MOST));
  state.count = PAGE;
  writeHash();
  drawWall();
});
find("share").addEventListener("click", async () => {
  writeHash();
  try {
    await navigator.clipboard.writeText(location.href);
    find("share").textContent = "Copied";
  } catch {
    find("share").textContent = "Copy the address above";
  }
  setTimeout(() => { find("share").textContent = "Copy link"; }, 2000);
});
for (const end of ["from", "to"]) {
  find(end).addEventListener("change", () => {
    const chosen = Number(find(end).value);
    const other = end === "from" ? "to" : "from";
    if (state[other] === chosen) state[other] = state[end]; // the two change places
    state[end] = chosen;
    stop();
    drawWalkChoices();
    writeHash();
  });
}
find("fraction").addEventListener("input", () => {
  stop();
  state.step = Number(find("fraction").value);
  writeHash();
  drawWalk();
});
find("play").addEventListener("click", () => {
  if (playing) {
    stop();
    writeHash();
  } else play();
});
addEventListener("hashchange", () => {
  Object.assign(state, readHash());
  dropUnknownLabel();
  drawAll();
});

find("kept-title").tabIndex = -1;
drawAll();
findLabels();
