import json
import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from flask import Flask, request
from flask_wtf.csrf import CSRFProtect

app = Flask(__name__)
# Llave solo para pruebas, publicada aquí: en su sitio use la suya.
app.config['SECRET_KEY'] = os.environ.get('FLASK_SECRET_KEY', 'kometia-sim-ejemplo-llave-publica')
csrf = CSRFProtect(app)

ID = re.compile(r'[a-z]{3}_[0-9a-z_]{1,60}')
DATOS = Path(os.environ.get('KOMETIA_DATOS', Path(__file__).parent / 'datos'))


@app.post('/kometia/webhook')
@csrf.exempt
def webhook():
    """Lo que Kometia debe llamar."""
    return recibir()


@app.post('/kometia/protegido')
def protegido():
    """Lo mismo sin la excepción: Flask-WTF lo rechaza con 400, porque Kometia no trae token."""
    return recibir()


def recibir():
    try:
        evento = json.loads(request.get_data())
    except (ValueError, RecursionError):  # no es JSON, no es UTF-8, o demasiado profundo
        return 'no es JSON', 400
    identificador = evento.get('id') if isinstance(evento, dict) else None
    if not isinstance(identificador, str) or not ID.fullmatch(identificador) or not isinstance(evento.get('kind'), str):
        return 'no es un evento de Kometia', 400
    if evento['kind'] not in ('order.created', 'order.placed'):
        return 'sin acción'
    return 'recibido' if una_vez(identificador, 'pedido creado') else 'duplicado'


def una_vez(evento, accion):
    """False si el evento ya había llegado, también cuando las dos copias llegan al mismo instante."""
    with closing(base()) as conexion, conexion:  # la transacción queda hecha antes de responder
        nuevo = conexion.execute('INSERT OR IGNORE INTO efectos VALUES (?, ?)', (evento, accion))
        # Aquí va su acción, en la misma transacción, si rowcount es 1.
        return nuevo.rowcount == 1


def base():
    return sqlite3.connect(DATOS / 'webhooks.sqlite', timeout=5)  # segundos que se espera a otro que escribe


DATOS.mkdir(mode=0o700, parents=True, exist_ok=True)
with closing(base()) as inicial, inicial:
    inicial.execute('CREATE TABLE IF NOT EXISTS efectos (evento TEXT PRIMARY KEY, accion TEXT NOT NULL)')


@app.get('/up')
def listo():
    return 'listo'


# Para pruebas: no lo encienda en producción.
if os.environ.get('KOMETIA_OBSERVAR') == '1':
    @app.get('/efectos/<evento>')
    def efectos(evento):
        with closing(base()) as conexion:
            cuenta = conexion.execute('SELECT count(*) FROM efectos WHERE evento = ?', (evento,)).fetchone()
        return {'effects': cuenta[0]}
