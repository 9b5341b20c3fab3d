package transport

import (
	"cmp"
	"time"
)

// Limits bounds requests and streams, whatever they ask for. A zero value means
// the default.
type Limits struct {
	// BodyBytes is the largest request: the body of a POST, the query string of
	// a GET. Default 256 KiB.
	BodyBytes int64
	// Deadline is the time that a request may take. Default 15 s.
	Deadline time.Duration
	// FileBytes is the largest file in a multipart request. Default 16 MiB.
	FileBytes int64
	// FileDeadline is the time that a file may take to arrive, beside Deadline.
	// Default 5 min: 16 MiB at 55 KiB/s.
	FileDeadline time.Duration
	// PerSecond is how many requests of one viewer, or of one address without a
	// viewer, are answered in a second in the long run, and Burst how many at
	// once. Defaults 50 and 1,000: no person comes near, a client gone wild does.
	PerSecond float64
	Burst     int
	// Live bounds the streams of subscriptions.
	Live LiveLimits
}

func (l Limits) withDefaults() Limits {
	l.BodyBytes, l.Deadline = cmp.Or(l.BodyBytes, 256<<10), cmp.Or(l.Deadline, 15*time.Second)
	l.FileBytes, l.FileDeadline = cmp.Or(l.FileBytes, 16<<20), cmp.Or(l.FileDeadline, 5*time.Minute)
	l.PerSecond, l.Burst = cmp.Or(l.PerSecond, 50), cmp.Or(l.Burst, 1000)
	l.Live = l.Live.withDefaults()
	return l
}

// LiveLimits bound the streams of subscriptions. A zero value means the default.
type LiveLimits struct {
	// Streams is the most streams of the process, PerAddress those from one address,
	// PerViewer those of one person. Defaults 2,000, 200 and 10.
	Streams, PerAddress, PerViewer int
	// Subscriptions is the most in one socket. Default 20.
	Subscriptions int
	// MessageBytes is the largest message of a client. Default 64 KiB.
	MessageBytes int64
	// InitWithin is the time until a client must have said who it is. Default 10 s.
	InitWithin time.Duration
	// WriteWithin is the time in which a client must take an event; it is dropped
	// when it does not. Default 10 s.
	WriteWithin time.Duration
	// RecheckEvery is how often a quiet stream asks whether its session still holds;
	// one with events asks before each. Default 15 s.
	RecheckEvery time.Duration
	// PingEvery is how often a quiet stream is kept alive. Default 20 s.
	PingEvery time.Duration
}

func (l LiveLimits) withDefaults() LiveLimits {
	l.Streams, l.PerAddress, l.PerViewer = cmp.Or(l.Streams, 2000), cmp.Or(l.PerAddress, 200), cmp.Or(l.PerViewer, 10)
	l.Subscriptions, l.MessageBytes = cmp.Or(l.Subscriptions, 20), cmp.Or(l.MessageBytes, 64<<10)
	l.InitWithin, l.WriteWithin = cmp.Or(l.InitWithin, 10*time.Second), cmp.Or(l.WriteWithin, 10*time.Second)
	l.RecheckEvery, l.PingEvery = cmp.Or(l.RecheckEvery, 15*time.Second), cmp.Or(l.PingEvery, 20*time.Second)
	return l
}
