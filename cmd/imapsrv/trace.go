package main

import "github.com/imapsrv/imapsrv/imap/session"

// tracer is where connections are traced to; nil for nowhere.
func (c *serveCommand) tracer() session.Tracer {
	if c.Trace == "" {
		return nil
	}
	return session.TraceFiles(c.Trace)
}
