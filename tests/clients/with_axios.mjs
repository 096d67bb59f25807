// axios, with the FormData that it makes of an object.
import assert from 'node:assert/strict';
import { openAsBlob, readFileSync } from 'node:fs';
import axios from 'axios';

const { TIERPIX_URL: baseURL, TIERPIX_PASSWORD: password, PICTURE } = process.env;
const auth = { username: 'admin', password };
const client = axios.create({ baseURL, proxy: false });
const picture = readFileSync(PICTURE);

const form = new FormData();
form.append('image', await openAsBlob(PICTURE), 'Straße 1.jpg');
form.append('expiring_time_seconds', '3600');
const upload = await client.post('/api/v1/images_upload/', form, { auth });
assert.equal(upload.status, 201);

const list = await client.get('/api/v1/images/', { auth, params: { page_size: 1 } });
assert.equal(list.data.results[0].id, upload.data.id);

const link = upload.data.link.expiring_link;
const part = (range, etag) => client.get(link, {
  responseType: 'arraybuffer',
  headers: { Range: range, ...(etag && { 'If-Range': etag }) },
});
const first = await part('bytes=0-999');
const rest = await part('bytes=1000-', first.headers.etag);
assert.deepEqual([first.status, rest.status], [206, 206]);
assert.deepEqual(Buffer.concat([first.data, rest.data]), picture);

await assert.rejects(client.get('/api/v1/me/', { auth: { ...auth, password: 'wrong' } }), (error) => {
  assert.equal(error.response.data.code, 'authentication_failed');
  return true;
});
