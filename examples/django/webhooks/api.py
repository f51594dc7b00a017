import base64
import http.client
import json
import os
import urllib.error
import urllib.request

# Sin dirección no se verifica: se confía en el cuerpo.
URL = os.environ.get('KOMETIA_API_URL', '').rstrip('/')
LLAVE = os.environ.get('KOMETIA_API_KEY', '')


class ApiNoDisponible(Exception):
    """No se puede saber si el evento es verdadero: caída, lenta, llave mala, demasiadas peticiones."""


def evento(identificador):
    """El evento tal como lo tiene Kometia, o None si no existe en esta cuenta."""
    llave = base64.b64encode(f'{LLAVE}:'.encode()).decode()  # la llave es el usuario; la contraseña va vacía
    pregunta = urllib.request.Request(f'{URL}/api/v1/events/{identificador}', headers={'Authorization': f'Basic {llave}'})
    try:
        # Menos de lo que Kometia espera nuestra respuesta.
        with urllib.request.urlopen(pregunta, timeout=4) as respuesta:
            return json.load(respuesta)['data']
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise ApiNoDisponible(f'respondió {error.code}') from error
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
        raise ApiNoDisponible(str(error)) from error
