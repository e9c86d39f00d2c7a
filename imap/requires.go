package imap

import (
	"fmt"
	"slices"
)

// Requires tells what a server must offer for a value to be sent to it, or by it: all of the
// needs. Nothing is needed for what every server has, be its revision IMAP4rev1 or
// IMAP4rev2. A value that can be said with an extension and without needs nothing.
//
// The value is a [Command] or *[TaggedCommand], a [Response], a [ResponseCode], or a part of
// a command: a [SearchKey], a [FetchAtt], a [SortKey], [StatusItems] or [SequenceSet]. The
// error is an *[EncodeError] where nothing would make it sayable.
func Requires(v any) ([]Need, error) {
	e := new(Encoder)
	e.SetCapabilities()
	err := e.appendAny(v)
	if err == nil {
		return nil, nil
	}
	sections, sayable := e.Lacked()
	if !sayable || len(sections) == 0 {
		return nil, err
	}
	var needs []Need
	for _, s := range sections {
		needs = append(needs, needOf(s))
	}
	return essential(needs), nil
}

// essential leaves out needs that are met whenever another one is: who has QRESYNC has
// CONDSTORE.
func essential(needs []Need) []Need {
	for i := 0; i < len(needs); {
		n := needs[i]
		if slices.ContainsFunc(slices.Concat(needs[:i], needs[i+1:]), n.follows) {
			needs = slices.Delete(needs, i, i+1)
			continue
		}
		i++
	}
	return needs
}

// follows reports whether a need is met whenever the other one is.
func (n Need) follows(other Need) bool {
	return !slices.ContainsFunc(other, func(c Capability) bool { return !n.Met(c) })
}

// appendAny encodes a value, inside of the smallest command or response where it is a part.
func (e *Encoder) appendAny(v any) (err error) {
	switch v := v.(type) {
	case *StatusResponse:
		if v != nil && v.Kind == StatusPreAuth {
			_, err = e.AppendGreeting(nil, v)
			return err
		}
		_, err = e.server().AppendResponse(nil, v)
	case *TaggedCommand:
		_, err = e.AppendTaggedCommand(nil, v)
	case *AppendRest:
		_, err = e.AppendAppendRest(nil, v)
	case Command:
		_, err = e.AppendCommand(nil, "a", v)
	case Response:
		_, err = e.server().AppendResponse(nil, v)
	case ResponseCode:
		_, err = e.server().AppendResponse(nil, &StatusResponse{Kind: StatusOK, Code: v, Text: "a"})
	default:
		err = e.appendPart(v)
	}
	return err
}

func (e *Encoder) appendPart(v any) (err error) {
	one := SequenceSet{Ranges: []NumRange{{Start: 1, Stop: 1}}}
	switch v := v.(type) {
	case SearchKey:
		_, err = e.AppendCommand(nil, "a", &Search{Keys: []SearchKey{v}})
	case FetchAtt:
		_, err = e.AppendCommand(nil, "a", &Fetch{Set: one, Items: []FetchAtt{v}})
	case StatusItems:
		_, err = e.AppendCommand(nil, "a", &Status{Mailbox: "a", Items: v})
	case SequenceSet:
		_, err = e.AppendCommand(nil, "a", &Fetch{Set: v, Items: []FetchAtt{{Kind: FetchAttUID}}})
	default:
		err = &EncodeError{Rule: "command", Expected: "a value with a rule of its own", Reason: fmt.Sprintf("it is a %T", v)}
	}
	return err
}

// server makes the encoder that of a server.
func (e *Encoder) server() *Encoder {
	e.Side = Server
	return e
}
