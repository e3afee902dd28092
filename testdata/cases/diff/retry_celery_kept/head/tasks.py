import httpx
from celery import Celery, Task

app = Celery("shop")


class Retrying(Task):
    autoretry_for = (httpx.TransportError,)
    max_retries = 5
    retry_backoff = True


@app.task(base=Retrying)
def sync_crm(account: str) -> None:
    httpx.put(f"https://crm.internal/{account}", json={})
