package observe_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
)

func answerSeeds() []string {
	return []string{
		"", "1", "-1", "1e3", "1E400", "0x1", "99999999999999999999", "1 2", "null", "true", `"1"`, "[1]", "{}", "[[[[[[", "\ufeff7",
		`{"effects":1}`, `{"effects":null}`, `{"effects":"1"}`, `{"effects":1,"state":{"a":[1,{"b":null}]}}`, `{"effects":1,"state":7}`,
		`{"evn_c0":1,"evn_c1":{"effects":2}}`, `{"ord_c0":{"effects":1,"state":{}}}`, `{"error":"no"}`, "\x1b[2J", "Warning: \xff\n1", `{"":1}`,
	}
}

func FuzzAnswer(f *testing.F) {
	seeds := answerSeeds()
	if len(seeds) != 26 {
		f.Fatalf("%d seeds", len(seeds))
	}
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	two := []observe.Subject{subject(0), subject(1)}
	f.Fuzz(func(t *testing.T, data []byte) {
		one, all, errOne, errAll := observe.ReadAnswer(data, two)
		for _, err := range []error{errOne, errAll} {
			var e *observe.Error
			if err == nil {
				continue
			}
			if !errors.As(err, &e) || e.Kind != observe.Unreadable || e.Text.ES == "" {
				t.Fatalf("%T: %v", err, err)
			}
			for _, text := range []string{e.Text.ES, e.Text.EN, e.Subject} {
				if len(text) > 500 || strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) >= 0 {
					t.Fatalf("not fit to be shown: %q", text)
				}
			}
		}
		if errOne == nil && one.Effects < 0 || errAll == nil && (len(all) != 2 || all[0].Effects < 0 || all[1].Effects < 0) {
			t.Fatalf("%+v %+v", one, all)
		}
	})
}

func FuzzFindIDs(f *testing.F) {
	seeds := []string{
		"", "_", "evn_", "evn_1", "pedido_evn_c1_v2", "xevn_c1", "EVN_c1", "evn_C1", "evn_c1C", "a_b_c_d", "ord_c1ord_c2",
		"evn_" + strings.Repeat("a", 100), "\xffevn_c1\xff", "ord_cmf3k2j1a0000ksimabcdefgh",
	}
	if len(seeds) != 14 {
		f.Fatalf("%d seeds", len(seeds))
	}
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for id := range observe.FindIDs(text) {
			if !bytes.Contains(text, []byte(id)) || len(id) < 5 || len(id) > 70 || id[3] != '_' {
				t.Fatalf("%q in %q", id, text)
			}
		}
		// An id is found wherever it stands, apart from what would be part of it.
		with := append(append(bytes.Clone(text), " evn_cmf3k2j1a0000ksimabcdefgh "...), text...)
		if _, ok := observe.FindIDs(with)["evn_cmf3k2j1a0000ksimabcdefgh"]; !ok {
			t.Fatalf("not found in %q", with)
		}
	})
}
