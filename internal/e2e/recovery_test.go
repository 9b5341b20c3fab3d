package e2e

import (
	"fmt"
	"testing"
)

// TestKilledWhileVerifying kills the server while it is reading files back: the
// jobs that were running must run again soon after the start, not only those
// that were waiting.
func TestKilledWhileVerifying(t *testing.T) {
	m := newMedia(t)
	t.Run("embedded", func(t *testing.T) { killWhileVerifying(t, newCast(newServer(t, ""), m)) })
	t.Run("PostgreSQL", func(t *testing.T) {
		c := newCast(newServer(t, newDatabase(t)), m)
		for _, command := range [][]string{{"migrate"}, {"seed", "--schools", "24", "--townships", "4"}} {
			if out, code, err := c.run(command...); err != nil || code != 0 {
				t.Fatalf("%q: exit code %d, error %v:\n%s", command, code, err, out)
			}
		}
		killWhileVerifying(t, c)
	})
}

func killWhileVerifying(t *testing.T, c *cast) {
	need(t, c.start())
	need(t, c.as([]string{"grid1"}))
	need(t, c.lookAround())
	var names []string
	for i := range 6 {
		name := fmt.Sprintf("film%d", i)
		f, err := c.take(name, "large-film", "SITE")
		need(t, err)
		_, err = c.announce(f)
		need(t, err)
		for _, n := range []int{2, 3, 1} {
			need(t, c.sendPart(f, n))
		}
		names = append(names, name)
	}
	for _, name := range names {
		need(t, c.complete(c.files[name]))
	}
	c.kill()
	need(t, c.start())
	need(t, c.prove(names...))
}
