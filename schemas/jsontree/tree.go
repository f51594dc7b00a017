// Package jsontree holds JSON as an ordered tree: the order of an object's
// members is kept, so that one tree gives both the bytes that go over the wire
// and the value that a validator sees.
//
// The values of a tree are *Object, []any, string, json.Number, bool and nil,
// and nothing else. Make one by hand, from Go structs with Of, or from bytes
// with Parse; turn it into bytes with Append or Encode, into maps with Native;
// reach into it with Get, SetPath and DeletePath by paths such as
// data.object.items[0].price.
//
// Trees are not synchronised: any number of goroutines may read one as long as
// none changes it.
package jsontree

import "encoding/json"

// Object is a JSON object: members in order. Used by pointer; the zero Object
// is the empty object.
//
// Two members of one name are possible after Parse, for captured bytes may
// hold them. The last one counts, as it does for PHP, Ruby, Python, JavaScript
// and Go.
type Object struct{ Members []Member }

// Member is one name and its value.
type Member struct {
	Name  string
	Value any
}

// index finds the member that counts for name; -1 when there is none.
func (o *Object) index(name string) int {
	for i := len(o.Members) - 1; i >= 0; i-- {
		if o.Members[i].Name == name {
			return i
		}
	}
	return -1
}

// Lookup returns the value of a member and whether there is one. A nil Object
// has none.
func (o *Object) Lookup(name string) (any, bool) {
	if o == nil {
		return nil, false
	}
	if i := o.index(name); i >= 0 {
		return o.Members[i].Value, true
	}
	return nil, false
}

// Text is a member that is a text; "" when it is none.
func (o *Object) Text(name string) string {
	v, _ := o.Lookup(name)
	s, _ := v.(string)
	return s
}

// Objects are those in a member that is a list; other values are left out.
func (o *Object) Objects(name string) (all []*Object) {
	v, _ := o.Lookup(name)
	list, _ := v.([]any)
	for _, e := range list {
		if o, ok := e.(*Object); ok {
			all = append(all, o)
		}
	}
	return all
}

// Set gives a member a value: in its place when there is one of that name,
// else at the end.
func (o *Object) Set(name string, v any) {
	if i := o.index(name); i >= 0 {
		o.Members[i].Value = v
		return
	}
	o.Members = append(o.Members, Member{Name: name, Value: v})
}

// Delete removes every member of that name and reports whether there was one.
func (o *Object) Delete(name string) bool {
	kept := o.Members[:0]
	for _, m := range o.Members {
		if m.Name != name {
			kept = append(kept, m)
		}
	}
	deleted := len(kept) != len(o.Members)
	clear(o.Members[len(kept):])
	o.Members = kept
	return deleted
}

// Names returns the members' names in order.
func (o *Object) Names() []string {
	names := make([]string, len(o.Members))
	for i, m := range o.Members {
		names[i] = m.Name
	}
	return names
}

// Clone copies a tree, so that changing one leaves the other alone.
func Clone(v any) any {
	switch v := v.(type) {
	case *Object:
		if v == nil {
			return nil
		}
		o := &Object{Members: make([]Member, len(v.Members))}
		for i, m := range v.Members {
			o.Members[i] = Member{Name: m.Name, Value: Clone(m.Value)}
		}
		return o
	case []any:
		a := make([]any, len(v))
		for i, e := range v {
			a[i] = Clone(e)
		}
		return a
	default:
		return v
	}
}

// Native turns a tree into what a validator may see: map[string]any, []any,
// string, json.Number, bool and nil. Of two members of one name the last one
// is kept. A Go value that is no tree is turned into one first, as Of does.
func Native(v any) any {
	switch t := v.(type) {
	case string, json.Number, bool, nil:
		return v
	case *Object:
		if t == nil {
			return nil
		}
		m := make(map[string]any, len(t.Members))
		for i := range t.Members {
			m[t.Members[i].Name] = Native(t.Members[i].Value)
		}
		return m
	case []any:
		a := make([]any, len(t))
		for i, e := range t {
			a[i] = Native(e)
		}
		return a
	default:
		return Native(Of(v))
	}
}
