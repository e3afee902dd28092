from django.shortcuts import redirect


def close_account(request):
    request.user.delete()
    return redirect("/")
