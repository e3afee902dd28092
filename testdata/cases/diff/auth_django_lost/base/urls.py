from django.urls import path

import views

urlpatterns = [path("close/", views.close_account)]
