package imap_test
import ("testing";"github.com/imapsrv/imapsrv/imap")
func TestDbg(t *testing.T){
	var e imap.Encoder; e.Side=imap.Server
	g := &imap.StatusResponse{Kind: imap.StatusPreAuth, Text: "hi"}
	b, err := e.AppendResponse(nil, g); t.Logf("%q %v", b, err)
	b, err = e.AppendGreeting(nil, g); t.Logf("%q %v", b, err)
	b, err = e.AppendResponse(nil, &imap.FetchData{Seq:1, Has: imap.FetchDataHasFlags}); t.Logf("%q %v", b, err)
	b, err = e.AppendResponse(nil, &imap.FetchData{Seq:1, UID: 3, Has: imap.FetchDataHasFlags}); t.Logf("%q %v", b, err)
}
