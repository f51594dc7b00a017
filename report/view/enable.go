package view

import (
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// observeKey is the field of the config under which all is that observes.
const observeKey = "observe"

// observedLog is the field of one that url: cannot stand beside.
const observedLog = observeKey + ".log"

// line is one thing to add, so that a check can be observed: a flag, or a field of
// the config with all of its lines.
type line struct {
	text string
	// keys are what it brings that is not there yet, as a sentence calls it:
	// "--allow malformed", "kill:"; of observe: also what is in it that not every
	// observer has, such as "state_map:".
	keys []string
	// under are the fields within observe:; nil for any other line.
	under yaml.MapSlice
}

// readLine reads one addition; has are the keys that the user's config has already.
func readLine(text string, has []string) line {
	l := line{text: text}
	name, _, isField := strings.Cut(text, ":")
	switch {
	case strings.HasPrefix(text, "--") || !isField:
		l.keys = []string{text}
		return l
	case name != observeKey:
		first, _, _ := strings.Cut(text, "\n")
		for _, m := range regexp.MustCompile(`(^|[]}] +)([a-z][a-z_]*:)`).FindAllStringSubmatch(first, -1) {
			key := m[2]
			if strings.Contains(first, "faketime") && slices.Contains(has, strings.TrimSuffix(key, ":")) {
				key += " (faketime)" // it is there, but for the clock
			}
			l.keys = append(l.keys, key)
		}
		return l
	}
	var read struct{ Observe yaml.MapSlice }
	if err := yaml.Unmarshal([]byte(text), &read); err != nil || len(read.Observe) == 0 {
		l.keys = []string{name + ":"}
		return l
	}
	l.under = read.Observe
	if !slices.Contains(has, observeKey) {
		l.keys = append(l.keys, observeKey+":")
	}
	for _, field := range l.under {
		if key, _ := field.Key.(string); key == "state_map" || key == "sink" || key == "url" && slices.Contains(has, observedLog) {
			l.keys = append(l.keys, key+":")
		}
	}
	return l
}

// actions are all additions of all groups as one: what goes into the config, each
// field once and all that observes under one observe:, and what goes into the
// command. What the user's config has is named as the place to add to.
func (w *Words) actions(gs []Group, has []string) (out []Addition) {
	var order []string
	fields := map[string]string{}
	var under yaml.MapSlice
	var flags []string
	for i := range gs {
		if gs[i].Enable != nil && !gs[i].Enable[0].Code {
			out = append(out, gs[i].Enable[0])
			continue
		}
		for _, l := range gs[i].lines {
			name, _, _ := strings.Cut(l.text, ":")
			switch {
			case strings.HasPrefix(l.text, "--"):
				flags = addFlag(flags, l.text)
				continue
			case l.under != nil:
				under = merge(under, l.under)
			case len(l.text) > len(fields[name]): // of two, the one that does more
				fields[name] = l.text
			}
			if !slices.Contains(order, name) {
				order = append(order, name)
			}
		}
	}
	var lines []string
	for _, name := range order {
		switch {
		case name != observeKey || under == nil:
			for l := range strings.SplitSeq(fields[name], "\n") {
				lines = append(lines, remarked(l)...)
			}
		case slices.Contains(has, observeKey):
			lead := w.AddToObserve
			if slices.Contains(has, observedLog) && slices.ContainsFunc(under, func(f yaml.MapItem) bool { return f.Key == "url" }) {
				lead = w.ReplaceLog
			}
			out = append(out, Addition{lead, strings.Join(flow(under), "\n"), true})
		default:
			lines = append(lines, observeKey+":")
			for _, l := range flow(under) {
				lines = append(lines, "  "+l)
			}
		}
	}
	if lines != nil {
		out = append(out, Addition{w.AddToConfig, strings.Join(lines, "\n"), true})
	}
	if flags != nil {
		out = append(out, Addition{w.AddToCommand, strings.Join(flags, " "), true})
	}
	return out
}

// remarked is a line of config with its comment, if it has one, on a line above it:
// together they are wider than a terminal.
func remarked(l string) []string {
	code, comment, ok := strings.Cut(l, "   # ")
	if !ok {
		return []string{l}
	}
	return []string{strings.Repeat(" ", len(code)-len(strings.TrimLeft(code, " "))) + "# " + comment, code}
}

// merge puts fields together, each once. Where a state is asked for, what tells the
// effects only is not needed besides.
func merge(all, more yaml.MapSlice) yaml.MapSlice {
	for _, field := range more {
		if !slices.ContainsFunc(all, func(have yaml.MapItem) bool { return have.Key == field.Key }) {
			all = append(all, field)
		}
	}
	if slices.ContainsFunc(all, func(f yaml.MapItem) bool { return f.Key == "url" }) {
		all = slices.DeleteFunc(all, func(f yaml.MapItem) bool { return f.Key == "log" })
	}
	return all
}

// flow writes fields one a line, what is in them on the same.
func flow(fields yaml.MapSlice) (lines []string) {
	for _, field := range fields {
		text, err := yaml.MarshalWithOptions(field.Value, yaml.Flow(true), yaml.UseSingleQuote(true))
		if err != nil {
			continue
		}
		key, _ := field.Key.(string)
		lines = append(lines, Safe(key+": "+strings.TrimSpace(string(text))))
	}
	return lines
}

// addFlag adds a flag; values of one that takes a list go into it.
func addFlag(flags []string, more string) []string {
	if slices.Contains(flags, more) {
		return flags
	}
	name, value, _ := strings.Cut(more, " ")
	for i, flag := range flags {
		if strings.HasPrefix(flag, name+" ") {
			flags[i] += "," + value
			return flags
		}
	}
	return append(flags, more)
}
