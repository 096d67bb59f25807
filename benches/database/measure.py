"""Times the statements of sql/queries that requests make, one after another on one connection, with rows that differ each
time, on a database that fill.sql has filled:

    python3 -m venv target/measure && target/measure/bin/pip install asyncpg==0.31.0
    target/measure/bin/python benches/database/measure.py "postgres:///tierpix?host=/run/postgresql" 2000

What changes rows is rolled back: what a commit takes, the disk says. Prints a table for docs/SCALING.md.
"""

import asyncio, hashlib, random, re, sys, time, uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path

import asyncpg

QUERIES = Path(__file__).parents[2] / "sql/queries"


def sql(name):
    return (QUERIES / f"{name}.sql").read_text()


class Rows:
    """What fill.sql has made, by its formulas."""

    def __init__(self, users, images):
        self.users, self.images, self.random = users, images, random.Random(1)

    def number(self):
        return self.random.randint(1, self.images)

    def image(self, n=None):
        n = n or self.number()
        milliseconds = 1709000000000 + n * 86400000000 // self.images
        return uuid.UUID(f"{milliseconds:012x}70008000{n:012x}")

    def owner(self, n):
        return 1 if n % 100 == 0 else 1 + n * 7919 % self.users

    def user(self):
        return self.random.randint(2, self.users)

    def name(self):
        return f"user{self.user():07}"

    def digest(self, step):
        """Of a session (every 10th user) or a token (every 20th)."""
        return hashlib.sha256(str(1 + step * self.random.randrange(self.users // step)).encode()).digest()

    def upload(self, user):
        sha256 = self.random.randbytes(32)
        return [
            uuid.uuid4(), user, "jpeg", 4000, 3000, 3000000, sha256, "photo.jpg", sha256,
            [200, 400], [9000, 25000], [sha256, sha256], [uuid.uuid4()], [1],
            [datetime.now(timezone.utc) + timedelta(hours=1)],
        ]


def listed(name, columns, order="DESC"):
    """As db/pages.rs completes a list."""
    key, row = columns
    text = sql(name)
    return f"{text} ORDER BY {key} {order}, {row} {order} LIMIT ${last(text) + 1}"


def near(name, table, columns):
    """As db/pages.rs completes a list that is searched, for the first 20,000 rows in its order."""
    key, row = columns
    text, order = sql(name), f"ORDER BY {key} DESC, {row} DESC"
    until = f"SELECT {key}, {row} FROM {table} {order} OFFSET 20000 LIMIT 1"
    return f"{text} AND ({key}, {row}) >= ({until}) {order} LIMIT ${last(text) + 1}"


def last(text):
    """The number of its last parameter."""
    return max(int(number) for number in re.findall(r"\$(\d+)", text))


def statements(rows, links):
    def owned():
        n = rows.number()
        return [rows.image(n), rows.owner(n)]

    link = lambda: rows.random.choice(links)
    nothing = [None] * 7
    by_name = lambda: [None, f"img_{rows.number()}", *nothing[2:], 51]
    return [
        ("log in: the account by its name", sql("users/find_credentials"), lambda: [rows.name()]),
        ("log in: the session", sql("sessions/insert"), lambda: [rows.random.randbytes(32), rows.user(), 1]),
        ("who: session", sql("sessions/get"), lambda: [rows.digest(10)]),
        ("who: token", sql("api_tokens/find"), lambda: [rows.digest(20)]),
        ("who: user", sql("users/get"), lambda: [rows.user()]),
        ("what has been used", sql("users/usage"), lambda: [rows.user(), 100]),
        ("upload: image, thumbnails, link", sql("images/insert"), lambda: rows.upload(rows.user())),
        ("upload by who has 100,000 images", sql("images/insert"), lambda: rows.upload(1)),
        ("upload: claim an Idempotency-Key", sql("idempotency_keys/claim"),
         lambda: [rows.user(), uuid.uuid4().hex, rows.random.randbytes(32), uuid.uuid4()]),
        ("media, details: image with thumbnails", sql("images/get"), lambda: [rows.image()]),
        ("list: first page of 20", sql("images/list_older"), lambda: [rows.user(), None, 20]),
        ("list: a page among 100,000 images", sql("images/list_older"),
         lambda: [1, rows.image(rows.random.randrange(100, rows.images, 100)), 100]),
        ("link: open", sql("links/get"), lambda: [link()]),
        ("link: add uses of 100", sql("links/add_uses"),
         lambda: [[link() for _ in range(100)], [1] * 100, [datetime.now(timezone.utc)] * 100]),
        ("link: give out", sql("links/insert"),
         lambda: [uuid.uuid4(), rows.image(), None, 1, datetime.now(timezone.utc), None]),
        ("links of an image", sql("links/list"), lambda: [rows.image()]),
        ("delete an image", sql("images/delete"), owned),
        ("staff: newest images", listed("images/find", ("i.created_at", "i.id")), lambda: [*nothing, 51]),
        ("staff: largest images", listed("images/find", ("i.bytes", "i.id")), lambda: [*nothing, 51]),
        ("staff: images by name, the newest", near("images/find", "images i", ("i.created_at", "i.id")), by_name),
        ("staff: images by name, all", listed("images/find", ("i.created_at + interval '0'", "i.id")), by_name),
        ("staff: one user's images", listed("images/find", ("i.created_at", "i.id")),
         lambda: [rows.name(), *nothing[1:], 51]),
        ("staff: sessions, newest first", listed("sessions/find_all", ("s.created_at", "s.digest")),
         lambda: [None, None, 51]),
        ("staff: users by tier", sql("users/count_by_tier"), lambda: []),
        ("staff: the last 30 days", sql("daily_figures/last_days"), lambda: [30]),
        ("backfill: 500 images looked at", sql("images/lacking_page"), lambda: [rows.image(), 500, None, None]),
        ("backfill: what one image lacks", sql("images/lacking_heights"), lambda: [rows.image(), None, None]),
        ("reconcile: 1000 images with thumbnails", sql("images/page"), lambda: [rows.image(), 1000]),
    ]


async def main(url, times):
    db = await asyncpg.connect(url, statement_cache_size=0)
    users, images = await db.fetchval("SELECT max(id) FROM users"), await db.fetchval(
        "SELECT reltuples::bigint FROM pg_class WHERE relname = 'images'")
    images = round(images, -3)
    links = [row["id"] for row in await db.fetch("SELECT id FROM links TABLESAMPLE SYSTEM (1)")]
    print("| statement | p50 ms | p99 ms | longest ms |\n| --- | ---: | ---: | ---: |")
    for name, text, arguments in statements(Rows(users, images), links):
        # Lists are planned for their very filters each time, as db/pages.rs has it.
        mode = "force_custom_plan" if name.startswith("staff") else "auto"
        await db.execute(f"SET plan_cache_mode = {mode}")
        statement = await db.prepare(text)
        taken, began = [], time.perf_counter()
        while len(taken) < times and time.perf_counter() - began < 20:
            values = arguments()
            transaction = db.transaction()
            await transaction.start()
            asked = time.perf_counter()
            await statement.fetch(*values)
            taken.append(1000 * (time.perf_counter() - asked))
            await transaction.rollback()
        taken.sort()
        at = lambda percent: taken[min(len(taken) - 1, len(taken) * percent // 100)]
        print(f"| {name} | {at(50):.2f} | {at(99):.2f} | {taken[-1]:.1f} |", flush=True)
    await db.close()


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
