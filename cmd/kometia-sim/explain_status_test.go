package main_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("explain with a status", func() {
	DescribeTable("says what it means and what it may come from",
		func(status, meaning, first string) {
			res := newShell().run("explain", status)
			Expect(res.code).To(Equal(0), res.err)
			Expect(res.out).To(HavePrefix(status + "  " + meaning))
			Expect(res.out).To(MatchRegexp(`\n\n` + first + ": "))
		},
		Entry(nil, "419", "not received", `csrf\.laravel`),
		Entry(nil, "302", "not received", `redirect\.[a-z]+`),
		Entry(nil, "500", "not received", `server\.error`),
		Entry(nil, "200", "received", `ack\.php-error`),
	)

	It("knows no other numbers", func() {
		for _, id := range []string{"99", "600", "4190", "-1"} {
			Expect(newShell().run("explain", id).code).To(Equal(2), id)
		}
	})
})
