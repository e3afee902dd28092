"""Writes once over a connection: tls.py CLIENT SSLMODE, where SSLMODE stands in the code and not in the environment."""
import asyncio
import os
import sys

CLIENT, MODE = sys.argv[1:3]
url = os.environ["DATABASE_URL"]
if MODE != "-":
    url = url.replace("sslmode=disable", "").rstrip("?&") + ("&" if "?" in url.replace("sslmode=disable", "").rstrip("?&") else "?") + "sslmode=" + MODE
STATEMENT = "CREATE TABLE IF NOT EXISTS t (a int)"
if CLIENT == "psycopg":
    import psycopg

    with psycopg.connect(url) as c:
        c.execute(STATEMENT)
else:
    import asyncpg

    async def main():
        c = await asyncpg.connect(url)
        await c.execute(STATEMENT)
        await c.close()

    asyncio.run(main())
