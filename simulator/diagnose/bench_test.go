package diagnose_test

import (
	"os"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

func BenchmarkDiagnose(b *testing.B) {
	RegisterTestingT(b)
	table, req := diagnose.Builtin(), request("", "")
	table.Codes()
	huge := []byte(strings.Repeat("<p>palabra ", 6000))[:64<<10]
	for name, out := range map[string]*wire.Outcome{
		"204":             answer("laravel-204-prod.http"),
		"419 Laravel":     answer("laravel-419.http"),
		"302 slash":       answer("nginx-301-slash.http"),
		"403 bare":        answer("bare-403.http"),
		"refused":         refused(wire.ErrConnectRefused, "connection refused"),
		"500 debug 16 KB": answer("laravel-500-dev.http"),
		"403 64 KB":       {Status: 403, Body: huge, BodyBytes: 64 << 10},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				table.Diagnose(req, out)
			}
		})
	}
}

func BenchmarkBuiltin(b *testing.B) {
	for b.Loop() {
		diagnose.Builtin().Codes()
	}
}

func BenchmarkLoadYAML(b *testing.B) {
	fsys := os.DirFS("data")
	for b.Loop() {
		if _, err := diagnose.LoadFS(fsys); err != nil {
			b.Fatal(err)
		}
	}
}
