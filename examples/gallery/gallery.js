// A gallery on the API of mediabackend: sign in, upload, look, edit, delete.

const API = new URL("../api/v1/", document.baseURI).href;
const find = (id) => document.getElementById(id);
const signIn = find("sign-in");
const editor = find("editor");
const grid = find("grid");
const say = (text) => { find("status").textContent = text; };

// --- The API ------------------------------------------------------------------

class ApiError extends Error {
  constructor(status, answer) {
    const errors = answer?.errors ?? [{ detail: `The server answered ${status}.` }];
    super(errors.map((error) => error.detail).join(" "));
    this.status = status;
    this.errors = errors;
  }
}

// Kept in this tab only, and gone when it is closed.
const stored = {
  get tokens() { return JSON.parse(sessionStorage.getItem("tokens")); },
  set tokens(tokens) { sessionStorage.setItem("tokens", JSON.stringify(tokens)); },
};

// Return the answer of the API, or throw an ApiError. `onProgress` and `signal` are for uploads.
function send(method, url, { body, token, signal, onProgress } = {}) {
  return new Promise((resolve, reject) => {
    // fetch would not report the progress of an upload.
    const request = new XMLHttpRequest();
    request.open(method, new URL(url, API));
    request.setRequestHeader("Accept", "application/json");
    if (token) request.setRequestHeader("Authorization", `Bearer ${token}`);
    if (body && !(body instanceof FormData)) {
      request.setRequestHeader("Content-Type", "application/json");
      body = JSON.stringify(body);
    }
    request.responseType = "json";
    request.upload.onprogress = (event) => onProgress?.(event.loaded / event.total);
    request.onload = () => request.status < 400
      ? resolve(request.response)
      : reject(new ApiError(request.status, request.response));
    request.onerror = () => reject(new Error("The server cannot be reached."));
    request.onabort = () => reject(new Error("Cancelled."));
    signal?.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

let refreshing = null;

// Ask for new tokens; several requests that need them share one call.
function refreshTokens() {
  refreshing ??= send("POST", "auth/token/refresh/", { body: { refresh: stored.tokens.refresh } })
    .then((tokens) => { stored.tokens = tokens; })
    .finally(() => { refreshing = null; });
  return refreshing;
}

// Call the API as the person who is signed in.
async function call(method, url, options = {}) {
  try {
    return await send(method, url, { ...options, token: stored.tokens.access });
  } catch (error) {
    if (error.status !== 401) throw error;
  }
  try {
    await refreshTokens();
  } catch (error) {
    if (error.status === 401) showSignIn("Your sign-in has ended. Please sign in again.");
    throw error;
  }
  return send(method, url, { ...options, token: stored.tokens.access });
}

// --- Sign in and sign up ------------------------------------------------------

// Show each error at its field, or in the element `elsewhere`.
function showErrors(form, error, elsewhere) {
  for (const place of form.querySelectorAll(".error")) place.textContent = "";
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  if (!error) return;
  for (const { attr, detail } of error.errors ?? [{ detail: error.message }]) {
    const place = attr && find(`${attr}-error`);
    (place || elsewhere).textContent += `${detail} `;
    if (place) find(attr).setAttribute("aria-invalid", "true");
  }
  form.querySelector("[aria-invalid]")?.focus();
}

function showSignIn(text = "") {
  sessionStorage.removeItem("tokens");
  signIn.hidden = false;
  find("gallery").hidden = find("sign-out").hidden = true;
  say(text);
}

async function showGallery() {
  signIn.reset();
  signIn.hidden = true;
  find("gallery").hidden = find("sign-out").hidden = false;
  grid.replaceChildren();
  next = "images/?page_size=24";
  say("");
  await showMore();
}

signIn.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = { email: signIn.elements.email.value, password: signIn.elements.password.value };
  const signUp = event.submitter?.value === "sign-up";
  showErrors(signIn);
  try {
    const answer = await send("POST", signUp ? "auth/signup/" : "auth/token/", { body });
    // A server that does not tell who has an account sends a mail, and no tokens.
    if (!answer.access) return say(answer.detail);
    stored.tokens = { access: answer.access, refresh: answer.refresh };
    await showGallery();
  } catch (error) {
    showErrors(signIn, error, find("form-error"));
  }
});

find("sign-out").addEventListener("click", async () => {
  const { refresh } = stored.tokens;
  try {
    await call("POST", "auth/logout/", { body: { refresh } });
  } catch {
    // The tokens are forgotten in any case.
  }
  showSignIn("You have signed out.");
});

// --- The grid -----------------------------------------------------------------

let next = null;
let loading = false;

async function showMore() {
  if (loading || !next) return;
  loading = true;
  try {
    const page = await call("GET", next);
    grid.append(...page.results.map(makeCard));
    next = page.next;
  } catch (error) {
    say(error.message);
  } finally {
    loading = false;
    update();
  }
}

function update() {
  find("more").hidden = !next;
  find("empty").hidden = Boolean(next) || grid.childElementCount > 0;
}

// An observer reports changes only, so it looks anew whenever the grid has grown.
const observer = new IntersectionObserver(([entry]) => {
  if (!entry.isIntersecting) return;
  showMore().then(() => { observer.unobserve(entry.target); observer.observe(entry.target); });
}, { rootMargin: "400px" });
observer.observe(find("more"));
find("more").addEventListener("click", showMore);

function makeCard(image) {
  const card = find("card").content.cloneNode(true).firstElementChild;
  card.querySelector(".edit").addEventListener("click", () => edit(image, card));
  card.querySelector(".delete").addEventListener("click", () => remove(image, card));
  fill(card, image);
  return card;
}

function fill(card, image) {
  const picture = card.querySelector("img");
  const link = card.querySelector("a");
  picture.alt = image.alt_text || image.caption || "Image without a description";
  card.querySelector("figcaption").textContent = image.caption;
  if (!image.renditions) { // taken down by moderators
    link.textContent = "Taken down by the moderators";
    card.querySelector(".edit").hidden = true;
    return;
  }
  link.href = image.url;
  picture.width = image.width;
  picture.height = image.height;
  picture.style.backgroundColor = image.dominant_color ?? "";
  if (image.placeholder) picture.style.backgroundImage = `url(${drawBlurHash(image.placeholder)})`;
  picture.onload = () => { picture.style.background = "none"; };
  picture.srcset = image.renditions.srcset;
  picture.src = image.renditions.medium;
}

function edit(image, card) {
  const form = editor.querySelector("form");
  showErrors(form);
  form.elements.caption.value = image.caption;
  form.elements.alt_text.value = image.alt_text;
  form.onsubmit = async (event) => {
    event.preventDefault();
    const body = { caption: form.elements.caption.value, alt_text: form.elements.alt_text.value };
    try {
      Object.assign(image, await call("PATCH", `images/${image.id}/`, { body }));
      fill(card, image);
      editor.close();
      say("The texts have been saved.");
    } catch (error) {
      showErrors(form, error, find("editor-error"));
    }
  };
  editor.showModal();
}
find("cancel").addEventListener("click", () => editor.close());

async function remove(image, card) {
  if (!confirm("Delete this image? This cannot be undone.")) return;
  try {
    await call("DELETE", `images/${image.id}/`);
    const neighbour = card.nextElementSibling ?? card.previousElementSibling;
    card.remove();
    // The keyboard stays where it was.
    (neighbour?.querySelector(".delete") ?? find("files")).focus();
    say("The image has been deleted.");
    update();
  } catch (error) {
    say(error.message);
  }
}

// --- Uploads ------------------------------------------------------------------

async function upload(file) {
  const row = find("upload").content.cloneNode(true).firstElementChild;
  const [name, bar, button] = row.children;
  const controller = new AbortController();
  name.textContent = file.name;
  bar.setAttribute("aria-label", `Sent of ${file.name}`);
  button.setAttribute("aria-label", `Cancel ${file.name}`);
  button.onclick = () => controller.abort();
  find("uploads").append(row);
  const body = new FormData();
  body.append("file", file);
  try {
    const image = await call("POST", "images/", {
      body, signal: controller.signal, onProgress: (share) => { bar.value = share; },
    });
    grid.prepend(makeCard(image));
    row.remove();
    say(`${file.name} has been uploaded.`);
    update();
  } catch (error) {
    name.textContent = `${file.name}: ${error.message}`;
    name.className = "error";
    bar.remove();
    button.textContent = "Dismiss";
    button.setAttribute("aria-label", `Dismiss ${file.name}`);
    button.onclick = () => row.remove();
    say(`${file.name} was not uploaded.`);
  }
}

// One after the other, so that the last file does not wait for all to share the line.
let queue = Promise.resolve();
function uploadAll(files) {
  for (const file of files) queue = queue.then(() => upload(file));
}

find("files").addEventListener("change", (event) => {
  uploadAll([...event.target.files]);
  event.target.value = "";
});
const drop = find("drop");
for (const name of ["dragenter", "dragover"]) {
  drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
}
for (const name of ["dragleave", "drop"]) {
  drop.addEventListener(name, () => drop.classList.remove("over"));
}
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  uploadAll([...event.dataTransfer.files]);
});

