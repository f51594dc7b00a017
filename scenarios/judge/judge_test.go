package judge_test

import (
	"errors"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/judge"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

var _ = Describe("a way to the receiver that fails on our side", func() {
	It("is no fault of the receiver", func() {
		for _, kind := range []wire.ErrorKind{wire.ErrDNS, wire.ErrConnect} {
			found := judge.VerdictOn(&wire.Outcome{Err: &wire.Error{Kind: kind, Err: errors.New("no route")}})
			Expect(found).To(Equal(verdict.Inconclusive), string(kind))
		}
		found := judge.VerdictOn(&wire.Outcome{Err: &wire.Error{Kind: wire.ErrRequest, Err: errors.New("bad header")}})
		Expect(found).To(Equal(verdict.Error))
		found = judge.VerdictOn(&wire.Outcome{Err: &wire.Error{Kind: wire.ErrReset, Err: errors.New("reset")}})
		Expect(found).To(Equal(verdict.Fail))
	})
})
