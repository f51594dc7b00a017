import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import cookieParser from 'cookie-parser';
import csurf from 'csurf';
import express from 'express';
import session from 'express-session';
import lusca from 'lusca';

// Lo ya hecho, una línea por efecto. Node 20 no trae SQLite: esto basta para UN proceso (aquí nadie más escribe y cada
// línea queda en el archivo antes de responder); con varios use una base con índice único por evento.
const datos = process.env.KOMETIA_DATOS ?? join(dirname(fileURLToPath(import.meta.url)), 'datos');
mkdirSync(datos, { recursive: true, mode: 0o700 });
const archivo = join(datos, 'efectos.jsonl');
const hechos = new Set();
if (existsSync(archivo)) {
  const lineas = readFileSync(archivo, 'utf8').split('\n');
  lineas.pop(); // lo que sigue al último fin de línea: vacío, o una línea que un corte dejó a medias y nunca se acusó
  for (const linea of lineas) {
    hechos.add(JSON.parse(linea).evento);
  }
}

function unaVez(evento, accion) {
  if (hechos.has(evento)) {
    return false;
  }
  appendFileSync(archivo, `${JSON.stringify({ evento, accion })}\n`);
  hechos.add(evento);
  return true;
}

function webhook(req, res) {
  const { id, kind } = req.body ?? {}; // sin cuerpo JSON no hay req.body
  if (typeof id !== 'string' || typeof kind !== 'string' || !/^[a-z]{3}_[0-9a-z_]{1,60}$/.test(id)) {
    return res.status(400).type('text').send('no es un evento de Kometia');
  }
  if (kind !== 'order.created' && kind !== 'order.placed') {
    return res.type('text').send('sin acción');
  }
  return res.type('text').send(unaVez(id, 'pedido creado') ? 'recibido' : 'duplicado');
}

const json = express.json(
  process.env.KOMETIA_LIMITE === 'omision' ? {} : { limit: '2mb' }, // lo que trae Express, 100 KB, no alcanza para pedidos grandes
);
const secreto = process.env.SESSION_SECRET ?? 'kometia-sim-ejemplo-llave-publica'; // solo para pruebas
const sesion = session({ secret: secreto, resave: false, saveUninitialized: false });
const protecciones = {
  csurf: [sesion, csurf()],
  'csurf-cookie': [cookieParser(), csurf({ cookie: true })],
  'csurf-sin-sesion': [csurf()], // mal puesto: le falta la sesión o cookie-parser
  lusca: [sesion, lusca.csrf()],
};

const app = express();
app.get('/up', (req, res) => res.type('text').send('listo'));
if (process.env.KOMETIA_OBSERVAR === '1') { // para pruebas: no lo encienda en producción
  app.get('/efectos/:evento', (req, res) => res.json({ effects: hechos.has(req.params.evento) ? 1 : 0 }));
}

// Lo que Kometia debe llamar. Va antes de la protección CSRF: el orden decide, y por aquí no pasa.
app.post('/kometia/webhook', json, webhook);

app.use(protecciones[process.env.KOMETIA_CSRF ?? 'csurf']);

// Lo mismo detrás de la protección: 403, porque Kometia no trae cookie ni token.
app.post('/kometia/protegido', json, webhook);

app.listen(Number(process.env.PORT ?? 8000), '127.0.0.1');
