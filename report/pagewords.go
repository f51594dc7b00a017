package report

import (
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// pageWords is what only the documents say, HTML and Markdown: they have room
// for headings and legends that a terminal does without.
type pageWords struct {
	ReportTitle, SkipToChecks, BackToTop                   lang.Text
	ToMend, Overview, ToObserve, Latencies                 lang.Text
	ProvedNow, ProvedWith, ProvedNot                       lang.Text
	MatrixCaption, Family, Legend                          lang.Text
	SeedLabel, IDsLabel, StartLabel, Timeout, AssumedLabel lang.Text
	Tool, CleanUpLabel, VerdictLabel, Level                lang.Text

	// One verdict, and the heading of all checks that share it.
	Passes, Fails, Warns, Informs, Unobserved, Inapplicable, Unclear, Broken,
	Knowns, Outdates lang.Text
	AllFailed, AllBroken, AllWarned, AllUnclear, AllUnobserved, AllInfo,
	AllPassed, AllInapplicable, AllKnown, AllOutdated lang.Text

	// A check.
	Check, Requirement, Needs, SameCauseAs, Case, Cases, Command lang.Text
	CountCases                                                   counted

	// Attempts in virtual time.
	Timeline, TimelineTitle, When, Event, Sent, Answer, Took, EffectsSeen  lang.Text
	TimelineSays, TimelineMark, NotDrawn                                   lang.Text
	DeedAt, DeedKey, DeedRestart, DeedKill, DeedStart, DeedDown, DeedOther lang.Text
	OnTheWire, ExchangeOf, RequestSent, AnswerGot, SameRequest, BodyOf     lang.Text
	Acknowledged, Rejected, NoAnswerAtAll, WithFault                       lang.Text

	// All latencies.
	LatencySays, LatencyBar, LatencyAxis lang.Text
	Answers                              counted

	// What was left out of a document for its length.
	LeftOut            counted
	RowsLeftOut        counted
	WhereRest          lang.Text
	AllChecks, Details lang.Text

	Families families
}

// families names the families of the catalogue by the code in their ids.
type families struct {
	ACK, CSR, LAT, RTY, DUP, DUR, DEP, ORD, VER, PAY, MAL, MTH, NET, TLS, BRS, LEA, CLK lang.Text
}

func pageDictionary() pageWords {
	return pageWords{
		ReportTitle:   lang.Text{ES: "Informe de conformidad", EN: "Conformance report"},
		SkipToChecks:  lang.Text{ES: "Ir a las pruebas", EN: "Skip to the checks"},
		BackToTop:     lang.Text{ES: "Volver al inicio", EN: "Back to the top"},
		ToMend:        lang.Text{ES: "Qué corregir", EN: "What to mend"},
		Overview:      lang.Text{ES: "Panorama", EN: "Overview"},
		ToObserve:     lang.Text{ES: "Para observar más", EN: "To observe more"},
		ProvedNow:     lang.Text{ES: "%d DEBE probados", EN: "%d MUST proved"},
		ProvedWith:    lang.Text{ES: "%d más con %s", EN: "%d more with %s"},
		ProvedNot:     lang.Text{ES: "%d sin probar", EN: "%d unproved"},
		Latencies:     lang.Text{ES: "Latencia", EN: "Latency"},
		MatrixCaption: lang.Text{ES: "Pruebas por familia y nivel", EN: "Checks by family and level"},
		Family:        lang.Text{ES: "Familia", EN: "Family"},
		Legend:        lang.Text{ES: "Leyenda", EN: "Legend"},
		SeedLabel:     lang.Text{ES: "Semilla", EN: "Seed"},
		IDsLabel:      lang.Text{ES: "Ids", EN: "Ids"},
		StartLabel:    lang.Text{ES: "Inicio", EN: "Start"},
		Timeout:       lang.Text{ES: "Espera", EN: "Timeout"},
		AssumedLabel:  lang.Text{ES: "Supuestos", EN: "Assumed"},
		Tool:          lang.Text{ES: "Herramienta", EN: "Tool"},
		CleanUpLabel:  lang.Text{ES: "Limpiar", EN: "Clean up"},
		VerdictLabel:  lang.Text{ES: "Resultado", EN: "Result"},
		Level:         lang.Text{ES: "Nivel", EN: "Level"},

		Passes:       lang.Text{ES: "pasa", EN: "passed"},
		Fails:        lang.Text{ES: "falla", EN: "failed"},
		Warns:        lang.Text{ES: "aviso", EN: "warning"},
		Informs:      lang.Text{ES: "dato", EN: "info"},
		Unobserved:   lang.Text{ES: "sin observar", EN: "not observed"},
		Inapplicable: lang.Text{ES: "no aplica", EN: "not applicable"},
		Unclear:      lang.Text{ES: "no concluyente", EN: "inconclusive"},
		Broken:       lang.Text{ES: "error nuestro", EN: "error of ours"},

		Knowns:   lang.Text{ES: "falla conocida", EN: "known failure"},
		Outdates: lang.Text{ES: "ya pasa", EN: "passes now"},

		AllKnown:        lang.Text{ES: "Fallas conocidas", EN: "Known failures"},
		AllOutdated:     lang.Text{ES: "Ya pasan", EN: "Pass now"},
		AllFailed:       lang.Text{ES: "Fallan", EN: "Failed"},
		AllBroken:       lang.Text{ES: "Errores nuestros", EN: "Errors of ours"},
		AllWarned:       lang.Text{ES: "Avisos", EN: "Warnings"},
		AllUnclear:      lang.Text{ES: "No concluyentes", EN: "Inconclusive"},
		AllUnobserved:   lang.Text{ES: "Sin observar", EN: "Not observed"},
		AllInfo:         lang.Text{ES: "Datos", EN: "Information"},
		AllPassed:       lang.Text{ES: "Pasan", EN: "Passed"},
		AllInapplicable: lang.Text{ES: "No aplican", EN: "Not applicable"},

		Check:       lang.Text{ES: "Prueba", EN: "Check"},
		Requirement: lang.Text{ES: "Requisito", EN: "Requirement"},
		Needs:       lang.Text{ES: "Necesita", EN: "Needs"},
		SameCauseAs: lang.Text{ES: "Misma causa", EN: "Same cause"},
		Case:        lang.Text{ES: "Caso", EN: "Case"},
		Cases:       lang.Text{ES: "Casos", EN: "Cases"},
		CountCases: counted{
			One: lang.Text{ES: "%d caso", EN: "%d case"}, Many: lang.Text{ES: "%d casos", EN: "%d cases"},
		},
		Command: lang.Text{ES: "Orden que repite la prueba", EN: "Command that repeats the check"},

		Timeline:      lang.Text{ES: "En el tiempo", EN: "Over time"},
		TimelineTitle: lang.Text{ES: "Intentos en %s de tiempo virtual", EN: "Attempts over %s of virtual time"},
		When:          lang.Text{ES: "Cuándo", EN: "When"},
		Event:         lang.Text{ES: "Evento", EN: "Event"},
		Sent:          lang.Text{ES: "Envío", EN: "Sent"},
		Answer:        lang.Text{ES: "Respuesta", EN: "Answer"},
		Took:          lang.Text{ES: "Tardó", EN: "Took"},
		EffectsSeen:   lang.Text{ES: "Efectos", EN: "Effects"},
		TimelineSays:  lang.Text{ES: "%s: %s.", EN: "%s: %s."},
		TimelineMark:  lang.Text{ES: "%s, intento %d: %s", EN: "%s, attempt %d: %s"},
		NotDrawn:      lang.Text{ES: "%d más sin dibujar", EN: "%d more not drawn"},

		DeedAt:      lang.Text{ES: "%s: %s", EN: "%s: %s"},
		DeedKey:     lang.Text{ES: "se reinició o se mató al servidor", EN: "the server was restarted or killed"},
		DeedRestart: lang.Text{ES: "se reinició al servidor", EN: "the server was restarted"},
		DeedKill:    lang.Text{ES: "se mató al servidor", EN: "the server was killed"},
		DeedStart:   lang.Text{ES: "se arrancó al servidor", EN: "the server was started"},
		DeedDown:    lang.Text{ES: "servidor sin su base o su cola", EN: "the server without its database or queue"},
		DeedOther:   lang.Text{ES: "se intervino al servidor", EN: "something was done to the server"},
		OnTheWire:   lang.Text{ES: "Petición y respuesta", EN: "Request and answer"},
		ExchangeOf:  lang.Text{ES: "%s, intento %d", EN: "%s, attempt %d"},
		RequestSent: lang.Text{ES: "Petición", EN: "Request"},
		AnswerGot:   lang.Text{ES: "Respuesta", EN: "Answer"},
		SameRequest: lang.Text{ES: "La misma petición.", EN: "The same request."},
		BodyOf:      lang.Text{ES: "… (%s en total)", EN: "… (%s in all)"},

		Acknowledged:  lang.Text{ES: "recibido (2xx)", EN: "received (2xx)"},
		Rejected:      lang.Text{ES: "rechazado", EN: "rejected"},
		NoAnswerAtAll: lang.Text{ES: "sin respuesta", EN: "no answer"},
		WithFault:     lang.Text{ES: "falla puesta por nosotros", EN: "fault made by us"},

		LatencySays: lang.Text{ES: "Mediana %s, p95 %s, máximo %s, de %s.", EN: "Median %s, p95 %s, maximum %s, of %s."},
		LatencyBar:  lang.Text{ES: "de %s a %s: %s", EN: "%s to %s: %s"},
		LatencyAxis: lang.Text{ES: "Tiempo hasta la respuesta, en escala logarítmica.", EN: "Time until the answer, on a logarithmic scale."},
		Answers: counted{
			One: lang.Text{ES: "%d respuesta", EN: "%d answer"}, Many: lang.Text{ES: "%d respuestas", EN: "%d answers"},
		},

		LeftOut: counted{
			One:  lang.Text{ES: "Por su largo se omitió %d detalle.", EN: "For its length %d detail was left out."},
			Many: lang.Text{ES: "Por su largo se omitieron %d detalles.", EN: "For their length %d details were left out."},
		},
		RowsLeftOut: counted{
			One: lang.Text{ES: "y %d más", EN: "and %d more"}, Many: lang.Text{ES: "y %d más", EN: "and %d more"},
		},
		WhereRest: lang.Text{ES: "El informe HTML lo trae todo (--report html=informe.html).", EN: "The HTML report has it all (--report html=report.html)."},
		AllChecks: lang.Text{ES: "Todas las pruebas (%d)", EN: "All checks (%d)"},
		Details:   lang.Text{ES: "Cómo se corrió", EN: "How it was run"},

		Families: families{
			ACK: lang.Text{ES: "Acuse de recibo", EN: "Acknowledgement"},
			CSR: lang.Text{ES: "CSRF y sesión", EN: "CSRF and session"},
			LAT: lang.Text{ES: "Latencia", EN: "Latency"},
			RTY: lang.Text{ES: "Reintentos", EN: "Retries"},
			DUP: lang.Text{ES: "Duplicados", EN: "Duplicates"},
			DUR: lang.Text{ES: "Durabilidad", EN: "Durability"},
			DEP: lang.Text{ES: "Almacén caído", EN: "Store away"},
			ORD: lang.Text{ES: "Orden", EN: "Order"},
			VER: lang.Text{ES: "Verificación por la API", EN: "Verification by the API"},
			PAY: lang.Text{ES: "Contenido", EN: "Payload"},
			MAL: lang.Text{ES: "Malformados", EN: "Malformed"},
			MTH: lang.Text{ES: "Métodos", EN: "Methods"},
			NET: lang.Text{ES: "Conexiones", EN: "Connections"},
			TLS: lang.Text{ES: "TLS", EN: "TLS"},
			BRS: lang.Text{ES: "Ráfagas", EN: "Bursts"},
			LEA: lang.Text{ES: "Fugas de información", EN: "Information leaks"},
			CLK: lang.Text{ES: "Reloj", EN: "Clock"},
		},
	}
}

// of is the name of a family by its code; the zero Text for one that is not of
// the catalogue.
func (f *families) of(code string) lang.Text {
	return map[string]lang.Text{
		"ACK": f.ACK, "CSR": f.CSR, "LAT": f.LAT, "RTY": f.RTY, "DUP": f.DUP, "DUR": f.DUR, "DEP": f.DEP, "ORD": f.ORD,
		"VER": f.VER, "PAY": f.PAY, "MAL": f.MAL, "MTH": f.MTH, "NET": f.NET, "TLS": f.TLS, "BRS": f.BRS, "LEA": f.LEA, "CLK": f.CLK,
	}[code]
}

// deed says what was done to the receiver.
func (w *pageWords) deed(verb string) lang.Text {
	switch verb {
	case "restart":
		return w.DeedRestart
	case "kill":
		return w.DeedKill
	case "start":
		return w.DeedStart
	case "down":
		return w.DeedDown
	default:
		return w.DeedOther
	}
}

// standing is how documents tell checks of one verdict: under which heading, with
// which mark, folded or not.
type standing struct {
	Verdict verdict.Verdict
	Mark    string // name of its icon and of its style
	Glyph   string // where there are no icons
	Word    lang.Text
	Heading lang.Text
	Open    bool // told in full without being asked
}

// standings lists the verdicts in the order in which they concern the reader.
func (w *pageWords) standings() []standing {
	return []standing{
		{verdict.Fail, "fail", "✗", w.Fails, w.AllFailed, true},
		{verdict.Error, "error", "E", w.Broken, w.AllBroken, true},
		{outdated, "outdated", "✗", w.Outdates, w.AllOutdated, true},
		{verdict.Warn, "warn", "!", w.Warns, w.AllWarned, true},
		{known, "known", "=", w.Knowns, w.AllKnown, false},
		{verdict.Inconclusive, "unclear", "~", w.Unclear, w.AllUnclear, false},
		{verdict.NotObserved, "unseen", "?", w.Unobserved, w.AllUnobserved, false},
		{verdict.Info, "info", "i", w.Informs, w.AllInfo, false},
		{verdict.Pass, "pass", "✓", w.Passes, w.AllPassed, false},
		{verdict.NotApplicable, "none", "-", w.Inapplicable, w.AllInapplicable, false},
	}
}

// standingOf is that of one verdict; an unknown one is an error of ours.
func (w *pageWords) standingOf(v verdict.Verdict) standing {
	v = verdict.Verdict(result(v))
	for _, s := range w.standings() {
		if s.Verdict == v {
			return s
		}
	}
	return standing{}
}
