package lang_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

var _ = DescribeTable("a duration", func(d time.Duration, short, whole string) {
	Expect(lang.Duration(d)).To(Equal(short))
	Expect(lang.Span(d)).To(Equal(whole))
},
	Entry(nil, 800*time.Microsecond, "0.8 ms", "0 ms"),
	Entry(nil, 41*time.Millisecond, "41 ms", "41 ms"),
	Entry(nil, 10*time.Second, "10 s", "10 s"),
	Entry(nil, 6200*time.Millisecond, "6.2 s", "6 s"),
	Entry(nil, 125*time.Second, "2 min 5 s", "2 min 5 s"),
	Entry(nil, 48*time.Hour+10*time.Minute, "48 h 10 min", "48 h 10 min"),
	Entry(nil, -2*time.Second, "-2 s", "-2 s"),
)
