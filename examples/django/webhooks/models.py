from django.db import models


class Efecto(models.Model):
    """Lo ya hecho; la llave primaria impide hacerlo dos veces por un mismo evento."""

    evento = models.CharField(max_length=64, primary_key=True)
    accion = models.TextField()
    total = models.BigIntegerField(null=True)  # del pedido, en centavos

    class Meta:
        app_label = 'webhooks'
