import httpx
from celery import Celery

app = Celery("shop")


@app.task(autoretry_for=(httpx.TransportError,), max_retries=None, retry_backoff=True)
def sync_crm(account: str) -> None:
    httpx.put(f"https://crm.internal/{account}", json={})
