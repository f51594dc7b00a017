package schemas

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/nearest"
)

// shape is what the value of a schema keyword looks like.
type shape int

const (
	unknownShape shape = iota
	textShape
	patternShape
	formatShape
	refShape
	typeShape
	naturalShape
	numberShape
	positiveShape
	flagShape
	namesShape
	valuesShape
	anyShape
	schemaShape
	schemaListShape
	schemaMapShape
	itemsShape
	dependenciesShape
)

// keywordShape tells the shape of a draft-07 keyword; unknownShape for what
// draft-07 does not know.
func keywordShape(keyword string) shape {
	switch keyword {
	case "$schema", "$id", "$comment", "title", "description", "contentMediaType", "contentEncoding":
		return textShape
	case "$ref":
		return refShape
	case "pattern":
		return patternShape
	case "format":
		return formatShape
	case "type":
		return typeShape
	case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties":
		return naturalShape
	case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
		return numberShape
	case "multipleOf":
		return positiveShape
	case "uniqueItems", "readOnly", "writeOnly":
		return flagShape
	case "required":
		return namesShape
	case "enum":
		return valuesShape
	case "const", "default", "examples":
		return anyShape
	case "not", "if", "then", "else", "contains", "propertyNames", "additionalProperties", "additionalItems":
		return schemaShape
	case "allOf", "anyOf", "oneOf":
		return schemaListShape
	case "properties", "patternProperties", "definitions":
		return schemaMapShape
	case "items":
		return itemsShape
	case "dependencies":
		return dependenciesShape
	default:
		return unknownShape
	}
}

// validating lists the keywords that judge values; what a $ref makes
// draft-07 ignore.
func validating() []string {
	return []string{
		"type", "enum", "const", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength",
		"minLength", "pattern", "format", "items", "additionalItems", "maxItems", "minItems", "uniqueItems", "contains",
		"maxProperties", "minProperties", "required", "properties", "patternProperties", "additionalProperties",
		"dependencies", "propertyNames", "if", "then", "else", "allOf", "anyOf", "oneOf", "not", "definitions",
	}
}

// replacement says what draft-07 has in place of a keyword of another draft.
func replacement(keyword string) string {
	switch keyword {
	case "id":
		return "$id"
	case "$defs":
		return "definitions"
	case "dependentRequired", "dependentSchemas":
		return "dependencies"
	case "prefixItems":
		return "items with a list"
	case "unevaluatedProperties":
		return "additionalProperties"
	case "unevaluatedItems":
		return "additionalItems"
	default:
		known := append(validating(), "$ref", "$id", "$schema", "$comment", "title", "description", "default", "examples")
		return nearest.Name(keyword, known)
	}
}

// typeNames lists the types of draft-07.
func typeNames() []string {
	return []string{"array", "boolean", "integer", "null", "number", "object", "string"}
}

// child is a schema inside a schema.
type child struct {
	value   any
	path    string // of the child, as in jsontree
	pointer string // of the child, as in JSON Pointer
	// same says that the child judges the very value that its parent judges;
	// a circle of such children would never end.
	same bool
}

// children lists the schemas directly inside a schema, in document order.
func children(node *jsontree.Object, path, pointer string) []child {
	var list []child
	for _, m := range node.Members {
		at, ptr := jsontree.JoinName(path, m.Name), pointer+"/"+escapePointer(m.Name)
		keyed := func(same bool) {
			o, ok := m.Value.(*jsontree.Object)
			if !ok {
				return
			}
			for _, e := range o.Members {
				if _, isList := e.Value.([]any); isList {
					continue // a dependency on names
				}
				list = append(list, child{e.Value, jsontree.JoinName(at, e.Name), ptr + "/" + escapePointer(e.Name), same})
			}
		}
		listed := func(same bool) {
			a, _ := m.Value.([]any)
			for i, e := range a {
				list = append(list, child{e, jsontree.JoinIndex(at, i), ptr + "/" + strconv.Itoa(i), same})
			}
		}
		switch keywordShape(m.Name) {
		case schemaShape:
			same := m.Name == "not" || m.Name == "if" || m.Name == "then" || m.Name == "else"
			list = append(list, child{m.Value, at, ptr, same})
		case schemaListShape:
			listed(true)
		case schemaMapShape:
			keyed(false)
		case dependenciesShape:
			keyed(true)
		case itemsShape:
			if _, isList := m.Value.([]any); isList {
				listed(false)
			} else {
				list = append(list, child{m.Value, at, ptr, false})
			}
		}
	}
	return list
}

func escapePointer(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "~", "~0"), "/", "~1")
}

func unescapePointer(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "~1", "/"), "~0", "~")
}

