import json
import re

from django.db import IntegrityError, transaction
from django.http import HttpResponse, HttpResponseBadRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

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
    try:
        with transaction.atomic():
            Efecto.objects.create(evento=identificador, accion='pedido creado')
            # Aquí va su acción, en la misma transacción: o queda todo o no queda nada.
    except IntegrityError:
        return HttpResponse('duplicado')
    return HttpResponse('recibido')


def listo(request):
    return HttpResponse('listo')


def efectos(request, evento):
    return JsonResponse({'effects': Efecto.objects.filter(evento=evento).count()})
