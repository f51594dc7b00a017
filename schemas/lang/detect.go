package lang

import (
	"strings"
)

// Detect decides the language of a run: flag (the value of --lang) when it is
// not empty, else the first of LC_ALL, LC_MESSAGES and LANG that is not empty,
// else Spanish.
//
// From the environment es and es_* mean Spanish and everything else English:
// C and POSIX name no language, and a reader of a third one is likelier to
// read English. The flag is asked for by name, so an unknown one is an error.
// A nil getenv is an empty environment.
func Detect(flag string, getenv func(string) string) (Tag, error) {
	if flag != "" {
		switch language(flag) {
		case "es":
			return Spanish, nil
		case "en":
			return English, nil
		}
		return "", Errorf("no existe el idioma %q (use es o en)", "unknown language %q (use es or en)", flag)
	}
	if getenv != nil {
		for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
			if value := getenv(name); value != "" {
				if language(value) == "es" {
					return Spanish, nil
				}
				return English, nil
			}
		}
	}
	return Spanish, nil
}

// language is the language part of a locale name: "es" of "es_MX.UTF-8@euro".
func language(locale string) string {
	if i := strings.IndexAny(locale, "_-.@"); i >= 0 {
		locale = locale[:i]
	}
	return strings.ToLower(locale)
}
