from django.contrib.auth.mixins import PermissionRequiredMixin
from django.views.generic import ListView

from models import Report


class ReportAccess(PermissionRequiredMixin):
    permission_required = "reports.view_report"


class ReportView(ReportAccess, ListView):
    model = Report
