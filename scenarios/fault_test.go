package scenarios_test

import (
	"io"
	"net/http"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("Runner", Label("whole"), func() {
	DescribeTable("holds exactly the fault against the receiver that it has",
		func(ctx SpecContext, answer func(http.ResponseWriter, *http.Request, post) bool, want ...string) {
			rep := run(ctx, queueless(receive(answer)))
			Expect(reds(rep)).To(Equal(want))
		},
		Entry("CSRF", SpecTimeout(5*time.Minute), laravelCSRF, "KOM-CSR-001 fail"),
		Entry("a redirect", SpecTimeout(5*time.Minute), func(w http.ResponseWriter, r *http.Request, _ post) bool {
			w.Header().Set("Location", "http://"+r.Host+"/webhook/")
			w.WriteHeader(http.StatusMovedPermanently)
			return true
		}, "KOM-ACK-002 fail"),
		Entry("not modified", SpecTimeout(5*time.Minute), status(304), "KOM-ACK-002 fail"),
		Entry("a wrong URL", SpecTimeout(5*time.Minute), status(404), "KOM-ACK-001 fail"),
		Entry("a server error", SpecTimeout(5*time.Minute), status(500), "KOM-ACK-001 fail"),
		Entry("a server error for one kind", SpecTimeout(5*time.Minute), unless(500, func(p post) bool { return p.Event.Kind != "product.deleted" }), "KOM-ACK-001 fail"),
		Entry("a fatal error behind a 200", SpecTimeout(5*time.Minute), func(w http.ResponseWriter, _ *http.Request, p post) bool {
			if !p.Valid {
				return false
			}
			w.Header().Set("Content-Type", "text/html; charset=UTF-8")
			_, _ = io.WriteString(w, "<br />\n<b>Fatal error</b>:  Uncaught Error: Call to undefined function pedido() in /srv/webhook.php:3\nStack trace:\n#0 {main}\n  thrown in <b>/srv/webhook.php</b> on line <b>3</b><br />\n")
			return true
		}, "KOM-ACK-003 fail", "KOM-LEA-001 warn"),
		Entry("an unknown kind breaks it", SpecTimeout(5*time.Minute), unless(500, func(p post) bool { return p.Event.Kind != "order.reserved" }), "KOM-ACK-004 warn"),
		Entry("duplicates are refused", SpecTimeout(5*time.Minute), unless(http.StatusConflict, func(p post) bool { return p.Repeats == 0 || !p.Valid }), "KOM-DUP-001 fail", "KOM-RTY-002 fail"),
		Entry("duplicates are refused with a server error, once", SpecTimeout(5*time.Minute), unless(http.StatusInternalServerError, func(p post) bool { return p.Repeats != 1 || !p.Valid }), "KOM-DUP-001 warn", "KOM-RTY-002 warn"),
		Entry("events of an hour ago are refused", SpecTimeout(5*time.Minute), unless(http.StatusBadRequest, func(p post) bool { return !p.Valid || time.Since(time.Unix(p.Event.CreatedAt, 0)) < 90*time.Minute }), "KOM-RTY-001 fail", "KOM-RTY-006 fail"),
		Entry("events of two days ago are refused", SpecTimeout(5*time.Minute), unless(http.StatusBadRequest, func(p post) bool { return !p.Valid || time.Since(time.Unix(p.Event.CreatedAt, 0)) < 48*time.Hour }), "KOM-RTY-006 warn"),
		Entry("the body is searched and not parsed", SpecTimeout(5*time.Minute), unless(http.StatusBadRequest, func(p post) bool { return !p.Valid || strings.Contains(p.Body, `"object":"event"`) }), "KOM-PAY-005 fail"),
		Entry("a charset is refused", SpecTimeout(5*time.Minute), func(w http.ResponseWriter, r *http.Request, _ post) bool {
			if r.Header.Get("Content-Type") == "application/json" {
				return false
			}
			w.WriteHeader(http.StatusUnsupportedMediaType)
			return true
		}, "KOM-PAY-009 fail"),
		Entry("malformed JSON breaks it", SpecTimeout(5*time.Minute), unless(http.StatusInternalServerError, func(p post) bool { return p.Valid }), "KOM-MAL-001 warn", "KOM-MAL-002 warn"),
	)
})
