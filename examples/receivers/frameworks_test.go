package receivers_test

import (
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("the frameworks", Label("whole"), func() {
	DescribeTable("with the exemption of their documentation act once and go on",
		func(ctx SpecContext, name string) {
			receiver := start(ctx, name, nil)
			order := event("evn_1", "order.created", "ord_1", 100)
			Expect(together(ctx, receiver.WebhookURL, order, 8)).To(HaveEach(http.StatusOK))
			Expect(effects(ctx, receiver, "evn_1")).To(Equal(1))
			Expect(post(ctx, receiver.WebhookURL, event("evn_2", "order.placed", "ord_1", 100)).status).To(Equal(http.StatusOK))
			Expect(effects(ctx, receiver, "evn_2")).To(Equal(1))
			for _, kind := range []string{"order.placed_draft", "nadie.conoce"} {
				Expect(post(ctx, receiver.WebhookURL, event("evn_3", kind, "ord_1", 100)).status).To(Equal(http.StatusOK), kind)
			}
			Expect(effects(ctx, receiver, "evn_3")).To(BeZero())
			for _, bad := range []string{`{"id":`, "[]", "7", "", "{}", `{"id":7,"kind":"order.placed"}`, `{"id":"x' OR 1","kind":"order.placed"}`} {
				Expect(post(ctx, receiver.WebhookURL, bad).status).To(Equal(http.StatusBadRequest), "%q", bad)
			}

			url := receiver.WebhookURL
			Expect(receiver.Restart(ctx)).To(Succeed())
			Expect(receiver.WebhookURL).To(Equal(url))
			Expect(post(ctx, receiver.WebhookURL, order).status).To(Equal(http.StatusOK))
			Expect(effects(ctx, receiver, "evn_1")).To(Equal(1), "after a kill")
		},
		Entry("Django", SpecTimeout(limit), "django"),
		Entry("Flask", SpecTimeout(limit), "flask"),
		Entry("Rails", SpecTimeout(limit), "rails"),
		Entry("Express", SpecTimeout(limit), "express"),
		Entry("Sinatra", SpecTimeout(limit), "sinatra"),
		Entry("what stands behind nginx", SpecTimeout(limit), "nginx-delante"),
	)

	// What RECEIVERS knows of each; without the exemption nothing may be acted on.
	DescribeTable("without it refuse as they do",
		func(ctx SpecContext, name string, status int, contains, cookie string) {
			receiver := start(ctx, name, nil)
			got := post(ctx, receiver.WebhookURL, event("evn_1", "order.created", "ord_1", 100))
			Expect(got.status).To(Equal(status))
			if contains == "" {
				Expect(got.body).To(BeEmpty())
			}
			Expect(got.body).To(ContainSubstring(contains))
			if cookie == "" {
				Expect(got.header).NotTo(HaveKey("Set-Cookie"))
			}
			Expect(got.header.Get("Set-Cookie")).To(HavePrefix(cookie))
			Expect(effects(ctx, receiver, "evn_1")).To(BeZero())
		},
		Entry("Django", SpecTimeout(limit), "django-csrf", 403, "CSRF verification failed. Request aborted.", ""),
		Entry("Django, debugging", SpecTimeout(limit), "django-csrf-debug", 403, "Reason given for failure:", ""),
		Entry("Flask-WTF", SpecTimeout(limit), "flask-csrf", 400, "The CSRF token is missing.", ""),
		Entry("Rails", SpecTimeout(limit), "rails-csrf", 422, "<title>The change you wanted was rejected (422)</title>", ""),
		Entry("Rails without its error pages", SpecTimeout(limit), "rails-csrf-vacio", 422, "", ""),
		Entry("Rails in development", SpecTimeout(limit), "rails-csrf-debug", 422, "ActionController::InvalidAuthenticityToken", ""),
		Entry("csurf", SpecTimeout(limit), "express-csurf", 403, "<pre>Forbidden</pre>", "connect.sid="),
		Entry("csurf in development", SpecTimeout(limit), "express-csurf-debug", 403, "ForbiddenError: invalid csrf token", "connect.sid="),
		Entry("csurf with its cookie", SpecTimeout(limit), "express-csurf-cookie", 403, "<pre>Forbidden</pre>", "_csrf="),
		Entry("csurf without a session", SpecTimeout(limit), "express-csurf-sin-sesion-debug", 500, "misconfigured csrf", ""),
		Entry("lusca", SpecTimeout(limit), "express-lusca", 403, "<pre>Forbidden</pre>", "connect.sid="),
		Entry("lusca in development", SpecTimeout(limit), "express-lusca-debug", 403, "CSRF token missing", "connect.sid="),
		Entry("Rack::Protection", SpecTimeout(limit), "sinatra-csrf", 403, "Forbidden", "rack.session="),
		Entry("Laravel behind nginx", SpecTimeout(limit), "nginx-laravel-csrf", 419, "<title>Page Expired</title>", "laravel_session="),
	)
})
