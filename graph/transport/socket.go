package transport

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"

	"github.com/cleargrid/cleargrid/internal/fault"
)

const (
	subprotocol = "graphql-transport-ws"
	// maxIDBytes bounds the id that a client gives to a subscription.
	maxIDBytes = 100
)

// The close codes of graphql-transport-ws.
const (
	closeBadRequest    websocket.StatusCode = 4400
	closeUnauthorized  websocket.StatusCode = 4401 // subscribes before it has said who it is
	closeForbidden     websocket.StatusCode = 4403 // no valid session, or no longer
	closeSubprotocol   websocket.StatusCode = 4406
	closeInitTimeout   websocket.StatusCode = 4408
	closeSameID        websocket.StatusCode = 4409
	closeTooManyInits  websocket.StatusCode = 4429
	closeInternalError websocket.StatusCode = 4500
)

// socket is the transport of subscriptions by graphql-transport-ws. It replaces
// gqlgen's, whose close codes are others, which takes an id twice and can then not
// end it, and which has no caps.
type socket struct{ *Server }

// Supports implements graphql.Transport.
func (t socket) Supports(r *http.Request) bool {
	return t.options.Authenticate != nil && t.options.Follow != nil && strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// Do implements graphql.Transport. A page of another origin is refused with 403
// before there is a socket.
func (t socket) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	ctx, leave, err := t.options.Streams.enter(context.WithoutCancel(r.Context()), t.options.Address(r.Context()), t.limits.Live)
	if err != nil {
		t.refuse(w, r, http.StatusTooManyRequests, err)
		return
	}
	defer leave()
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{subprotocol}, OriginPatterns: t.options.Origins})
	if err != nil {
		return // it has answered
	}
	c := &connection{socket: t, conn: conn, exec: exec, headers: r.Header, language: t.languageOf(r), running: map[string]context.CancelFunc{}}
	ctx, c.cancel = context.WithCancelCause(ctx)
	defer c.cancel(nil)
	c.serve(ctx)
}

// closing is the end of a connection, with the code that the client reads.
type closing struct {
	code   websocket.StatusCode
	reason string
}

func (c closing) Error() string { return c.reason }

// connection is one socket.
type connection struct {
	socket
	conn     *websocket.Conn
	exec     graphql.GraphExecutor
	headers  http.Header
	language string
	cancel   context.CancelCauseFunc

	mu            sync.Mutex
	acknowledged  bool
	authorization string
	release       func()
	running       map[string]context.CancelFunc // subscriptions by their id
	done          sync.WaitGroup
}

// serve reads messages until the client or the server ends the connection.
func (c *connection) serve(ctx context.Context) {
	if c.conn.Subprotocol() != subprotocol {
		_ = c.conn.Close(closeSubprotocol, "Subprotocol not acceptable")
		return
	}
	c.conn.SetReadLimit(c.limits.Live.MessageBytes)
	inTime := time.AfterFunc(c.limits.Live.InitWithin, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if !c.acknowledged {
			c.cancel(closing{closeInitTimeout, "Connection initialisation timeout"})
		}
	})
	defer inTime.Stop()

	// The context ends with a cause, and the socket is closed after that, so that the
	// client reads the reason.
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		<-ctx.Done()
		c.close(context.Cause(ctx))
	}()
	go c.keepAlive(ctx, func() { c.ping(ctx) })
	c.cancel(c.read(ctx))
	<-closed
	c.done.Wait()
	if c.release != nil {
		c.release()
	}
}

func (c *connection) close(why error) {
	end, ok := errors.AsType[closing](why)
	switch {
	case ok:
	case errors.Is(why, errStopping):
		end = closing{websocket.StatusGoingAway, "Server stops"}
	default:
		_ = c.conn.CloseNow() // nobody is there
		return
	}
	_ = c.conn.Close(end.code, end.reason)
}

func (c *connection) ping(ctx context.Context) {
	within, cancel := context.WithTimeout(ctx, c.limits.Live.WriteWithin)
	defer cancel()
	if err := c.conn.Ping(within); err != nil {
		c.cancel(errGone)
	}
}

// message is one of the protocol.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

var errMessage = closing{closeBadRequest, "Invalid message"}

// read takes in messages until one ends the connection.
func (c *connection) read(ctx context.Context) error {
	for {
		// Not ctx: one that ends would close the socket without a reason.
		kind, data, err := c.conn.Read(context.WithoutCancel(ctx))
		switch {
		case errors.Is(err, websocket.ErrMessageTooBig):
			return closing{websocket.StatusMessageTooBig, "Message too big"}
		case err != nil:
			return errGone
		}
		if kind != websocket.MessageText {
			return errMessage
		}
		if err := c.take(ctx, data); err != nil {
			return err
		}
	}
}

