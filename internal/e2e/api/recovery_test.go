package api

import (
	"testing"

	"github.com/cleargrid/cleargrid/internal/testkit"
)

// TestKilledWhileVerifying kills the server while it is reading files back: the
// jobs that were running must run again soon after the start, not only those
// that were waiting.
func TestKilledWhileVerifying(t *testing.T) {
	m := newMedia(t)
	longFilm := testkit.LargeVideo(t, 96<<20)
	t.Run("embedded", func(t *testing.T) { killWhileVerifying(t, newCast(newServer(t, ""), m), longFilm) })
	t.Run("PostgreSQL", func(t *testing.T) {
		c := newCast(newServer(t, newDatabase(t)), m)
		for _, command := range [][]string{{"migrate"}, {"seed", "--schools", "24", "--townships", "4"}} {
			if out, code, err := c.run(command...); err != nil || code != 0 {
				t.Fatalf("%q: exit code %d, error %v:\n%s", command, code, err, out)
			}
		}
		killWhileVerifying(t, c, longFilm)
	})
}

func killWhileVerifying(t *testing.T, c *cast, longFilm []byte) {
	need(t, c.start())
	need(t, c.as([]string{"grid1"}))
	need(t, c.lookAround())

	long, err := c.take("long film", "large-film", "SITE")
	need(t, err)
	long.bytes = longFilm
	_, err = c.announce(long)
	need(t, err)
	u, err := c.progress(long)
	need(t, err)
	for _, p := range u.Ticket.Parts {
		need(t, c.sendPart(long, p.Number))
	}
	photo, err := c.take("photo", "photo", "SITE")
	need(t, err)
	_, err = c.announce(photo)
	need(t, err)
	need(t, c.send(photo))

	// Files are verified in the order of their arrival, several at once: when the
	// photo is done, the long film has been begun.
	need(t, c.complete(long))
	need(t, c.complete(photo))
	need(t, c.prove("photo"))
	c.kill()
	need(t, c.start())
	need(t, c.prove("long film"))
}
