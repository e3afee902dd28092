from typing import Annotated

import httpx
from fastapi import APIRouter, Depends

router = APIRouter()


async def get_client():
    client = httpx.AsyncClient(timeout=httpx.Timeout(2))
    try:
        yield client
    finally:
        await client.aclose()


Client = Annotated[httpx.AsyncClient, Depends(get_client)]


@router.get("/prices")
async def prices(client: Client) -> dict:
    response = await client.get("https://prices.internal")
    return response.json()
