from django.views.generic import ListView

from models import Report


class ReportView(ListView):
    model = Report
