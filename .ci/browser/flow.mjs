// Through the page of serve as a developer goes: add the careful PHP receiver as
// a webhook, see an order received and verified through the API, switch the
// receiver off for two days, find what expired with its own job. Then every page
// at three widths, light and dark, held against axe.
//
// node flow.mjs KOMETIA_SIM OUT   (see run)

import { chromium } from "playwright-core";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, dirname } from "node:path";
import { createServer } from "node:net";
import { createServer as createWebServer } from "node:http";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import assert from "node:assert/strict";

const [program, out] = process.argv.slice(2);
const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const dir = mkdtempSync(join(tmpdir(), "kometia-browser-"));
mkdirSync(out, { recursive: true });

const children = new Set();
const start = (command, args, options) => {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], detached: true, ...options }); // a group: PHP has workers
  children.add(child);
  child.on("exit", () => children.delete(child));
  child.text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (d) => { child.text += d; });
  return child;
};
const end = (child) => { try { process.kill(-child.pid, "SIGTERM"); } catch { /* it has ended */ } };
const stop = (child) => new Promise((ended) => { child.on("exit", ended); end(child); });
const until = async (what, test) => {
  const last = Date.now() + 30_000;
  for (;;) {
    const value = await test();
    if (value) return value;
    if (Date.now() > last) throw new Error(`waited 30 s for ${what}`);
    await new Promise((next) => setTimeout(next, 50));
  }
};
const freePort = () => new Promise((found) => {
  const server = createServer().listen(0, "127.0.0.1", () => { const { port } = server.address(); server.close(() => found(port)); });
});

const steps = [];
const step = async (name, act) => { const began = Date.now(); await act(); steps.push(`${name}  ${Date.now() - began} ms`); };

