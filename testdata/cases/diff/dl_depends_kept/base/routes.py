from typing import Annotated

import httpx
from fastapi import APIRouter, Depends

router = APIRouter()


async def http_client():
    async with httpx.AsyncClient(timeout=2) as client:
        yield client


@router.get("/prices")
async def prices(client: Annotated[httpx.AsyncClient, Depends(http_client)]) -> dict:
    return (await client.get("https://prices.internal")).json()
