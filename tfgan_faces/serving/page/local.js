// The generator in this page as the source of the explorer's faces: ONNX Runtime in WebAssembly.

import * as ort from "./onnxruntime.js";
import { withText } from "./marked_png.js";
import { standardNormals } from "./philox.js";

const text = (id) => document.getElementById(id).textContent;
const settings = JSON.parse(text("settings"));
const TINY = 1e-20; // so that the latent zero can have a label, too
const session = load();

// Returns data URLs of PNGs, see server.js.
export async function makeUrls(signature, rows, ended, tell) {
  const { latentDim } = settings;
  const latents = new Float32Array(rows.length * latentDim);
  rows.forEach((row, index) => latents.set(latentsOf(row), index * latentDim));
  try {
    const inputs = { latents: new ort.Tensor("float32", latents, [rows.length, latentDim]) };
    const { images } = await (await session).run(inputs);
    ended.throwIfAborted();
    return await Promise.all(rows.map((row, index) => urlOf(images, index, row.seed)));
  } catch (error) {
    ended.throwIfAborted();
    tell(`This browser cannot run the generator (${error.message}).`);
    throw error;
  }
}

// Returns the names of the generator's labels, see server.js.
export async function labelNames() {
  return settings.labels?.names ?? [];
}

async function load() {
  const [runtime, model] = await Promise.all(["runtime", "model"].map(unpacked));
  ort.env.wasm.numThreads = 1; // threads need headers that not every host sends
  ort.env.wasm.wasmBinary = runtime;
  return ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
}

async function unpacked(id) {
  const packed = Uint8Array.from(atob(text(id)), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function latentsOf(row) {
  const noise = (seed) => standardNormals(seed, settings.latentDim);
  const whole = "seed" in row ? noise(row.seed)
    : between(noise(row.from_seed), noise(row.to_seed), row.fraction);
  const latents = whole.map((value) => value * row.truncation);
  if (row.label !== undefined && settings.labels !== null) { // the last number chooses the label
    const others = latents.slice(0, -1);
    const square = others.reduce((sum, value) => sum + value * value, 0) / others.length;
    latents[others.length] = settings.labels.middles[row.label] * Math.max(Math.sqrt(square), TINY);
  }
  return latents;
}

// Returns the point at `fraction` along the arc between two latents (White, 2016).
function between(start, end, fraction) {
  const dot = (a, b) => a.reduce((sum, value, index) => sum + value * b[index], 0);
  const cosine = dot(start, end) / Math.sqrt(dot(start, start) * dot(end, end));
  const angle = Math.acos(Math.min(Math.max(cosine, -1), 1));
  const sine = Math.sin(angle);
  const flat = sine < 1e-4; // nearly parallel latents define no arc
  const first = flat ? 1 - fraction : Math.sin((1 - fraction) * angle) / sine;
  const second = flat ? fraction : Math.sin(fraction * angle) / sine;
  return start.map((value, index) => first * value + second * end[index]);
}

async function urlOf(images, index, seed) {
  const [, height, width] = images.dims;
  const picture = new ImageData(width, height);
  const first = index * height * width * 3;
  for (let pixel = 0; pixel < height * width; pixel += 1) {
    picture.data.set(images.data.subarray(first + 3 * pixel, first + 3 * pixel + 3), 4 * pixel);
    picture.data[4 * pixel + 3] = 255;
  }
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d").putImageData(picture, 0, 0);
  const png = new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer());
  return dataUrl(new Blob([marked(png, seed)], { type: "image/png" }));
}

function dataUrl(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

function marked(png, seed) {
  const { mark } = settings;
  if (mark === null) return png;
  return withText(png, seed === undefined ? mark.plain : mark.ofSeed.replace("SEED", String(seed).padStart(20, "0")));
}
