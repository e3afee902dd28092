from django.db import transaction

from models import Show


@transaction.atomic
def reserve(show_id: int, n: int) -> None:
    show = Show.objects.get(pk=show_id)
    show.free -= n
    show.save()
