package imap

//go:generate go run ../cmd/imapgen --out . --package imap --import-path github.com/imapsrv/imapsrv/imap --spec all --docs ../docs --examples testdata/inventory/examples.jsonl
