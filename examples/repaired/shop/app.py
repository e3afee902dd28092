"""The routes of the shop."""

import asyncio

from fastapi import FastAPI
from pydantic import BaseModel, PositiveInt

from shop import stock
from shop.clients import recommendations
from shop.ranking import score

app = FastAPI()


class Order(BaseModel):
    sku: str
    quantity: PositiveInt


@app.get("/shelf/{user}")
async def shelf(user: str) -> list:
    response = await recommendations.get(f"/user/{user}")
    return response.json()


@app.post("/orders")
async def order(wanted: Order) -> dict:
    level = await asyncio.to_thread(stock.level, wanted.sku)
    return {"accepted": level >= wanted.quantity}


@app.get("/ranking/{user}")
async def ranking(user: str) -> list:
    return await asyncio.to_thread(score, user)
