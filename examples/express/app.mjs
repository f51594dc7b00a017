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
const hechos = new Map();
if (existsSync(archivo)) {
  const lineas = readFileSync(archivo, 'utf8').split('\n');
  lineas.pop(); // lo que sigue al último fin de línea: vacío, o una línea que un corte dejó a medias y nunca se acusó
  for (const linea of lineas) {
    const { evento, total } = JSON.parse(linea);
    hechos.set(evento, { total: total ?? null });
  }
}

function unaVez(evento, accion, total = null) {
  if (hechos.has(evento)) {
    return false;
  }
  appendFileSync(archivo, `${JSON.stringify({ evento, accion, total })}\n`);
  hechos.set(evento, { total });
  return true;
}

const api = (process.env.KOMETIA_API_URL ?? '').replace(/\/$/, ''); // sin dirección no se verifica: se confía en el cuerpo
const llave = Buffer.from(`${process.env.KOMETIA_API_KEY ?? ''}:`).toString('base64'); // es el usuario; la contraseña va vacía

// El evento tal como lo tiene Kometia, o null si no existe en esta cuenta. Falla cuando no se puede saber: la API caída,
// lenta, con otra llave o con demasiadas peticiones.
async function verdadero(id) {
  const respuesta = await fetch(`${api}/api/v1/events/${id}`, {
    headers: { authorization: `Basic ${llave}` },
    signal: AbortSignal.timeout(4000), // menos de lo que Kometia espera nuestra respuesta
  });
  if (respuesta.status === 404) {
    return null;
  }
  if (respuesta.status !== 200) {
    throw new Error(`respondió ${respuesta.status}`);
  }
  return (await respuesta.json()).data;
}

async function webhook(req, res) {
  const { id, kind } = req.body ?? {}; // sin cuerpo JSON no hay req.body
  if (typeof id !== 'string' || typeof kind !== 'string' || !/^[a-z]{3}_[0-9a-z_]{1,60}$/.test(id)) {
    return res.status(400).type('text').send('no es un evento de Kometia');
  }
  if (kind !== 'order.created' && kind !== 'order.placed') {
    return res.type('text').send('sin acción');
  }
  let evento = req.body;
  // Antes de preguntar a la API: acusar un duplicado no cuesta ni arriesga nada.
  if (api !== '' && !hechos.has(id)) {
    try {
      evento = await verdadero(id); // se actúa con lo que dice Kometia, no con lo que dijo el POST
    } catch (error) {
      console.error('API de Kometia:', error.message);
      return res.status(503).type('text').send('no se pudo verificar'); // Kometia lo repite en una hora
    }
    if (evento?.id !== id || evento.kind !== kind) {
      return res.status(422).type('text').send('el evento no es de esta tienda');
    }
  }
  return res.type('text').send(unaVez(id, 'pedido creado', evento.data?.object?.total_price) ? 'recibido' : 'duplicado');
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
  app.get('/efectos/:evento', (req, res) => {
    const hecho = hechos.get(req.params.evento);
    return res.json({ effects: hecho ? 1 : 0, state: hecho ?? null });
  });
}

// Lo que Kometia debe llamar. Va antes de la protección CSRF: el orden decide, y por aquí no pasa.
app.post('/kometia/webhook', json, webhook);

app.use(protecciones[process.env.KOMETIA_CSRF ?? 'csurf']);

// Lo mismo detrás de la protección: 403, porque Kometia no trae cookie ni token.
app.post('/kometia/protegido', json, webhook);

app.listen(Number(process.env.PORT ?? 8000), '127.0.0.1');
