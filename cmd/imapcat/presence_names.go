package main

// presenceNames are the names of the bits of every type of a field Has. TestPresenceNames writes them with -update.
var presenceNames = map[string][]string{
	"BodyMultipartHas":    {"Params", "Disposition", "Languages", "Location"},
	"BodyPartHas":         {"Lines", "MD5", "Disposition", "Languages", "Location"},
	"ESearchDataHas":      {"Tag", "Min", "Max", "All", "Count"},
	"FetchBinaryHas":      {"Origin"},
	"FetchBodySectionHas": {"Origin"},
	"FetchDataHas":        {"Flags", "Envelope", "InternalDate", "RFC822Size", "BodyStructure", "Body", "UID", "RFC822", "RFC822Header", "RFC822Text"},
	"ListExtendedHas":     {"ChildInfo", "OldName"},
	"ListReturnHas":       {"Subscribed", "Children", "Status"},
	"ListSelectHas":       {"Subscribed", "Remote", "RecursiveMatch"},
	"SearchReturnHas":     {"Min", "Max", "All", "Count", "Save"},
	"StatusDataHas":       {"Messages", "UIDNext", "UIDValidity", "Unseen", "Size", "Deleted", "Recent"},
	"UnknownDataHas":      {"N"},
}
