def work(pool, item: dict) -> None:
    connection = pool.getconn()
    connection.execute("UPDATE item SET done = true WHERE id = %s", (item["id"],))
    pool.putconn(connection)
