// Package secret finds what no output may show: passwords, keys and tokens, by
// the name that they stand behind, by their shape, or because the user gave them.
//
// Everything that is shown goes through it: URLs and header fields by URL and
// Field, foreign texts by Text, the lines of a user's file by Mask, and every
// stream and report by a Hider, which knows the values of this run.
package secret

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// stars take the place of a secret.
const stars = "***"

// Name reports whether a parameter, a field or a key of this name is taken to
// hold a secret. It would rather hide too much.
func Name(name string) bool {
	if plain, err := url.QueryUnescape(name); err == nil {
		name = plain
	}
	name = strings.ToLower(name)
	for _, word := range []string{"token", "secret", "passw", "passphrase", "pwd", "signature", "credential", "apikey", "auth", "jwt", "session", "hmac", "cookie"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	for _, end := range []string{"key", "sig", "pass"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// shortestRandom is how long a word is at least that nobody can guess.
const shortestRandom = 20

// Random reports whether a part of a URL looks drawn: long, of letters and
// digits without order, as the secret path of a webhook is. Ids of events of ours
// are none: each holds ksim.
func Random(part string) bool {
	if len(part) < shortestRandom || strings.Contains(part, "ksim") {
		return false
	}
	letters, digits, changes := 0, 0, 0
	before := 0
	for _, c := range []byte(part) {
		kind := 0
		switch {
		case c >= '0' && c <= '9':
			digits++
			kind = 1
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
			letters++
			kind = 2
		case c == '-', c == '_', c == '~':
			continue
		default:
			return false
		}
		if before != 0 && kind != before {
			changes++
		}
		before = kind
	}
	return letters > 0 && digits > 0 && changes >= 4
}

// Shapes of secrets that speak for themselves.
var (
	keys   = regexp.MustCompile(`\b(sk|pk|rk)_(live|test)_[A-Za-z0-9]{4,}|\bsk[-_][A-Za-z0-9_-]{16,}|\bwhsec_[A-Za-z0-9+/=]{8,}|\bgh[pousr]_[A-Za-z0-9]{20,}|\bAKIA[A-Z0-9]{16}\b`)
	tokens = regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]*)?`)
	bearer = regexp.MustCompile(`(?i)\bbearer\s+([A-Za-z0-9._~+/=-]{12,})`)
	logins = regexp.MustCompile(`[a-zA-Z][a-zA-Z0-9+.-]*://([^\s/@:"'<>]*:[^\s/@"'<>]+)@`)
	// Values behind a name that says what they are, in source, settings, JSON and
	// tables.
	named = regexp.MustCompile(`(?i)\b[a-z0-9_.-]*(?:api[_-]?key|app[_-]?key|access[_-]?key|secret|password|passwd|credential)[a-z0-9_]*` +
		`(?:["']|&quot;|&#039;|\])*\s*(?:=>|[:=]|</t[dh]>\s*<td[^>]*>)\s*(?:["']|&quot;|&#039;)?([^\s"'<>&,;]{4,})`)
)

// byShape finds secrets that speak for themselves. Expressions are slow, and most
// texts hold none of the words without which nothing is found.
func byShape(s string) (found [][2]int) {
	if holds(s, "sk_", "pk_", "rk_", "sk-", "whsec_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "AKIA") {
		for _, at := range keys.FindAllStringIndex(s, -1) {
			found = append(found, [2]int{at[0], at[1]})
		}
	}
	if holds(s, "eyJ") {
		for _, at := range tokens.FindAllStringIndex(s, -1) {
			found = append(found, [2]int{at[0], at[1]})
		}
	}
	if holdsFold(s, "bearer") {
		for _, at := range bearer.FindAllStringSubmatchIndex(s, -1) {
			found = append(found, [2]int{at[2], at[3]})
		}
	}
	if holds(s, "://") && holds(s, "@") {
		for _, at := range logins.FindAllStringSubmatchIndex(s, -1) {
			found = append(found, [2]int{at[2], at[3]})
		}
	}
	return found
}

func holds(s string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}

// holdsFold is holds for words in lower case, whatever the case in the text.
func holdsFold(s string, words ...string) bool {
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		for _, w := range words {
			if c == w[0] && len(s)-i >= len(w) && strings.EqualFold(s[i:i+len(w)], w) {
				return true
			}
		}
	}
	return false
}

func behindNames(s string) (found [][2]int) {
	if !holdsFold(s, "key", "secret", "passw", "credential") {
		return nil
	}
	for _, at := range named.FindAllStringSubmatchIndex(s, -1) {
		found = append(found, [2]int{at[2], at[3]})
	}
	return found
}

// Shapes hides in a text what is a secret by its shape alone.
func Shapes(s string) string { return cut(s, byShape(s), nil) }

// Text hides in a foreign text what is a secret by its shape or by the name before
// it.
func Text(s string) string { return cut(s, append(byShape(s), behindNames(s)...), nil) }

