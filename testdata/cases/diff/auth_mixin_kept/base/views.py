from django.contrib.auth.mixins import PermissionRequiredMixin
from django.views.generic import ListView

from models import Report


class ReportView(PermissionRequiredMixin, ListView):
    model = Report
    permission_required = "reports.view_report"
