package language_test

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/language/languagetest"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
)

var _ = Describe("the catalogue", func() {
	It("holds the checks it is known for, each with texts in both languages", func() {
		suite, err := language.Builtin()
		Expect(err).NotTo(HaveOccurred())
		var ids []string
		for _, c := range suite.Checks() {
			ids = append(ids, c.ID)
			for what, text := range map[string][2]string{
				"title": {c.Title.ES, c.Title.EN}, "fault": {c.Fault.ES, c.Fault.EN}, "requirement": {c.Requirement.ES, c.Requirement.EN},
				"why": {c.Why.ES, c.Why.EN}, "provoked": {c.Provoked.ES, c.Provoked.EN}, "passes": {c.Passes.ES, c.Passes.EN},
				"fix": {c.Fix.ES, c.Fix.EN}, "source": {c.Source.ES, c.Source.EN}, "expected": {c.Expected.ES, c.Expected.EN},
			} {
				Expect(text[0]).NotTo(BeEmpty(), "%s: %s in Spanish", c.ID, what)
				Expect(text[1]).NotTo(BeEmpty(), "%s: %s in English", c.ID, what)
			}
		}
		codes := diagnose.Builtin().Codes()
		for _, s := range suite.Scenarios() {
			for _, c := range s.Checks {
				for _, rule := range c.Judge {
					if rule.Because != "" {
						Expect(ids).To(ContainElement(rule.Because), c.ID)
					}
					if rule.Then == verdict.Info { // that of the check may say more than was seen
						Expect(rule.Fault.IsZero()).To(BeFalse(), "%s: what is only told has a title of its own", c.ID)
					}
					for _, d := range language.Diagnoses(rule) {
						Expect(slices.ContainsFunc(codes, func(code string) bool {
							ok, _ := path.Match(d, code)
							return ok
						})).To(BeTrue(), "%s: no diagnosis is named %s", c.ID, d)
					}
				}
			}
		}
		Expect(ids).To(Equal([]string{
			"KOM-ACK-001", "KOM-ACK-002", "KOM-ACK-003", "KOM-ACK-004", "KOM-ACK-005", "KOM-BRS-001", "KOM-BRS-002", "KOM-CLK-001", "KOM-CLK-002", "KOM-CSR-001",
			"KOM-CSR-002", "KOM-DEP-001", "KOM-DEP-002", "KOM-DUP-001", "KOM-DUP-002", "KOM-DUP-003", "KOM-DUP-004", "KOM-DUP-005", "KOM-DUP-006", "KOM-DUP-007", "KOM-DUP-008", "KOM-DUR-001", "KOM-LAT-001", "KOM-LAT-002", "KOM-LEA-001",
			"KOM-MAL-001", "KOM-MAL-002", "KOM-MAL-003", "KOM-MAL-004", "KOM-MTH-001", "KOM-NET-001", "KOM-NET-002", "KOM-ORD-001", "KOM-ORD-002", "KOM-ORD-003", "KOM-ORD-004", "KOM-ORD-005", "KOM-ORD-006", "KOM-ORD-007", "KOM-ORD-008", "KOM-PAY-001", "KOM-PAY-002", "KOM-PAY-003",
			"KOM-PAY-004", "KOM-PAY-005", "KOM-PAY-006", "KOM-PAY-007", "KOM-PAY-009", "KOM-PAY-010", "KOM-PAY-011", "KOM-PAY-012", "KOM-REC-001", "KOM-RTY-001", "KOM-RTY-002",
			"KOM-RTY-003", "KOM-RTY-004", "KOM-RTY-005", "KOM-RTY-006", "KOM-RTY-007", "KOM-RTY-008", "KOM-TLS-001", "KOM-TLS-002", "KOM-TLS-003", "KOM-VER-001", "KOM-VER-002", "KOM-VER-003", "KOM-VER-004",
		}))
	})
})

