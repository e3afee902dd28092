from fastapi import APIRouter, HTTPException, Request


def admin_only(request: Request) -> None:
    if request.headers.get("x-role") != "admin":
        raise HTTPException(403)


router = APIRouter(prefix="/admin")


@router.get("/stats")
def stats() -> dict:
    return {"users": 1}
