from flask import Blueprint

bp = Blueprint("admin", __name__)


@bp.post("/purge")
def purge():
    return {"purged": True}


@bp.post("/reindex")
def reindex():
    return {"reindexed": True}
