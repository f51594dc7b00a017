package settings

import (
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/target"
	"github.com/kometia-sim/kometia-sim/report"
	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/oracle"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Type is what a value may be. The zero Type is any text.
type Type struct {
	// Schema is the JSON Schema of one value: members, without braces.
	Schema string
	// Check refuses a value; nil takes all. The value is named before what it
	// says, unless Names says that it names the value itself.
	Check func(value string) error
	Names bool
	// CheckPair refuses a pair of a mapping.
	CheckPair func(key, value string) error
	// Offers lists the values that completion proposes.
	Offers func() []string
}

func text() Type { return Type{Schema: `"type": "string", "minLength": 1`} }

// duration takes what is more than nothing; example is named when it is not.
func duration(example string) Type {
	return Type{Schema: `"$ref": "#/definitions/duration"`, Check: func(value string) error {
		if _, err := parseDuration(value); err != nil {
			return lang.Errorf("escriba una duración con unidad, como %s", "write a duration with its unit, such as %s", example)
		}
		return nil
	}}
}

func parseDuration(value string) (time.Duration, error) {
	d, err := time.ParseDuration(value)
	if err == nil && d <= 0 {
		err = strconv.ErrRange
	}
	return d, err
}

// whole takes the whole numbers of a range; most 0 is no limit.
func whole(most int64) Type {
	return Type{Check: func(value string) error {
		n, err := strconv.ParseInt(value, 10, 64)
		switch {
		case err == nil && n >= 1 && (most == 0 || n <= most):
			return nil
		case most == 0:
			return lang.Errorf("escriba un número entero desde 1", "write a whole number from 1")
		default:
			return lang.Errorf("escriba un número de 1 a %d", "write a number from 1 to %d", most)
		}
	}}
}

func address() Type {
	return Type{Schema: `"$ref": "#/definitions/address"`, Names: true, Check: func(value string) error {
		_, port, err := net.SplitHostPort(value)
		if err != nil || port == "" {
			return lang.Errorf("%q no es una dirección; escriba por ejemplo 127.0.0.1:8091", "%q is no address; write for example 127.0.0.1:8091", value)
		}
		return nil
	}}
}

func sinkKey() Type {
	return Type{Schema: `"type": "string", "minLength": 1`, Names: true, Check: observe.CheckSinkKey}
}

func url() Type {
	return Type{Schema: `"type": "string", "pattern": "^https?://.+$"`, Names: true, Check: func(value string) error {
		_, err := wire.ParseTarget(value)
		return err
	}}
}

func receiverURL() Type {
	return Type{Schema: `"type": "string", "pattern": "^(https?://.+|practice(:.+)?)$"`, Names: true, Check: func(value string) error {
		_, err := target.Parse(value)
		return err
	}, Offers: func() []string { return append(flaws("practice:"), "practice", "http://", "https://") }}
}

// choice takes a few words.
func choice(values ...string) Type {
	return Type{Schema: enum(values), Offers: func() []string { return values }, Check: func(value string) error {
		if slices.Contains(values, value) {
			return nil
		}
		return lang.Errorf("use %s", "use %s", strings.Join(values, ", "))
	}}
}

// named takes names that are easily mistyped; the formats are those of OneOf.
func named(values []string, es, en string) Type {
	return Type{Schema: enum(values), Names: true, Offers: func() []string { return values }, Check: func(value string) error {
		return OneOf(value, values, es, en)
	}}
}

// OneOf checks that a name is among those known. The formats take the name, the
// suggestion and the list.
func OneOf(name string, among []string, es, en string) error {
	if slices.Contains(among, name) {
		return nil
	}
	return lang.Errorf(es, en, name, lang.DidYouMean(schemas.Suggest(name, among)), strings.Join(among, ", "))
}

func enum(values []string) string {
	return `"type": "string", "enum": ["` + strings.Join(values, `", "`) + `"]`
}

func spoken() Type {
	return Type{Schema: enum([]string{"es", "en"}), Offers: func() []string { return []string{"es", "en"} }, Names: true, Check: CheckLanguage}
}

// CheckLanguage refuses what is neither Spanish nor English.
func CheckLanguage(tag string) error {
	if _, err := lang.Detect(tag, nil); err != nil {
		return lang.Errorf("no existe el idioma %q (use es o en)", "unknown language %q (use es or en)", tag)
	}
	return nil
}

func class() Type {
	return named(consent.Classes(), "no existe la clase %q%s: use %s", "unknown class %q%s: use %s")
}

func phase() Type {
	return named(Phases(), "no existe la fase %q%s: use %s", "unknown phase %q%s: use %s")
}

func oneOracle() Type {
	return named(Oracles(), "no existe el oráculo %q%s: use %s", "unknown oracle %q%s: use %s")
}

// Phases are the names of the phases of fuzz, Oracles those of its oracles.
func Phases() (names []string) {
	for _, p := range payload.Phases() {
		names = append(names, string(p))
	}
	return names
}

// Oracles are the names of what fuzz holds against a receiver.
func Oracles() (names []string) {
	for _, o := range oracle.All() {
		names = append(names, o.Name)
	}
	return names
}

func pace() Type {
	return Type{Schema: `"type": "string", "pattern": "^[1-9][0-9]{0,5}/(s|m|h)$"`, Check: func(value string) error {
		if _, err := receiver.ParsePace(value); err != nil {
			return lang.Errorf("escriba un número y una unidad de tiempo, como 60/m o 30/s", "write a number and a unit of time, such as 60/m or 30/s")
		}
		return nil
	}}
}

func effects() Type {
	return Type{Offers: func() []string { return []string{"effects"} }, Check: func(value string) error {
		if value != "effects" {
			return lang.Errorf("solo existe effects", "there is only effects")
		}
		return nil
	}}
}

func flaw() Type {
	return Type{Names: true, Offers: func() []string { return flaws("") }, Check: target.CheckFlaw}
}

func flaws(prefix string) []string {
	var names []string
	for _, f := range practice.Flaws() {
		names = append(names, prefix+f.Name)
	}
	return names
}

func formats() (names []string) {
	for _, f := range report.Formats() {
		names = append(names, f.Name)
	}
	return names
}

func reports() Type {
	return Type{Offers: func() []string {
		var values []string
		for _, name := range formats() {
			values = append(values, name, name+"=")
		}
		return values
	}}
}

func kind() Type { return Type{Schema: `"type": "string", "minLength": 1`, Offers: Kinds} }

func check() Type { return Type{Offers: Checks} }

// Kinds are the names of the built-in event kinds.
func Kinds() []string {
	var names []string
	for _, k := range schemas.Builtin().Kinds() {
		names = append(names, k.Name)
	}
	return names
}

// Checks are the ids of the catalogue.
func Checks() []string {
	suite, err := language.Builtin()
	if err != nil {
		return nil
	}
	var names []string
	for _, c := range suite.Checks() {
		names = append(names, c.ID)
	}
	return names
}

func seed() Type {
	return Type{Check: func(value string) error {
		if _, err := strconv.ParseUint(value, 10, 64); err != nil {
			return lang.Errorf("escriba un número entero desde 0", "write a whole number from 0")
		}
		return nil
	}}
}

func ids() Type {
	return Type{Check: func(value string) error {
		if _, err := shop.ParseIDs(value); err != nil && value != "new" {
			return lang.Errorf("escriba 4 caracteres de a-z y 0-9, o new", "write 4 characters of a-z and 0-9, or new")
		}
		return nil
	}}
}

func instant() Type {
	return Type{Check: func(value string) error {
		if _, err := parseStart(value); err != nil {
			return lang.Errorf("escriba una fecha como 2026-01-31 o 2026-01-31T10:00:00Z", "write a time such as 2026-01-31 or 2026-01-31T10:00:00Z")
		}
		return nil
	}}
}

func parseStart(value string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		at, err = time.Parse(time.DateOnly, value)
	}
	return at.UTC().Truncate(time.Second), err
}

