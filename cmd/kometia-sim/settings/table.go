package settings

import (
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
)

const (
	// sending are the commands that send events to one receiver, delivering those
	// that send any, cataloguing those that only read
	// the catalogue of event kinds.
	sending     = "send run fuzz replay"
	delivering  = sending + " serve"
	cataloguing = "list explain schema validate"
	// MaxCount bounds --count: send is for looking at events, not for load.
	MaxCount = 10_000
)

// Table is every setting there is. Its order is that of the help and of the
// schema.
func Table() []Setting {
	return append(append(ofCommands(), shared()...), onlyInFile()...)
}

// ofCommands are the flags that belong to one or two commands.
func ofCommands() []Setting {
	return []Setting{
		{Flag: "to", In: "send", Env: "KOMETIA_SIM_TARGET", Key: "target", Type: receiverURL(), Help: lang.Text{ES: "`URL` del receptor, o practice", EN: "`URL` of the receiver, or practice"}},
		{Flag: "count", In: "send", Type: whole(MaxCount), Help: lang.Text{ES: "envía `N` eventos distintos de cada tipo", EN: "send `N` different events of each kind"}},
		{Flag: "again", In: "send", Form: Switch, Help: lang.Text{ES: "repite el último envío, byte por byte", EN: "repeat the last send, byte for byte"}},
		{Flag: "retry", In: "send", Form: Switch, Help: lang.Text{ES: "simula 48 h de reintentos, con un reloj virtual", EN: "simulate 48 h of retries, on a virtual clock"}},
		{Flag: "set", In: "send", Form: Repeated, Help: lang.Text{ES: "cambia un valor: `RUTA=VALOR`, p. ej. data.object.total_price=100", EN: "change a value: `PATH=VALUE`, e.g. data.object.total_price=100"}},
		{Flag: "unset", In: "send", Form: Repeated, Help: lang.Text{ES: "quita el campo en `RUTA`", EN: "remove the field at `PATH`"}},
		{Flag: "data", In: "send", Help: lang.Text{ES: "envía los bytes de `ARCHIVO` tal cual (- es la entrada estándar)", EN: "send the bytes of `FILE` as they are (- is standard input)"}},
		{Flag: "allow-empty", In: "send", Form: Switch, Help: lang.Text{ES: "con --data: envía también un cuerpo vacío", EN: "with --data: also send an empty body"}},
		{Flag: "dry-run", In: "send", Form: Switch, Help: lang.Text{ES: "no envía nada: encabezados a stderr, cuerpo a stdout", EN: "send nothing: headers to stderr, body to stdout"}},
		{Flag: "curl", In: "send", Form: Switch, Help: lang.Text{ES: "no envía nada: escribe el mismo envío como comando curl", EN: "send nothing: print it as a curl command"}},
		{Flag: "json", In: "send", Form: Switch, Help: lang.Text{ES: "una línea de JSON por intento", EN: "one line of JSON per attempt"}},

		{Flag: "target", In: "run fuzz replay", Env: "KOMETIA_SIM_TARGET", Key: "target", Type: receiverURL(), Help: lang.Text{ES: "`URL` del receptor, practice o practice:NOMBRE", EN: "`URL` of the receiver, practice or practice:NAME"}, About: "URL of the receiver; or practice, or practice:NAME."},
		{Flag: "exact", In: "replay", Form: Switch, Help: lang.Text{ES: "envía los mismos bytes, con los ids de entonces", EN: "send the same bytes, with their original ids"}},
		{Flag: "prune", In: "replay", Form: Switch, Help: lang.Text{ES: "borra los casos que ya no fallan", EN: "delete the cases that no longer fail"}},
		{Flag: "export", In: "replay", Type: choice("curl", "http"), Help: lang.Text{ES: "no envía nada; escribe el caso como `curl|http`", EN: "send nothing; write the case as `curl|http`"}},
		{Flag: "json", In: "replay", Form: Switch, Help: lang.Text{ES: "una línea JSON por caso", EN: "one JSON line for each case"}},
		{Flag: "time", In: "fuzz", Type: duration("30s"), Help: lang.Text{ES: "termina tras `TIEMPO` (si no, 1m)", EN: "end after `TIME` (default 1m)"}},
		{Flag: "max-requests", In: "fuzz", Type: whole(0), Help: lang.Text{ES: "termina tras `N` peticiones", EN: "end after `N` requests"}},
		{Flag: "phases", In: "fuzz", Form: Many, Type: phase(), Help: list("solo las `FASES`: %s", "only the `PHASES`: %s", Phases())},
		{Flag: "oracles", In: "fuzz", Form: Many, Type: oneOracle(), Help: list("solo los `ORÁCULOS`: %s", "only the `ORACLES`: %s", Oracles())},
		{Flag: "concurrency", In: "fuzz", Type: whole(1024), Help: lang.Text{ES: "`N` peticiones a la vez (si no, 4)", EN: "`N` requests at once (default 4)"}},

		{Flag: "report", In: "run fuzz report", Form: Repeated, Type: reports(), Help: list("informe `FORMATO[=RUTA]`: %s; se puede repetir", "report `FORMAT[=PATH]`: %s; may be repeated", formats())},
		{Flag: "baseline", In: "run fuzz report", Type: text(), Help: lang.Text{ES: "dice qué cambió desde la corrida que guardó --report json=`ARCHIVO`", EN: "report what changed since the run that --report json=`FILE` stored"}},
		{Flag: "format", In: "compare", Type: choice("text", "markdown"), Help: lang.Text{ES: "`text|markdown` (si no, text)", EN: "`text|markdown` (default text)"}},
		{Flag: "only", In: "run", Form: Many, Type: check(), Help: lang.Text{ES: "solo las pruebas `ID|PATRÓN`", EN: "only the checks `ID|GLOB`"}},
		{Flag: "skip", In: "run", Form: Many, Type: check(), Help: lang.Text{ES: "todas menos las pruebas `ID|PATRÓN`", EN: "all but the checks `ID|GLOB`"}},
		{Flag: "known-failing", In: "run", Key: "known_failing", Type: text(), Help: lang.Text{ES: "no cuentan las fallas de la lista en `ARCHIVO`; sí cuenta una que ya pasa", EN: "failures listed in `FILE` do not count; one that now passes does"}, About: "File with the checks that are known to fail."},
		{Flag: "kinds", In: "run", Form: Many, Type: kind(), Repeats: true, Help: lang.Text{ES: "los `TIPOS` a los que está suscrito el receptor, separados por comas", EN: "the `KINDS` the receiver subscribes to, separated by commas"}},
		{Flag: "strict", In: "run fuzz", Form: Switch, Help: lang.Text{ES: "los avisos también cuentan como fallas", EN: "warnings count as failures, too"}},
		{Flag: "require", In: "run", Type: effects(), Help: lang.Text{ES: "con `effects`, exige que cada DEBE se haya observado", EN: "with `effects`, every MUST has to be observed"}},
		{Flag: "pace", In: "run fuzz replay", Key: "pace", Type: pace(), Repeats: true, Help: lang.Text{ES: "a lo más `N/m` peticiones por minuto, o N/s (si no, tan rápido como contesta)", EN: "at most `N/m` requests a minute, or N/s (default: as fast as it answers)"}, About: "The most requests that the receiver takes, such as 60/m or 30/s."},
		{Flag: "safe", In: "run", Form: Switch, Repeats: true, Help: lang.Text{ES: "trata al receptor como ajeno: pocos eventos, nada malformado (--safe=false lo apaga)", EN: "treat the receiver as someone else's: few events, nothing malformed (--safe=false turns it off)"}},
		{Flag: "verbose", Short: "v", In: "run fuzz report", Form: Switch, Help: lang.Text{ES: "muestra también las pruebas que pasan", EN: "also show the checks that pass"}},

		{Flag: "listen", In: "receive", Type: address(), Default: "127.0.0.1:8000", Help: lang.Text{ES: "escucha en `DIRECCIÓN` (si no, 127.0.0.1:8000)", EN: "listen on `ADDRESS` (default 127.0.0.1:8000)"}},
		{Flag: "flaw", In: "receive", Type: flaw(), Help: lang.Text{ES: "con el defecto `NOMBRE`", EN: "with the flaw `NAME`"}},
		{Flag: "db", In: "receive", Help: lang.Text{ES: "guarda lo recibido en `ARCHIVO` SQLite (si no, uno temporal)", EN: "keep what is received in the SQLite `FILE` (default: a temporary one)"}},
		{Flag: "delay", In: "receive", Env: "KOMETIA_SIM_PRACTICE_DELAY", Type: duration("20ms"), Help: lang.Text{ES: "trabaja `TIEMPO` en cada entrega (si no, lo que tarde)", EN: "work for `TIME` on each delivery (default: as long as it takes)"}},
		{Flag: "api", In: "receive", Help: lang.Text{ES: "la API que lee el receptor thin está en la `URL` (llave: KOMETIA_SIM_API_KEY)", EN: "the API that the receiver thin reads is at the `URL` (key: KOMETIA_SIM_API_KEY)"}},
		{Flag: "erp", In: "receive", Help: lang.Text{ES: "el ERP al que llama el receptor outbox está en la `URL`", EN: "the ERP that the receiver outbox calls is at the `URL`"}},
		// For the child that the target "practice" starts: it ends with its
		// parent, and not with the Ctrl-C that is meant for the parent.
		{Flag: "until-eof", In: "receive", Form: Switch, Hidden: true},

		{Flag: "listen", In: "serve", Type: address(), Default: "127.0.0.1:8090", Help: lang.Text{ES: "escucha en `DIRECCIÓN` (si no, 127.0.0.1:8090); fuera de esta computadora pide --token", EN: "listen on `ADDRESS` (default 127.0.0.1:8090); beyond this computer it needs --token"}},
		{Flag: "token", In: "serve", Env: "KOMETIA_SIM_TOKEN", Type: token(), Help: lang.Text{ES: "exige `VALOR` a quien use la página o la API de control", EN: "require `VALUE` from anyone who uses the page or the control API"}},
		{Flag: "clock", In: "serve", Type: pacing(), Default: "manual", Help: lang.Text{ES: "el tiempo: `manual|real|60x` (60x: una hora por minuto)", EN: "the time: `manual|real|60x` (60x: an hour each minute)"}},
		{Flag: "memory", In: "serve", Form: Switch, Help: lang.Text{ES: "no guarda nada en el disco", EN: "keep nothing on the disk"}},
		{Flag: "db", In: "serve", Help: lang.Text{ES: "recuerda en `ARCHIVO` (si no, .kometia-sim/serve.db)", EN: "remember in `FILE` (default .kometia-sim/serve.db)"}},

		{Flag: "json", In: "list", Form: Switch, Help: lang.Text{ES: "una lista JSON de objetos con id", EN: "a JSON array of objects with an id"}},
		{Flag: "json", In: "ids", Form: Switch, Help: lang.Text{ES: "una lista JSON", EN: "a JSON array"}},
	}
}

