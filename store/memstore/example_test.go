package memstore_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
	"github.com/imapsrv/imapsrv/store/memstore"
)

// Deliver a message and follow the mailbox as a session does.
func Example() {
	ctx := context.Background()
	s := memstore.New(memstore.Options{})
	defer s.Close()
	if err := s.CreateAccount(ctx, "alice", store.Setup{}); err != nil {
		log.Fatal(err)
	}
	alice, err := s.Account(ctx, "alice")
	if err != nil {
		log.Fatal(err)
	}
	defer alice.Close()
	inbox, err := alice.Lookup(ctx, store.Inbox)
	if err != nil {
		log.Fatal(err)
	}

	const text = "Subject: hello\r\n\r\nHow are you?\r\n"
	body, err := alice.Stage(ctx, strings.NewReader(text), int64(len(text)))
	if err != nil {
		log.Fatal(err)
	}
	defer body.Close()
	message := store.NewMessage{Body: body, Flags: imap.FlagsOf(`\Flagged`)}
	if _, err := alice.Append(ctx, inbox.ID, []store.NewMessage{message}); err != nil {
		log.Fatal(err)
	}

	delta, err := alice.Changes(ctx, inbox.ID, inbox.HighestModSeq)
	if err != nil {
		log.Fatal(err)
	}
	for i, uid := range delta.Changed.UIDs {
		fmt.Println(uid, delta.Changed.Flags(i))
	}
	fmt.Println(delta.Mailbox.Messages, "messages,", delta.Mailbox.Unseen, "unseen")
	// Output:
	// 1 (\Flagged)
	// 1 messages, 1 unseen
}
