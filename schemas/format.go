package schemas

import (
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/xeipuuv/gojsonschema"
)

// formatsOnce guards the one change that this package makes to state of the
// process: gojsonschema keeps its format checkers in a global table.
var formatsOnce sync.Once //nolint:gochecknoglobals // guards a table that is global to the process

// stringFormat is a format checker that leaves values that are no strings
// alone, as draft-07 wants; gojsonschema's own ones refuse them.
type stringFormat func(string) bool

// IsFormat implements gojsonschema.FormatChecker.
func (f stringFormat) IsFormat(v any) bool {
	s, ok := v.(string)
	return !ok || f(s)
}

// formatNames lists the formats that are known, sorted.
func formatNames() []string {
	return []string{
		"date", "date-time", "email", "hostname", "idn-email", "ipv4", "ipv6", "iri", "iri-reference", "json-pointer", "regex",
		"relative-json-pointer", "time", "uri", "uri-reference", "uri-template", "uuid",
	}
}

// useStrictFormats puts our format checkers in the place of gojsonschema's:
// the originals take "Joe <joe@example.com>" for an email, "::1.2.3.4" for an
// IPv4 address and "12:00:00" for a date-time.
func useStrictFormats() {
	formatsOnce.Do(func() {
		for name, f := range strictFormats() {
			gojsonschema.FormatCheckers.Add(name, f)
		}
	})
}

func strictFormats() map[string]stringFormat {
	atom := regexp.MustCompile("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$")
	label := regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)
	uuid := regexp.MustCompile("^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$")
	pointer := regexp.MustCompile("^(/([^~/]|~0|~1)*)*$")
	relative := regexp.MustCompile("^(0|[1-9][0-9]*)(#|(/([^~/]|~0|~1)*)*)$")
	clock := regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$`)
	scheme := regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:`)
	template := regexp.MustCompile(`^([^{}]*(\{[^{}]+\})?)*$`)

	hostname := func(s string) bool {
		if s == "" || len(s) > 253 {
			return false
		}
		for l := range strings.SplitSeq(s, ".") {
			if !label.MatchString(l) {
				return false
			}
		}
		return true
	}
	reference := func(s string) bool {
		_, err := url.Parse(s)
		return err == nil && !strings.ContainsFunc(s, func(r rune) bool {
			return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"<>\\^`{|}", r)
		})
	}
	iriReference := func(s string) bool {
		_, err := url.Parse(s)
		return err == nil && !strings.ContainsAny(s, " \"<>\\^`{|}")
	}
	date := func(s string) bool {
		_, err := time.Parse(time.DateOnly, s)
		return err == nil && len(s) == len(time.DateOnly)
	}
	return map[string]stringFormat{
		"email": func(s string) bool {
			local, domain, ok := strings.Cut(s, "@")
			return ok && len(s) <= 254 && len(local) <= 64 && atom.MatchString(local) && hostname(domain)
		},
		"idn-email": func(s string) bool {
			a, err := mail.ParseAddress(s)
			return err == nil && a.Address == s && a.Name == ""
		},
		"hostname": hostname,
		"ipv4": func(s string) bool {
			a, err := netip.ParseAddr(s)
			return err == nil && a.Is4()
		},
		"ipv6": func(s string) bool {
			a, err := netip.ParseAddr(s)
			return err == nil && a.Is6() && a.Zone() == ""
		},
		"date": date,
		"time": clock.MatchString,
		"date-time": func(s string) bool {
			return len(s) > 11 && date(s[:10]) && (s[10] == 'T' || s[10] == 't') && clock.MatchString(s[11:])
		},
		"uri":           func(s string) bool { return scheme.MatchString(s) && reference(s) },
		"uri-reference": reference,
		"iri":           func(s string) bool { return scheme.MatchString(s) && iriReference(s) },
		"iri-reference": iriReference,
		"uri-template":  func(s string) bool { return !strings.ContainsAny(s, " \"<>\\^`|") && template.MatchString(s) },
		"uuid":          uuid.MatchString,
		"regex": func(s string) bool {
			_, err := regexp.Compile(s)
			return err == nil
		},
		"json-pointer":          pointer.MatchString,
		"relative-json-pointer": relative.MatchString,
	}
}
