package settings

import (
	"regexp"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// variable is ${NAME}, or what looks like it, with the dollar before it that takes
// its meaning away.
var variable = regexp.MustCompile(`\$?\$\{([^}]*)\}?`)

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// expand puts variables of the environment in place of ${NAME}; $${NAME} is
// ${NAME} itself, and every other dollar is a dollar. So a key need stand neither
// in the file nor among the arguments of a process, which all may read.
func expand(text string, getenv func(string) string) (string, error) {
	var wrong error
	out := variable.ReplaceAllStringFunc(text, func(found string) string {
		if strings.HasPrefix(found, "$$") {
			return found[1:]
		}
		name := strings.TrimSuffix(strings.TrimPrefix(found, "${"), "}")
		switch {
		case !variableName.MatchString(name) || !strings.HasSuffix(found, "}"):
			wrong = lang.Errorf("%s no es una variable como ${NOMBRE}; si ha de quedar así, escriba $%s", "%s is no variable such as ${NAME}; if it is to stay as it is, write $%s", found, found)
		case getenv(name) == "":
			wrong = lang.Errorf("la variable %s no tiene valor en el entorno (si ha de quedar así, escriba $%s)", "the variable %s has no value in the environment (if it is to stay as it is, write $%s)", name, found)
		}
		return getenv(name)
	})
	return out, wrong
}
