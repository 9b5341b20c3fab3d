//go:build long

package faults

import (
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/internal/e2e/program"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// TestTakesLongAnotherStore is the way of evidence into a store that is not the embedded
// one, with fewer abilities: announced, sent straight to it, verified, and from
// then on kept by the store itself.
func TestTakesLongAnotherStore(t *testing.T) {
	t.Parallel()
	config := testkit.Ceph(t, "evidence")
	flags := []string{
		"--s3-endpoint", config.Endpoint, "--s3-bucket", config.Bucket,
		"--s3-access-key", config.AccessKey, "--s3-secret-key", config.SecretKey,
	}
	c := program.NewCast(program.New(t, "", flags...), program.NewMedia(t))
	program.Need(t, c.Start())
	program.Need(t, c.As("grid1"))
	program.Need(t, c.LookAround())

	for name, kind := range map[string]string{"photo": "photo", "film": "large-film"} {
		f, err := c.Take(name, kind, "SITE")
		program.Need(t, err)
		u, err := c.Announce(f)
		program.Need(t, err)
		if len(u.Ticket.Parts) == 0 {
			t.Fatalf("%s is to be sent in one request, whose signature does not protect it here", name)
		}
		for _, p := range u.Ticket.Parts {
			if !strings.HasPrefix(p.Request.URL, config.Endpoint+"/") {
				t.Fatal("a part is not sent straight to the store")
			}
			program.Need(t, c.SendPart(f, p.Number))
		}
		program.Need(t, c.Complete(f))
		program.Need(t, c.Prove(name))
		if status, _, err := u.Ticket.Parts[0].Request.Send(f.Bytes[:u.Ticket.Parts[0].Size]); err != nil || status != 404 {
			t.Errorf("a part of verified %s was answered %d (%v), want 404", name, status, err)
		}
	}

	program.Need(t, program.Eventually(program.VerifiedWithin, func() (bool, error) {
		kept, all := testkit.Kept(t, config, "originals/")
		return kept == len(c.Files) && all == kept, nil
	}))

	says := func(want string, command ...string) {
		t.Helper()
		if out, code, err := c.Run(append(command, flags...)...); err != nil || code != 0 || !strings.Contains(out, want) {
			t.Errorf("%s: %v, exit code %d, want %q:\n%s", command[0], err, code, want, out)
		}
	}
	says("", "verify")
	says("object lock: yes", "doctor")
	says("checksum: no, so", "doctor")
}
