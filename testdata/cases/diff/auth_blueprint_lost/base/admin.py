from flask import Blueprint, abort, g

bp = Blueprint("admin", __name__)


@bp.before_request
def require_admin():
    if not g.user.is_admin:
        abort(403)


@bp.post("/purge")
def purge():
    return {"purged": True}


@bp.post("/reindex")
def reindex():
    return {"reindexed": True}
