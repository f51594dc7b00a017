package view

import (
	"fmt"
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
)

// Words is every phrase that a report says by itself, in one language. A phrase
// that is empty, or whose verbs differ between the languages, fails the tests.
type Words struct {
	Tag lang.Tag
	RunWords
	CheckWords
	DocumentWords
	PageWords
	SendWords
}

// In gives the words in a language; an unknown tag reads Spanish.
func In(tag lang.Tag) *Words {
	if tag != lang.English {
		tag = lang.Spanish
	}
	t := func(es, en string) string { return lang.Text{ES: es, EN: en}.In(tag) }
	return &Words{Tag: tag, RunWords: runWords(t), CheckWords: checkWords(t), DocumentWords: documentWords(t), PageWords: pageWords(t), SendWords: sendWords(t)}
}

// speak gives one of two texts that say the same, Spanish first.
type speak func(es, en string) string

// Counted is a phrase with a number in it.
type Counted struct{ One, Many string }

// Of is the phrase for n.
func (c Counted) Of(n int) string {
	if n == 1 {
		return fmt.Sprintf(c.One, n)
	}
	return fmt.Sprintf(strings.Replace(c.Many, "%d", "%s", 1), Number(n))
}

// RunWords are said of a run as a whole.
type RunWords struct {
	// The head of a run.
	Target, Seed, Start, Plan, Receiver, Mails, Omitted, OmittedWhy, AtMost, AtPace, RateLimit, AnsweredIn, NeverAcked string
	KindsAcked, ClockSkew, EffectsIn, EffectsWithin, PerEvent, PerObject                                               string
	Posts, TestOrders, Orders, TestEvents, Effects, Kinds                                                              Counted

	// Its verdict.
	UnreachableHint, BlindHint, InterruptedHint, CutOffHint, HarnessHint, Proved, ProvedOfFuzz, AllPassed, AndOf, Foremost, And, SimulatedMoved string
	OfChecks, Because, BecauseShared, BecauseSeveral, BecauseUnnamed, ItDoes, CauseOf, Others, SaidOf, TestWith, ToTestUpTo, AlsoToTestUpTo     string
	TestedPassed, TestedFailed, TestedWarned, TestedKnown, CountChecks                                                                          Counted
	Simulated, Assumptions, ExplainAssumed, ReportFiles, CleanUp, Exit                                                                          string
	CountCauses, AssumptionsIn, OthersUntested                                                                                                  Counted

	Counts      map[verdict.Verdict]Counted // how many checks have a verdict
	Conclusions map[Conclusion]string
}

