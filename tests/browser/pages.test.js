// Every page, wide and narrow, light and dark: axe-core finds nothing, and nothing sticks out at the side.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { launch, logIn, open } from "./browser.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PICTURE = fileURLToPath(new globalThis.URL("../../postman/pictures/mountains.jpg", import.meta.url));
const WIDTHS = [1280, 390];
const SCHEMES = ["light", "dark"];

let browser, window, page, image, admin;

before(async () => {
  browser = await launch();
  window = await open(browser);
  page = window.page;
  await logIn(page);
  await page.goto("/admin/users/?q=admin");
  await page.getByRole("link", { name: "admin", exact: true }).click();
  admin = new globalThis.URL(page.url()).pathname;
  await page.goto(`${admin}upload/`);
  await page.getByLabel("Image", { exact: true }).setInputFiles(PICTURE);
  await page.getByLabel("Link that expires").fill("300");
  await page.getByRole("button", { name: "Upload", exact: true }).click();
  await page.locator(".message").waitFor();
  image = new globalThis.URL(page.url()).pathname;
});

after(async () => {
  await window.close();
  await browser.close();
});

const PAGES = () => [
  "/admin/", "/admin/tiers/", "/admin/tiers/add/", "/admin/tiers/1/", "/admin/tiers/1/delete/", "/admin/tiers/3/delete/",
  "/admin/users/", "/admin/users/?tier=Nobody", "/admin/users/?ordering=wrong", "/admin/users/add/", admin,
  `${admin}password/`, `${admin}delete/`, `${admin}upload/`, `${admin}end-sessions/`, `${admin}unlock/`,
  "/admin/images/", "/admin/images/?view=table", "/admin/images/?min_bytes=x", "/admin/images/add/", image, `${image}delete/`,
  "/admin/links/", "/admin/tokens/", "/admin/sessions/", "/admin/keys/", "/admin/keys/rotate/", "/admin/keys/1/withdraw/",
  "/admin/tiers/1/backfill/", "/admin/jobs/", "/admin/jobs/1/", "/admin/history/", "/admin/nothing/",
];

test("no page has a fault that axe-core knows", async () => {
  for (const path of PAGES()) {
    await page.goto(path);
    await check(path);
  }
});

test("the login page has none either", async () => {
  const { page: loggedOut, close } = await open(browser);
  await loggedOut.goto("/admin/login/");
  await check("/admin/login/", loggedOut);
  await close();
});

test("a form with errors has none either", async () => {
  await page.goto("/admin/tiers/add/");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.locator("#errors").waitFor();
  await check("/admin/tiers/add/ with errors");
});

async function check(name, shown = page) {
  for (const width of WIDTHS) {
    await shown.setViewportSize({ width, height: 800 });
    const sticksOut = await shown.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(sticksOut, 0, `${name} at ${width}`);
    for (const colorScheme of SCHEMES) {
      await shown.emulateMedia({ colorScheme });
      const violations = await shown.evaluate(async (axe) => {
        if (!globalThis.axe) new Function(axe)();
        const { violations } = await globalThis.axe.run({ resultTypes: ["violations"] });
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
      }, AXE);
      assert.deepEqual(violations, [], `${name} at ${width}, ${colorScheme}`);
    }
  }
}
