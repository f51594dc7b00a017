package settings_test

import (
	"strings"
	"testing"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/settings"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// A config is read or refused in both languages, and no excerpt shows what stands
// behind the key of a secret.
func FuzzConfig(f *testing.F) {
	for _, seed := range []string{
		"", "target: http://localhost/", "target: [", "headers: {X-Token: hidden-away}", "headers: {X-Token: [hidden-away]}", "api: {key: [hidden-away]}",
		"headers:\n  X-Token:\n    hidden-away: 1\n", "target: http://u:hidden-away@h:99999/", "timeout: ${X}", "api: {key: '${file:/run/secrets/key}'}", "ready: ${file:}", "observe: {log: {file: a}}", "\ufeffpace: 1/m\r\n",
		"retry: {interval: 1h}\n---\n", "subscriptions: [{url: x}]", "intended: [{when: {a: 1}}]", "assume: {timeout: confirmed}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, err := settings.Parse("kometia-sim.yaml", []byte(text), settings.Sources{
			Getenv: func(string) string { return "v" }, Read: func(string) ([]byte, error) { return []byte("of-a-file\n"), nil },
		})
		if err == nil {
			return
		}
		said := lang.In(err, lang.Spanish) + lang.In(err, lang.English)
		if said == "" {
			t.Fatal("no mistake")
		}
	})
}

func TestExcerptsHideSecrets(t *testing.T) {
	for _, text := range []string{"headers: {X-Token: [hidden-away]}", "api: {key: [hidden-away]}", "headers:\n  X-Token:\n    hidden-away: 1\n", "target: http://u:hidden-away@h:99999/"} {
		if _, err := settings.Parse("f", []byte(text), settings.Sources{}); err == nil || strings.Contains(err.Error(), "hidden-away") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