func runWords(t speak) RunWords {
	return RunWords{
		Target:        t("Destino", "Target"),
		Seed:          t("semilla %s", "seed %s"),
		Start:         t("inicio %s", "start %s"),
		Plan:          t("Plan", "Plan"),
		Receiver:      t("Receptor", "Receiver"),
		Posts:         Counted{t("%d POST", "%d POST"), t("%d POST", "%d POSTs")},
		Orders:        Counted{t("%d pedido", "%d order"), t("%d pedidos", "%d orders")},
		TestOrders:    Counted{t("%d pedido de prueba", "%d test order"), t("%d pedidos de prueba", "%d test orders")},
		TestEvents:    Counted{t("%d evento de prueba", "%d test event"), t("%d eventos de prueba", "%d test events")},
		Mails:         t("correos @example.com", "emails @example.com"),
		Omitted:       t("Omitido", "Left out"),
		OmittedWhy:    t("%s: requiere su permiso (--allow %s)", "%s: needs your consent (--allow %s)"),
		AtMost:        t("a lo más %s", "at most %s"),
		AtPace:        t("unos %s a %s", "about %s at %s"),
		RateLimit:     t("X-RateLimit-Limit %d", "X-RateLimit-Limit %d"),
		AnsweredIn:    t("%d en %s", "%d in %s"),
		NeverAcked:    t("no aceptó ningún evento", "accepted no event"),
		KindsAcked:    t("aceptó %d de %d tipos de evento", "accepted %d of %d event kinds"),
		ClockSkew:     t("su reloj difiere %s del nuestro", "its clock is %s off ours"),
		Effects:       Counted{t("%d efecto", "%d effect"), t("%d efectos", "%d effects")},
		EffectsIn:     t("%s en %s", "%s in %s"),
		EffectsWithin: t("%s en %s a lo más", "%s within %s"),
		PerEvent:      t("efectos contados por evento (%s:)", "effects counted per event (%s:)"),
		PerObject:     t("efectos contados por objeto (%s:)", "effects counted per object (%s:)"),
		Kinds:         Counted{t("%d tipo de evento", "%d event kind"), t("%d tipos de evento", "%d event kinds")},

		UnreachableHint: t("Nunca hubo conexión: ¿está encendido su servidor, y son esos el host y el puerto?", "No connection was ever made: is your server running, and are host and port right?"),
		BlindHint:       t("No se probó nada de lo que depende de los efectos: duplicados, pérdidas y, sin state_map, el orden. Revise que observe: en kometia-sim.yaml mire donde su servidor deja lo que hace por cada evento, y que su servidor procese los eventos de prueba.", "Nothing that depends on effects was tested: duplicates, losses and, without state_map, order. Check that observe: in kometia-sim.yaml looks where your server leaves what it does for each event, and that your server processes test events."),
		CutOffHint:      t("La corrida se cortó y no llegó a su fin: esto es lo que quedó anotado. Lo que se estaba probando pudo haber llegado al receptor.", "The run was cut off and never got to its end: this is what was recorded. What was being tested may have reached the receiver."),
		InterruptedHint: t("Se muestra lo que alcanzó a probarse; lo demás no se probó.", "This is what was done until then; the rest was not tested."),
		HarnessHint:     t("No juzgue a su receptor por esta corrida: no se pudo hacer, por la razón que dice cada prueba. Si no es un límite de esta computadora, repórtelo con la orden que lo reproduce.", "Do not judge your receiver by this run: it could not be carried out, for the reason that each check gives. Unless that is a limit of this computer, please report it with the command that reproduces it."),
		CountCauses:     Counted{t("(%d causa)", "(%d cause)"), t("(%d causas)", "(%d causes)")},
		Proved:          t("Pruebas obligatorias hechas: %d de %d", "Tested %d of %d required checks"),
		ProvedOfFuzz:    t("Reglas obligatorias probadas: %d de %d", "Tested %d of %d required rules"),
		AndOf:           t("; ", ": "),
		OthersUntested:  Counted{t("La otra (%d) no se probó.", "The other one (%d) was not tested."), t("Las otras %d no se probaron.", "The other %d were not tested.")},
		AllPassed:       t("pasan todas", "all passed"),
		TestedPassed:    Counted{t("%d pasa", "%d passed"), t("%d pasan", "%d passed")},
		TestedFailed:    Counted{t("%d falla", "%d failed"), t("%d fallan", "%d failed")},
		TestedWarned:    Counted{t("%d con aviso", "%d with a warning"), t("%d con aviso", "%d with a warning")},
		TestedKnown:     Counted{t("%d falla conocida", "%d known failure"), t("%d fallas conocidas", "%d known failures")},
		OfChecks:        t("Pruebas elegidas: %d de %d.", "%d of %d checks selected."),
		Because:         t("Falla porque %s.", "Fails because %s."),
		BecauseShared:   t("Falla porque %s: %s, 1 causa.", "Fails because %s: %s, 1 cause."),
		BecauseSeveral:  t("Falla por %d causas: %s.", "Fails for %d reasons: %s."),
		BecauseUnnamed:  t("no cumple %s (%s)", "it misses %s (%s)"),
		ItDoes:          t("%s", "it %s"),
		CauseOf:         t("%s (%s)", "%s (%s)"),
		CountChecks:     Counted{t("%d prueba", "%d check"), t("%d pruebas", "%d checks")},
		Others:          t("y %d más", "and %d more"),
		SaidOf:          t("%s (en %d pruebas)", "%s (in %d checks)"),
		TestWith:        t("Agregue %s.", "Add %s."),
		ToTestUpTo:      t("%s para probar %d de las %d obligatorias", "%s to test %d of the %d required checks"),
		AlsoToTestUpTo:  t("también %s para llegar a %d", "also %s to reach %d"),
		Foremost:        t("La más importante que falta por probar: %s, %s.", "The most important one not tested: %s, %s."),
		And:             t("%s y %s", "%s and %s"),
		SimulatedMoved:  t("Se simularon %s en %s; el reloj de su servidor solo se movió donde una prueba lo adelantó.", "%s were simulated in %s; your server's clock moved only where a check put it forward."),
		Simulated:       t("Se simularon %s en %s; el reloj de su servidor no se movió.", "%s were simulated in %s; your server's clock did not move."),
		Assumptions:     t("Supuestos:", "Assumed:"),
		AssumptionsIn:   Counted{t("Se supuso %d cosa que Kometia no documenta (kometia-sim explain supuestos).", "%d thing that Kometia does not document was assumed (kometia-sim explain assumptions)."), t("Se supusieron %d cosas que Kometia no documenta (kometia-sim explain supuestos).", "%d things that Kometia does not document were assumed (kometia-sim explain assumptions).")},
		ExplainAssumed:  t("(kometia-sim explain supuestos)", "(kometia-sim explain assumptions)"),
		ReportFiles:     t("Informe:", "Report:"),
		CleanUp:         t("Lo que creó esta corrida:", "What this run created:"),
		Exit:            t("Código de salida: %d", "Exit code: %d"),

		Counts: map[verdict.Verdict]Counted{
			verdict.Pass:          {t("%d pasa", "%d passed"), t("%d pasan", "%d passed")},
			verdict.Fail:          {t("%d falla", "%d failed"), t("%d fallan", "%d failed")},
			verdict.Warn:          {t("%d aviso", "%d warning"), t("%d avisos", "%d warnings")},
			verdict.Info:          {t("%d dato", "%d info"), t("%d datos", "%d info")},
			verdict.NotObserved:   {t("%d sin observar", "%d not observed"), t("%d sin observar", "%d not observed")},
			verdict.NotApplicable: {t("%d no aplica", "%d not applicable"), t("%d no aplican", "%d not applicable")},
			verdict.Inconclusive:  {t("%d no concluyente", "%d inconclusive"), t("%d no concluyentes", "%d inconclusive")},
			Known:                 {t("%d falla conocida", "%d known failure"), t("%d fallas conocidas", "%d known failures")},
			Outdated:              {t("%d ya pasa", "%d passes now"), t("%d ya pasan", "%d pass now")},
			verdict.Error:         {t("%d error nuestro", "%d error of ours"), t("%d errores nuestros", "%d errors of ours")},
		},
		Conclusions: map[Conclusion]string{
			Conforms:       t("conforme", "conforms"),
			DoesNotConform: t("no conforme", "does not conform"),
			SelectedPassed: t("las pruebas elegidas pasan (%d de %d)", "selected checks passed (%d of %d)"),
			NothingFound:   t("fuzz no halló nada", "fuzz found nothing"),
			FaultsFound:    t("fuzz halló fallas", "fuzz found faults"),
			KnownFaults:    t("sin más fallas que las conocidas (%d de %d pruebas obligatorias)", "no faults but the known ones (%d of %d required checks)"),
			NoFaults:       t("sin fallas en lo observado (%d de %d pruebas obligatorias)", "no faults in what was observed (%d of %d required checks)"),
			ListOutdated:   t("la lista de fallas conocidas no está al día", "the list of known failures is out of date"),
			Inconclusive:   t("no concluyente", "inconclusive"),
			Blind:          t("su observador no vio ningún efecto", "your observer saw no effect"),
			Unreachable:    t("sin conexión", "unreachable"),
			Interrupted:    t("interrumpido", "interrupted"),
			CutOff:         t("se cortó", "cut off"),
			HarnessFailed:  t("falló la herramienta", "the harness failed"),
		},
	}
}

