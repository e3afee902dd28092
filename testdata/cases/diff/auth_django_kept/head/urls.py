from django.contrib.auth.decorators import login_required
from django.urls import path

import views

urlpatterns = [path("close/", login_required(views.close_account))]
