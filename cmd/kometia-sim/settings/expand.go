package settings

import (
	"errors"
	"regexp"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/files"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// variable is ${NAME} or ${file:PATH}, or what looks like it, with the dollar before it that takes
// its meaning away.
var variable = regexp.MustCompile(`\$?\$\{([^}]*)\}?`)

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Sources are where a value of the config may come from.
type Sources struct {
	Getenv func(string) string
	// Read reads a text file that the config names.
	Read func(path string) ([]byte, error)
}

// fromFile is what stands before the path in ${file:PATH}.
const fromFile = "file:"

// expand puts variables of the environment in place of ${NAME} and what a file
// holds in place of ${file:PATH}; $${NAME} is ${NAME} itself, and every other
// dollar is a dollar. So a key need stand neither in the config nor among the
// arguments of a process, which all may read.
func (f *File) expand(text string) (string, error) {
	var wrong error
	out := variable.ReplaceAllStringFunc(text, func(found string) string {
		if strings.HasPrefix(found, "$$") {
			return found[1:]
		}
		value, err := f.value(found)
		wrong = errors.Join(wrong, err)
		return value
	})
	return out, wrong
}

// value is what ${NAME} or ${file:PATH} stands for.
func (f *File) value(found string) (string, error) {
	name := strings.TrimSuffix(strings.TrimPrefix(found, "${"), "}")
	path, isFile := strings.CutPrefix(name, fromFile)
	switch {
	case !strings.HasSuffix(found, "}") || !isFile && !variableName.MatchString(name) || isFile && path == "":
		return "", lang.Errorf("%s no es una variable como ${NOMBRE} ni un archivo como ${file:RUTA}; si ha de quedar así, escriba $%s",
			"%s is no variable such as ${NAME} and no file such as ${file:PATH}; if it is to stay as it is, write $%s", found, found)
	case isFile:
		data, err := f.from.Read(path)
		if err != nil {
			return "", lang.Errorf("no se puede leer %s: %s", "%s cannot be read: %s", found, files.PlainCause(err))
		}
		value := strings.TrimRight(string(data), "\r\n")
		if value == "" {
			return "", lang.Errorf("%s está vacío", "%s is empty", path)
		}
		f.secrets = append(f.secrets, value)
		return value, nil
	case f.from.Getenv(name) == "":
		return "", lang.Errorf("la variable %s no tiene valor en el entorno (si ha de quedar así, escriba $%s)", "the variable %s has no value in the environment (if it is to stay as it is, write $%s)", name, found)
	}
	return f.from.Getenv(name), nil
}
