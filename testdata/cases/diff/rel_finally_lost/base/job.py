def work(pool, item: dict) -> None:
    connection = pool.getconn()
    try:
        connection.execute("UPDATE item SET done = true WHERE id = %s", (item["id"],))
    finally:
        pool.putconn(connection)