let browser;
try {
  const serve = start(program, ["serve", "--listen", "127.0.0.1:0", "--lang", "en"], { cwd: dir });
  const base = await until("serve", () => /http:\/\/127\.0\.0\.1:\d+/.exec(serve.text)?.[0]);
  const { data: keys } = await (await fetch(`${base}/_sim/keys`)).json();
  const { key } = keys.find((k) => !k.public);

  const phpPort = await freePort();
  const env = { ...process.env, KOMETIA_API_URL: base, KOMETIA_API_KEY: key, KOMETIA_DATOS: dir, PHP_CLI_SERVER_WORKERS: "4" };
  const php = join(root, "examples", "php-cuidadoso");
  const receive = async () => {
    const child = start("php", ["-S", `127.0.0.1:${phpPort}`, "-t", "public"], { cwd: php, env });
    await until("the PHP receiver", () => fetch(`http://127.0.0.1:${phpPort}/up`).then((r) => r.ok, () => false));
    return child;
  };
  let receiver = await receive();

  browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "es-MX" });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const errors = [];
  page.on("pageerror", (e) => errors.push(String(e)));
  page.on("console", (m) => { if (m.type() === "error" && !/status of 4\d\d/.test(m.text())) errors.push(m.text()); });

  await step("adds the webhook", async () => {
    await page.goto(base);
    await page.getByLabel("URL de destino").fill(`http://127.0.0.1:${phpPort}/kometia/webhook`);
    await page.getByRole("button", { name: "Agregar Webhook" }).click();
    await page.getByText("Webhook agregado.").waitFor();
  });
  await step("an order is received, and verified through the API", async () => {
    await page.locator('button[value="order.placed"]').click();
    await page.locator("#latest .state.delivered").waitFor(); // without a reload
    assert.equal(new URL(page.url()).pathname, "/");
    await page.locator("#latest a").first().click();
    await page.getByText("204").or(page.getByText("200, recibido")).first().waitFor();
    await page.locator("#delivery table").getByText(/GET \/api\/v1\/events\/evn_/).waitFor();
  });
  let lost;
  await step("two days without the receiver: 49 attempts, expired, and no way back", async () => {
    await stop(receiver);
    await page.goto(base);
    await page.locator('button[value="order.placed,order.paid"]').click();
    await page.locator("#latest .state.pending").first().waitFor();
    await page.getByRole("button", { name: "+48 h" }).click();
    await page.locator("#latest .state.expired").first().waitFor({ timeout: 60_000 });
    await until("both to expire", async () => /2\s+expiradas/.test(await page.locator("#counts").innerText()));
    await page.locator("#latest tr", { has: page.locator(".state.expired") }).first().getByRole("link").click();
    await page.getByText("49 de 49").waitFor();
    assert.equal(await page.locator(".slots li.none").count(), 49);
    await page.getByText("Expiró: Kometia ya no la entrega").waitFor();
    assert.equal(await page.getByRole("button", { name: "Enviar otra vez ahora" }).count(), 0);
    lost = (await page.locator("dd.id").first().innerText()).trim();
    const refused = await page.evaluate(() => fetch(location.pathname + "/redeliver", { method: "POST" }).then((r) => r.status));
    assert.equal(refused, 409);
  });
  await step("the receiver's own job finds them in the API", async () => {
    receiver = await receive();
    const job = spawnSync("php", ["ponerse-al-dia.php"], { cwd: php, env, encoding: "utf8" });
    assert.equal(job.status, 0, job.stderr);
    assert.match(job.stdout, /^[12] eventos que faltaban/);
    const effects = spawnSync("php", ["efectos.php", lost], { cwd: php, env, encoding: "utf8" });
    assert.match(effects.stdout, /1/, effects.stdout + effects.stderr);
    await page.goto(`${base}/api-log`);
    await page.getByText("GET /api/v1/events?per_page=100&page=1").first().waitFor();
  });
  await step("an edited payload is checked while it is typed", async () => {
    await page.goto(`${base}/emit?kinds=order.paid`);
    const area = page.locator("textarea");
    await area.fill((await area.inputValue()).replace('"financial_status": "paid"', '"financial_status": 7'));
    await page.locator("ul.wrong li").getByText("data.object.financial_status").waitFor();
    assert.equal(await page.locator(".gutter .at").count(), 1);
    await page.getByRole("button", { name: "Que suceda" }).click();
    await page.getByText("No se envió nada").waitFor();
    await page.getByLabel("Enviar aunque el esquema lo rechace").check();
    await page.getByRole("button", { name: "Que suceda" }).click();
    await page.getByText("Sucedió").waitFor();
  });
  await step("a fault by a click", async () => {
    await page.goto(`${base}/webhooks/1`);
    await page.getByRole("button", { name: "se pierde la respuesta" }).click();
    await page.locator("#broken").getByText("1 intentos más").waitFor();
    await page.goto(base);
    await page.locator('button[value="order.paid"]').click();
    await until("the fault", async () => /pendiente/.test(await page.locator("#latest tbody tr").first().innerText()));
  });
  await step("nothing goes to another machine before that is confirmed", async () => {
    const add = page.locator("details.add");
    await page.goto(base);
    await add.locator("summary").click();
    await page.getByLabel("URL de destino").fill("http://192.0.2.1/webhook");
    await add.getByRole("button", { name: "Agregar Webhook" }).click();
    await page.getByText("no es esta computadora").waitFor();
    assert.equal(await page.getByLabel("Enviar ahí: es mía, o tengo permiso").isChecked(), false);
    await page.screenshot({ path: join(out, "confirm.png") });
    const { data } = await (await fetch(`${base}/_sim/subscriptions`)).json();
    assert.equal(data.length, 1);
    await page.goto(base);
  });
  await step("the clock plays, and stands still again", async () => {
    await page.getByRole("button", { name: "3600×" }).click();
    await page.locator(".clock .how").getByText("3600×").waitFor();
    await page.getByRole("button", { name: "Detener" }).click();
    await page.locator(".clock .how").getByText("detenido").waitFor();
  });
  assert.deepEqual(errors, []);
  await context.close();

  await step("without JavaScript, too", async () => {
    const plain = await browser.newContext({ javaScriptEnabled: false, locale: "en-US" });
    const p = await plain.newPage();
    await p.goto(base);
    await p.locator('button[value="order.paid"]').click();
    await p.getByText("It happened: the event is on its way.").waitFor();
    await p.getByRole("button", { name: "+1 h" }).click();
    await p.goto(`${base}/deliveries/1`);
    await p.getByText("Who verified it through the API").waitFor();
    await plain.close();
  });

  // The whole page, looked at: nothing that axe calls serious, nothing wider than
  // the window.
  const wrong = [];
  for (const [width, height] of [[320, 640], [390, 844], [1280, 900]]) {
    for (const scheme of ["light", "dark"]) {
      const look = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, locale: "es-MX", bypassCSP: true });
      const p = await look.newPage();
      for (const [name, path] of [["home", "/"], ["deliveries", "/deliveries"], ["delivery", "/deliveries/2"], ["events", "/events"], ["expiring", "/expiring"], ["api", "/api-log"], ["webhook", "/webhooks/1"], ["editor", "/emit?kinds=order.paid"], ["nothing", "/nothing"]]) {
        await p.goto(base + path);
        await p.evaluate(axe);
        const { violations } = await p.evaluate(() => window.axe.run(document));
        for (const v of violations) if (["serious", "critical"].includes(v.impact)) wrong.push(`${width} ${scheme} ${path}: ${v.id} ${v.nodes[0].target}`);
        if (await p.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)) wrong.push(`${width} ${scheme} ${path}: wider than the window`);
        if (await p.evaluate(() => [...document.querySelectorAll("td")].some((td) => td.scrollHeight > td.clientHeight + 1))) wrong.push(`${width} ${scheme} ${path}: a cell's text runs out of it`);
        if (width !== 320) await p.screenshot({ path: join(out, `${name}-${width}-${scheme}.png`), fullPage: width === 390 });
      }
      await look.close();
    }
  }
  assert.deepEqual(wrong, []);
  steps.push("54 pages looked at");

  // The pictures of the documents: an order whose receiver is a Laravel that
  // rejects it, 20 hours later.
  if (process.env.PICTURES) {
    const laravel = createWebServer((_, res) => {
      res.writeHead(419, { "Content-Type": "text/html; charset=UTF-8", Server: "nginx" });
      res.end("<!DOCTYPE html><html><head><title>Page Expired</title></head><body>419 | Page Expired</body></html>");
    });
    await new Promise((listening) => laravel.listen(0, "127.0.0.1", listening));
    const say = (path, body) => fetch(`${base}/_sim/${path}`, { method: "POST", body: JSON.stringify(body) }).then((r) => r.json());
    await say("reset", {});
    await say("subscriptions", { url: `http://127.0.0.1:${laravel.address().port}/kometia/webhook`, kinds: ["order.placed"] });
    await say("emit", { kinds: ["order.placed"] });
    await say("clock/advance", { by: "20h", wait: true });
    const { data: [delivery] } = await (await fetch(`${base}/_sim/deliveries`)).json();
    for (const [name, locale] of [["serve", "en-US"], ["serve.es", "es-MX"]]) {
      const p = await (await browser.newContext({ viewport: { width: 1000, height: 900 }, locale, colorScheme: "light" })).newPage();
      await p.goto(`${base}/deliveries/${delivery.id}`);
      await p.screenshot({ path: join(process.env.PICTURES, `${name}.png`) });
    }
    laravel.close();
  }
  console.log(steps.join("\n"));
} catch (e) {
  console.error(steps.join("\n"));
  console.error(e);
  for (const child of children) console.error(`--- ${child.spawnfile}\n${child.text.slice(-1500)}`);
  const [shown] = browser?.contexts().flatMap((c) => c.pages()) ?? [];
  if (shown) {
    console.error(await shown.locator("main").innerText().catch(String));
    await shown.screenshot({ path: join(out, "failed.png") }).catch(() => {});
  }
  process.exitCode = 1;
} finally {
  await browser?.close();
  for (const child of children) end(child);
}
process.exit(process.exitCode ?? 0);
