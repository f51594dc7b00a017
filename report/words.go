package report

import (
	"fmt"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// counted is a phrase with a number in it.
type counted struct{ One, Many lang.Text }

func (c counted) of(n int, tag lang.Tag) string {
	if n == 1 {
		return fmt.Sprintf(c.One.In(tag), n)
	}
	return fmt.Sprintf(c.Many.In(tag), n)
}

// words is every phrase that the package says by itself. A field left empty,
// or a pair whose verbs differ, fails the tests.
type words struct {
	// Head of a run.
	Target, Seed, Start, Plan, Receiver           lang.Text
	Posts, TestOrders, TestEvents                 counted
	Mails, Omitted, OmittedWhy, AtMost            lang.Text
	AtPace, RateLimit                             lang.Text
	AnsweredIn, NeverAcked, KindsAcked, ClockSkew lang.Text
	Effects                                       counted
	EffectsIn, EffectsWithin, PerEvent, PerObject lang.Text
	Kinds                                         counted

	// A check.
	Must, Should, Info                                   lang.Text
	Expected, Found, ExpectedFound                       lang.Text
	Cause, Evidence, Matters, Fix, Note, Repeat, More    lang.Text
	SameCause, OfCases, Reason                           lang.Text
	NoAnswer, EffectsNow, Duplicate, MoreLines           lang.Text
	FaultLoseAnswer, FaultRefuse, FaultOther             lang.Text
	FaultReset, FaultHangUp, FaultCutFIN, FaultCutRST    lang.Text
	FaultDrip, FaultAfter, FaultAfterShare               lang.Text
	AndMore, AddToConfig, AddToCommand, ToTest, MoreMust lang.Text
	NotObserved, Inconclusive, NotApplicable, OurErrors  lang.Text
	Certain, Likely, Possible                            lang.Text
	Known, PassesNow, PassesNowOf                        lang.Text

	// The verdict.
	CountPass, CountFail, CountCauses, CountWarn, CountInfo, CountNotObserved,
	CountNotApplicable, CountInconclusive, CountError, CountKnown, CountOutdated counted
	Conforms, DoesNotConform, NoFaults, InconclusiveRun, Unreachable,
	Interrupted, HarnessFailed, KnownFaults, ListOutdated lang.Text
	UnreachableHint, InterruptedHint, HarnessHint          lang.Text
	Proved, WouldProve, WouldProveToo, Foremost, And       lang.Text
	SimulatedMoved, Simulated, Assumptions, ExplainAssumed lang.Text
	ReportFiles, CleanUp, Exit                             lang.Text

	// A send.
	Order, Test, Received, NotReceived, Only2xx, NoRedirects  lang.Text
	In, NoAnswerIn, AtAttempt, Expired, GaveUp, SameDiagnosis lang.Text
	Attempts                                                  counted
	Acked2xxBut, WouldRetry, WouldRetryEvery                  lang.Text
	SendAgain, SendHours                                      lang.Text
	SendDelivered, SendFailed                                 counted
	NoteBodyCut, NoteBodyEndless, NoteBodySlow                lang.Text
	NoteBodyMalformed, NoteHeaderTooLarge, NoteHeaderCut      lang.Text
	NoteHeaderBad, NoteHeaderSlow, NoteEarly, NoteBodyExtra   lang.Text
	NoteContinued, NoteUnanswered, NoteRefused                lang.Text

	Page pageWords
}

func dictionary() words {
	return words{
		Target:        lang.Text{ES: "Destino", EN: "Target"},
		Seed:          lang.Text{ES: "semilla %d", EN: "seed %d"},
		Start:         lang.Text{ES: "inicio %s", EN: "start %s"},
		Plan:          lang.Text{ES: "Plan", EN: "Plan"},
		Receiver:      lang.Text{ES: "Receptor", EN: "Receiver"},
		Posts:         counted{One: lang.Text{ES: "%d POST", EN: "%d POST"}, Many: lang.Text{ES: "%d POST", EN: "%d POSTs"}},
		TestOrders:    counted{One: lang.Text{ES: "%d pedido de prueba", EN: "%d test order"}, Many: lang.Text{ES: "%d pedidos de prueba", EN: "%d test orders"}},
		TestEvents:    counted{One: lang.Text{ES: "%d evento de prueba", EN: "%d test event"}, Many: lang.Text{ES: "%d eventos de prueba", EN: "%d test events"}},
		AtPace:        lang.Text{ES: "unos %s a %s", EN: "about %s at %s"},
		RateLimit:     lang.Text{ES: "X-RateLimit-Limit %d", EN: "X-RateLimit-Limit %d"},
		AtMost:        lang.Text{ES: "a lo más %s", EN: "at most %s"},
		Mails:         lang.Text{ES: "correos @example.com", EN: "emails @example.com"},
		Omitted:       lang.Text{ES: "Omitido", EN: "Left out"},
		OmittedWhy:    lang.Text{ES: "%s: requiere su permiso (--allow %s)", EN: "%s: needs your consent (--allow %s)"},
		AnsweredIn:    lang.Text{ES: "%d en %s", EN: "%d in %s"},
		NeverAcked:    lang.Text{ES: "no aceptó ningún evento", EN: "accepted no event"},
		KindsAcked:    lang.Text{ES: "aceptó %d de %d tipos de evento", EN: "accepted %d of %d event kinds"},
		ClockSkew:     lang.Text{ES: "su reloj difiere %s del nuestro", EN: "its clock is %s off ours"},
		Effects:       counted{One: lang.Text{ES: "%d efecto", EN: "%d effect"}, Many: lang.Text{ES: "%d efectos", EN: "%d effects"}},
		EffectsIn:     lang.Text{ES: "%s en %s", EN: "%s in %s"},
		EffectsWithin: lang.Text{ES: "%s en %s a lo más", EN: "%s within %s"},
		Kinds:         counted{One: lang.Text{ES: "%d tipo de evento", EN: "%d event kind"}, Many: lang.Text{ES: "%d tipos de evento", EN: "%d event kinds"}},
		PerEvent:      lang.Text{ES: "por evento (%s:)", EN: "per event (%s:)"},
		PerObject:     lang.Text{ES: "por objeto (%s:)", EN: "per object (%s:)"},

		Must:          lang.Text{ES: "DEBE", EN: "MUST"},
		Should:        lang.Text{ES: "DEBERÍA", EN: "SHOULD"},
		Info:          lang.Text{ES: "INFO", EN: "INFO"},
		Expected:      lang.Text{ES: "Esperado", EN: "Expected"},
		Found:         lang.Text{ES: "Hubo", EN: "Found"},
		ExpectedFound: lang.Text{ES: "esperado %s, hubo %s", EN: "expected %s, found %s"},
		Cause:         lang.Text{ES: "Causa", EN: "Cause"},
		Evidence:      lang.Text{ES: "Evidencia", EN: "Evidence"},
		Matters:       lang.Text{ES: "Importa", EN: "Matters"},
		Fix:           lang.Text{ES: "Arreglo", EN: "Fix"},
		Note:          lang.Text{ES: "Nota", EN: "Note"},
		Repeat:        lang.Text{ES: "Repetir", EN: "Repeat"},
		More:          lang.Text{ES: "Más", EN: "More"},
		SameCause:     lang.Text{ES: "Misma causa probable: %s", EN: "Same probable cause: %s"},
		OfCases:       lang.Text{ES: "(%d de %d casos)", EN: "(%d of %d cases)"},
		Reason:        lang.Text{ES: "Motivo", EN: "Reason"},
		NoAnswer:      lang.Text{ES: "sin respuesta", EN: "no answer"},
		EffectsNow:    lang.Text{ES: "efectos %d", EN: "effects %d"},
		Duplicate:     lang.Text{ES: "← duplicado", EN: "← duplicate"},
		MoreLines:     lang.Text{ES: "… %d más", EN: "… %d more"},

		FaultLoseAnswer: lang.Text{ES: "respuesta perdida por nosotros", EN: "answer lost by us"},
		FaultRefuse:     lang.Text{ES: "no salió: red cortada por nosotros", EN: "never left: network cut by us"},
		FaultReset:      lang.Text{ES: "conexión reiniciada por nosotros (RST)", EN: "connection reset by us (RST)"},
		FaultHangUp:     lang.Text{ES: "colgamos después del último byte", EN: "we hung up after the last byte"},
		FaultCutFIN:     lang.Text{ES: "cortado por nosotros al %d %% del cuerpo (FIN)", EN: "cut by us at %d %% of the body (FIN)"},
		FaultCutRST:     lang.Text{ES: "cortado por nosotros al %d %% del cuerpo (RST)", EN: "cut by us at %d %% of the body (RST)"},
		FaultDrip:       lang.Text{ES: "a cuentagotas", EN: "in drips"},
		FaultAfter:      lang.Text{ES: ", a los %s", EN: ", after %s"},
		FaultAfterShare: lang.Text{ES: ", al %d %% de su latencia", EN: ", at %d %% of its latency"},
		FaultOther:      lang.Text{ES: "falla nuestra a propósito: %s", EN: "fault of ours on purpose: %s"},

		MoreMust:      lang.Text{ES: "(+%d DEBE)", EN: "(+%d MUST)"},
		AndMore:       lang.Text{ES: "y %d más", EN: "and %d more"},
		AddToConfig:   lang.Text{ES: "Agregue a kometia-sim.yaml:", EN: "Add to kometia-sim.yaml:"},
		AddToCommand:  lang.Text{ES: "Agregue a la orden:", EN: "Add to the command:"},
		ToTest:        lang.Text{ES: "Para probarlas:", EN: "To test them:"},
		NotObserved:   lang.Text{ES: "Sin observar %d:", EN: "Not observed %d:"},
		Inconclusive:  lang.Text{ES: "No concluyentes %d:", EN: "Inconclusive %d:"},
		NotApplicable: lang.Text{ES: "No aplican %d:", EN: "Not applicable %d:"},
		OurErrors:     lang.Text{ES: "falló la herramienta, no su receptor", EN: "the harness failed, not your receiver"},
		Certain:       lang.Text{ES: "seguro", EN: "certain"},
		Likely:        lang.Text{ES: "probable", EN: "likely"},
		Possible:      lang.Text{ES: "posible", EN: "possible"},

		Known:       lang.Text{ES: "Conocida", EN: "Known"},
		PassesNow:   lang.Text{ES: "ya pasa: quítela de la lista (%s)", EN: "passes now: take it off the list (%s)"},
		PassesNowOf: lang.Text{ES: "ya pasa, y %s la tiene por fallida: deje en la lista solo las que fallan (%s)", EN: "passes now, and %s lists it as failing: keep only those on the list that fail (%s)"},

		CountPass:          counted{One: lang.Text{ES: "%d pasa", EN: "%d passed"}, Many: lang.Text{ES: "%d pasan", EN: "%d passed"}},
		CountFail:          counted{One: lang.Text{ES: "%d falla", EN: "%d failed"}, Many: lang.Text{ES: "%d fallan", EN: "%d failed"}},
		CountCauses:        counted{One: lang.Text{ES: "(%d causa)", EN: "(%d cause)"}, Many: lang.Text{ES: "(%d causas)", EN: "(%d causes)"}},
		CountWarn:          counted{One: lang.Text{ES: "%d aviso", EN: "%d warning"}, Many: lang.Text{ES: "%d avisos", EN: "%d warnings"}},
		CountInfo:          counted{One: lang.Text{ES: "%d dato", EN: "%d info"}, Many: lang.Text{ES: "%d datos", EN: "%d info"}},
		CountNotObserved:   counted{One: lang.Text{ES: "%d sin observar", EN: "%d not observed"}, Many: lang.Text{ES: "%d sin observar", EN: "%d not observed"}},
		CountNotApplicable: counted{One: lang.Text{ES: "%d no aplica", EN: "%d not applicable"}, Many: lang.Text{ES: "%d no aplican", EN: "%d not applicable"}},
		CountInconclusive:  counted{One: lang.Text{ES: "%d no concluyente", EN: "%d inconclusive"}, Many: lang.Text{ES: "%d no concluyentes", EN: "%d inconclusive"}},
		CountKnown:         counted{One: lang.Text{ES: "%d falla conocida", EN: "%d known failure"}, Many: lang.Text{ES: "%d fallas conocidas", EN: "%d known failures"}},
		CountOutdated:      counted{One: lang.Text{ES: "%d ya pasa", EN: "%d passes now"}, Many: lang.Text{ES: "%d ya pasan", EN: "%d pass now"}},
		CountError:         counted{One: lang.Text{ES: "%d error nuestro", EN: "%d error of ours"}, Many: lang.Text{ES: "%d errores nuestros", EN: "%d errors of ours"}},

		Conforms:        lang.Text{ES: "conforme", EN: "conforms"},
		DoesNotConform:  lang.Text{ES: "no conforme", EN: "does not conform"},
		NoFaults:        lang.Text{ES: "sin fallas en lo observado (%d de %d DEBE)", EN: "no faults in what was observed (%d of %d MUST)"},
		KnownFaults:     lang.Text{ES: "sin más fallas que las conocidas (%d de %d DEBE)", EN: "no faults but the known ones (%d of %d MUST)"},
		ListOutdated:    lang.Text{ES: "la lista de fallas conocidas no está al día", EN: "the list of known failures is out of date"},
		InconclusiveRun: lang.Text{ES: "no concluyente", EN: "inconclusive"},
		Unreachable:     lang.Text{ES: "sin conexión", EN: "unreachable"},
		Interrupted:     lang.Text{ES: "interrumpido", EN: "interrupted"},
		HarnessFailed:   lang.Text{ES: "falló la herramienta", EN: "the harness failed"},
		UnreachableHint: lang.Text{ES: "Nunca hubo conexión: ¿está encendido su servidor, y son esos el host y el puerto?", EN: "No connection was ever made: is your server running, and are host and port right?"},
		InterruptedHint: lang.Text{ES: "Se muestra lo que alcanzó a probarse; lo demás no se probó.", EN: "This is what was done until then; the rest was not tested."},
		HarnessHint:     lang.Text{ES: "El error es de kometia-sim. Repórtelo con la orden que lo repite; no juzgue a su receptor por esta corrida.", EN: "The error is in kometia-sim. Please report it with the command that repeats it, and do not judge your receiver by this run."},
		Proved:          lang.Text{ES: "Probado: %d de %d DEBE", EN: "Proved: %d of %d MUST"},
		WouldProve:      lang.Text{ES: "con %s suben a %d", EN: "with %s they rise to %d"},
		WouldProveToo:   lang.Text{ES: "con %s también, a %d", EN: "with %s too, to %d"},
		Foremost:        lang.Text{ES: "Lo más grave sin probar: %s, %s.", EN: "What weighs most of the unproved: %s, %s."},
		And:             lang.Text{ES: "%s y %s", EN: "%s and %s"},
		SimulatedMoved:  lang.Text{ES: "Se simularon %s en %s; el reloj de su servidor solo se movió donde una prueba lo adelantó.", EN: "%s were simulated in %s; your server's clock moved only where a check put it forward."},
		Simulated:       lang.Text{ES: "Se simularon %s en %s; el reloj de su servidor no se movió.", EN: "%s were simulated in %s; your server's clock did not move."},
		Assumptions:     lang.Text{ES: "Supuestos:", EN: "Assumed:"},
		ExplainAssumed:  lang.Text{ES: "(kometia-sim explain supuestos)", EN: "(kometia-sim explain assumptions)"},
		ReportFiles:     lang.Text{ES: "Informe:", EN: "Report:"},
		CleanUp:         lang.Text{ES: "Limpiar:", EN: "Clean up:"},
		Exit:            lang.Text{ES: "(salida %d)", EN: "(exit %d)"},

		Order:           lang.Text{ES: "pedido %s", EN: "order %s"},
		Test:            lang.Text{ES: "(prueba)", EN: "(test)"},
		Received:        lang.Text{ES: "RECIBIDO", EN: "RECEIVED"},
		NotReceived:     lang.Text{ES: "NO RECIBIDO", EN: "NOT RECEIVED"},
		Only2xx:         lang.Text{ES: "Kometia solo acepta 2xx", EN: "Kometia accepts 2xx only"},
		NoRedirects:     lang.Text{ES: "Kometia no sigue redirecciones", EN: "Kometia follows no redirects"},
		In:              lang.Text{ES: "en %s", EN: "in %s"},
		NoAnswerIn:      lang.Text{ES: "sin respuesta en %s", EN: "no answer in %s"},
		AtAttempt:       lang.Text{ES: "al intento %d", EN: "at attempt %d"},
		Expired:         lang.Text{ES: "Kometia lo marcaría como no exitoso a las %s", EN: "Kometia would mark it as failed after %s"},
		GaveUp:          lang.Text{ES: "se dejó de intentar", EN: "given up"},
		SameDiagnosis:   lang.Text{ES: "Misma causa: %s", EN: "Same cause: %s"},
		Attempts:        counted{One: lang.Text{ES: "%d intento", EN: "%d attempt"}, Many: lang.Text{ES: "%d intentos", EN: "%d attempts"}},
		Acked2xxBut:     lang.Text{ES: "Aviso", EN: "Warning"},
		WouldRetry:      lang.Text{ES: "Kometia lo repetiría cada hora por 2 días y luego lo marcaría como no exitoso.", EN: "Kometia would retry every hour for 2 days and then mark it as failed."},
		WouldRetryEvery: lang.Text{ES: "Kometia lo repetiría cada %s durante %s y luego lo marcaría como no exitoso.", EN: "Kometia would retry every %s for %s and then mark it as failed."},
		SendAgain:       lang.Text{ES: "Mismo evento otra vez:", EN: "Same event again:"},
		SendHours:       lang.Text{ES: "Ver las 48 horas:", EN: "See the 48 hours:"},
		SendDelivered:   counted{One: lang.Text{ES: "%d recibido", EN: "%d received"}, Many: lang.Text{ES: "%d recibidos", EN: "%d received"}},
		SendFailed:      counted{One: lang.Text{ES: "%d no recibido", EN: "%d not received"}, Many: lang.Text{ES: "%d no recibidos", EN: "%d not received"}},

		NoteBodyCut:        lang.Text{ES: "el cuerpo de la respuesta llegó cortado", EN: "the answer's body was cut short"},
		NoteBodyEndless:    lang.Text{ES: "el cuerpo de la respuesta pasa de 1 MiB; se dejó de leer", EN: "the answer's body is over 1 MiB; the rest was not read"},
		NoteBodySlow:       lang.Text{ES: "el cuerpo de la respuesta no terminó a tiempo", EN: "the answer's body did not end in time"},
		NoteBodyMalformed:  lang.Text{ES: "el largo del cuerpo de la respuesta está mal dicho (Content-Length o chunked)", EN: "the length of the answer's body is badly told (Content-Length or chunked)"},
		NoteHeaderTooLarge: lang.Text{ES: "la cabecera de la respuesta es demasiado grande", EN: "the answer's header is too large"},
		NoteHeaderCut:      lang.Text{ES: "la cabecera de la respuesta llegó cortada", EN: "the answer's header was cut short"},
		NoteHeaderBad:      lang.Text{ES: "una línea de la cabecera de la respuesta no es válida", EN: "a line of the answer's header is malformed"},
		NoteHeaderSlow:     lang.Text{ES: "la cabecera de la respuesta no terminó a tiempo", EN: "the answer's header did not end in time"},
		NoteEarly:          lang.Text{ES: "contestó antes de recibir todo el cuerpo", EN: "answered before it had the whole body"},
		NoteContinued:      lang.Text{ES: "pidió el cuerpo con 100 Continue", EN: "asked for the body with 100 Continue"},
		NoteUnanswered:     lang.Text{ES: "no contestó a Expect: 100-continue, y el cuerpo se mandó sin esperar más", EN: "did not answer Expect: 100-continue, and the body was sent without waiting longer"},
		NoteRefused:        lang.Text{ES: "rechazó Expect con 417, y se mandó otra vez sin él", EN: "refused Expect with 417, and it was sent again without it"},
		NoteBodyExtra:      lang.Text{ES: "hay bytes después del final de la respuesta", EN: "there are bytes after the answer's end"},

		Page: pageDictionary(),
	}
}

func (w *words) conclusion(c Conclusion) lang.Text {
	switch c {
	case Conforms:
		return w.Conforms
	case DoesNotConform:
		return w.DoesNotConform
	case NoFaults:
		return w.NoFaults
	case KnownFaults:
		return w.KnownFaults
	case ListOutdated:
		return w.ListOutdated
	case Unreachable:
		return w.Unreachable
	case Interrupted:
		return w.Interrupted
	case HarnessFailed:
		return w.HarnessFailed
	default:
		return w.InconclusiveRun
	}
}

func (w *words) level(l verdict.Level) lang.Text {
	switch l {
	case verdict.Must:
		return w.Must
	case verdict.Should:
		return w.Should
	default:
		return w.Info
	}
}

func (w *words) certainty(c diagnose.Certainty) lang.Text {
	switch c {
	case diagnose.Certain:
		return w.Certain
	case diagnose.Likely:
		return w.Likely
	default:
		return w.Possible
	}
}

// fault says what we did to an attempt; the kinds it does not know by name it
// quotes.
func (w *words) fault(name string, tag lang.Tag) string {
	f, err := fault.Parse(name)
	said, known := map[fault.Kind]lang.Text{
		fault.LoseAnswer: w.FaultLoseAnswer,
		fault.Refuse:     w.FaultRefuse,
		fault.Reset:      w.FaultReset,
		fault.HangUp:     w.FaultHangUp,
		fault.CutFIN:     w.FaultCutFIN,
		fault.CutRST:     w.FaultCutRST,
		fault.Drip:       w.FaultDrip,
	}[f.Kind]
	switch {
	case err != nil || !known:
		return fmt.Sprintf(w.FaultOther.In(tag), Safe(name))
	case f.Cuts():
		return fmt.Sprintf(said.In(tag), f.Percent)
	case f.Percent > 0:
		return said.In(tag) + fmt.Sprintf(w.FaultAfterShare.In(tag), f.Percent)
	case f.After > 0:
		return said.In(tag) + fmt.Sprintf(w.FaultAfter.In(tag), f.After)
	}
	return said.In(tag)
}

func (w *words) note(n wire.Note) lang.Text {
	t, ok := map[wire.Note]lang.Text{
		wire.NoteBodyCut:        w.NoteBodyCut,
		wire.NoteBodyEndless:    w.NoteBodyEndless,
		wire.NoteBodySlow:       w.NoteBodySlow,
		wire.NoteBodyMalformed:  w.NoteBodyMalformed,
		wire.NoteHeaderTooLarge: w.NoteHeaderTooLarge,
		wire.NoteHeaderCut:      w.NoteHeaderCut,
		wire.NoteHeaderBad:      w.NoteHeaderBad,
		wire.NoteHeaderSlow:     w.NoteHeaderSlow,
		wire.NoteEarly:          w.NoteEarly,
		wire.NoteBodyExtra:      w.NoteBodyExtra,
		wire.NoteContinued:      w.NoteContinued,
		wire.NoteUnanswered:     w.NoteUnanswered,
		wire.NoteRefused:        w.NoteRefused,
	}[n]
	if !ok {
		return lang.Text{ES: string(n), EN: string(n)}
	}
	return t
}
