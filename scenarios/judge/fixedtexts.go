package judge

import (
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// fixedText is a sentence of the runner that is always the same.
type fixedText int

// The fixed texts; those that begin with textEnable are lines of a config that
// switch on what was lacking.
const (
	textNotPlayed fixedText = iota
	textInterrupted
	textTired
	textGathered
	textGatheredOrLost
	textThrottled
	textGone
	textAway
	textNeverKept
	textNoAnswers
	textNeverDue
	textNeedsEffects
	textEnableEffects
	textNeedsMore
	textGraceful
	textUnmoved
	textEnableOffset
	textSharedEffects
	textByObject
	textSlowBySize
	textAbsent
	textAbsentHere
	textNoObject
	textNoneTaken
	textNothingNewer
	textKeptDeleted
	textNeedsState
	textEnableObserver
	textStateOnly
	textMeant
	textSkipsTests
	fixedTexts // how many there are
)

// both is the sentence in both languages.
func (t fixedText) both() lang.Text {
	return [fixedTexts]lang.Text{
		textNotPlayed:      {ES: "no se llegó a probar", EN: "was not tried"},
		textTired:          {ES: "ya se esperó una docena de respuestas que no llegaron; arregle primero eso", EN: "a dozen responses had been waited for that did not come; fix that first"},
		textGathered:       {ES: "De los eventos de un objeto que llegan juntos hace solo uno, y guarda lo que dice el más nuevo; es legítimo.", EN: "Of the events of one object that arrive together it does only one, and keeps what the newest says; that is legitimate."},
		textGatheredOrLost: {ES: "de dos eventos de un objeto que llegaron juntos solo uno tuvo efecto: o se juntan a propósito, o se perdió uno; un state_map lo diría", EN: "of two events of one object that arrived together only one had an effect: either they are gathered on purpose, or one was lost; a state_map would show which"},
		textInterrupted:    {ES: "la corrida se interrumpió antes", EN: "the run was interrupted before"},
		textThrottled:      {ES: "el servidor limita el ritmo (429 o Retry-After) más de lo que se espera en una corrida (60 s en total)", EN: "the server limits the rate (429 or Retry-After) for longer than a run waits (60 s in all)"},
		textNeverKept:      {ES: "ya después del evento que creó el objeto no había nada de él", EN: "nothing was there of the object after the event that created it, either"},
		textAway:           {ES: "el servidor aún no escuchaba otra vez después de que se mató y se arrancó", EN: "the server was not listening again yet after it was killed and started"},
		textGone:           {ES: "el servidor dejó de escuchar durante una prueba anterior", EN: "the server stopped listening during an earlier check"},
		textNoAnswers:      {ES: "no hubo respuestas que medir", EN: "there were no responses to measure"},
		textNeverDue:       {ES: "la política de reintentos de esta corrida no hace tantos intentos", EN: "this run's retry policy does not make that many attempts"},
		textNeedsEffects:   {ES: "respondió bien, pero no se observa lo que el servidor hizo", EN: "it answered well, but what the server did is not observed"},
		textEnableEffects:  {ES: "observe: {log: {file: app.log, pattern: 'pedido creado .*'}}", EN: "observe: {log: {file: app.log, pattern: 'order created .*'}}"},
		textNeedsMore:      {ES: "respondió bien, pero la prueba pide más que la respuesta y eso todavía no se observa", EN: "it answered well, but the check asks for more than the response, which cannot be observed yet"},
		textGraceful:       {ES: "Con restart (un reinicio ordenado) se prueba menos que con kill y start.", EN: "With restart (an orderly one) less is proven than with kill and start."},
		textUnmoved:        {ES: "el reloj del servidor (su Date) no se adelantó con KOMETIA_SIM_OFFSET", EN: "the server's clock (its Date) did not go ahead with KOMETIA_SIM_OFFSET"},
		textEnableOffset:   {ES: `start: [sh, -c, 'exec faketime -f "$KOMETIA_SIM_OFFSET" ./arrancar']   # su propio start:, con un reloj que se puede mover`, EN: `start: [sh, -c, 'exec faketime -f "$KOMETIA_SIM_OFFSET" ./start']   # your own start:, with a clock that can be moved`},
		textSharedEffects:  {ES: "los efectos se cuentan por objeto, y así no se distinguen los de dos eventos del mismo objeto", EN: "effects are counted by object, so that those of two events of one object look the same"},
		textByObject:       {ES: "Los efectos se cuentan por objeto: esto prueba que hay las filas que debe haber, no que se escribieron una sola vez.", EN: "Effects are counted by object: this proves that the rows are there that should be, not that they were written once."},
		textSlowBySize:     {ES: "responde lento, y más cuanto más grande es el pedido: eso habla de su velocidad y no de un límite (KOM-LAT-001)", EN: "it answers slowly, the more so the bigger the order: that is about its speed and not about a limit (KOM-LAT-001)"},
		textAbsent:         {ES: "no hay nada del objeto", EN: "nothing is there of the object"},
		textAbsentHere:     {ES: "no hay nada del objeto, que en orden sí queda", EN: "nothing is there of the object, which is there when the events come in order"},
		textNoObject:       {ES: "lo que se mandó no es la versión de ningún objeto", EN: "what was sent is no version of any object"},
		textNoneTaken:      {ES: "no recibió el evento con el que habría que comparar", EN: "it did not take the event that would have to be compared with"},
		textNothingNewer:   {ES: "no recibió el evento más nuevo antes que este, así que no había de qué retroceder", EN: "it did not take the newer event before this one, so that there was nothing to go back from"},
		textKeptDeleted:    {ES: "conserva lo borrado, y por sus campos no se sabe si sigue borrado", EN: "it keeps what is deleted, and its fields do not show whether it is still deleted"},
		textNeedsState:     {ES: "no se observa en qué estado queda lo que el servidor guarda", EN: "the state of what the server keeps is not observed"},
		textStateOnly:      {ES: "el observador dice solo el estado, no cuántos efectos hubo (\"effects\")", EN: "the observer reports only the state, not how many effects there were (\"effects\")"},
		textMeant:          {ES: "lo que hace con este evento es cosa suya (intended)", EN: "what it does with this event is its own affair (intended)"},
		textSkipsTests:     {ES: "no hace nada con un pedido de prueba (is_test: true), y con uno que no lo es sí", EN: "it does nothing about a test order (is_test: true), and does about one that is none"},
		textEnableObserver: {ES: `observe: {url: "http://localhost:8000/efectos/{event.id}", state_map: {precio: data.object.price}}`, EN: `observe: {url: "http://localhost:8000/effects/{event.id}", state_map: {price: data.object.price}}`},
	}[t]
}