// --- BlurHash: https://github.com/woltapp/blurhash/blob/master/Algorithm.md ----

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";
const decode83 = (text) => [...text].reduce((sum, digit) => sum * 83 + DIGITS.indexOf(digit), 0);
const toLinear = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const toSrgb = (value) => {
  const v = Math.min(1, Math.max(0, value));
  return Math.round(255 * (v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055));
};

function blurHashColours(hash, count) {
  const first = decode83(hash.slice(2, 6));
  const colours = [[first >> 16, (first >> 8) & 255, first & 255].map(toLinear)];
  const largest = (decode83(hash[1]) + 1) / 166;
  for (let i = 1; i < count; i++) {
    const value = decode83(hash.slice(4 + i * 2, 6 + i * 2));
    colours.push([Math.floor(value / 361), Math.floor(value / 19) % 19, value % 19].map((digit) => {
      const signed = (digit - 9) / 9;
      return Math.sign(signed) * signed * signed * largest;
    }));
  }
  return colours;
}

// Return a BlurHash as the data: URL of a small picture.
function drawBlurHash(hash, size = 24) {
  const flag = decode83(hash[0]);
  const columns = (flag % 9) + 1;
  const rows = Math.floor(flag / 9) + 1;
  const colours = blurHashColours(hash, columns * rows);
  const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(size, size);
  for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) {
    const sum = [0, 0, 0];
    colours.forEach((colour, i) => {
      const weight = Math.cos((Math.PI * x * (i % columns)) / size)
        * Math.cos((Math.PI * y * Math.floor(i / columns)) / size);
      colour.forEach((part, channel) => { sum[channel] += part * weight; });
    });
    pixels.data.set([...sum.map(toSrgb), 255], 4 * (y * size + x));
  }
  context.putImageData(pixels, 0, 0);
  return canvas.toDataURL();
}

// --- Start --------------------------------------------------------------------

if (stored.tokens) showGallery();
else showSignIn();
send("GET", "auth/signup/").then(({ signup }) => {
  signIn.querySelector("[value=sign-up]").hidden = signup !== "open";
  if (signup === "open") find("password-help").textContent = "A new password needs at least 8 characters.";
});
