from django.db import models


class Show(models.Model):
    free = models.IntegerField()
