package transport

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/cleargrid/cleargrid/internal/fault"
)

// A subscription is run again for each event, as the viewer of that moment, with
// batches of its own: so an event shows what the viewer may see then, and nothing
// of an event before. The resolvers answer once with the present state and tell
// what they read; the stream waits until that may have changed.

// Following is what the subscriptions of a stream follow.
type Following struct {
	// Changed fires when what was read may have changed.
	Changed <-chan struct{}
	// Within gives the context in which the next event is read.
	Within func(context.Context) context.Context
	// Close ends it.
	Close func()
}

// Why a stream ends that its client did not end.
var (
	errStopping = errors.New("the server stops")
	errGone     = errors.New("the client went away or does not read")
)

var (
	errStreams = fault.New(fault.RateLimited, "live.streams",
		fault.T("订阅连接过多，请稍后重试或关闭其他页面。", "Too many streams are open. Close other pages, or try again later."))
	errSubscriptions = fault.New(fault.RateLimited, "live.subscriptions",
		fault.T("此连接上的订阅过多。", "Too many subscriptions on this connection."))
)

// subscribe runs one subscription until it ends. send takes each answer; an error
// of it ends the subscription. The error is nil when the answers have ended, with
// the last one telling why; UNAUTHENTICATED when the session is over.
func (s *Server) subscribe(ctx context.Context, exec graphql.GraphExecutor, params *graphql.RawParams, authorization, language string, send func(answer) error) error {
	following, err := s.options.Follow(ctx)
	if err != nil {
		return err
	}
	defer following.Close()
	recheck := time.NewTicker(s.limits.Live.RecheckEvery)
	defer recheck.Stop()

	for {
		viewer, err := s.options.Authenticate(ctx, authorization)
		if err != nil {
			return err
		}
		a := s.event(following.Within(viewer), exec, params, language)
		if err := send(a); err != nil || !a.executed || len(a.data) == 0 {
			return err
		}
		if err := s.wait(ctx, following.Changed, recheck.C, authorization); err != nil {
			return err
		}
	}
}

// wait returns when there may be news, or with the reason why nobody waits any
// more.
func (s *Server) wait(ctx context.Context, changed <-chan struct{}, recheck <-chan time.Time, authorization string) error {
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-changed:
			return nil
		case <-recheck:
			if _, err := s.options.Authenticate(ctx, authorization); err != nil {
				return err
			}
		}
	}
}

// event answers a subscription with what is now, within the limits of a query.
func (s *Server) event(ctx context.Context, exec graphql.GraphExecutor, params *graphql.RawParams, language string) answer {
	rec := &Operation{started: graphql.Now(), Language: language, Variables: params.Variables, name: params.OperationName}
	ctx, cancel := context.WithTimeout(s.options.WithSQLCount(ctx), s.limits.Deadline)
	defer cancel()
	ctx = s.options.Prepare(withOperation(graphql.StartOperationTrace(ctx), rec))
	once := *params // the execution writes into it
	once.Variables = maps.Clone(params.Variables)
	once.ReadTime = graphql.TraceTiming{Start: rec.started, End: rec.started}
	a := s.run(ctx, exec, &once, requestOf{media: mediaGraphQL, live: true})
	s.logOperation(ctx, rec, a.status)
	a.omitted = rec.omitted
	return a
}

// refusal is an answer that only says why there is none.
func refusal(err error, language string) answer {
	return answer{status: http.StatusOK, errors: gqlerror.List{ErrorOf(fault.Of(err), language)}}
}

// Streams are the open streams of a process. The zero value has none.
type Streams struct {
	mu         sync.Mutex
	stopped    bool
	next       int
	open       map[int]context.CancelCauseFunc
	perAddress map[string]int
	perViewer  map[string]int
	running    sync.WaitGroup
}

// enter counts a stream and gives the context that ends when the streams are
// stopped. The caller calls leave.
func (s *Streams) enter(ctx context.Context, address string, l LiveLimits) (_ context.Context, leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open, s.perAddress, s.perViewer = map[int]context.CancelCauseFunc{}, map[string]int{}, map[string]int{}
	}
	if s.stopped || len(s.open) >= l.Streams || s.perAddress[address] >= l.PerAddress {
		return nil, nil, errStreams
	}
	ctx, cancel := context.WithCancelCause(ctx)
	key := s.next
	s.next++
	s.open[key] = cancel
	s.perAddress[address]++
	s.running.Add(1)
	return ctx, func() {
		cancel(nil)
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.open, key)
		decrease(s.perAddress, address)
		s.running.Done()
	}, nil
}

// of counts a stream for its viewer.
func (s *Streams) of(viewer string, l LiveLimits) (leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.perViewer[viewer] >= l.PerViewer {
		return nil, errStreams
	}
	s.perViewer[viewer]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		decrease(s.perViewer, viewer)
	}, nil
}

// keepAlive pings a quiet stream until ctx ends, so that no proxy takes it for dead.
func (s *Server) keepAlive(ctx context.Context, ping func()) {
	every := time.NewTicker(s.limits.Live.PingEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			ping()
		}
	}
}

func decrease(counts map[string]int, key string) {
	if counts[key]--; counts[key] <= 0 {
		delete(counts, key)
	}
}

// Stop ends every stream, tells the clients that the server goes away, and waits
// until they have been told or ctx ends. No stream begins afterwards.
func (s *Streams) Stop(ctx context.Context) {
	s.mu.Lock()
	s.stopped = true
	for _, cancel := range s.open {
		cancel(errStopping)
	}
	s.mu.Unlock()
	done := make(chan struct{})
	go func() {
		s.running.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}
