package main

import (
	"fmt"
	"math/bits"
	"reflect"
)

// presence are the names of the values that a struct has, for structs that say so in a field Has.
type presence map[string]bool

// presenceOf reads the field Has: every name that it can hold, and whether it does. Nil where there is none.
func presenceOf(v reflect.Value) presence {
	has := v.FieldByName("Has")
	if !has.IsValid() || !has.CanUint() {
		return nil
	}
	names := presenceNames[has.Type().Name()]
	p := presence{}
	for i, name := range names {
		p[name] = has.Uint()>>i&1 != 0
	}
	for set := has.Uint() >> len(names) << len(names); set != 0; set &= set - 1 {
		p[fmt.Sprintf("bit %d", bits.TrailingZeros64(set))] = true
	}
	return p
}

// omits reports whether a field is not there.
func (p presence) omits(field string) bool {
	there, known := p[field]
	return known && !there
}

// without lists what is there and has no field, in the order of the grammar.
func (p presence) without(v reflect.Value) []string {
	var names []string
	for _, name := range presenceNames[v.FieldByName("Has").Type().Name()] {
		if p[name] && !v.FieldByName(name).IsValid() {
			names = append(names, name)
		}
	}
	for i := range 64 {
		if name := fmt.Sprintf("bit %d", i); p[name] {
			names = append(names, name)
		}
	}
	return names
}
