"""The routes of the shop."""

from fastapi import FastAPI, Request

from shop import stock
from shop.clients import recommendations
from shop.ranking import score

app = FastAPI()


@app.get("/shelf/{user}")
async def shelf(user: str) -> list:
    response = await recommendations.get(f"/user/{user}")
    return response.json()


@app.post("/orders")
async def order(request: Request) -> dict:
    wanted = await request.json()
    level = stock.level(wanted["sku"])
    return {"accepted": level >= wanted["quantity"]}


@app.get("/ranking/{user}")
async def ranking(user: str) -> list:
    return score(user)
