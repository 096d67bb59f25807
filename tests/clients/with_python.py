"""requests and httpx, which have the same words for all of this: `with_python.py requests`."""

import importlib
import os
import sys

URL, AUTH = os.environ["TIERPIX_URL"], ("admin", os.environ["TIERPIX_PASSWORD"])
library = importlib.import_module(sys.argv[1])
# Proxies of the environment are not for this machine.
if sys.argv[1] == "httpx":
    session = library.Client(trust_env=False)
else:
    session = library.Session()
    session.trust_env = False
with open(os.environ["PICTURE"], "rb") as file:
    picture = file.read()

for name in ("Straße 1.jpg", "写真.jpg"):
    files = {"image": (name, picture, "image/jpeg")}
    upload = session.post(URL + "/api/v1/images_upload/", files=files, data={"expiring_time_seconds": 3600}, auth=AUTH)
    assert upload.status_code == 201, upload.text
    listed = session.get(URL + "/api/v1/images/", params={"page_size": 1}, auth=AUTH).json()
    assert listed["results"][0]["id"] == upload.json()["id"], listed

    link = upload.json()["link"]["expiring_link"]
    first = session.get(link, headers={"Range": "bytes=0-999"})
    assert first.status_code == 206 and len(first.content) == 1000, first.status_code
    rest = session.get(link, headers={"Range": "bytes=1000-", "If-Range": first.headers["ETag"]})
    assert rest.status_code == 206 and first.content + rest.content == picture, rest.status_code

# A body whose length nobody knows.
head = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'
pieces = [head, picture[:10_000], picture[10_000:], b"\r\n--b--\r\n"]
content = {"content": iter(pieces)} if sys.argv[1] == "httpx" else {"data": iter(pieces)}
headers = {"Content-Type": "multipart/form-data; boundary=b"}
upload = session.post(URL + "/api/v1/images_upload/", headers=headers, auth=AUTH, **content)
assert upload.status_code == 201, upload.text

# A session by the form; its cookie is kept by the client.
login = session.post(URL + "/api-auth/login/", data={"username": AUTH[0], "password": AUTH[1]})
assert login.status_code == 200, login.text
assert session.get(URL + "/api/v1/me/").json()["username"] == "admin"
