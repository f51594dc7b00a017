package view

import "github.com/kometia-sim/kometia-sim/scenarios/verdict"

// DocumentWords are what only documents say: they have room for headings and
// legends that a terminal does without.
type DocumentWords struct {
	// Headings and labels.
	ReportTitle, SkipToChecks, BackToTop, ToFix, Overview, ToObserve, Latencies                       string
	MatrixCaption, Family, SeedLabel, IDsLabel, StartLabel, Timeout, AssumedLabel, Tool, CleanUpLabel string
	VerdictLabel, Level                                                                               string

	// A check.
	Check, Requirement, Needs, SameCauseAs, Case, Cases, Command string
	CountCases, CountExchanges                                   Counted

	// Attempts in virtual time.
	Timeline, TimelineTitle, When, Event, Sent, Answer, Took, EffectsSeen, TimelineSays, TimelineMark, NotDrawn, ProcessEventAt  string
	ProcessEventKey, Outage, ProcessEventOther, OnTheWire, ExchangeOf, RequestSent, AnswerGot, SameRequest, BodyOf, Acknowledged string
	Rejected, NoAnswerAtAll, WithFault                                                                                           string

	// All latencies.
	LatencySays, LatencyBar, LatencyAxis string
	Answers                              Counted

	// What a document leaves out for its length.
	WhereRest, AllChecks, Details string
	LeftOut, RowsLeftOut          Counted

	ProcessEvents map[string]string // what was done to the receiver, by verb
	Families      map[string]string // the families of the catalogue by the code in their ids
	Standings     []Standing        // in the order in which they concern the reader
}

