from django.db import transaction

from models import Show


def _locked(show_id: int) -> Show:
    return Show.objects.select_for_update().get(pk=show_id)


@transaction.atomic
def reserve(show_id: int, n: int) -> None:
    show = _locked(show_id)
    show.free -= n
    show.save()
