import httpx


def _validate(row: dict) -> None:
    if row["cents"] < 0:
        raise ValueError(row)


def load(rows: list[dict]) -> None:
    for row in rows:
        _validate(row)
    httpx.put("https://ledger.internal/bulk", json=rows)
