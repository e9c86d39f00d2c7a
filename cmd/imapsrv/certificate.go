package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// reloader is a certificate in files that may be replaced while the server runs. Sessions that are open go on.
type reloader struct {
	cert, key string
	log       *slog.Logger

	mu     sync.Mutex
	pair   *tls.Certificate
	stamp  [2]fileStamp // of the files that pair is from
	looked time.Time    // when the files were looked at last
}

// fileStamp tells versions of a file apart.
type fileStamp struct {
	changed time.Time
	size    int64
}

// lookEvery is how long a certificate that was replaced may go unnoticed.
const lookEvery = 10 * time.Second

// newReloader reads a certificate for the first time.
func newReloader(cert, key string, log *slog.Logger) (*reloader, error) {
	r := &reloader{cert: cert, key: key, log: log}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r, r.read()
}

// read reads both files. r.mu is held.
func (r *reloader) read() error {
	r.looked = time.Now()
	stamp := r.stamps()
	pair, err := tls.LoadX509KeyPair(r.cert, r.key)
	if err != nil {
		return fmt.Errorf("loading the certificate: %w", err)
	}
	r.pair, r.stamp = &pair, stamp
	return nil
}

func (r *reloader) stamps() (stamps [2]fileStamp) {
	for i, name := range []string{r.cert, r.key} {
		if info, err := os.Stat(name); err == nil {
			stamps[i] = fileStamp{info.ModTime(), info.Size()}
		}
	}
	return stamps
}

// reload reads the files again. Where they cannot be used, the certificate stays as it is.
func (r *reloader) reload() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reloadLocked()
}

func (r *reloader) reloadLocked() {
	if err := r.read(); err != nil {
		r.log.Error("the certificate stays as it is", "err", err)
		return
	}
	r.log.Info("the certificate has been read again", "file", r.cert, "until", r.pair.Leaf.NotAfter)
}

// certificate is a tls.Config's GetCertificate.
func (r *reloader) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.looked) > lookEvery {
		r.looked = time.Now()
		if r.stamps() != r.stamp {
			r.reloadLocked()
		}
	}
	return r.pair, nil
}

// config is a configuration with the certificate as it is at each handshake.
func (r *reloader) config() *tls.Config {
	return &tls.Config{GetCertificate: r.certificate, MinVersion: tls.VersionTLS12}
}

// reloadOn reads the certificate again at each SIGHUP, until the context ends. A server without a certificate takes the
// signal, too, and goes on.
func (r *reloader) reloadOn(ctx context.Context) {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	go func() {
		defer signal.Stop(hangup)
		for {
			select {
			case <-hangup:
				if r != nil {
					r.reload()
				}
			case <-ctx.Done():
				return
			}
		}
	}()
}
