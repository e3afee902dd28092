from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect


@login_required
def close_account(request):
    request.user.delete()
    return redirect("/")
