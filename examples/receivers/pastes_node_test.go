package receivers_test

// nodePastes are what the table prints for Node.
func nodePastes() []pasted {
	return []pasted{
		named("Express with csurf", pasted{
			needs: []string{"nodejs", "npm:express"}, file: "app.cjs", code: "csrf.express", framework: "express", refuses: 403,
			before:  "app.use(csrf({ cookie: true }));\napp.post('/kometia/webhook', (req, res) => res.sendStatus(204));\n",
			command: []string{"node", "app.cjs", "{port}"}, env: []string{"NODE_ENV=development"},
			source: `const { createRequire } = require('module');
const packages = createRequire('{examples}/express/app.mjs');
const express = packages('express');
const csrf = packages('csurf');
const app = express();
app.use(packages('cookie-parser')());
{fix}
app.listen(Number(process.argv[2]), '127.0.0.1');
`,
		}),
		named("Express with lusca", pasted{
			needs: []string{"nodejs", "npm:express"}, file: "app.cjs", code: "csrf.express", framework: "express", refuses: 403,
			before:  "app.use(csrf());\napp.post('/kometia/webhook', (req, res) => res.sendStatus(204));\n",
			command: []string{"node", "app.cjs", "{port}"}, env: []string{"NODE_ENV=development"},
			source: `const { createRequire } = require('module');
const packages = createRequire('{examples}/express/app.mjs');
const express = packages('express');
const { csrf } = packages('lusca');
const app = express();
app.use(packages('express-session')({ secret: 'x', resave: false, saveUninitialized: true }));
{fix}
app.listen(Number(process.argv[2]), '127.0.0.1');
`,
		}),
		named("Fastify", node("csrf.generic", "fastify", 403, `(async () => {
  const app = packages('fastify')();
  await app.register(packages('@fastify/cookie'));
  await app.register(packages('@fastify/csrf-protection'));
  {fix}
  await app.listen({ port, host: '127.0.0.1' });
})();
`, "app.post('/kometia/webhook', { onRequest: app.csrfProtection }, async (request, reply) => reply.code(204).send());")),
		named("Koa", node("csrf.generic", "koa", 403, `const Koa = packages('koa');
const app = new Koa();
app.silent = true;
app.keys = ['x'];
app.use((packages('koa-session').default)(app));
app.use(async (ctx, next) => { ctx.request.body = {}; await next(); }); // as a body parser does
const KoaRouter = packages('@koa/router');
const router = new (KoaRouter.default || KoaRouter)();
const CSRF = packages('koa-csrf');
{fix}
app.listen(port, '127.0.0.1');
`, "app.use(new CSRF());\nrouter.post('/kometia/webhook', async (ctx) => { ctx.status = 204; });\napp.use(router.routes());")),
		named("hapi with crumb", node("csrf.generic", "hapi", 403, `(async () => {
  const server = packages('@hapi/hapi').server({ port, host: '127.0.0.1' });
  await server.register({ plugin: packages('@hapi/crumb'), options: { restful: true, cookieOptions: { isSecure: false } } });
  {fix}
  await server.start();
})();
`, "server.route({ method: 'POST', path: '/kometia/webhook', handler: (request, h) => h.response().code(204) });")),
		named("Nest", node("route.not-found", "nest", 404, `packages('reflect-metadata');
const source = String.raw`+"`"+`
const { Body, Controller, HttpCode, Module, Post } = packages('@nestjs/common');
@Controller()
class Webhooks {
  {fix}
}
@Module({ controllers: [Webhooks] })
class Sitio {}
exports.Sitio = Sitio;
`+"`"+`;
const ts = packages('typescript');
const js = ts.transpileModule(source, { compilerOptions: { experimentalDecorators: true, target: 'ES2022', module: 'CommonJS' } }).outputText;
new Function('packages', 'exports', js)(packages, exports);
packages('@nestjs/core').NestFactory.create(exports.Sitio, { logger: false }).then((app) => app.listen(port, '127.0.0.1'));
`, "")),
		named("Express, a route", express("route.not-found", 404, "", "{fix}")),
		named("Express, a limit", express("body.too-large", 413, "app.use(express.json({ limit: '100b' }));", "{fix}\napp.post('/kometia/webhook', (req, res) => res.sendStatus(204));")),
		named("Fastify, a limit", node("body.too-large", "fastify", 413, `(async () => {
  const app = packages('fastify')();
  const webhook = async (request, reply) => reply.code(204).send();
  {fix}
  await app.listen({ port, host: '127.0.0.1' });
})();
`, "app.post('/kometia/webhook', { bodyLimit: 100 }, webhook);")),
		named("hapi, a type", hapi("body.unsupported-type", 415, "options: { payload: { allow: 'text/xml' } }")),
		named("hapi, a limit", hapi("body.too-large", 413, "options: { payload: { maxBytes: 100 } }")),
		named("Koa, a route", node("route.not-found", "koa", 404, `const Koa = packages('koa');
const app = new Koa();
const KoaRouter = packages('@koa/router');
const router = new (KoaRouter.default || KoaRouter)();
{fix}
app.use(router.routes());
app.listen(port, '127.0.0.1');
`, "")),
		lasting("Next.js", pasted{
			needs: []string{"nodejs"}, program: "test -e testdata/next/node_modules/.package-lock.json",
			file: "app/kometia/webhook/route.js", code: "method.not-allowed", framework: "nextjs", refuses: 405,
			before: "export async function GET() {\n  return new Response('hola');\n}", source: "{fix}\n",
			also:    map[string]string{"run.sh": "ln -s {examples}/receivers/testdata/next/node_modules .\nexec node node_modules/next/dist/bin/next dev -H 127.0.0.1 -p {port}\n"},
			command: []string{"sh", "run.sh"}, env: []string{"NEXT_TELEMETRY_DISABLED=1"},
		}),
	}
}

// node is a program of Node with the packages of testdata/node.
func node(code, framework string, refuses int, source, before string) pasted {
	return pasted{
		needs: []string{"nodejs", "npm:receivers/testdata/node"}, file: "app.cjs", code: code, framework: framework, refuses: refuses, before: before,
		command: []string{"node", "app.cjs", "{port}"},
		source: "const packages = require('module').createRequire('{examples}/receivers/testdata/node/package.json');\nconst port = Number(process.argv[2]);\n" +
			source,
	}
}

// express is an application of Express.
func express(code string, refuses int, before, rest string) pasted {
	return pasted{
		needs: []string{"nodejs", "npm:express"}, file: "app.cjs", code: code, framework: "express", refuses: refuses, before: before,
		command: []string{"node", "app.cjs", "{port}"},
		source: "const express = require('module').createRequire('{examples}/express/app.mjs')('express');\nconst app = express();\n" +
			rest + "\napp.listen(Number(process.argv[2]), '127.0.0.1');\n",
	}
}

// hapi is a route of hapi whose options are pasted.
func hapi(code string, refuses int, before string) pasted {
	return node(code, "hapi", refuses, `(async () => {
  const server = packages('@hapi/hapi').server({ port, host: '127.0.0.1' });
  server.route({ method: 'POST', path: '/kometia/webhook', {fix}, handler: (request, h) => h.response().code(204) });
  await server.start();
})();
`, before)
}
