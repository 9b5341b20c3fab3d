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
		var tr traffic
		took := func() time.Duration {
			from := time.Now()
			n, err := io.Copy(io.Discard, &yielding{ctx: t.Context(), traffic: &tr, from: bytes.NewReader(make([]byte, 4*yieldEvery))})
			if n != 4*yieldEvery || err != nil {
				t.Fatalf("read %d bytes, %v", n, err)
			}
			return time.Since(from)
		}
		if d := took(); d != 0 {
			t.Errorf("nobody sends: %s", d)
		}
		one, two := tr.enter(), tr.enter()
		if d := took(); d < 4*yieldFor || d > 5*yieldFor {
			t.Errorf("two send: %s", d)
		}
		one()
		one() // saying so twice does no harm
		if d := took(); d < 4*yieldFor {
			t.Errorf("one still sends: %s", d)
		}
		time.AfterFunc(yieldFor/2, two)
		if d := took(); d != yieldFor/2 {
			t.Errorf("the last one is done meanwhile: %s", d)
		}
		leave := tr.enter()
		defer leave()
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		from := time.Now()
		if tr.giveWay(ended, time.Hour); time.Since(from) != 0 {
			t.Error("waited although it should end")
		}
	})
}
