import httpx
import tenacity

_RETRY = {
    "stop": tenacity.stop_after_attempt(5),
    "wait": tenacity.wait_exponential_jitter(initial=0.5, max=8),
}


@tenacity.retry(**_RETRY)
async def status(client: httpx.AsyncClient, job: str) -> str:
    response = await client.get(f"/jobs/{job}")
    return response.text
