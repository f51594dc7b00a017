import json
import re

from django.db import IntegrityError, transaction
from django.http import HttpResponse, HttpResponseBadRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from . import api
from .models import Efecto

ID = re.compile(r'[a-z]{3}_[0-9a-z_]{1,60}')


@csrf_exempt
@require_POST
def webhook(request):
    """Lo que Kometia debe llamar."""
    return recibir(request)


@require_POST
def protegido(request):
    """Lo mismo sin la excepción: Django lo rechaza con 403, porque Kometia no trae cookie ni token."""
    return recibir(request)


def recibir(request):
    try:
        evento = json.loads(request.body)
    except (ValueError, RecursionError):  # no es JSON, no es UTF-8, o demasiado profundo
        return HttpResponseBadRequest('no es JSON')
    identificador = evento.get('id') if isinstance(evento, dict) else None
    if not isinstance(identificador, str) or not ID.fullmatch(identificador) or not isinstance(evento.get('kind'), str):
        return HttpResponseBadRequest('no es un evento de Kometia')
    if evento['kind'] not in ('order.created', 'order.placed'):
        return HttpResponse('sin acción')
    # Antes de preguntar a la API: acusar un duplicado no cuesta ni arriesga nada.
    if Efecto.objects.filter(evento=identificador).exists():
        return HttpResponse('duplicado')
    if api.URL:
        try:
            verdadero = api.evento(identificador)
        except api.ApiNoDisponible:
            return HttpResponse('no se pudo verificar', status=503)  # Kometia lo repite en una hora
        if verdadero is None or verdadero['id'] != identificador or verdadero['kind'] != evento['kind']:
            return HttpResponse('el evento no es de esta tienda', status=422)
        evento = verdadero  # se actúa con lo que dice Kometia, no con lo que dijo el POST
    try:
        with transaction.atomic():
            Efecto.objects.create(evento=identificador, accion='pedido creado', total=total(evento))
            # Aquí va su acción, en la misma transacción: o queda todo o no queda nada.
    except IntegrityError:
        return HttpResponse('duplicado')
    return HttpResponse('recibido')


def total(evento):
    """El total del pedido en centavos; None si el evento no lo dice."""
    datos = evento.get('data')
    objeto = datos.get('object') if isinstance(datos, dict) else None
    centavos = objeto.get('total_price') if isinstance(objeto, dict) else None
    # Lo que no cabe en la columna no es el total de ningún pedido.
    return centavos if type(centavos) is int and abs(centavos) < 2**63 else None


def listo(request):
    return HttpResponse('listo')


def efectos(request, evento):
    hechos = Efecto.objects.filter(evento=evento)
    return JsonResponse({'effects': hechos.count(), 'state': hechos.values('total').first()})
