import functools

from flask import Blueprint, abort, g

bp = Blueprint("admin", __name__)


def admin_only(view):
    @functools.wraps(view)
    def wrapped(*args, **kwargs):
        if not g.user.is_admin:
            abort(403)
        return view(*args, **kwargs)

    return wrapped


@bp.post("/purge")
@admin_only
def purge():
    return {"purged": True}


@bp.post("/reindex")
@admin_only
def reindex():
    return {"reindexed": True}
