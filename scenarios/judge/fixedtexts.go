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
		textNotPlayed:      {ES: "no se llegó a probar", EN: "was not tested"},
		textTired:          {ES: "ya se esperó una docena de respuestas que no llegaron; corrija eso primero", EN: "a dozen responses had already failed to arrive; fix that first"},
		textGathered:       {ES: "De varios eventos de un objeto que llegan juntos procesa solo uno y guarda lo que dice el más reciente; es legítimo.", EN: "Of several events about one object that arrive together, it processes only one and stores what the newest says; that is legitimate."},
		textGatheredOrLost: {ES: "de dos eventos de un objeto que llegaron juntos solo uno tuvo efecto: o se juntan a propósito, o se perdió uno; un state_map lo diría", EN: "of two events about one object that arrived together, only one had an effect: either they are gathered on purpose, or one was lost; a state_map would show which"},
		textInterrupted:    {ES: "la corrida se interrumpió antes", EN: "the run was interrupted before"},
		textThrottled:      {ES: "el servidor limita el ritmo (429 o Retry-After) más de lo que se espera en una corrida (60 s en total)", EN: "the server limits the rate (429 or Retry-After) for longer than a run waits (60 s in all)"},
		textNeverKept:      {ES: "ya después del evento que creó el objeto no había nada de él", EN: "nothing of the object was there after the event that created it, either"},
		textAway:           {ES: "el servidor aún no escuchaba otra vez después de que se mató y se arrancó", EN: "the server was not listening again yet after it was killed and started"},
		textGone:           {ES: "el servidor dejó de escuchar durante una prueba anterior", EN: "the server stopped listening during an earlier check"},
		textNoAnswers:      {ES: "no hubo respuestas que medir", EN: "there were no responses to measure"},
		textNeverDue:       {ES: "la política de reintentos de esta corrida no hace tantos intentos", EN: "this run's retry policy does not make that many attempts"},
		textNeedsEffects:   {ES: "respondió bien, pero no se observa lo que el servidor hizo", EN: "it answered correctly, but what the server did is not observed"},
		textEnableEffects:  {ES: "observe: {log: {file: app.log, pattern: 'pedido creado .*'}}", EN: "observe: {log: {file: app.log, pattern: 'order created .*'}}"},
		textNeedsMore:      {ES: "respondió bien, pero la prueba trata de algo más que la respuesta, y eso todavía no se observa", EN: "it answered correctly, but the check is about more than the response, and that is not observed yet"},
		textGraceful:       {ES: "Con restart (un reinicio ordenado) se prueba menos que con kill y start.", EN: "restart (an orderly one) proves less than kill and start."},
		textUnmoved:        {ES: "el reloj del servidor (su Date) no se adelantó con KOMETIA_SIM_OFFSET", EN: "the server's clock (its Date) did not go ahead with KOMETIA_SIM_OFFSET"},
		textEnableOffset:   {ES: `start: [sh, -c, 'exec faketime -f "$KOMETIA_SIM_OFFSET" ./arrancar']   # su propio start:, con un reloj que se puede mover`, EN: `start: [sh, -c, 'exec faketime -f "$KOMETIA_SIM_OFFSET" ./start']   # your own start:, with a clock that can be moved`},
		textSharedEffects:  {ES: "los efectos se cuentan por objeto, y así no se distinguen los de dos eventos del mismo objeto", EN: "effects are counted per object, so those of two events about one object look the same"},
		textByObject:       {ES: "Los efectos se cuentan por objeto: esto prueba que están las filas que deben estar, no que se escribieron una sola vez.", EN: "Effects are counted per object: this proves that the right rows are there, not that they were written only once."},
		textSlowBySize:     {ES: "responde lento, y más lento cuanto más grande es el pedido: eso se debe a su velocidad y no a un límite (KOM-LAT-001)", EN: "it answers slowly, and slower the larger the order: that is about its speed, not about a limit (KOM-LAT-001)"},
		textAbsent:         {ES: "no hay nada del objeto", EN: "nothing of the object is there"},
		textAbsentHere:     {ES: "no hay nada del objeto, que en orden sí queda", EN: "nothing of the object is there, which is there when the events come in order"},
		textNoObject:       {ES: "lo que se mandó no es la versión de ningún objeto", EN: "what was sent is not a version of any object"},
		textNoneTaken:      {ES: "no aceptó el evento con el que habría que comparar", EN: "it did not accept the event to compare with"},
		textNothingNewer:   {ES: "no aceptó el evento más reciente antes que este, así que no había nada que perder", EN: "it did not accept the newer event before this one, so there was nothing to go back from"},
		textKeptDeleted:    {ES: "conserva lo borrado, y por sus campos no se sabe si sigue borrado", EN: "it keeps deleted objects, and their fields do not show whether they are still deleted"},
		textNeedsState:     {ES: "no se observa en qué estado queda lo que el servidor guarda", EN: "the state of what the server keeps is not observed"},
		textStateOnly:      {ES: "el observador dice solo el estado, no cuántos efectos hubo (\"effects\")", EN: "the observer reports only the state, not how many effects there were (\"effects\")"},
		textMeant:          {ES: "lo que hace con este evento es a propósito (intended:)", EN: "what it does with this event is intended (intended:)"},
		textSkipsTests:     {ES: "no hace nada con un pedido de prueba (is_test: true), pero sí con uno real", EN: "it does nothing with a test order (is_test: true), but acts on a real one"},
		textEnableObserver: {ES: `observe: {url: "http://localhost:8000/efectos/{event.id}", state_map: {precio: data.object.price}}`, EN: `observe: {url: "http://localhost:8000/effects/{event.id}", state_map: {price: data.object.price}}`},
	}[t]
}
