// What staff do from a tier to the deletion of its user, with script and without.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { launch, logIn, message, open } from "./browser.js";

const PICTURE = fileURLToPath(new globalThis.URL("../../postman/pictures/mountains.jpg", import.meta.url));

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

for (const [name, javaScriptEnabled] of [["with script", true], ["without script", false]]) {
  test(`a tier, a user of it, an image and their end, ${name}`, async () => {
    const { page, close } = await open(browser, { javaScriptEnabled });
    const tier = javaScriptEnabled ? "Gold" : "Silver";
    const user = javaScriptEnabled ? "anna" : "berta";
    const button = (name) => page.getByRole("button", { name, exact: true }).click();
    const link = (name) => page.getByRole("link", { name, exact: true }).click();
    await logIn(page);

    // A tier with a typo, mended.
    await page.goto("/admin/tiers/add/");
    await page.getByLabel("Name").fill(tier);
    await page.getByLabel("Thumbnail heights").fill("100;150");
    await button("Save");
    await page.getByText("Please correct the error below.").waitFor();
    assert.match(await page.title(), /^Error: /);
    const heights = page.getByLabel("Thumbnail heights");
    assert.equal(await heights.inputValue(), "100;150");
    assert.equal(await heights.getAttribute("aria-invalid"), "true");
    await heights.fill("100,150");
    await button("Save");
    assert.equal(await message(page), `The tier “${tier}” was added.`);

    // A user in it.
    await page.goto("/admin/users/add/");
    await page.getByLabel("Username").fill(user);
    await page.getByLabel("Password", { exact: true }).fill("correct horse");
    await page.getByLabel("Password, once more").fill("correct horse");
    await page.getByLabel("Tier").selectOption(tier);
    await button("Save and continue editing");
    assert.match(await message(page), /was added\./);

    // An upload for the user.
    await link("Upload an image");
    await button("Upload");
    await page.getByText("No file was submitted.").first().waitFor();
    await page.getByLabel("Image", { exact: true }).setInputFiles(PICTURE);
    await button("Upload");
    assert.equal(await message(page), `The image “mountains.jpg” was uploaded for ${user}.`);
    assert.equal(await page.locator(".sizes figure").count(), 3);

    // It is in the gallery, as a picture that is really shown.
    await page.goto(`/admin/images/?user=${user}`);
    const picture = page.locator(".gallery img");
    await picture.scrollIntoViewIfNeeded();
    assert.equal(await picture.count(), 1);
    await waitFor(async () => (await picture.evaluate((image) => image.naturalHeight)) === 150);

    // Another height: what it means is told first.
    await page.goto("/admin/tiers/");
    await link(tier);
    await page.getByLabel("Thumbnail heights").fill("100,150,300");
    await button("Save and continue editing");
    await page.getByText("1 image lacks a thumbnail of 300 px.").waitFor();
    await button("Yes, save and make the thumbnails");
    assert.match(await message(page), /was changed\. The missing thumbnails are being made\.$/);
    // The page goes on by itself.
    await page.locator("dd", { hasText: /^done$/ }).waitFor();
    await page.getByText("1 of 1").waitFor();

    // The user goes with everything.
    await page.goto(`/admin/users/?q=${user}`);
    await link(user);
    await link("Delete");
    await page.getByText("mountains.jpg").waitFor();
    await button("Yes, delete");
    assert.equal(await message(page), `The user “${user}” was deleted.`);
    await page.goto("/admin/images/?q=mountains&format=jpeg");
    assert.equal(await page.getByText(user, { exact: true }).count(), 0);
    await close();
  });
}

test("rows are selected all at once", async () => {
  const { page, close } = await open(browser);
  await logIn(page);
  await page.goto("/admin/users/");
  await page.getByLabel("Select all").check();
  const all = await page.locator('input[name="selected"]').count();
  assert.equal(await page.locator('input[name="selected"]:checked').count(), all);
  assert.equal(await page.locator(".selected-count").innerText(), `${all} of ${all} selected`);
  await close();
});

test("the panel is used by keyboard alone", async () => {
  const { page, close } = await open(browser);
  await logIn(page);
  await page.goto("/admin/tiers/");
  await page.keyboard.press("Tab");
  assert.equal(await page.locator(":focus").innerText(), "Skip to the content");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.equal(await page.locator(":focus").innerText(), "Add a tier");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Add a tier" }).waitFor();
  await close();
});

async function waitFor(condition) {
  for (const end = Date.now() + 10_000; Date.now() < end;) {
    if (await condition()) return;
  }
  assert.fail("not within ten seconds");
}
