package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/cleargrid/cleargrid/graph"
	"github.com/cleargrid/cleargrid/graph/transport"
	"github.com/cleargrid/cleargrid/internal/authn"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/config"
	"github.com/cleargrid/cleargrid/internal/httpd"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/store"
	"github.com/cleargrid/cleargrid/internal/tus"
	"github.com/cleargrid/cleargrid/internal/web"
)

// serve runs the server until it is told to stop.
func serve(ctx context.Context, args []string) error {
	c, err := settings("serve", args, nil)
	if err != nil {
		return err
	}
	log := logger(c)
	p, err := openAll(ctx, c, log, false)
	if err != nil {
		return err
	}
	defer p.close()

	if c.Role == "work" {
		if err := p.startJobs(ctx); err != nil {
			return err
		}
		defer p.stopJobs(ctx)
		log.Info().Str("database", p.store.Name()).Msg("Cleargrid works on background jobs")
		<-ctx.Done()
		return nil
	}
	listener, address, err := p.listen(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	if c.Database == "" && !c.Production {
		if err := firstRun(ctx, p, address); err != nil {
			return err
		}
	}
	if c.Role != "api" {
		// Not before the county is there: it is one transaction of several seconds, for
		// which jobs would wait, and report an error when they have waited too long.
		if err := p.startJobs(ctx); err != nil {
			return err
		}
		defer p.stopJobs(ctx)
	}
	return p.answer(ctx, listener, address)
}

// listen takes the port, before the first start makes its county: the accounts' file
// names the right address, and it is known at once when the port is not free.
func (p *parts) listen(ctx context.Context) (net.Listener, string, error) {
	c := p.config
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return nil, "", fmt.Errorf("listen on %s: %w", c.Listen, err)
	}
	if c.PublicURL != "" {
		return listener, c.PublicURL, nil
	}
	return listener, "http://" + listener.Addr().String(), nil
}

// answer answers requests until it is told to stop.
func (p *parts) answer(ctx context.Context, listener net.Listener, address string) error {
	p.log.Info().Str("url", address).Str("database", p.store.Name()).Bool("embeddedObjects", p.config.Embedded()).Msg("Cleargrid serves")
	h, err := p.handler()
	if err != nil {
		return err
	}
	told := context.AfterFunc(ctx, func() { p.stopStreams(ctx) }) // or they would keep the server from stopping
	defer told()
	err = httpd.Serve(ctx, listener, h, p.log)
	p.stopStreams(ctx)
	return err
}

// stopStreams ends the subscriptions and waits a little for the clients to be told.
func (p *parts) stopStreams(ctx context.Context) {
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	p.streams.Stop(grace)
}

// origins are the hosts whose pages may open a socket, beside the one that the
// request names: behind a proxy that may be another.
func origins(c config.Config) []string {
	if u, err := url.Parse(c.PublicURL); err == nil && u.Host != "" {
		return []string{u.Host}
	}
	return nil
}

// startJobs runs background work, beginning with what a killed process left.
func (p *parts) startJobs(ctx context.Context) error {
	if err := p.queue.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	return p.app.ResumeVerification(ctx)
}

func (p *parts) stopJobs(ctx context.Context) {
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := p.queue.Stop(grace); err != nil {
		p.log.Warn().Err(err).Msg("jobs did not end in time; they run again at the next start")
	}
}

// handler puts the routes together.
func (p *parts) handler() (http.Handler, error) {
	uploads, err := tus.Handler(p.app, tus.Options{Log: p.log})
	if err != nil {
		return nil, err
	}
	proxies, err := p.config.Proxies()
	if err != nil {
		return nil, err
	}
	resolver := &graph.Resolver{App: p.app, Address: httpd.Address}
	return httpd.Handler(httpd.Options{
		Log: p.log, Pages: web.Handler(p.config.ObjectOrigin()), Verify: web.Verify(p.app.VerifyNotice),
		Print: web.PrintNotice(p.config.PublicURL, p.app.PrintNotice), Objects: p.objects, Receiving: p.app.Receiving,
		Bucket: p.config.S3Bucket, PublicURL: p.config.PublicURL, TrustedProxies: proxies,
		GraphQL: authn.Middleware(p.app, graph.NewServer(graph.NewExecutableSchema(resolver), graph.Options{
			Production: p.config.Production,
			IsAdmin:    func(ctx context.Context) bool { return authz.FromContext(ctx).Admin() },
			Transport: transport.Options{
				Log: p.log, Prepare: resolver.WithLoaders, ViewerID: viewerID, WithSQLCount: store.WithCount, SQLCount: store.Count,
				Authenticate: authn.Authenticate(p.app), Follow: resolver.Follow, Address: httpd.Address, Origins: origins(p.config), Streams: &p.streams,
			},
		})),
		Uploads: authn.Middleware(p.app, uploads),
		Ready:   map[string]func(context.Context) error{"database": p.store.Check, "objectStore": p.blob.Check},
	}), nil
}

func viewerID(ctx context.Context) string {
	v := authz.FromContext(ctx)
	if v.Anonymous() {
		return ""
	}
	return id.Of(id.User, v.UserID).String()
}
