// Thumbnails by sharp in its fastest way, in the picture's own format. As a program: `node thumbnails.mjs FILE HEIGHTS TIMES`
// prints the milliseconds of CPU time that one picture takes, and the thumbnails' bytes.
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import sharp from "sharp";

// One thread a picture takes the least CPU time in all.
sharp.concurrency(1);
sharp.cache(false);

export async function thumbnails(original, heights) {
    const isPng = original[0] === 0x89;
    const encode = (image) => (isPng ? image.png() : image.jpeg({ quality: 80 })).toBuffer();
    // Decoded once, at the scale that the largest one needs; the smaller ones are made of the largest.
    const [largest, ...smaller] = [...heights].sort((one, other) => other - one);
    const { data, info } = await sharp(original)
        .resize({ height: largest, withoutEnlargement: true })
        .raw()
        .toBuffer({ resolveWithObject: true });
    const raw = { raw: { width: info.width, height: info.height, channels: info.channels } };
    const resized = smaller.map((height) => sharp(data, raw).resize({ height, withoutEnlargement: true }));
    return Promise.all([sharp(data, raw), ...resized].map(encode));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
    const [, , file, heights, times] = process.argv;
    const original = await readFile(file);
    const made = () => thumbnails(original, heights.split(",").map(Number));
    const bytes = (await made()).reduce((sum, thumbnail) => sum + thumbnail.length, 0);
    const before = process.cpuUsage();
    for (let time = 0; time < times; time++) await made();
    const { user, system } = process.cpuUsage(before);
    console.log((user + system) / 1000 / times, bytes);
}