func (c *connection) take(ctx context.Context, data []byte) error {
	value, err := decodeStrict(data)
	object, ok := value.(map[string]any)
	if err != nil || !ok {
		return errMessage
	}
	kind, _ := object["type"].(string)
	id, _ := object["id"].(string)
	payload, _ := object["payload"].(map[string]any)
	switch kind {
	case "connection_init":
		return c.init(ctx, payload)
	case "ping":
		return c.send(ctx, message{Type: "pong"})
	case "pong":
		return nil
	case "subscribe":
		return c.begin(ctx, id, payload)
	case "complete":
		c.end(id)
		return nil
	default:
		return errMessage
	}
}

func (c *connection) init(ctx context.Context, payload map[string]any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.acknowledged {
		return closing{closeTooManyInits, "Too many initialisation requests"}
	}
	authorization, _ := payload["authorization"].(string)
	if authorization == "" {
		return closing{closeForbidden, "Forbidden"}
	}
	viewer, err := c.options.Authenticate(ctx, authorization)
	if err != nil {
		return ending(err)
	}
	if c.release, err = c.options.Streams.of(c.options.ViewerID(viewer), c.limits.Live); err != nil {
		return closing{websocket.StatusTryAgainLater, "Too many connections"}
	}
	c.acknowledged, c.authorization = true, authorization
	return c.send(ctx, message{Type: "connection_ack"})
}

// ending is the close that tells why a subscription, and with it the connection,
// can't go on.
func ending(err error) error {
	switch {
	case fault.Is(err, fault.Unauthenticated):
		return closing{closeForbidden, "Forbidden"}
	case fault.Of(err).Kind.Retryable():
		return closing{websocket.StatusTryAgainLater, "Try again later"}
	default:
		return closing{closeInternalError, "Internal server error"}
	}
}

// begin runs a subscription beside the others.
func (c *connection) begin(ctx context.Context, id string, payload map[string]any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.acknowledged {
		return closing{closeUnauthorized, "Unauthorized"}
	}
	if id == "" || len(id) > maxIDBytes || payload == nil {
		return errMessage
	}
	if _, twice := c.running[id]; twice {
		return closing{closeSameID, "Subscriber already exists"}
	}
	params, err := requestFrom(payload)
	if err != nil {
		return errMessage
	}
	if len(c.running) >= c.limits.Live.Subscriptions {
		return c.answer(ctx, "error", id, refusal(errSubscriptions, c.language))
	}
	params.Headers = c.headers
	one, cancel := context.WithCancel(ctx)
	c.running[id] = cancel
	c.done.Go(func() {
		defer cancel()
		c.run(one, id, params)
	})
	return nil
}

// finish frees the id of a subscription that has ended by itself, before the client
// knows and may use it again.
func (c *connection) finish(ctx context.Context, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ctx.Err() == nil { // or else the id is another's already
		delete(c.running, id)
	}
}

// end ends a subscription that the client wants no more.
func (c *connection) end(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cancel, ok := c.running[id]; ok {
		cancel()
		delete(c.running, id)
	}
}

func (c *connection) run(ctx context.Context, id string, params *graphql.RawParams) {
	failed := false
	err := c.subscribe(ctx, c.exec, params, c.authorization, c.language, func(a answer) error {
		if ctx.Err() != nil { // the client may use the id again already
			return ctx.Err()
		}
		if !a.executed || len(a.data) == 0 {
			failed = true
			c.finish(ctx, id)
			return c.answer(ctx, "error", id, a)
		}
		return c.answer(ctx, "next", id, a)
	})
	switch f, isFault := errors.AsType[*fault.Error](err); {
	case ctx.Err() != nil: // ended by the client, or with the connection
		return
	case isFault:
		c.cancel(ending(f))
		return
	case err != nil:
		c.cancel(errGone)
		return
	}
	if !failed {
		c.finish(ctx, id)
		_ = c.send(ctx, message{ID: id, Type: "complete"})
	}
}

// answer sends an answer: the whole of it, or of an error only the errors.
func (c *connection) answer(ctx context.Context, kind, id string, a answer) error {
	var payload []byte
	var err error
	if kind == "error" {
		payload, err = json.Marshal(a.errors)
	} else {
		payload, err = a.body()
	}
	if err != nil {
		return err
	}
	return c.send(ctx, message{ID: id, Type: kind, Payload: payload})
}

// send writes a message. A client that does not take it in time is dropped.
func (c *connection) send(ctx context.Context, m message) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.limits.Live.WriteWithin)
	defer cancel()
	if err := c.conn.Write(within, websocket.MessageText, text); err != nil {
		return errGone
	}
	return nil
}
