// The explorer page: asks the model server for PNGs, and shows them. No library, no build step.

const PREDICT = "v1/models/faces:predict";
const ROWS = 16; // of one request: the server's largest batch
const PAGE = 32; // faces that are added to the wall at a time
const STEPS = 32; // of a walk
const LAST_SEED = 2 ** 31 - 1;
const MOST = 2000; // kept faces, and faces on the wall
const AGAIN = 3000; // milliseconds until a silent server is asked again
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
    from: integer(given.get("from"), LAST_SEED),
    to: integer(given.get("to"), LAST_SEED),
    step: integer(given.get("step"), STEPS) ?? 0,
  };
}

function writeHash() {
  const { first, count, kept, truncation, from, to, step } = state;
  const shown = { first, count, kept: kept.join(","), truncation, from, to, step };
  const wanted = Object.entries(shown).filter(([, value]) => value !== null && value !== "");
  history.replaceState(null, "", "#" + new URLSearchParams(wanted));
}

// ---- The server ----

// Returns data URLs of rows, each an object of the signature's inputs.
async function ask(signature, rows) {
  const key = (row) => `${signature}/${JSON.stringify(row)}`;
  const missing = rows.filter((row) => !pictures.has(key(row)));
  for (let first = 0; first < missing.length; first += ROWS) {
    const part = missing.slice(first, first + ROWS);
    const predictions = await predict({ signature_name: signature, instances: part });
    part.forEach((row, index) =>
      pictures.set(key(row), `data:image/png;base64,${predictions[index].b64}`));
  }
  return rows.map((row) => pictures.get(key(row)));
}

async function predict(content) {
  for (;;) {
    try {
      const response = await fetch(PREDICT, { method: "POST", body: JSON.stringify(content) });
      if (response.ok) {
        const answer = await response.json();
        say("");
        return answer.predictions;
      }
      say(`The model server answers with an error (${response.status}). Trying again …`);
    } catch {
      say("The model server is away. Is it running? Trying again …");
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
  }
}

function say(text) {
  if (find("status").textContent !== text) find("status").textContent = text;
}

const faceRow = (seed) => ({ seed, truncation: state.truncation });

// Shows the faces of seeds in images, unless the page shows something else by then.
async function fill(images, seeds) {
  const truncation = state.truncation;
  for (let first = 0; first < seeds.length; first += ROWS) {
    const urls = await ask("sample_png", seeds.slice(first, first + ROWS).map(faceRow));
    if (truncation !== state.truncation) return;
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
  return fill([...wall.querySelectorAll("img")], seeds);
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
  return fill(items.map((item) => item.querySelector("img")), state.kept)
    .then(() => items.forEach((item) => { item.querySelector("a").href = item.querySelector("img").src; }));
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
  return { from_seed: state.from, to_seed: state.to, fraction: step / STEPS, truncation: state.truncation };
}

async function drawWalk() {
  const { from, to, step, truncation } = state;
  find("fraction").value = step;
  find("fraction").setAttribute("aria-valuetext", `${Math.round((100 * step) / STEPS)} %`);
  const [url] = await ask("interpolate", [walkRow(step)]);
  if (from !== state.from || to !== state.to || step !== state.step) return;
  if (truncation !== state.truncation) return;
  find("walker").src = find("walk-download").href = url;
  find("walker").alt = `A face between ${from} and ${to}`;
  find("walk-download").download = `walk-${from}-${to}-${step}.png`;
}

async function play() {
  find("play").textContent = "Pause";
  find("play").setAttribute("aria-pressed", true);
  const mine = (playing = {});
  await ask("interpolate", Array.from({ length: STEPS + 1 }, (_, step) => walkRow(step)));
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
  find("play").setAttribute("aria-pressed", false);
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
    stop();
    state[end] = Number(find(end).value);
    writeHash();
    drawWalk();
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
  drawAll();
});

find("kept-title").tabIndex = -1;
drawAll();
