// The model server as the source of the explorer's faces.

const MODEL = "v1/models/faces";
const PREDICT = `${MODEL}:predict`;
const MOST_LABELS = 19;
const ROWS = 16; // of one request
const AGAIN = 3000; // milliseconds until a server that is away is asked again
const PATIENCE = 15000; // milliseconds until a silent one is taken to be away
const AWAY = "The model server is away. Is it running? Trying again …";

// Returns data URLs of PNGs, one for each row of a signature's inputs. Asks until there is an
// answer, unless the signal `ended` aborts. `tell` is called with what to show meanwhile, or null.
export async function makeUrls(signature, rows, ended, tell) {
  for (;;) {
    const answer = await attempt({ signature_name: signature, instances: rows }, ended);
    if (answer.predictions) {
      tell(null);
      return answer.predictions.map(({ b64 }) => `data:image/png;base64,${b64}`);
    }
    tell(answer.text);
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
    ended.throwIfAborted();
  }
}

// Returns the names of the model's labels, in the order of their indices; none without labels.
export async function labelNames() {
  for (;;) {
    try {
      const answer = await fetch(`${MODEL}/metadata`);
      if (answer.ok) {
        const { metadata } = await answer.json();
        return "labels" in metadata.signature_def.signature_def ? await askNames() : [];
      }
    } catch {
      // It is away, which the faces tell.
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
  }
}

async function askNames() {
  const instances = Array.from({ length: MOST_LABELS }, (_, index) => ({ index }));
  const names = [];
  for (let first = 0; first < MOST_LABELS; first += ROWS) {
    const content = { signature_name: "labels", instances: instances.slice(first, first + ROWS) };
    const answer = await fetch(PREDICT, { method: "POST", body: JSON.stringify(content) });
    names.push(...(await answer.json()).predictions);
  }
  return names.filter((name) => name !== "");
}

// Returns the predictions, or a text that says why there are none yet.
async function attempt(content, ended) {
  const signal = AbortSignal.any([ended, AbortSignal.timeout(PATIENCE)]);
  let response;
  try {
    response = await fetch(PREDICT, { method: "POST", body: JSON.stringify(content), signal });
    if (response.ok) return await response.json();
  } catch {
    ended.throwIfAborted();
    return { text: AWAY };
  }
  if ([502, 503, 504].includes(response.status)) return { text: AWAY }; // a proxy's words for it
  if (response.status === 404) return { text: "The server has no model yet. Trying again …" };
  return { text: `The model server refuses (error ${response.status}). Trying again …` };
}
