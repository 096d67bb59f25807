// A browser in which the superuser of a running service is logged in. The service is told by TIERPIX_URL, the password of
// its user admin by TIERPIX_PASSWORD (scripts/with-service sets both).
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

export const URL = process.env.TIERPIX_URL;
const PASSWORD = process.env.TIERPIX_PASSWORD;

// As root chromium needs --no-sandbox; the others keep it from asking the network for things of its own.
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

export async function launch() {
  assert.ok(URL && PASSWORD, "run this by scripts/with-service");
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
}

// A page of a window of its own. Whatever it logs as an error fails the test: a policy that was broken, a picture that
// is not there.
export async function open(browser, options = {}) {
  const context = await browser.newContext({ baseURL: URL, viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => {
    const expected = /status of (400|401|404|409)/;
    if (message.type() === "error" && !expected.test(message.text())) faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(String(error)));
  return { page, close: async () => { await context.close(); assert.deepEqual(faults, []); } };
}

export async function logIn(page) {
  await page.goto("/admin/");
  await page.getByLabel("Username").fill("admin");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { name: "Administration" }).waitFor();
}

// What the page says of what was done.
export async function message(page) {
  return page.locator(".message").innerText();
}
