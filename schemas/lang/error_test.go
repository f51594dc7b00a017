package lang_test

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

var _ = Describe("an error in both languages", func() {
	missing := lang.Errorf("falta el puerto", "the port is missing")

	It("is English to whoever asks for no language", func() {
		Expect(missing).To(MatchError("the port is missing"))
		Expect(lang.Both(missing)).To(Equal(lang.Text{ES: "falta el puerto", EN: "the port is missing"}))
		Expect(lang.Both(nil)).To(BeZero())
	})

	DescribeTable("is read whole in one language", func(err error, es, en string) {
		Expect(lang.In(err, lang.Spanish)).To(Equal(es))
		Expect(lang.In(err, lang.English)).To(Equal(en))
		Expect(err.Error()).To(Equal(en))
	},
		Entry("with arguments", lang.Errorf("%q: use de %d a %d", "%q: use %d to %d", "x", 1, 2), `"x": use de 1 a 2`, `"x": use 1 to 2`),
		Entry("with a text", lang.Errorf("el tipo %q%s", "the kind %q%s", "a", lang.DidYouMean("b")), `el tipo "a" (¿quiso decir b?)`, `the kind "a" (did you mean b?)`),
		Entry("without a suggestion", lang.Errorf("el tipo %q%s", "the kind %q%s", "a", lang.DidYouMean("")), `el tipo "a"`, `the kind "a"`),
		Entry("behind a place", lang.Errorf("paso %d: %s", "step %d: %s", 3, missing), "paso 3: falta el puerto", "step 3: the port is missing"),
		Entry("with a library's", lang.Errorf("leer: %s", "read: %s", syscall.ECONNREFUSED), "leer: conexión rechazada", "read: connection refused"),
		Entry("with a file", lang.Errorf("--ca: %s", "--ca: %s", &fs.PathError{Op: "open", Path: "a.pem", Err: fs.ErrNotExist}), "--ca: a.pem: no existe", "--ca: open a.pem: file does not exist"),
		Entry("within a library's", fmt.Errorf("Get: %w", missing), "Get: falta el puerto", "Get: the port is missing"),
		Entry("joined", errors.Join(missing, lang.Errorf("dos", "two")), "falta el puerto\ndos", "the port is missing\ntwo"),
	)

	It("wraps the errors among its arguments", func() {
		err := lang.Errorf("uno: %s", "one: %s", lang.Errorf("dos: %s y %s", "two: %s and %s", fs.ErrExist, missing))
		Expect(err).To(MatchError(fs.ErrExist))
		Expect(err).To(MatchError(missing))
		made, ok := errors.AsType[*lang.Error](err)
		Expect(ok).To(BeTrue())
		Expect(made.In(lang.Spanish)).To(HavePrefix("uno: dos: "))
	})

	It("stays one mistake, while joined ones are several", func() {
		both := fmt.Errorf("%w and %w", missing, fs.ErrExist)
		nested := lang.Errorf("en a.yaml: %s", "in a.yaml: %s", errors.Join(missing, fs.ErrExist))
		Expect(lang.Mistakes(errors.Join(nested, errors.Join(missing, both)))).To(Equal([]error{nested, missing, both}))
		Expect(lang.Mistakes(nil)).To(BeEmpty())
	})

	It("formats a text as it does a message", func() {
		Expect(lang.Textf("%d veces: %s", "%d times: %s", 2, missing)).To(Equal(lang.Text{ES: "2 veces: falta el puerto", EN: "2 times: the port is missing"}))
	})
})
