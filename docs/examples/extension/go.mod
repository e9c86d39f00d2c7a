module example.org/colour

go 1.26.0

tool github.com/imapsrv/imapsrv/cmd/imapgen

require github.com/imapsrv/imapsrv v0.0.0

require (
	github.com/alecthomas/kong v1.17.0 // indirect
	github.com/alecthomas/participle/v2 v2.1.4 // indirect
	github.com/dave/jennifer v1.7.1 // indirect
	golang.org/x/text v0.44.0 // indirect
)

// A module of your own does not have this line: go get -tool github.com/imapsrv/imapsrv/cmd/imapgen writes a version.
replace github.com/imapsrv/imapsrv => ../../..
