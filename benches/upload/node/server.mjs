// A bare upload server to compare with: two thumbnails by sharp in its fastest way, files written and not synced; no login,
// no database. It prints its port.
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import multipart from "@fastify/multipart";
import fastify from "fastify";
import sharp from "sharp";

const [, , folder] = process.argv;
// One thread a picture takes the least CPU time in all.
sharp.concurrency(1);
sharp.cache(false);

const app = fastify();
app.register(multipart, { limits: { fileSize: 50 * 1024 * 1024 } });

app.post("/", async (request, reply) => {
    const upload = await request.file();
    const original = await upload.toBuffer();
    // Decoded once, at the scale that the larger one needs; the smaller one is made of the larger one.
    const { data, info } = await sharp(original)
        .resize({ height: 400 })
        .raw()
        .toBuffer({ resolveWithObject: true });
    const raw = { raw: { width: info.width, height: info.height, channels: info.channels } };
    const thumbnails = await Promise.all([
        sharp(data, raw).jpeg({ quality: 80 }).toBuffer(),
        sharp(data, raw).resize({ height: 200 }).jpeg({ quality: 80 }).toBuffer(),
    ]);
    const id = randomUUID();
    const files = [["original", original], ["400", thumbnails[0]], ["200", thumbnails[1]]];
    await Promise.all(files.map(([name, bytes]) => writeFile(join(folder, `${id}-${name}.jpg`), bytes)));
    reply.code(201);
    return { id, images: files.map(([name]) => `${id}-${name}.jpg`) };
});

await app.listen({ host: "127.0.0.1", port: 0 });
console.log(app.server.address().port);