// Mask hides in a line of a user's file what Text would, and what stands behind a
// key of a secret; each character becomes one star, so that a caret below the line
// still stands where it should.
func Mask(line string) string {
	found := append(byShape(line), behindNames(line)...)
	for from := 0; from < len(line); {
		i := strings.IndexAny(line[from:], ":=")
		if i < 0 {
			break
		}
		at := from + i
		key := strings.Trim(line[max(strings.LastIndexAny(line[:at], " \t{,[?&"), -1)+1:at], `"'- `)
		from = at + 1
		if key != "" && Name(key) && !strings.HasPrefix(line[at:], "://") {
			found = append(found, [2]int{at + 1, len(line)})
			break
		}
	}
	return cut(line, found, func(s string) string { return strings.Map(starred, s) })
}

// All hides every character of a line but its indentation.
func All(line string) string { return strings.Map(starred, line) }

func starred(r rune) rune {
	if r == ' ' || r == '\t' || r == '\r' {
		return r
	}
	return '*'
}

// cut replaces ranges of a text, by stars unless as says otherwise.
func cut(s string, ranges [][2]int, as func(string) string) string {
	if len(ranges) == 0 {
		return s
	}
	slices.SortFunc(ranges, func(a, b [2]int) int { return a[0] - b[0] })
	var b strings.Builder
	end := 0
	for _, r := range ranges {
		from := max(r[0], end)
		if from >= r[1] {
			continue
		}
		b.WriteString(s[end:from])
		if as == nil {
			b.WriteString(stars)
		} else {
			b.WriteString(as(s[from:r[1]]))
		}
		end = r[1]
	}
	b.WriteString(s[end:])
	return b.String()
}

// URL gives a URL, well-formed or not, for show: user and password become ***, so
// do parts of the path and values of the query that are secrets by their name or
// look drawn, and the fragment is cut. A Location header can be shown with it, too.
func URL(raw string) string {
	raw, _, _ = strings.Cut(raw, "#")
	raw, query, hasQuery := strings.Cut(raw, "?")
	start := 0
	if i := strings.Index(raw, "//"); i >= 0 {
		start = i + 2
	}
	end := len(raw)
	if i := strings.IndexByte(raw[start:], '/'); i >= 0 {
		end = start + i
	}
	path := hiddenPath(raw[end:])
	if i := strings.LastIndexByte(raw[start:end], '@'); i >= 0 {
		raw = raw[:start] + stars + "@" + raw[start+i+1:end]
	} else {
		raw = raw[:end]
	}
	raw += path
	if !hasQuery {
		return raw
	}
	return raw + "?" + hiddenQuery(query)
}

func hiddenPath(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if Random(part) || Shapes(part) != part {
			parts[i] = stars
		}
	}
	return strings.Join(parts, "/")
}

func hiddenQuery(query string) string {
	var b strings.Builder
	for query != "" {
		pair := query
		sep := strings.IndexAny(query, "&;")
		if sep >= 0 {
			pair = query[:sep]
		}
		name, value, hasValue := strings.Cut(pair, "=")
		if hasValue && (Name(name) || Random(value) || Shapes(value) != value) {
			pair = name + "=" + stars
		}
		b.WriteString(pair)
		if sep < 0 {
			break
		}
		b.WriteByte(query[sep])
		query = query[sep+1:]
	}
	return b.String()
}

// OfURL are the secrets of a URL: what URL hides of it.
func OfURL(raw string) (values []string) {
	raw, _, _ = strings.Cut(raw, "#")
	raw, query, _ := strings.Cut(raw, "?")
	_, rest, _ := strings.Cut(raw, "//")
	authority, path, _ := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		_, password, _ := strings.Cut(authority[:i], ":")
		values = append(values, password, authority[:i])
	}
	for part := range strings.SplitSeq(path, "/") {
		if Random(part) || Shapes(part) != part {
			values = append(values, part)
		}
	}
	for pair := range strings.FieldsFuncSeq(query, func(c rune) bool { return c == '&' || c == ';' }) {
		if name, value, _ := strings.Cut(pair, "="); Name(name) || Random(value) || Shapes(value) != value {
			values = append(values, value)
		}
	}
	for _, v := range values {
		if plain, err := url.QueryUnescape(v); err == nil && plain != v {
			values = append(values, plain)
		}
	}
	return values
}

// OfField are the secrets of a header field.
func OfField(name, value string) (values []string) {
	if strings.EqualFold(name, "cookie") {
		for pair := range strings.SplitSeq(value, ";") {
			_, v, _ := strings.Cut(strings.TrimSpace(pair), "=")
			values = append(values, v)
		}
		return values
	}
	if !Name(name) && Shapes(value) == value {
		return nil
	}
	_, credentials, _ := strings.Cut(value, " ")
	return []string{value, strings.TrimSpace(credentials)}
}