// header is a field of the file, or "NAME: VALUE" as a flag; what is wrong with
// it is told without its value, which may be a secret.
func header() Type {
	return Type{
		Schema: `"type": ["string", "number"]`, Names: true,
		Check: func(value string) error {
			_, err := wire.ParseField(value)
			return err
		},
		CheckPair: func(key, value string) error {
			field := wire.Field{Name: key, Value: value}
			return field.Check()
		},
	}
}

func assumption() Type {
	return Type{Schema: enum([]string{"confirmed"}), CheckPair: func(id, value string) error {
		var known []string
		for _, a := range schemas.Assumptions() {
			known = append(known, a.ID)
		}
		if err := OneOf(id, known, "no existe el supuesto %q%s: use %s", "unknown assumption %q%s: use %s"); err != nil {
			return err
		}
		if value != "confirmed" {
			return lang.Errorf("%q: escriba confirmed, o quite la línea", "%q: write confirmed, or leave the line out", value)
		}
		return nil
	}}
}

// token is a secret that strangers are not to guess.
func token() Type {
	return Type{Names: true, Check: func(value string) error {
		if len(value) < 16 {
			return lang.Errorf("tiene %d caracteres; dé al menos 16, como los de openssl rand -hex 16", "it has %d characters; give 16 at least, such as those of openssl rand -hex 16", len(value))
		}
		return nil
	}}
}

// pacing is how the time of serve goes.
func pacing() Type {
	return Type{Offers: func() []string { return []string{"manual", "real", "60x"} }, Check: func(value string) error {
		_, err := ParseSpeed(value)
		return err
	}}
}

// ParseSpeed reads manual, real, or a factor such as 60x: how many seconds pass in
// one.
func ParseSpeed(value string) (float64, error) {
	switch value {
	case "manual":
		return 0, nil
	case "real":
		return 1, nil
	}
	factor, found := strings.CutSuffix(value, "x")
	n, err := strconv.Atoi(factor)
	if !found || err != nil || n < 1 || n > 100_000 {
		return 0, lang.Errorf("escriba manual, real, o un factor de 1x a 100000x, como 60x", "write manual, real, or a factor from 1x to 100000x, such as 60x")
	}
	return float64(n), nil
}
