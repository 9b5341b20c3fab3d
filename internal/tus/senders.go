package tus

import (
	"sync"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/fault"
)

// senders bounds how many requests send bytes at once, overall and per user.
type senders struct {
	perUser, overall int

	mu    sync.Mutex
	total int
	of    map[uuid.UUID]int
}

func newSenders(perUser, overall int) *senders {
	s := &senders{perUser: perUser, overall: overall, of: map[uuid.UUID]int{}}
	if s.perUser == 0 {
		s.perUser = 8
	}
	if s.overall == 0 {
		s.overall = 256
	}
	return s
}

// enter counts a request in until leave is called; RATE_LIMITED when there are
// too many.
func (s *senders) enter(user uuid.UUID) (leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.total >= s.overall || s.of[user] >= s.perUser {
		return nil, fault.New(fault.RateLimited, "upload.too_many_at_once",
			fault.T("同时上传的文件过多，请稍后继续。", "Too many uploads at once. Go on with this one in a moment."))
	}
	s.total++
	s.of[user]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.total--
		if s.of[user]--; s.of[user] == 0 {
			delete(s.of, user)
		}
	}, nil
}
