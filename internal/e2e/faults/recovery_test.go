package faults

import (
	"testing"

	"github.com/cleargrid/cleargrid/internal/e2e/program"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// TestKilledWhileVerifying kills the server while it is reading files back: the
// jobs that were running must run again soon after the start, not only those
// that were waiting.
func TestKilledWhileVerifying(t *testing.T) {
	t.Parallel()
	m := program.NewMedia(t)
	longFilm := testkit.LargeVideo(t, 96<<20)
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		killWhileVerifying(t, program.NewCast(program.Settled(t, program.County(t)), m), longFilm)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		c := program.NewCast(program.New(t, program.NewDatabase(t)), m)
		for _, command := range [][]string{{"migrate"}, {"seed", "--schools", "24", "--townships", "4"}} {
			if out, code, err := c.Run(command...); err != nil || code != 0 {
				t.Fatalf("%q: exit code %d, error %v:\n%s", command, code, err, out)
			}
		}
		killWhileVerifying(t, c, longFilm)
	})
}

func killWhileVerifying(t *testing.T, c *program.Cast, longFilm []byte) {
	program.Need(t, c.Start())
	program.Need(t, c.As("grid1"))
	program.Need(t, c.LookAround())

	long, err := c.Take("long film", "large-film", "SITE")
	program.Need(t, err)
	long.Bytes = longFilm
	_, err = c.Announce(long)
	program.Need(t, err)
	u, err := c.Progress(long)
	program.Need(t, err)
	for _, p := range u.Ticket.Parts {
		program.Need(t, c.SendPart(long, p.Number))
	}
	photo, err := c.Take("photo", "photo", "SITE")
	program.Need(t, err)
	_, err = c.Announce(photo)
	program.Need(t, err)
	program.Need(t, c.Send(photo))

	// Files are verified in the order of their arrival, several at once: when the
	// photo is done, the long film has been begun.
	program.Need(t, c.Complete(long))
	program.Need(t, c.Complete(photo))
	program.Need(t, c.Prove("photo"))
	c.Kill()
	program.Need(t, c.Start())
	program.Need(t, c.Prove("long film"))
}
