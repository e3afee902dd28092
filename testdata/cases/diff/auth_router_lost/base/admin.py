from fastapi import APIRouter, Depends, HTTPException, Request


def admin_only(request: Request) -> None:
    if request.headers.get("x-role") != "admin":
        raise HTTPException(403)


router = APIRouter(prefix="/admin", dependencies=[Depends(admin_only)])


@router.get("/stats")
def stats() -> dict:
    return {"users": 1}