// CheckWords are said of one check, whatever the format.
type CheckWords struct {
	// A check.
	Expected, Found, ExpectedFound, Cause, Evidence, Matters, Fix, Note, Repeat, More, SameCause, OfCases, Reason, Known     string
	MoreMust                                                                                                                 Counted
	Breaks, MoreChanges, FailAlike, CaseKept, Characters, Verify, AlsoIn, OneDelivery, IsMissing, IsNew, IsOther, AlsoWarned string
	PassesNow, PassesNowOf, OurErrors, AsTold                                                                                string

	// What could not be judged.
	AndMore, AddToConfig, AddToObserve, ReplaceLog, OnlyKinds, AddToCommand, ToTest, NotObserved, Inconclusive, NotApplicable string

	// Attempts.
	NoAnswer, EffectsNow, Duplicate, MoreLines, InTime, FaultAfter, FaultAfterShare, FaultOther string

	Faults      map[fault.Kind]string // what was done to an attempt on purpose
	Levels      map[verdict.Level]string
	Certainties map[diagnose.Certainty]string
}

func checkWords(t speak) CheckWords {
	return CheckWords{
		Expected:      t("Esperado", "Expected"),
		Found:         t("Se obtuvo", "Found"),
		ExpectedFound: t("se esperaba: %s; se obtuvo: %s", "expected %s, found %s"),
		Cause:         t("Causa", "Cause"),
		Evidence:      t("Evidencia", "Evidence"),
		Matters:       t("Por qué importa", "Why it matters"),
		Fix:           t("Corrección", "Fix"),
		Note:          t("Nota", "Note"),
		Repeat:        t("Reproducir", "Reproduce"),
		More:          t("Más información", "Learn more"),
		SameCause:     t("Misma causa probable: %s", "Same probable cause: %s"),
		OfCases:       t("(%d de %d casos)", "(%d of %d cases)"),
		Reason:        t("Motivo", "Reason"),
		Known:         t("Conocida", "Known"),
		PassesNow:     t("ya pasa: quítela de la lista (%s)", "passes now: take it off the list (%s)"),
		PassesNowOf:   t("ya pasa, y %s la tiene por fallida: deje en la lista solo las que fallan (%s)", "passes now, and %s lists it as failing: keep only those on the list that fail (%s)"),
		Breaks:        t("Lo que lo rompe", "What breaks it"),
		MoreChanges:   t("… y %d diferencias más", "… and %d more differences"),
		FailAlike:     t("%d casos fallan igual; este es el más pequeño", "%d cases fail the same way; this is the smallest"),
		CaseKept:      t("Caso %s", "Case %s"),
		Characters:    t("(%d caracteres)", "(%d characters)"),
		Verify:        t("Para comprobar", "Check the fix"),
		AlsoIn:        t("También en", "Also in"),
		OneDelivery:   t("una sola entrega de %s", "a single delivery of %s"),
		IsMissing:     t("%s falta", "%s is missing"),
		IsNew:         t("%s = %s; normalmente no está", "%s = %s; normally not there"),
		IsOther:       t("%s = %s; normalmente %s", "%s = %s; normally %s"),
		AlsoWarned:    t("Además, solo como aviso: %s", "Besides, as a warning only: %s"),
		AsTold:        t("la misma que la de %s (%s)", "the same as of %s (%s)"),
		OurErrors:     t("falló la herramienta, no su receptor", "the harness failed, not your receiver"),

		MoreMust:      Counted{t("(%d obligatoria)", "(%d required)"), t("(%d obligatorias)", "(%d required)")},
		AndMore:       t("y %d más", "and %d more"),
		AddToConfig:   t("Agregue a kometia-sim.yaml:", "Add to kometia-sim.yaml:"),
		AddToObserve:  t("Agregue a lo que ya hay bajo observe: en kometia-sim.yaml:", "Add to what is under observe: in kometia-sim.yaml already:"),
		ReplaceLog:    t("En lugar de log:, ponga bajo observe: en kometia-sim.yaml:", "In place of log:, put under observe: in kometia-sim.yaml:"),
		OnlyKinds:     t("Aceptó %d de %d tipos de evento. Si está suscrito solo a esos, agregue a la orden:", "It accepted %d of %d event kinds. If it subscribes to those only, add to the command:"),
		AddToCommand:  t("Agregue a la orden:", "Add to the command:"),
		ToTest:        t("Para probarlas:", "To test them:"),
		NotObserved:   t("Sin observar %d:", "Not observed %d:"),
		Inconclusive:  t("No concluyentes %d:", "Inconclusive %d:"),
		NotApplicable: t("No aplican %d:", "Not applicable %d:"),

		NoAnswer:        t("sin respuesta", "no response"),
		EffectsNow:      t("efectos %s", "effects %s"),
		Duplicate:       t("← duplicado", "← duplicate"),
		MoreLines:       t("… %d más", "… %d more"),
		InTime:          t("en %s", "in %s"),
		FaultAfter:      t(", a los %s", ", after %s"),
		FaultAfterShare: t(", al %d %% de su latencia", ", at %d %% of its latency"),
		FaultOther:      t("falla nuestra a propósito: %s", "fault of ours on purpose: %s"),

		Faults: map[fault.Kind]string{
			fault.LoseAnswer: t("respuesta perdida por nosotros", "response lost by us"),
			fault.Refuse:     t("no salió: red cortada por nosotros", "never left: network cut by us"),
			fault.Reset:      t("conexión reiniciada por nosotros (RST)", "connection reset by us (RST)"),
			fault.HangUp:     t("cerramos la conexión después del último byte", "we closed the connection after the last byte"),
			fault.CutFIN:     t("cortado por nosotros al %d %% del cuerpo (FIN)", "cut by us at %d %% of the body (FIN)"),
			fault.CutRST:     t("cortado por nosotros al %d %% del cuerpo (RST)", "cut by us at %d %% of the body (RST)"),
			fault.Drip:       t("a cuentagotas", "in drips"),
		},
		Levels: map[verdict.Level]string{
			verdict.Must:        t("DEBE", "MUST"),
			verdict.Should:      t("DEBERÍA", "SHOULD"),
			verdict.Informative: t("INFO", "INFO"),
		},
		Certainties: map[diagnose.Certainty]string{
			diagnose.Certain:  t("seguro", "certain"),
			diagnose.Likely:   t("probable", "likely"),
			diagnose.Possible: t("posible", "possible"),
		},
	}
}

// level names a level; one that nobody knows weighs nothing.
func (w *Words) level(l verdict.Level) string {
	if said, ok := w.Levels[l]; ok {
		return said
	}
	return w.Levels[verdict.Informative]
}

func (w *Words) certainty(c diagnose.Certainty) string {
	if said, ok := w.Certainties[c]; ok {
		return said
	}
	return w.Certainties[diagnose.Possible]
}

// fault says what we did to an attempt; the kinds it does not know by name it
// quotes.
func (w *Words) fault(name string) string {
	if name == "" {
		return ""
	}
	f, err := fault.Parse(name)
	said, known := w.Faults[f.Kind]
	switch {
	case err != nil || !known:
		return fmt.Sprintf(w.FaultOther, Safe(name))
	case f.Cuts():
		return fmt.Sprintf(said, f.Percent)
	case f.Percent > 0:
		return said + fmt.Sprintf(w.FaultAfterShare, f.Percent)
	case f.After > 0:
		return said + fmt.Sprintf(w.FaultAfter, f.After)
	}
	return said
}