// checkKeyword says what is wrong with a keyword and its value; nil for
// nothing. Schemas inside are left to the caller.
func checkKeyword(keyword string, v any) error {
	switch s := keywordShape(keyword); s {
	case unknownShape:
		if strings.HasPrefix(keyword, "x-") {
			return nil
		}
		hint := lang.DidYouMean(replacement(keyword))
		if hint.IsZero() {
			hint = lang.Text{ES: "; llame x-... a sus propias anotaciones", EN: "; name annotations of your own x-..."}
		}
		return lang.Errorf("draft-07 no tiene la palabra %q%s", "draft-07 has no keyword %q%s", keyword, hint)
	case textShape, refShape, patternShape, formatShape:
		return checkText(keyword, s, v)
	case typeShape:
		return checkType(v)
	case naturalShape:
		if n, ok := v.(json.Number); !ok || !isNatural(n) {
			return lang.Errorf("%s debe ser un número entero, 0 o más", "%s must be a whole number, 0 or more", keyword)
		}
	case numberShape, positiveShape:
		n, ok := v.(json.Number)
		if !ok {
			return lang.Errorf("%s debe ser un número", "%s must be a number", keyword)
		}
		f, err := n.Float64()
		if err != nil {
			return lang.Errorf("%s se sale del rango de los números", "%s is beyond the range of numbers", keyword)
		}
		if s == positiveShape && f <= 0 {
			return lang.Errorf("%s debe ser mayor que 0", "%s must be above 0", keyword)
		}
	case flagShape:
		if _, ok := v.(bool); !ok {
			return lang.Errorf("%s debe ser true o false", "%s must be true or false", keyword)
		}
	case namesShape:
		return checkNames(keyword, v)
	case valuesShape:
		if a, ok := v.([]any); !ok || len(a) == 0 {
			return lang.Errorf("%s debe ser una lista con al menos un valor", "%s must be a list with at least one value", keyword)
		}
	case schemaListShape:
		if a, ok := v.([]any); !ok || len(a) == 0 {
			return lang.Errorf("%s debe ser una lista con al menos un esquema", "%s must be a list with at least one schema", keyword)
		}
	case schemaMapShape:
		return checkSchemaMap(keyword, v)
	case dependenciesShape:
		return checkDependencies(v)
	}
	return nil
}

func isNatural(n json.Number) bool {
	i, err := strconv.ParseInt(string(n), 10, 32)
	return err == nil && i >= 0
}

func checkText(keyword string, s shape, v any) error {
	text, ok := v.(string)
	if !ok {
		return lang.Errorf("%s debe ser un texto", "%s must be a string", keyword)
	}
	switch s {
	case patternShape:
		if _, err := regexp.Compile(text); err != nil {
			return lang.Errorf("el patrón %q no compila: %s (expresiones regulares de Go: sin lookaround ni referencias hacia atrás)",
				"pattern %q does not compile: %s (Go's regular expressions: no lookaround, no backreference)", text, err)
		}
	case formatShape:
		for _, known := range formatNames() {
			if text == known {
				return nil
			}
		}
		return lang.Errorf("no existe el formato %q%s", "unknown format %q%s", text, didYouMean(text, formatNames()))
	}
	if keyword == "$schema" && !strings.HasPrefix(strings.TrimPrefix(strings.TrimPrefix(text, "https"), "http"), "://json-schema.org/draft-07/schema") {
		return lang.Errorf("$schema es %q, pero los esquemas aquí son draft-07 (http://json-schema.org/draft-07/schema#)",
			"$schema is %q, but schemas here are draft-07 (http://json-schema.org/draft-07/schema#)", text)
	}
	return nil
}

func checkType(v any) error {
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	}
	if len(list) == 0 {
		return lang.Errorf("type debe nombrar al menos un tipo", "type must name at least one type")
	}
	seen := map[string]bool{}
	for _, e := range list {
		name, ok := e.(string)
		if !ok {
			return lang.Errorf("type debe ser un texto o una lista de textos", "type must be a string or a list of strings")
		}
		if seen[name] {
			return lang.Errorf("type nombra %q dos veces", "type names %q twice", name)
		}
		seen[name] = true
		known := false
		for _, t := range typeNames() {
			known = known || t == name
		}
		if !known {
			return lang.Errorf("no existe el tipo %q%s", "unknown type %q%s", name, didYouMean(name, typeNames()))
		}
	}
	return nil
}

func checkNames(keyword string, v any) error {
	a, ok := v.([]any)
	if !ok {
		return lang.Errorf("%s debe ser una lista de nombres", "%s must be a list of names", keyword)
	}
	seen := map[string]bool{}
	for _, e := range a {
		name, ok := e.(string)
		if !ok {
			return lang.Errorf("%s debe ser una lista de nombres", "%s must be a list of names", keyword)
		}
		if seen[name] {
			return lang.Errorf("%s nombra %q dos veces", "%s names %q twice", keyword, name)
		}
		seen[name] = true
	}
	return nil
}

func checkSchemaMap(keyword string, v any) error {
	o, ok := v.(*jsontree.Object)
	if !ok {
		return lang.Errorf("%s debe ser un objeto de esquemas", "%s must be an object of schemas", keyword)
	}
	if keyword == "patternProperties" {
		for _, m := range o.Members {
			if _, err := regexp.Compile(m.Name); err != nil {
				return lang.Errorf("el patrón %q no compila: %s", "pattern %q does not compile: %s", m.Name, err)
			}
		}
	}
	return nil
}

func checkDependencies(v any) error {
	o, ok := v.(*jsontree.Object)
	if !ok {
		return lang.Errorf("dependencies debe ser un objeto", "dependencies must be an object")
	}
	for _, m := range o.Members {
		if _, isList := m.Value.([]any); isList {
			if wrong := checkNames("dependencies."+m.Name, m.Value); wrong != nil {
				return wrong
			}
		}
	}
	return nil
}

func didYouMean(name string, among []string) lang.Text {
	if s := nearest.Name(name, among); s != "" {
		return lang.DidYouMean(s)
	}
	return lang.Textf(" (hay %s)", " (known: %s)", strings.Join(among, ", "))
}
