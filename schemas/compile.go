package schemas

import (
	"encoding/json"

	"github.com/xeipuuv/gojsonreference"
	"github.com/xeipuuv/gojsonschema"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// compile hands a schema and all that it refers to to gojsonschema. Every
// $ref was resolved before, so nothing is left that it could want to fetch;
// closedLoader makes sure.
func (d documents) compile(s *source) (schema *gojsonschema.Schema, err error) {
	defer func() {
		if recover() != nil {
			schema, err = nil, lang.Errorf("el esquema %s hizo fallar al validador", "schema %s made the validator panic", s.name())
		}
	}()
	loader := gojsonschema.NewSchemaLoader()
	loader.Draft, loader.AutoDetect, loader.Validate = gojsonschema.Draft7, false, false
	for _, other := range d.needed(s) {
		if other == s {
			continue
		}
		if err := loader.AddSchema(other.id, closedLoader{plainSchema(other.tree, other)}); err != nil {
			return nil, lang.Errorf("esquema %s: %s", "schema %s: %s", other.name(), err)
		}
	}
	// The root goes in under its id too: it may refer to parts of itself.
	if err := loader.AddSchema(s.id, closedLoader{plainSchema(s.tree, s)}); err != nil {
		return nil, lang.Errorf("esquema %s: %s", "schema %s: %s", s.name(), err)
	}
	schema, err = loader.Compile(closedLoader{map[string]any{"$ref": s.id}})
	if err != nil {
		return nil, lang.Errorf("el esquema %s no compila: %s", "schema %s does not compile: %s", s.name(), err)
	}
	return schema, nil
}

// needed lists the sources that s refers to, directly or not, s first.
func (d documents) needed(s *source) []*source {
	list := []*source{s}
	seen := map[string]bool{s.id: true}
	for i := 0; i < len(list); i++ {
		for _, ref := range list[i].refs {
			if other := d.source(ref.document); other != nil && !seen[other.id] {
				seen[other.id] = true
				list = append(list, other)
			}
		}
	}
	return list
}

// plainSchema copies a schema for gojsonschema, with only the keywords that
// judge values and with absolute references. The rest must not reach it: it
// takes every "id" in an example for the id of a schema.
func plainSchema(v any, s *source) any {
	node, ok := v.(*jsontree.Object)
	if !ok {
		return v
	}
	if ref, ok := node.Lookup("$ref"); ok {
		return map[string]any{"$ref": absolute(ref.(string), s)}
	}
	plain := make(map[string]any, len(node.Members)+1)
	for _, m := range node.Members {
		switch shape := keywordShape(m.Name); shape {
		case patternShape, formatShape, typeShape, naturalShape, numberShape, positiveShape, flagShape, namesShape, valuesShape:
			plain[m.Name] = jsontree.Native(m.Value)
		case anyShape:
			if m.Name == "const" {
				plain[m.Name] = jsontree.Native(m.Value)
			}
		case schemaShape:
			plain[m.Name] = plainSchema(m.Value, s)
		case itemsShape, schemaListShape:
			if list, ok := m.Value.([]any); ok {
				plain[m.Name] = plainList(list, s)
			} else {
				plain[m.Name] = plainSchema(m.Value, s)
			}
		case schemaMapShape, dependenciesShape:
			schemas := map[string]any{}
			for _, e := range m.Value.(*jsontree.Object).Members {
				if names, ok := e.Value.([]any); ok {
					schemas[e.Name] = jsontree.Native(names)
				} else {
					schemas[e.Name] = plainSchema(e.Value, s)
				}
			}
			plain[m.Name] = schemas
		}
	}
	addType(plain)
	return plain
}

func plainList(list []any, s *source) []any {
	plain := make([]any, len(list))
	for i, e := range list {
		plain[i] = plainSchema(e, s)
	}
	return plain
}

// addType gives an enum or a const without a type the types of its values.
// That judges nothing anew, and without it gojsonschema panics on numbers
// beyond a float64, which it tries to compare.
func addType(plain map[string]any) {
	if _, ok := plain["type"]; ok {
		return
	}
	values, _ := plain["enum"].([]any)
	if v, ok := plain["const"]; ok {
		values = []any{v}
	}
	if len(values) == 0 {
		return
	}
	var types []any
	seen := map[string]bool{}
	for _, v := range values {
		name := "null"
		switch v.(type) {
		case map[string]any:
			name = "object"
		case []any:
			name = "array"
		case string:
			name = "string"
		case json.Number:
			name = "number"
		case bool:
			name = "boolean"
		}
		if !seen[name] {
			seen[name] = true
			types = append(types, name)
		}
	}
	plain["type"] = types
}

// closedLoader gives gojsonschema a schema and no way to load another one.
type closedLoader struct{ schema any }

// JsonSource implements gojsonschema.JSONLoader.
func (l closedLoader) JsonSource() any { return l.schema } //nolint:revive // the interface spells it so

// LoadJSON implements gojsonschema.JSONLoader.
func (l closedLoader) LoadJSON() (any, error) { return l.schema, nil }

// JsonReference implements gojsonschema.JSONLoader.
func (l closedLoader) JsonReference() (gojsonreference.JsonReference, error) { //nolint:revive // the interface spells it so
	return gojsonreference.NewJsonReference("#")
}

// LoaderFactory implements gojsonschema.JSONLoader.
func (l closedLoader) LoaderFactory() gojsonschema.JSONLoaderFactory { return closedFactory{} }

// closedFactory is asked for schemas by URL, and has none.
type closedFactory struct{}

// New implements gojsonschema.JSONLoaderFactory.
func (closedFactory) New(source string) gojsonschema.JSONLoader { return refusingLoader{source} }

type refusingLoader struct{ source string }

// JsonSource implements gojsonschema.JSONLoader.
func (l refusingLoader) JsonSource() any { return l.source } //nolint:revive // the interface spells it so

// LoadJSON implements gojsonschema.JSONLoader.
func (l refusingLoader) LoadJSON() (any, error) {
	return nil, lang.Errorf("no existe el esquema %s, y ninguno se carga por URL", "schema %s is not known, and no schema is loaded by URL", l.source)
}

// JsonReference implements gojsonschema.JSONLoader.
func (l refusingLoader) JsonReference() (gojsonreference.JsonReference, error) { //nolint:revive // the interface spells it so
	return gojsonreference.NewJsonReference(l.source)
}

// LoaderFactory implements gojsonschema.JSONLoader.
func (l refusingLoader) LoaderFactory() gojsonschema.JSONLoaderFactory { return closedFactory{} }