// shared are the flags of several commands.
func shared() []Setting {
	return []Setting{
		{Flag: "seed", In: delivering, Type: seed(), Help: lang.Text{ES: "`N` determina los datos (si no, al azar)", EN: "`N` determines the data (default: random)"}},
		{Flag: "ids", In: delivering, Type: ids(), Help: lang.Text{ES: "`XXXX` determina ids, números y correos; new crea otros aun con --seed", EN: "`XXXX` determines ids, numbers and emails; new makes fresh ones even with --seed"}},
		{Flag: "start", In: sending, Type: instant(), Help: lang.Text{ES: "empieza en `FECHA`, como 2026-01-31T10:00:00Z (si no, ahora)", EN: "start at `TIME`, such as 2026-01-31T10:00:00Z (default: now)"}},
		{Flag: "timeout", In: delivering, Env: "KOMETIA_SIM_TIMEOUT", Key: "timeout", Type: duration("10s"), Repeats: true, Help: lang.Text{ES: "`TIEMPO` para cada entrega (si no, 10s)", EN: "`TIME` for each delivery (default 10s)"}, About: "For one delivery, from the connection to the end of the response. Default 10s."},
		{Flag: "header", Short: "H", In: delivering, Key: "headers", Form: Pairs, Type: header(), Repeats: true, Help: lang.Text{ES: "agrega el encabezado `'NOMBRE: VALOR'`, o los del archivo con '@ARCHIVO'; se puede repetir", EN: "add the header `'NAME: VALUE'`, or those of a file with '@FILE'; may be repeated"}, About: "Further header fields of every delivery."},
		{Flag: "style", In: delivering, Type: choice(styles()...), Repeats: true, Help: lang.Text{ES: "escribe el JSON como `php|plain|pretty` (si no, php)", EN: "write the JSON as `php|plain|pretty` (default php)"}},
		{Flag: "envelope", In: delivering, Type: choice(delivery.Envelopes()...), Repeats: true, Help: lang.Text{ES: "pone el evento a secas o en {\"data\": ...}: `bare|data` (si no, bare)", EN: "write the event bare or in {\"data\": ...}: `bare|data` (default bare)"}},
		{Flag: "schemas", In: delivering + " " + cataloguing, Env: "KOMETIA_SIM_SCHEMAS", Key: "schemas", Type: text(), Repeats: true, Help: lang.Text{ES: "agrega los tipos de evento de la `CARPETA`", EN: "add the event kinds of the folder `DIR`"}, About: "Folder with schema files of your own event kinds."},
		{Flag: "live-orders", In: delivering, Key: "live_orders", Form: Switch, Type: Type{Schema: `"type": "boolean"`}, Repeats: true, About: "Orders say is_test: false, for a receiver that skips test orders.", Help: lang.Text{ES: "los pedidos dicen is_test: false, para un receptor que omite los de prueba", EN: "orders say is_test: false, for a receiver that skips test orders"}},
		{Flag: "ca", In: delivering, Env: "KOMETIA_SIM_CA", Repeats: true, Help: lang.Text{ES: "confía en los certificados del `ARCHIVO` PEM", EN: "trust the certificates of the PEM `FILE`"}},
		{Flag: "cert", In: delivering, Env: "KOMETIA_SIM_CERT", Repeats: true, Help: lang.Text{ES: "presenta el certificado de cliente del `ARCHIVO` PEM", EN: "present the client certificate of the PEM `FILE`"}},
		{Flag: "key", In: delivering, Env: "KOMETIA_SIM_KEY", Repeats: true, Help: lang.Text{ES: "la clave de --cert está en el `ARCHIVO` PEM (si no, en el mismo)", EN: "the key of --cert is in the PEM `FILE` (default: in the same file)"}},
		{Flag: "resolve", In: delivering, Form: Repeated, Type: resolving(), Repeats: true, Help: lang.Text{ES: "conecta con DIRECCIÓN en lugar de la de HOST: `HOST:DIRECCIÓN`; se puede repetir", EN: "connect to ADDR instead of the address of HOST: `HOST:ADDR`; may be repeated"}},
		{Flag: "insecure", In: delivering, Form: Switch, Repeats: true, Help: lang.Text{ES: "acepta cualquier certificado; Kometia no lo hace", EN: "accept any certificate; Kometia does not"}},
		{Flag: "no-proxy", In: delivering, Form: Switch, Repeats: true, Help: lang.Text{ES: "no usa el proxy de HTTPS_PROXY", EN: "do not use the proxy of HTTPS_PROXY"}},
		{Flag: "allow", In: delivering, Key: "allow", Form: Many, Type: class(), Adds: true, Repeats: true, Help: list("abre `CLASES` cerradas para otras máquinas: %s", "open `CLASSES` that are closed for other machines: %s", consent.Classes()), About: "Classes of requests opened for a receiver on another computer."},
		{Flag: "no-probe", In: sending, Form: Switch, Repeats: true, Help: lang.Text{ES: "no hace peticiones adicionales para el diagnóstico", EN: "make no extra requests for the diagnosis"}},
		{Flag: "api", In: sending, Key: "api.listen", Type: address(), Repeats: true, Help: lang.Text{ES: "responde como la API de Kometia en `DIRECCIÓN`, p. ej. 127.0.0.1:8091", EN: "answer as Kometia's API on `ADDRESS`, e.g. 127.0.0.1:8091"}},
		{Flag: "forget", In: "fuzz", Form: Switch, Help: lang.Text{ES: "no empieza con los casos guardados", EN: "do not start with the kept cases"}},
		{Flag: "config", In: "*", Env: "KOMETIA_SIM_CONFIG", Repeats: true, Help: lang.Text{ES: "lee la configuración de `ARCHIVO` (si no, ./kometia-sim.yaml)", EN: "read the config from `FILE` (default ./kometia-sim.yaml)"}},
		{Flag: "lang", In: "*", Env: "KOMETIA_SIM_LANG", Key: "lang", Type: spoken(), Help: lang.Text{ES: "idioma, `es|en`", EN: "language, `es|en`"}},
		{Flag: "help", Short: "h", In: "*", Form: Switch, Help: lang.Text{ES: "muestra esta ayuda", EN: "show this help"}},
		{Flag: "version", In: Program, Form: Switch, Help: lang.Text{ES: "muestra la versión", EN: "print the version"}},
	}
}

