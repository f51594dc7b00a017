package view

// PageWords are what only the page of a browser says.
type PageWords struct {
	Show, ShowAll, WhyItMatters, RunFacts, CheckTook, SelectAll, WithCurl, CurlSame, CurlHidden, WholeBody string
	Difference, FieldLabel, NormalEvent, ThisCase, Missing, Marked                                         string
	EffectsNote, AttemptsLabel, EndLabel, SinceLast, SinceRun                                              string
}

func pageWords(t speak) PageWords {
	return PageWords{
		Show:          t("Mostrar", "Show"),
		ShowAll:       t("Todas", "All"),
		WhyItMatters:  t("Por qué importa", "Why it matters"),
		RunFacts:      t("Cómo se corrió", "How it was run"),
		CheckTook:     t("Lo que tardó en probarse", "How long testing it took"),
		SelectAll:     t("Un clic la selecciona entera.", "One click selects all of it."),
		WithCurl:      t("Con curl", "With curl"),
		CurlSame:      t("Envía el mismo evento. Un receptor que ya lo conoce lo toma por un duplicado.", "It sends the same event. A receiver that knows it takes it for a duplicate."),
		CurlHidden:    t("Sustituya cada *** por el valor que el informe oculta.", "Replace each *** with the value that the report hides."),
		WholeBody:     t("Cuerpo completo", "Whole body"),
		Difference:    t("Diferencia con un evento normal", "Difference from a normal event"),
		FieldLabel:    t("Campo", "Field"),
		NormalEvent:   t("Evento normal", "Normal event"),
		ThisCase:      t("En este caso", "In this case"),
		Missing:       t("falta", "missing"),
		Marked:        t("Marcado: lo que difiere de un evento normal.", "Marked: what differs from a normal event."),
		AttemptsLabel: t("Intentos", "Attempts"),
		EffectsNote:   t("Efectos: cuántas veces había actuado su servidor por el evento hasta entonces, según el observador.", "Effects: how many times your server had acted on the event by then, as counted by the observer."),
		EndLabel:      t("Terminó", "Ended"),
		SinceRun:      t("Desde la corrida del %s: %s.", "Since the run of %s: %s."),
		SinceLast:     t("Qué cambió desde la corrida anterior", "What changed since the earlier run"),
	}
}
