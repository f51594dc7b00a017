package model_test

import (
	"encoding/json"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
)

var _ = DescribeTable("damage to letters is named where it is certain",
	func(said, seen, want string) { Expect(model.DamageOfLetters(said, seen).Text().EN).To(Equal(want)) },
	Entry("none", "Zoë", "Zoe\u0308", ""),
	Entry("question marks", "José Ñ", "Jos? ?", "letters are replaced by ? or U+FFFD"),
	Entry("two for one", "José", "Jos??", "letters are replaced by ? or U+FFFD"),
	Entry("replacement characters", "José", "Jos\ufffd", "letters are replaced by ? or U+FFFD"),
	Entry("one for an emoji", "Ana😀 López", "Ana? López", "letters are replaced by ? or U+FFFD"),
	Entry("Latin-1", "José", "JosÃ©", "UTF-8 was read as Latin-1"),
	Entry("Windows-1252", "“Ana”", "â€œAnaâ€\ufffd", "UTF-8 was read as Latin-1"),
	Entry("cut before an emoji", "Ana😀 López", "Ana", "it is cut off at an emoji"),
	Entry("cut anywhere", "Ana María Ñandú Ibáñez", "Ana María ", ""),
	Entry("the first word", "José Ñandú", "José", ""),
	Entry("no emoji", "Ana😀 López", "Ana López", "non-ASCII letters are missing"),
	Entry("no accents", "José Ñandú", "Jose Nandu", "the accents are missing"),
	Entry("capitals", "José", "JOSÉ", ""),
	Entry("escaped", "José", "Jos&eacute;", ""),
	Entry("nothing", "José", "", ""),
	Entry("a question was added", "José", "¿José?", ""),
	Entry("another text", "José", "Pedro", ""),
)

var _ = DescribeTable("what became of a value is named where it gives itself away",
	func(said, kept any, want model.Damage) {
		Expect(model.DamageOf(said, kept)).To(Equal(want))
		if want != "" {
			Expect(want.Text().EN).NotTo(BeEmpty())
			Expect(want.Fault().ES).NotTo(BeEmpty())
			line := &model.Line{Acknowledged: true, Changed: []string{"x"}, Kept: []model.Field{{Name: "field", Kept: kept, Said: said}}}
			Expect(model.Kept(line)[0].Fix.EN).NotTo(BeEmpty())
		}
	},
	Entry("the same", "Ana", "Ana ", model.Damage("")),
	Entry("a text cut at so many characters", "Entregar en la puerta azul", "Entregar en la", model.Cut),
	Entry("a text cut at a letter that is no ASCII", "ñáéíóúüçß", "ñáéí", model.Cut),
	Entry("a text cut at an emoji", "Ana 😀 Ríos", "Ana ", model.CutAtEmoji),
	Entry("a text cut at markup", "Ana <3 Oaxaca", "Ana ", model.CutAtSign),
	Entry("a text cut at a quote", "O'Higgins", "O", model.CutAtSign),
	Entry("the first line", "primera\r\nsegunda", "primera\r", model.FirstLine),
	Entry("HTML entities", "O'Higgins & \"Cía\"", "O&#039;Higgins &amp; &quot;Cía&quot;", model.Escaped),
	Entry("slashes", "O'Higgins", "O\\'Higgins", model.Escaped),
	Entry("quotes twice", "O'Higgins", "O''Higgins", model.Escaped),
	Entry("JSON's escapes", "Añil", "A\\u00f1il", model.Escaped),
	Entry("no markup", "<p>Tejido <b>a mano</b></p>", "Tejido a mano", model.Stripped),
	Entry("question marks", "José", "Jos?", model.Replaced),
	Entry("another text", "José", "Pedro", model.Damage("")),
	Entry("nothing", "José", nil, model.Emptied),
	Entry("no text", "José", "", model.Emptied),
	Entry("a default", json.Number("0"), json.Number("9900"), model.Defaulted),
	Entry("a default text", "", "sin nota", model.Defaulted),
	Entry("leading zeros", "01000", json.Number("1000"), model.Numbered),
	Entry("digits beyond a float", "0055000000013109519498", json.Number("55000000013109520000"), model.Numbered),
	Entry("digits beyond a float, as a text", "12345678901234567890", "1.2345678901234567e+19", model.Numbered),
	Entry("other digits", "0055000000013109519498", "55000000013209519498", model.Damage("")),
	Entry("leading zeros of a text", "01000", "1000", model.Numbered),
	Entry("zero", json.Number("23990"), json.Number("0"), model.Emptied),
	Entry("32 bits", json.Number("6442543884"), json.Number("2147483647"), model.Clamped),
	Entry("32 bits, what is left", json.Number("6442543884"), json.Number("2147576588"), model.Clamped),
	Entry("24 bits", json.Number("6442543884"), json.Number("16777215"), model.Clamped),
	Entry("so many digits", json.Number("6442543884"), json.Number("99999999"), model.Clamped),
	Entry("a cent less", json.Number("1999"), json.Number("1998"), model.Inexact),
	Entry("a float of 32 bits", json.Number("123456789"), json.Number("123456792"), model.Inexact),
	Entry("no cents", json.Number("23999"), json.Number("23900"), model.NoCents),
	Entry("rounded pesos", json.Number("23999"), json.Number("24000"), model.NoCents),
	Entry("one less of a few", json.Number("3"), json.Number("2"), model.Damage("")),
	Entry("half", json.Number("23990"), json.Number("11995"), model.Damage("")),
	Entry("another number", json.Number("23990"), json.Number("500"), model.Damage("")),
)

var _ = It("compares pesos with the cents of the event", func() {
	pesos := receiver.Relation{Hundredth: true}
	line := func(kept string) *model.Line {
		return &model.Line{Acknowledged: true, Changed: []string{"x"}, Kept: []model.Field{{Name: "total", Relation: pesos, Kept: json.Number(kept), Said: json.Number("23999")}}}
	}
	Expect(model.Kept(line("239.99"))).To(BeEmpty())
	Expect(model.Kept(line("239"))[0].Damage).To(Equal(model.NoCents))
	Expect(model.Kept(line("239.98"))[0].Damage).To(Equal(model.Inexact))
})
