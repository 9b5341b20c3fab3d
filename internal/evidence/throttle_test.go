package evidence

import (
	"bytes"
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// TestVerificationGivesWay: while files are received a verification goes on slowly,
// and at once at full speed when the last one is there.
func TestVerificationGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tr uploadActivity
		took := func() time.Duration {
			from := time.Now()
			n, err := io.Copy(io.Discard, &throttledReader{ctx: t.Context(), uploadActivity: &tr, from: bytes.NewReader(make([]byte, 4*throttleEvery))})
			if n != 4*throttleEvery || err != nil {
				t.Fatalf("read %d bytes, %v", n, err)
			}
			return time.Since(from)
		}
		if d := took(); d != 0 {
			t.Errorf("nobody sends: %s", d)
		}
		one, two := tr.enter(), tr.enter()
		if d := took(); d < 4*throttleFor || d > 5*throttleFor {
			t.Errorf("two send: %s", d)
		}
		one()
		one() // saying so twice does no harm
		if d := took(); d < 4*throttleFor {
			t.Errorf("one still sends: %s", d)
		}
		time.AfterFunc(throttleFor/2, two)
		if d := took(); d != throttleFor/2 {
			t.Errorf("the last one is done meanwhile: %s", d)
		}
		leave := tr.enter()
		defer leave()
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		from := time.Now()
		if tr.throttle(ended, time.Hour); time.Since(from) != 0 {
			t.Error("waited although it should end")
		}
	})
}
