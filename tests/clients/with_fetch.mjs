// Node's fetch, with FormData.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

const { TIERPIX_URL: url, TIERPIX_PASSWORD: password, PICTURE } = process.env;
const headers = { authorization: `Basic ${btoa(`admin:${password}`)}` };
const picture = await readFile(PICTURE);

const form = new FormData();
form.append('image', new Blob([picture], { type: 'image/jpeg' }), 'Straße "1".jpg');
form.append('expiring_time_seconds', '3600');
const upload = await fetch(`${url}/api/v1/images_upload/`, { method: 'POST', headers, body: form });
assert.equal(upload.status, 201, await upload.clone().text());
const { id, link } = await upload.json();

const list = await fetch(`${url}/api/v1/images/?page_size=1`, { headers });
assert.equal((await list.json()).results[0].id, id);

const first = await fetch(link.expiring_link, { headers: { range: 'bytes=0-999' } });
assert.equal(first.status, 206);
const etag = first.headers.get('etag');
const rest = await fetch(link.expiring_link, { headers: { range: 'bytes=1000-', 'if-range': etag } });
assert.equal(rest.status, 206);
const parts = [await first.arrayBuffer(), await rest.arrayBuffer()].map((part) => Buffer.from(part));
assert.deepEqual(Buffer.concat(parts), picture);

// A body whose length nobody knows.
const pieces = ['--b\r\nContent-Disposition: form-data; name=image; filename=a.jpg\r\n\r\n', picture, '\r\n--b--\r\n'];
const body = ReadableStream.from(pieces.map((piece) => Buffer.from(piece)));
const type = { 'content-type': 'multipart/form-data; boundary=b' };
const streamed = { method: 'POST', headers: { ...headers, ...type }, body, duplex: 'half' };
const again = await fetch(`${url}/api/v1/images_upload/`, streamed);
assert.equal(again.status, 201, await again.text());
