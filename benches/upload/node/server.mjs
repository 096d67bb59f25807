// A bare upload server to compare with: thumbnails by sharp of the heights that the query names, files written and not synced;
// no login, no database. It prints its port.
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import multipart from "@fastify/multipart";
import fastify from "fastify";
import { thumbnails } from "./thumbnails.mjs";

const [, , folder] = process.argv;
const app = fastify();
app.register(multipart, { limits: { fileSize: 50 * 1024 * 1024 } });

app.post("/", async (request, reply) => {
    const upload = await request.file();
    const original = await upload.toBuffer();
    const made = await thumbnails(original, request.query.heights.split(",").map(Number));
    const id = randomUUID();
    const files = [original, ...made].map((bytes, index) => [`${id}-${index}`, bytes]);
    await Promise.all(files.map(([name, bytes]) => writeFile(join(folder, name), bytes)));
    reply.code(201);
    return { id, images: files.map(([name]) => name) };
});

await app.listen({ host: "127.0.0.1", port: 0 });
console.log(app.server.address().port);