func documentWords(t speak) DocumentWords {
	return DocumentWords{
		ReportTitle:   t("Informe de conformidad", "Conformance report"),
		SkipToChecks:  t("Ir a las pruebas", "Skip to the checks"),
		BackToTop:     t("Volver al inicio", "Back to the top"),
		ToFix:         t("Qué corregir", "What to fix"),
		Overview:      t("Por tema", "By topic"),
		ToObserve:     t("Para probar más", "To test more"),
		Latencies:     t("Latencia", "Latency"),
		MatrixCaption: t("Resultado de las pruebas de cada tema", "Result of the checks on each topic"),
		Family:        t("Tema", "Topic"),
		SeedLabel:     t("Semilla", "Seed"),
		IDsLabel:      t("Ids", "Ids"),
		StartLabel:    t("Inicio", "Start"),
		Timeout:       t("Espera", "Timeout"),
		AssumedLabel:  t("Supuestos", "Assumed"),
		Tool:          t("Herramienta", "Tool"),
		CleanUpLabel:  t("Lo que creó", "What it created"),
		VerdictLabel:  t("Resultado", "Result"),
		Level:         t("Nivel", "Level"),

		Check:          t("Prueba", "Check"),
		Requirement:    t("Requisito", "Requirement"),
		Needs:          t("Necesita", "Needs"),
		SameCauseAs:    t("Misma causa", "Same cause"),
		Case:           t("Caso", "Case"),
		Cases:          t("Casos", "Cases"),
		CountCases:     Counted{t("%d caso", "%d case"), t("%d casos", "%d cases")},
		CountExchanges: Counted{t("%d intercambio", "%d exchange"), t("%d intercambios", "%d exchanges")},
		Command:        t("Orden que repite la prueba", "Command that repeats the check"),

		Timeline:          t("En el tiempo", "Over time"),
		TimelineTitle:     t("Intentos en %s de tiempo virtual", "Attempts over %s of virtual time"),
		When:              t("Cuándo", "When"),
		Event:             t("Evento", "Event"),
		Sent:              t("Envío", "Sent"),
		Answer:            t("Respuesta", "Response"),
		Took:              t("Tardó", "Took"),
		EffectsSeen:       t("Efectos", "Effects"),
		TimelineSays:      t("%s: %s.", "%s: %s."),
		TimelineMark:      t("%s, intento %d: %s", "%s, attempt %d: %s"),
		NotDrawn:          t("%d más sin dibujar", "%d more not drawn"),
		ProcessEventAt:    t("%s: %s", "%s: %s"),
		ProcessEventKey:   t("se reinició o se mató al servidor", "the server was restarted or killed"),
		Outage:            t("servidor sin su base o su cola", "the server without its database or queue"),
		ProcessEventOther: t("se intervino al servidor", "something was done to the server"),
		OnTheWire:         t("Petición y respuesta", "Request and response"),
		ExchangeOf:        t("%s, intento %d", "%s, attempt %d"),
		RequestSent:       t("Petición", "Request"),
		AnswerGot:         t("Respuesta", "Response"),
		SameRequest:       t("La misma petición.", "The same request."),
		BodyOf:            t("… (%s en total)", "… (%s in all)"),
		Acknowledged:      t("recibido (2xx)", "received (2xx)"),
		Rejected:          t("rechazado", "rejected"),
		NoAnswerAtAll:     t("sin respuesta", "no response"),
		WithFault:         t("falla puesta por nosotros", "fault made by us"),

		LatencySays: t("Mediana %s, p95 %s, máximo %s, de %s.", "Median %s, p95 %s, maximum %s, of %s."),
		LatencyBar:  t("de %s a %s: %s", "%s to %s: %s"),
		LatencyAxis: t("Tiempo hasta la respuesta, en escala logarítmica.", "Time until the response, on a logarithmic scale."),
		Answers:     Counted{t("%d respuesta", "%d response"), t("%d respuestas", "%d responses")},

		LeftOut:     Counted{t("Por su largo se omitió %d detalle.", "For its length %d detail was left out."), t("Por su largo se omitieron %d detalles.", "For their length %d details were left out.")},
		RowsLeftOut: Counted{t("y %d más", "and %d more"), t("y %d más", "and %d more")},
		WhereRest:   t("El informe HTML lo trae todo (--report html=informe.html).", "The HTML report has it all (--report html=report.html)."),
		AllChecks:   t("Todas las pruebas (%d)", "All checks (%d)"),
		Details:     t("Cómo se corrió", "How it was run"),

		ProcessEvents: map[string]string{
			"restart": t("se reinició al servidor", "the server was restarted"),
			"kill":    t("se mató al servidor", "the server was killed"),
			"start":   t("se arrancó al servidor", "the server was started"),
			"down":    t("servidor sin su base o su cola", "the server without its database or queue"),

			"reconcile": t("corrió su tarea de ponerse al día", "its catch-up job ran"),
		},
		Families: map[string]string{
			"ACK": t("Acuse de recibo", "Acknowledgment"),
			"CSR": t("CSRF y sesión", "CSRF and session"),
			"LAT": t("Latencia", "Latency"),
			"RTY": t("Reintentos", "Retries"),
			"REC": t("Recuperación", "Recovery"),
			"DUP": t("Duplicados", "Duplicates"),
			"DUR": t("Durabilidad", "Durability"),
			"DEP": t("Dependencia caída", "Dependency down"),
			"ORD": t("Orden", "Order"),
			"VER": t("Verificación por la API", "Verification by the API"),
			"PAY": t("Contenido", "Payload"),
			"MAL": t("Malformados", "Malformed"),
			"MTH": t("Métodos", "Methods"),
			"NET": t("Conexiones", "Connections"),
			"TLS": t("TLS", "TLS"),
			"BRS": t("Ráfagas", "Bursts"),
			"LEA": t("Fugas de información", "Information leaks"),
			"CLK": t("Reloj", "Clock"),
		},
		Standings: []Standing{
			{verdict.Fail, "fail", "✗", t("falla", "failed"), t("Fallan", "Failed"), true},
			{verdict.Error, "error", "E", t("error nuestro", "error of ours"), t("Errores nuestros", "Errors of ours"), true},
			{Outdated, "outdated", "✗", t("ya pasa", "passes now"), t("Ya pasan", "Pass now"), true},
			{verdict.Warn, "warn", "!", t("aviso", "warning"), t("Avisos", "Warnings"), true},
			{Known, "known", "=", t("falla conocida", "known failure"), t("Fallas conocidas", "Known failures"), false},
			{verdict.Inconclusive, "unclear", "~", t("no concluyente", "inconclusive"), t("No concluyentes", "Inconclusive"), false},
			{verdict.NotObserved, "unseen", "?", t("sin observar", "not observed"), t("Sin observar", "Not observed"), false},
			{verdict.Info, "info", "i", t("dato", "info"), t("Datos", "Information"), false},
			{verdict.Pass, "pass", "✓", t("pasa", "passed"), t("Pasan", "Passed"), false},
			{verdict.NotApplicable, "none", "-", t("no aplica", "not applicable"), t("No aplican", "Not applicable"), false},
		},
	}
}

// Standing is how checks of one verdict are shown: under which heading, with
// which mark, folded or not.
type Standing struct {
	Verdict verdict.Verdict
	Mark    string // name of its icon and of its style
	Glyph   string // where there are no icons
	Word    string
	Heading string // of all checks that share it
	Open    bool   // told in full without being asked
}

// Standing is that of one verdict; one that nobody knows is an error of ours.
func (w *Words) Standing(v verdict.Verdict) Standing {
	broken := Standing{}
	for _, s := range w.Standings {
		if s.Verdict == v {
			return s
		}
		if s.Verdict == verdict.Error {
			broken = s
		}
	}
	return broken
}

func (w *Words) processEvent(verb string) string {
	if said, ok := w.ProcessEvents[verb]; ok {
		return said
	}
	return w.ProcessEventOther
}
