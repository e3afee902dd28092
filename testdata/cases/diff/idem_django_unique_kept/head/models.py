from django.db import models


class Invoice(models.Model):
    number = models.CharField(max_length=32)
    cents = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["number"], name="invoice_number_once")]
