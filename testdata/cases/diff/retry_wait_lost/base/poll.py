import tenacity
import httpx


@tenacity.retry(
    stop=tenacity.stop_after_attempt(5),
    wait=tenacity.wait_exponential_jitter(initial=0.5, max=8),
)
async def status(client: httpx.AsyncClient, job: str) -> str:
    return (await client.get(f"/jobs/{job}")).text