var _ = Describe("Suite", func() {
	var suite *language.Suite

	BeforeEach(func() {
		var err error
		suite, err = language.Builtin()
		Expect(err).NotTo(HaveOccurred())
	})

	ids := func(s *language.Suite) (out []string) {
		for _, c := range s.Checks() {
			out = append(out, c.ID)
		}
		return out
	}

	It("selects by id and by glob, in any case", func() {
		s, err := suite.Select([]string{"kom-rty-*", "KOM-ACK-001"}, []string{"KOM-RTY-003", "KOM-RTY-004", "KOM-RTY-005", "KOM-RTY-006", "KOM-RTY-007", "KOM-RTY-008"})
		Expect(err).NotTo(HaveOccurred())
		Expect(ids(s)).To(Equal([]string{"KOM-ACK-001", "KOM-RTY-001", "KOM-RTY-002"}))
	})

	It("refuses patterns that match nothing, all at once, with a suggestion", func() {
		_, err := suite.Select([]string{"KOM-RTY-02", "KOM-XYZ-*"}, []string{"KOM-LAT-003"})
		Expect(err).To(MatchError(And(
			ContainSubstring(`"KOM-RTY-02" (did you mean KOM-RTY-002?)`),
			ContainSubstring(`"KOM-XYZ-*"`), ContainSubstring(`"KOM-LAT-003"`))))
	})

	It("refuses a selection that leaves nothing", func() {
		_, err := suite.Select([]string{"KOM-RTY-001"}, []string{"KOM-*"})
		Expect(err).To(MatchError(ContainSubstring("leaves no check")))
	})

	add := func(text string) error {
		GinkgoHelper()
		file := filepath.Join(GinkgoT().TempDir(), "mine.yaml")
		Expect(os.WriteFile(file, []byte(text), 0o600)).To(Succeed())
		err := suite.Add(file)
		if err == nil {
			Expect(languagetest.Refusal(text)).To(Succeed(), "the published schema")
		}
		return err
	}

	It("takes a user's scenario beside the built-in ones", func() {
		Expect(add(languagetest.Plain)).To(Succeed())
		Expect(ids(suite)).To(ContainElement("MY-SHOP-001"))
	})

	DescribeTable("tells a mistake with its place",
		func(from, to string, messages ...string) {
			Expect(languagetest.Plain).To(ContainSubstring(from))
			err := add(strings.Replace(languagetest.Plain, from, to, 1))
			Expect(err).To(HaveOccurred())
			for _, m := range messages {
				Expect(err.Error()).To(ContainSubstring(m))
			}
		},
		Entry("unknown key", "group: plain", "gruop: plain", "mine.yaml", ":2:1: ", `unknown key "gruop" (did you mean group?)`, "^"),
		Entry("bad YAML", "cases:", "cases: [", "mine.yaml", "^"),
		Entry("wrong type", "level: must", "level: [must]", "mine.yaml", ":10:", "^"),
		Entry("unknown group", "group: plain", "group: plian", `"plian"`, "did you mean plain?"),
		Entry("unknown exchange", "evidence: [wire]", "evidence: [wire]\n    of: delivry", "did you mean delivery?"),
		Entry("unknown verdict", "then: fail", "then: fial", `"fial"`, "did you mean fail?"),
		Entry("no duration", "deliver: {}", "deliver: {at: 1 hora}", "mine.yaml", ":7:23: ", "expected a duration with its unit", "^"),
		Entry("no last rule", "      - {then: fail}\n", "", "the last rule has to fit everything"),
		Entry("no id", "id: MY-SHOP-001", "id: mine", `id "mine"`),
		Entry("a taken id", "id: MY-SHOP-001", "id: KOM-ACK-001", "KOM-ACK-001 stands already"),
		Entry("a taken family", "family: mine", "family: gate", `family "gate" stands already`),
		Entry("an unknown event", "deliver: {}", "deliver: {event: evnt}", `event "evnt" was not emitted`),
		Entry("an undeliverable delivery", "deliver: {}", "deliver: {faults: [refuse]}", "none of its 1 attempts leaves", ":7:28: ", "  7 |       - deliver: {faults: [refuse]}\n    |                            ^"),
		Entry("a fault for an attempt that is never made", "deliver: {}", "deliver: {faults: [refuse, '']}", "2 faults for 1 attempts"),
		Entry("an unknown fault", "deliver: {}", "deliver: {attempts: 2, faults: ['', hangup]}", `fault "hangup" is none of`, "did you mean hang-up?", ":7:45: "),
		Entry("half a fault", "deliver: {}", "deliver: {faults: [hang-up soon]}", "hang-up 1ms, hang-up 25%", ":7:28: "),
		Entry("a cut without consent", "deliver: {}", "deliver: {faults: [cut-rst]}", "cut-rst sends a malformed body", "consent: malformed", ":7:28: "),
		Entry("a fault on a kept connection", "deliver: {}", "deliver: {connection: kept, faults: [drip]}", "drip takes a connection of its own"),
		Entry("a fault that asks first", "deliver: {}", "deliver: {expect_continue: true, faults: [reset]}", "reset and expect_continue"),
		Entry("copies without consent", "deliver: {}", "deliver: {copies: 2, attempts: 2}", "send several requests at once", "consent: burst", ":7:19: "),
		Entry("an event that arrives together with nobody", "deliver: {}", "deliver: {together: [event]}", "1 events: give 2 to 5"),
		Entry("an unknown event that arrives together", "deliver: {}", "deliver: {together: [event, evnt]}", `event "evnt" was not emitted`),
		Entry("an event that arrives together with itself", "deliver: {}", "deliver: {together: [event, event]}", `event "event" stands twice`),
		Entry("a name for what arrives together", "deliver: {}", "deliver: {as: x, together: [event, event]}", "its exchanges are named as they are"),
		Entry("an event that expires and is tried", "deliver: {}", "deliver: {expires: true, attempts: 2}", "it takes only as and event"),
		Entry("the names of nobody", "emit: {}", "emit: {named_as: other}", `event "other" was not emitted`),
		Entry("a parcel of nobody's order", "emit: {}", "emit: {order_of: other}", `event "other" was not emitted`),
		Entry("an id near nobody's", "emit: {}", "emit: {near: other}", `event "other" was not emitted`),
		Entry("many at once without consent", "deliver: {}", "deliver: {parallel: 8}", "consent: burst"),
		Entry("two framings without consent", "deliver: {}", "deliver: {header: {Transfer-Encoding: chunked}}", "Transfer-Encoding", "consent: malformed", ":7:28: "),
		Entry("a length without consent", "deliver: {}", "deliver: {header: {content_length: '0'}}", "consent: malformed"),
		Entry("copies that are broken", "deliver: {}", "deliver: {copies: 2, attempts: 2, faults: [hang-up]}", "cannot be broken", ":7:52: "),
		Entry("one copy", "deliver: {}", "deliver: {copies: 1}", "races with nobody", ":7:27: "),
		Entry("too many copies", "deliver: {}", "deliver: {copies: 65}", "copies: 65", "from 0 to 64"),
		Entry("copies that ask first", "deliver: {}", "deliver: {copies: 2, expect_continue: true}", "copies and expect_continue"),
		Entry("copies on one connection", "deliver: {}", "deliver: {copies: 2, connection: kept}", "every copy takes a connection"),
		Entry("asking on a kept connection", "deliver: {}", "deliver: {connection: kept, expect_continue: true}", "connection of its own"),
		Entry("a hang-up that nobody makes", `answers: ["2xx"]`, "hung_up: too-late", "no delivery has a fault that closes the connection", ":15:19: "),
		Entry("an unknown time to close the connection", `answers: ["2xx"]`, "hung_up: late", `"late" is none of`),
		Entry("an unknown end of asking", `answers: ["2xx"]`, "expect: silence", `"silence" is none of`),
		Entry("a delivery that nobody made", `answers: ["2xx"]`, "when: {delivry: [2xx]}", "did you mean delivery?"),
		Entry("a pattern about another delivery", `answers: ["2xx"]`, "when: {delivery: [ok]}", `"ok" is no pattern`),
		Entry("nothing", languagetest.Plain, "# later\n", "holds no scenario"),
		Entry("a second document", "      - {then: fail}\n", "      - {then: fail}\n---\nfamily: other\n", "second document", ":18:1: "),
		Entry("no number", "emit: {}", "emit: {truncate: .nan}", "truncate", ":6:26: ", "between 0 and 1"),
		Entry("no number in the payload", "emit: {}", "emit: {set: {data.object.x: [{y: .inf}]}}", "neither NaN nor an infinity", "data.object.x"),
		Entry("a million requests", "name: plain", "name: plain\n    times: 1000000", "times: 1000000", "from 0 to 1000", ":5:12: "),
		Entry("half a case elsewhere", "name: plain", "name: plain\n    safely: 0.5", "safely", "whole number", ":5:13: "),
		Entry("more elsewhere than here", "name: plain", "name: plain\n    safely: 2", "safely", "from 0 to 1"),
		Entry("a clock that is more than right", `answers: ["2xx"]`, "skew: -1s", "skew", "negative"),
		Entry("a cookie that nothing is named", `answers: ["2xx"]`, "cookies: ['[']", "cookies[0]", "syntax error"),
		Entry("a search of nothing", "deliver: {}", "deliver: {}\n      - search: {as: big}", "kind is missing", "none: give the sizes"),
		Entry("sizes that are none", "deliver: {}", "deliver: {}\n      - search: {kind: order.placed, sizes: [1 KB, 64 kb, 3 MB], requests: 3}",
			"give a size from 4 KB to 2.0 MB", `"64 kb" is no size`, ":8:46: ", "3 MB: give a size"),
		Entry("sizes down the hill", "deliver: {}", "deliver: {}\n      - search: {kind: order.placed, sizes: [1 MB, 64 KB], requests: 2}", "sizes[1]", "ascending"),
		Entry("too few requests", "deliver: {}", "deliver: {}\n      - search: {kind: order.placed, sizes: [64 KB, 1 MB], requests: 1, safely: 21}", "requests: 1: it has 2 sizes to try", "safely: 21: give a number from 0 to 20"),
		Entry("a search and a delivery", "deliver: {}", "deliver: {}\n        search: {kind: order.placed, sizes: [64 KB], requests: 1}", "a step is one of"),
		Entry("a limit that nobody searches", `answers: ["2xx"]`, "limit: 64 KB", "limit", "no step searches"),
		Entry("a limit that is not tried", languagetest.Plain[strings.Index(languagetest.Plain, "      - deliver"):strings.Index(languagetest.Plain, "      - {then: fail}")],
			"      - deliver: {}\n      - search: {as: big, kind: order.placed, sizes: [100 KB], requests: 1}\nchecks:\n  - id: MY-SHOP-001\n    level: must\n"+
				"    evidence: [wire]\n    of: big\n    title: {es: a}\n    requirement: {es: b}\n    judge:\n      - {limit: 64 KB, then: pass}\n",
			"64 KB: case plain does not try that size", ":17:17: "),
		Entry("a forgery of no known object", "emit: {}", "emit: {forged: id}", "name with twin the event", ":6:24: "),
		Entry("a forgery of nothing", "emit: {}", "emit: {forged: content}", "change something with set"),
		Entry("a forgery that goes on", "emit: {}", "emit: {}\n      - emit: {as: b, story: event, after: 1m, forged: unknown}\n      - deliver: {event: b}", "stands alone"),
		Entry("no such forgery", "emit: {}", "emit: {forged: unknow}", "did you mean unknown?"),
		Entry("a forgery without evidence of the API", "emit: {}", "emit: {forged: unknown}", "name api, too"),
		Entry("an API that fails in no known way", "- emit: {}", "- emit: {}\n      - api: {answer: '502'}", `"502" is none of`),
		Entry("an API that fails about nothing", "- emit: {}", "- emit: {}\n      - api: {answer: down, for: evnt}", "did you mean event?"),
		Entry("no such certificate", `answers: ["2xx"]`, "certificate: expirng", "did you mean expiring?"),
		Entry("two ways to judge", "    judge:\n", "    leaks: {then: warn, marks: [{what: {es: a}, pattern: a}]}\n    judge:\n", "one of judge, slow and leaks"),
		Entry("no pattern", "    judge:\n", "    leaks: {then: pass, marks: [{what: {es: a}, pattern: '('}, {pattern: a*}]}\n    judge:\n",
			`"pass" is none of`, "marks[0].pattern", "missing closing", "marks[1].what", "marks[1].pattern", "even an empty response"),
		Entry("a leak of nothing", "    judge:\n", "    leaks: {then: warn}\n    judge:\n", "without a mark"),
		Entry("lines of a twin", "- emit: {}", "- emit: {kind: order.placed}\n      - emit: {as: b, kind: order.placed, twin: event, lines: 3}\n      - deliver: {event: b}", "lines of its twin"),
		Entry("a story that nobody began", "- emit: {}", "- emit: {}\n      - emit: {as: b, story: evnt, after: 1m}\n      - deliver: {event: b}", `event "evnt" was not emitted`, "did you mean event?"),
		Entry("a story that goes back", "- emit: {}", "- emit: {after: 1h}\n      - emit: {as: b, story: event, after: 1m}\n      - deliver: {event: b}", "at least a second after the first one, and not before event, which is at 1h0m0s", ":7:44: "),
		Entry("a story within a story", "- emit: {}", "- emit: {}\n      - emit: {as: b, story: event, after: 1m}\n      - emit: {as: c, story: b, after: 2m}\n      - deliver: {event: b}\n      - deliver: {event: c}", `"b" goes on with a story itself`, "event"),
		Entry("another order in the same story", "- emit: {}", "- emit: {}\n      - emit: {as: b, story: event, after: 1m, lines: 3}\n      - deliver: {event: b}", "about the same objects"),
		Entry("a twin of what goes on", "- emit: {}", "- emit: {}\n      - emit: {as: b, story: event, after: 1m}\n      - emit: {as: c, twin: b}\n      - deliver: {event: b}\n      - deliver: {event: c}", ":8:29: ", "name the event that began it, event"),
		Entry("a method that is none", "deliver: {}", "deliver: {method: PSOT}", "did you mean POST?"),
		Entry("a method without consent", "deliver: {}", "deliver: {method: GET}", "consent: methods", ":7:27: "),
		Entry("one event in every order", "deliver: {}", "deliver: {permute: [event]}", "1 events: give 2 to 5"),
		Entry("more rounds than orders", "name: plain\n    steps:\n      - emit: {}\n      - deliver: {}", "name: plain\n    times: 3\n    steps:\n      - emit: {}\n      - emit: {as: b}\n      - deliver: {permute: [event, b]}", "only 2 orders"),
		Entry("half a request", "name: plain", "name: plain\n    times: 1.5", "whole number", ":5:12: "),
		Entry("too many attempts", "deliver: {}", "deliver: {attempts: 9223372036854775807}", "attempts", "from 0 to 1000"),
		Entry("a rule that is never reached", `{answers: ["2xx"], then: pass}`, "{answers: [], then: pass}", "judge[0]", "never decide"),
		Entry("a pattern that nothing matches", `"2xx"`, `"0200"`, `"0200" is no pattern`, ":15:20: "),
		Entry("an unknown diagnosis", `answers: ["2xx"]`, "diagnosis: [csfr.*]", `"csfr.*"`, ":15:22: "),
		Entry("an unknown check as the cause", "{then: fail}", "{then: inconclusive, because: KOM-ACK-100}", "no check KOM-ACK-100", ":16:39: "),
		Entry("a cause of what needs none", "{then: fail}", "{then: fail, because: KOM-ACK-001}", "because"),
		Entry("an unknown assumption", "evidence: [wire]", "evidence: [wire]\n    assumes: [timout]", "did you mean timeout?"),
		Entry("a given that asks for nothing", "evidence: [wire]", "evidence: [wire]\n    given: {delivery: []}", "at least one pattern"),
		Entry("a role without families", "emit: {}", "emit: {kind: '{created}'}", "each: family"),
		Entry("families that make no difference", "name: plain", "name: plain\n    each: family", "each family would get the same"),
		Entry("no time of day", "name: plain", "name: plain\n    day: noon", "no time of day"),
		Entry("again what was never sent", "emit: {}", "emit: {again: evnt}", "was not emitted before"),
		Entry("ahead of everybody", "emit: {}", "emit: {ahead: 48h}", "between 0 and 1h0m0s"),
		Entry("ahead, and after something", "emit: {}", "emit: {ahead: 3s, after: 1m}", "without after or story"),
		Entry("together and not too often", "then: pass", "effects_together: fewer, then: pass", "doubled"),
		Entry("again and changed", "- emit: {}", "- emit: {}\n      - emit: {as: b, again: event, lines: 3}\n      - deliver: {event: b}", "no new event"),
		Entry("a check that nothing undoes", "evidence: [wire]", "evidence: [wire]\n    unless: [timout]", "did you mean timeout?"),
		Entry("the same event for another", "- emit: {}", "- emit: {}\n      - emit: {}", "emitted twice"),
		Entry("an event for nobody", "- emit: {}", "- emit: {}\n      - emit: {as: other}", "never delivers: other"),
		Entry("a header that would break out of its line", "deliver: {}", `deliver: {header: {X-Note: "a\nb"}}`, "X-Note", ":7:28: "),
		Entry("a header twice", "deliver: {}", "deliver: {header: {accept: a, Accept: b}}", "accept stands twice"),
		Entry("malformed without consent", "emit: {}", `emit: {raw: "x"}`, "consent: malformed", ":6:16: "),
		Entry("a second gate", "group: plain", "group: gate", "group gate"),
		Entry("an id twice", "checks:\n", "checks:\n  - id: MY-SHOP-001\n    level: info\n    evidence: [wire]\n    title: {es: a}\n    requirement: {es: b}\n    judge: [{then: info}]\n", "MY-SHOP-001 stands twice"),
		Entry("a given of another case", "checks:\n  - id: MY-SHOP-001\n    level: must\n    evidence: [wire]\n", "  - name: second\n    steps: [{emit: {}}, {deliver: {as: other}}, {deliver: {}}]\nchecks:\n  - id: MY-SHOP-001\n    level: must\n    evidence: [wire]\n    given: {other: [2xx]}\n", "case plain delivers delivery but never other"),
	)

	It("reads a text that stands in one language in both", func() {
		Expect(add(strings.Replace(languagetest.Plain, "title: {es: acepta, en: accepts}", "title: {en: accepts}", 1))).To(Succeed())
		checks := suite.Checks()
		mine := checks[len(checks)-1]
		Expect(mine.ID).To(Equal("MY-SHOP-001"))
		Expect(mine.Title.ES).To(Equal("accepts"))
	})

	It("reads a file as Windows writes it", func() {
		Expect(add("\ufeff" + strings.ReplaceAll(languagetest.Plain, "\n", "\r\n"))).To(Succeed())
	})

	It("lists the scenarios of what is wanted, in the order in which they are played", func() {
		s, err := suite.Select([]string{"KOM-MAL-*", "KOM-DUP-*"}, nil)
		Expect(err).NotTo(HaveOccurred())
		var families []string
		for _, sc := range s.Scenarios() {
			families = append(families, sc.Family)
		}
		Expect(families).To(Equal([]string{"duplicate", "race", "updates", "malformed", "restart", "first-again"}))
	})

	It("tells all mistakes of a file at once", func() {
		err := add(strings.NewReplacer("group: plain", "group: x", "level: must", "level: y", "evidence: [wire]", "evidence: [z]").Replace(languagetest.Plain))
		Expect(err).To(MatchError(And(ContainSubstring(`"x"`), ContainSubstring(`"y"`), ContainSubstring(`"z"`))))
	})
})
