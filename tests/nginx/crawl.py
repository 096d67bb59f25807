#!/usr/bin/env python3
"""Follows every link of every page, logged in as the admin, of a service below a path: all lead below it and to something."""

import html.parser
import http.cookiejar
import json
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

PUBLIC = os.environ["TIERPIX_PUBLIC_URL"]
PATH = urllib.parse.urlsplit(PUBLIC).path
PICTURE = "postman/pictures/mountains.jpg"


class Links(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = set()

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("href", "src", "action", "formaction", "data-path") and value:
                # Of a call that is described, only where it would be sent.
                self.found.add(value if name != "data-path" else value.split("{")[0] + "#")


class Site:
    def __init__(self, url):
        self.url = url
        jar = http.cookiejar.CookieJar()
        proxies = urllib.request.ProxyHandler({})
        self.opener = urllib.request.build_opener(proxies, urllib.request.HTTPCookieProcessor(jar))

    def ask(self, path, data=None, headers=None):
        request = urllib.request.Request(self.url + path, data, {"Accept": "text/html", **(headers or {})})
        try:
            answer = self.opener.open(request)
        except urllib.error.HTTPError as error:
            answer = error
        return answer, answer.read()

    def log_in(self):
        form = {"username": "admin", "password": os.environ["TIERPIX_PASSWORD"]}
        answer, _ = self.ask(PATH + "/admin/login/", urllib.parse.urlencode(form).encode())
        assert answer.status == 200 and answer.url == self.url + PATH + "/admin/", (answer.status, answer.url)

    def upload(self):
        with open(PICTURE, "rb") as file:
            picture = file.read()
        head = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'
        body = head + picture + b"\r\n--b--\r\n"
        headers = {"Content-Type": "multipart/form-data; boundary=b", "Accept": "application/json"}
        answer, body = self.ask(PATH + "/api/v1/images_upload/", body, headers)
        assert answer.status == 201, body
        for image in json.loads(body)["images"]:
            assert image["image"].startswith(PUBLIC + "/media/"), image
            answer, _ = self.ask(image["image"].replace(PUBLIC, PATH))
            assert answer.status == 200, image

    def crawl(self):
        to_see, seen = [PATH + "/", PATH + "/admin/", PATH + "/api/docs/", PATH + "/api/v1/me/"], set()
        while to_see:
            path = to_see.pop()
            if path in seen:
                continue
            seen.add(path)
            answer, body = self.ask(path)
            # Of some paths only the form can be sent.
            assert answer.status in (200, 405), (path, answer.status, body[:300])
            if not answer.headers["Content-Type"].startswith("text/html"):
                continue
            links = Links()
            links.feed(body.decode())
            for link in links.found:
                link = link.replace(PUBLIC, PATH)
                if not link.startswith("/"):
                    assert re.match(r"^(\?|#|https?://|$)", link), (path, link)
                    continue
                assert link == PATH or link.startswith(PATH + "/"), (path, link)
                if link != PATH and "#" not in link and "?" not in link:
                    to_see.append(link)
        return seen


for url in (os.environ["TIERPIX_URL"], os.environ["TIERPIX_OTHER_URL"]):
    site = Site(url)
    site.log_in()
    site.upload()
    seen = site.crawl()
    for path in ("/static/admin.css", "/static/docs.js", "/admin/users/add/", "/admin/history/", "/api/schema/"):
        assert PATH + path in seen, path
    answer, _ = site.ask(PATH + "/admin/logout/", b"")
    assert answer.url == url + PATH + "/admin/login/", answer.url
    print(f"{len(seen)} paths below {PATH}", file=sys.stderr)
