package schemas

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
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

// checkKeyword says what is wrong with a keyword and its value; "" for
// nothing. Schemas inside are left to the caller.
func checkKeyword(keyword string, v any) string {
	switch s := keywordShape(keyword); s {
	case unknownShape:
		if strings.HasPrefix(keyword, "x-") {
			return ""
		}
		text := fmt.Sprintf("draft-07 has no keyword %q", keyword)
		if instead := replacement(keyword); instead != "" {
			return text + fmt.Sprintf(" (did you mean %s?)", instead)
		}
		return text + "; name annotations of your own x-..."
	case textShape, refShape, patternShape, formatShape:
		return checkText(keyword, s, v)
	case typeShape:
		return checkType(v)
	case naturalShape:
		if n, ok := v.(json.Number); !ok || !isNatural(n) {
			return keyword + " must be a whole number, 0 or more"
		}
	case numberShape, positiveShape:
		n, ok := v.(json.Number)
		if !ok {
			return keyword + " must be a number"
		}
		f, err := n.Float64()
		if err != nil {
			return keyword + " is beyond the range of numbers"
		}
		if s == positiveShape && f <= 0 {
			return keyword + " must be above 0"
		}
	case flagShape:
		if _, ok := v.(bool); !ok {
			return keyword + " must be true or false"
		}
	case namesShape:
		return checkNames(keyword, v)
	case valuesShape:
		if a, ok := v.([]any); !ok || len(a) == 0 {
			return keyword + " must be a list with at least one value"
		}
	case schemaListShape:
		if a, ok := v.([]any); !ok || len(a) == 0 {
			return keyword + " must be a list with at least one schema"
		}
	case schemaMapShape:
		return checkSchemaMap(keyword, v)
	case dependenciesShape:
		return checkDependencies(v)
	}
	return ""
}

func isNatural(n json.Number) bool {
	i, err := strconv.ParseInt(string(n), 10, 32)
	return err == nil && i >= 0
}

func checkText(keyword string, s shape, v any) string {
	text, ok := v.(string)
	if !ok {
		return keyword + " must be a string"
	}
	switch s {
	case patternShape:
		if _, err := regexp.Compile(text); err != nil {
			return fmt.Sprintf("pattern %q does not compile: %v (Go's regular expressions: no lookaround, no backreference)", text, err)
		}
	case formatShape:
		for _, known := range formatNames() {
			if text == known {
				return ""
			}
		}
		return fmt.Sprintf("unknown format %q", text) + didYouMean(text, formatNames())
	}
	if keyword == "$schema" && !strings.HasPrefix(strings.TrimPrefix(strings.TrimPrefix(text, "https"), "http"), "://json-schema.org/draft-07/schema") {
		return fmt.Sprintf("$schema is %q, but schemas here are draft-07 (http://json-schema.org/draft-07/schema#)", text)
	}
	return ""
}

func checkType(v any) string {
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	}
	if len(list) == 0 {
		return "type must name at least one type"
	}
	seen := map[string]bool{}
	for _, e := range list {
		name, ok := e.(string)
		if !ok {
			return "type must be a string or a list of strings"
		}
		if seen[name] {
			return fmt.Sprintf("type names %q twice", name)
		}
		seen[name] = true
		known := false
		for _, t := range typeNames() {
			known = known || t == name
		}
		if !known {
			return fmt.Sprintf("unknown type %q", name) + didYouMean(name, typeNames())
		}
	}
	return ""
}

func checkNames(keyword string, v any) string {
	a, ok := v.([]any)
	if !ok {
		return keyword + " must be a list of names"
	}
	seen := map[string]bool{}
	for _, e := range a {
		name, ok := e.(string)
		if !ok {
			return keyword + " must be a list of names"
		}
		if seen[name] {
			return fmt.Sprintf("%s names %q twice", keyword, name)
		}
		seen[name] = true
	}
	return ""
}

func checkSchemaMap(keyword string, v any) string {
	o, ok := v.(*jsontree.Object)
	if !ok {
		return keyword + " must be an object of schemas"
	}
	if keyword == "patternProperties" {
		for _, m := range o.Members {
			if _, err := regexp.Compile(m.Name); err != nil {
				return fmt.Sprintf("pattern %q does not compile: %v", m.Name, err)
			}
		}
	}
	return ""
}

func checkDependencies(v any) string {
	o, ok := v.(*jsontree.Object)
	if !ok {
		return "dependencies must be an object"
	}
	for _, m := range o.Members {
		if _, isList := m.Value.([]any); isList {
			if wrong := checkNames("dependencies."+m.Name, m.Value); wrong != "" {
				return wrong
			}
		}
	}
	return ""
}

func didYouMean(name string, among []string) string {
	if s := nearest.Name(name, among); s != "" {
		return fmt.Sprintf(" (did you mean %s?)", s)
	}
	return fmt.Sprintf(" (known: %s)", strings.Join(among, ", "))
}
