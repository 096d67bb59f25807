// Sends the calls of /api/docs/ and shows what is answered.
"use strict";

const identity = document.getElementById("identity");
identity.addEventListener("submit", (event) => event.preventDefault());

/** The Authorization header of whoever is named at the top; nothing leaves it to the session's cookie. */
function authorization() {
  const { username, password, token } = identity.elements;
  if (token.value) return `Bearer ${token.value}`;
  if (!username.value) return null;
  const bytes = new TextEncoder().encode(`${username.value}:${password.value}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/** The request that the inputs of a form say. */
function request(form) {
  let path = form.dataset.path;
  const query = new URLSearchParams();
  const headers = new Headers({ Accept: "application/json, */*;q=0.5" });
  const sent = { method: form.dataset.method, headers, cache: "no-store" };
  const fields = new FormData();
  for (const input of form.querySelectorAll("[data-in]")) {
    const { name, value } = input;
    const part = input.type === "file" ? input.files[0] : value;
    if (!part) continue;
    switch (input.dataset.in) {
      case "path": path = path.replace(`{${name}}`, encodeURIComponent(value)); break;
      case "query": query.append(name, value); break;
      case "header": headers.set(name, value); break;
      case "form": fields.append(name, part); sent.body = fields; break;
      case "body": headers.set("Content-Type", form.dataset.type); sent.body = value; break;
    }
  }
  const who = authorization();
  if (who) {
    headers.set("Authorization", who);
    sent.credentials = "omit";
  }
  return [query.size ? `${path}?${query}` : path, sent];
}

/** A text with its URLs as links. */
function linked(text) {
  const pieces = text.split(/(https?:\/\/[^\s"]+)/);
  return pieces.map((piece, index) => {
    if (index % 2 === 0) return piece;
    const link = document.createElement("a");
    link.href = piece;
    link.textContent = piece;
    return link;
  });
}

/** What an answer holds: a picture as one, JSON on several lines. */
async function shown(response) {
  const type = response.headers.get("Content-Type") ?? "";
  if (type.startsWith("image/")) {
    const bytes = (await response.arrayBuffer()).byteLength;
    return [`${type}, ${bytes} bytes`];
  }
  const text = await response.text();
  if (!type.startsWith("application/json")) return [text];
  return linked(JSON.stringify(JSON.parse(text), null, 2));
}

async function send(form) {
  const [path, sent] = request(form);
  const response = await fetch(path, sent);
  const lines = [`${sent.method} ${path}`, `${response.status} ${response.statusText}`];
  for (const [name, value] of response.headers) lines.push(`${name}: ${value}`);
  return [`${lines.join("\n")}\n\n`, ...(await shown(response))];
}

for (const form of document.querySelectorAll("form.call")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = document.createElement("pre");
    form.querySelector("output").replaceChildren(answer);
    try {
      answer.append(...(await send(form)));
    } catch (error) {
      answer.append(`It could not be sent: ${error.message}`);
    }
  });
}

/** Opens the call that the address names. */
function openNamed() {
  const named = document.getElementById(location.hash.slice(1));
  if (named instanceof HTMLDetailsElement) named.open = true;
}
addEventListener("hashchange", openNamed);
openNamed();
