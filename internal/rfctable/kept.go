package main

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/imapsrv/imapsrv/store"
)

// A need is what an RFC rests on in a store: a field or a method that each has, or a power that not all have.
type need struct {
	of   reflect.Type
	name string
}

// has is a field of a struct of package store, or a method of one of its interfaces.
func has[T any](name string) need { return need{reflect.TypeFor[T](), name} }

// power is an interface that an account may have beside store.Account.
func power[T any]() need { return need{reflect.TypeFor[T](), ""} }

// needs says which RFCs need something of the store that IMAP4rev1 does not need already.
var needs = map[int][]need{
	3348: {has[store.Account]("Mailboxes")},
	3502: {has[store.Account]("Append")},
	4315: {has[store.AppendResult]("UIDs"), has[store.CopyResult]("Dest")},
	5258: {has[store.Mailbox]("Subscribed")},
	5464: {power[store.Annotator]()},
	5466: {power[store.Annotator]()},
	6154: {has[store.Mailbox]("Use")},
	6785: {power[store.Annotator]()},
	6851: {has[store.Account]("Move")},
	7162: {has[store.Vector]("ModSeqs"), has[store.Delta]("Vanished")},
	8438: {has[store.Mailbox]("Size")},
	8474: {has[store.Metadata]("EmailID"), has[store.Metadata]("ThreadID"), has[store.Mailbox]("ID")},
	8514: {has[store.Metadata]("SaveDate")},
	9208: {has[store.Account]("Quota")},
	9590: {power[store.Annotator]()},
}

// lacking are the RFCs that need something which no store of the project keeps yet.
var lacking = map[int]string{
	4314: "no rights", 4467: "no keys", 5257: "no annotations of messages", 8440: "no rights",
}

// kept says for each RFC that needs something of a store what that is.
func kept() (map[int]string, error) {
	out := map[int]string{}
	for rfc, list := range needs {
		var words []string
		for _, n := range list {
			word, err := n.describe()
			if err != nil {
				return nil, fmt.Errorf("RFC %d: %w", rfc, err)
			}
			words = append(words, word)
		}
		out[rfc] = strings.Join(words, ", ")
	}
	for rfc, what := range lacking {
		out[rfc] = what
	}
	return out, nil
}

// describe names the need; it fails where package store has no such field or method.
func (n need) describe() (string, error) {
	ok := n.optional()
	switch {
	case ok:
		return "`" + n.of.Name() + "`", nil
	case n.of.Kind() == reflect.Struct:
		_, ok = n.of.FieldByName(n.name)
	default:
		_, ok = n.of.MethodByName(n.name)
	}
	if !ok {
		return "", fmt.Errorf("store.%s has no %s; see needs in internal/rfctable", n.of.Name(), n.name)
	}
	return "`" + n.of.Name() + "." + n.name + "`", nil
}

// optional tells whether the need is a power that not all stores have; those of the project have it, says a test.
func (n need) optional() bool { return n.name == "" }
