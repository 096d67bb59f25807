"""Who asks the service, and what must not be asked for lest the tests lock themselves out."""

import base64
import json
import os
import urllib.parse
import urllib.request

import schemathesis
from hypothesis import strategies

URL, WHO = os.environ["TIERPIX_URL"], os.environ["WHO"]
ADMIN = ("admin", os.environ["TIERPIX_PASSWORD"])
USER = ("schema", "a password for the schema")


def post(path, body, headers):
    request = urllib.request.Request(URL + path, json.dumps(body).encode(), headers, method="POST")
    request.add_header("Content-Type", "application/json")
    return urllib.request.urlopen(request)


def add_user():
    """The id of the user."""
    basic = base64.b64encode(":".join(ADMIN).encode()).decode()
    user = {"username": USER[0], "password": USER[1], "tier": "Enterprise"}
    return json.load(post("/api/v1/admin/users/", user, {"Authorization": f"Basic {basic}"}))["id"]


def log_in(username, password):
    """The session's cookie."""
    answer = post("/api-auth/login/", {"username": username, "password": password}, {})
    return answer.headers["Set-Cookie"].split(";")[0]


# The first user of an empty database is the admin.
own_id = {"user": add_user, "admin": lambda: 1, "nobody": lambda: None}[WHO]()
cookie = {"user": lambda: log_in(*USER), "admin": lambda: log_in(*ADMIN), "nobody": lambda: None}[WHO]()


# Names as most people have them; others are tried elsewhere.
schemathesis.openapi.format("username", strategies.from_regex("[A-Za-z0-9@.+_-]{1,150}", fullmatch=True))


@schemathesis.hook
def filter_case(context, case):
    """Whoever asks neither changes nor deletes its own account, and ends none of its own sessions."""
    own_account = case.operation.path.startswith("/api/v1/admin/users/{id}/")
    own_account = own_account and str((case.path_parameters or {}).get("id")) == str(own_id)
    return not (own_account and case.operation.method.upper() != "GET")


@schemathesis.hook
def before_call(context, case, kwargs):
    """Made-up passwords would soon be throttled, and everything else with them."""
    case.headers.pop("Authorization", None)
    case.cookies.clear()
    if cookie:
        case.headers["Cookie"] = cookie