// onlyInFile are the keys of kometia-sim.yaml that no flag has.
func onlyInFile() []Setting {
	return []Setting{
		{Key: "subscriptions", Form: Receivers, About: "In place of target: receivers and the event kinds that each subscribes to."},
		{Key: "api", Form: Group, About: "The simulated API, for receivers that verify events through it."},
		{Key: "api.key", Env: "KOMETIA_SIM_API_KEY", Type: text()},
		{Key: "auth", Type: choice(language.AuthAPI, language.AuthPath), About: "How the receiver knows that an event is Kometia's: it asks the API, or its URL has a secret path."},
		{Key: "observe", Form: Group, About: "Where the effects of an event can be seen; one of command, url and log, and sink alone or beside it."},
		{Key: "observe.command", Form: Words, Type: text()},
		{Key: "observe.url", Type: text()},
		{Key: "observe.log", Form: Group, Type: Type{Schema: `"required": ["file", "pattern"]`}},
		{Key: "observe.log.file", Type: text()},
		{Key: "observe.log.pattern", Type: text()},
		{Key: "observe.sink", Form: Named, Type: address(), About: "Where we stand in for what the receiver calls: one address, several, or names with addresses."},
		{Key: "observe.sink_key", Type: sinkKey(), About: "What repeats of one call have in common: a header (default Idempotency-Key), or body. and a path into its JSON."},
		{Key: "observe.state_map", Form: Pairs, Type: Type{Schema: `"type": "string"`}, About: "Field of the observed state to the path of the event that it comes from."},
		{Key: "intended", Form: Intentions, About: "What the receiver does on purpose in a way of its own: neither effects nor what it keeps of such events are held against it."},
		{Key: "drain", Form: Words, Type: text(), About: "Works the receiver's queue off."},
		{Key: "start", Form: Words, Type: text(), About: "Starts the receiver, also when it is not up as a run begins; may be the server itself, in the foreground, which the run then ends."},
		{Key: "kill", Form: Words, Type: text(), About: "Kills the receiver (SIGKILL)."},
		{Key: "restart", Form: Words, Type: text(), About: "Restarts the receiver in an orderly way; proves less than kill and start."},
		{Key: "down", Form: Words, Type: text(), About: "Takes the receiver's own database away."},
		{Key: "up", Form: Words, Type: text(), About: "Gives it back."},
		{Key: "reconcile", Form: Words, Type: text(), About: "Runs the receiver's own job that looks in the API for the events that it missed, and ends when that is done."},
		{Key: "ready", Type: url(), About: "Answers once the receiver is up (any status but 502, 503 and 504). Default: the target's origin with the path /."},
		{Key: "assume", Form: Pairs, Type: assumption(), About: "Assumptions about Kometia that you have confirmed; kometia-sim explain assumptions lists them."},
		{Key: "retry", Form: Group, About: "The retry policy; Kometia's is interval 1h, window 48h."},
		{Key: "retry.interval", Type: duration("10s")},
		{Key: "retry.window", Type: duration("10s")},
	}
}

// list is a help that names what there is.
func list(es, en string, values []string) lang.Text {
	return lang.Textf(es, en, strings.Join(values, ", "))
}

func styles() (names []string) {
	for _, s := range jsontree.Styles() {
		names = append(names, string(s))
	}
	return names
}
