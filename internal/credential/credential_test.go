package credential_test

import (
	"context"
	"encoding/base64"
	"errors"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cleargrid/cleargrid/internal/credential"
)

func TestPassword(t *testing.T) {
	const password = "正确的密码 correct horse"
	hash := credential.HashPassword(password)
	cases := []struct {
		try  string
		want bool
	}{
		{password, true},
		{"", false},
		{password + " ", false},
		{strings.ToUpper(password), false},
		{password[:len(password)-1], false},
		{hash, false},
	}
	for _, c := range cases {
		if got, err := credential.CheckPassword(t.Context(), hash, c.try); err != nil || got != c.want {
			t.Errorf("%q: %v, %v", c.try, got, err)
		}
	}
}

func TestHashHasItsParametersAndAFreshSalt(t *testing.T) {
	form := regexp.MustCompile(`^\$argon2id\$v=19\$m=65536,t=3,p=2\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`)
	a, b := credential.HashPassword("same"), credential.HashPassword("same")
	if !form.MatchString(a) {
		t.Errorf("%q is not the PHC form", a)
	}
	if a == b {
		t.Error("two hashes of one password are equal: the salt is not fresh")
	}
	if strings.Contains(a, "same") {
		t.Error("the hash contains the password")
	}
}

// TestGeneratedPassword: what nobody can guess is kept with less memory.
func TestGeneratedPassword(t *testing.T) {
	password := credential.NewPassword()
	hash := credential.HashGenerated(password)
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=2048,t=3,p=2$") {
		t.Errorf("kept as %q", hash)
	}
	for try, want := range map[string]bool{password: true, credential.NewPassword(): false} {
		if got, err := credential.CheckPassword(t.Context(), hash, try); err != nil || got != want {
			t.Errorf("%q: %v, %v", try, got, err)
		}
	}
}

// A hash with other parameters, of another year, is still checked by its own.
// The hash is a test vector of the reference implementation (phc-winner-argon2, test.c).
func TestHashKeepsItsOwnParameters(t *testing.T) {
	const vector = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	for password, want := range map[string]bool{"password": true, "Password": false, "": false} {
		if got, err := credential.CheckPassword(t.Context(), vector, password); got != want || err != nil {
			t.Errorf("%q: %v, %v", password, got, err)
		}
	}
}

func TestMalformedHash(t *testing.T) {
	const salt, key = "c29tZXNhbHRzb21lc2FsdA", "wX3VRxhJI6nCgPzTcoFI0IyBvwFVdRxKcJQzbWEyrJk"
	good := "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + key
	if _, err := credential.CheckPassword(t.Context(), good, "x"); err != nil {
		t.Fatalf("the form that the cases spoil is refused: %v", err)
	}
	cases := map[string]string{
		"empty":               "",
		"plain text":          "password",
		"something before":    "x" + good,
		"one part more":       good + "$",
		"argon2i":             strings.Replace(good, "argon2id", "argon2i", 1),
		"bcrypt":              "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
		"an old version":      strings.Replace(good, "v=19", "v=16", 1),
		"version with a tail": strings.Replace(good, "v=19", "v=19x", 1),
		"no passes":           strings.Replace(good, "t=1", "t=0", 1),
		"too many passes":     strings.Replace(good, "t=1", "t=17", 1),
		"no lanes":            strings.Replace(good, "p=1", "p=0", 1),
		"lanes over a byte":   strings.Replace(good, "p=1", "p=256", 1),
		"no memory":           strings.Replace(good, "m=8", "m=0", 1),
		"negative memory":     strings.Replace(good, "m=8", "m=-8", 1),
		"2 GiB of memory":     strings.Replace(good, "m=8", "m=2097152", 1),
		"parameters turned":   strings.Replace(good, "m=8,t=1,p=1", "t=1,m=8,p=1", 1),
		"parameters and more": strings.Replace(good, "p=1", "p=1,data=x", 1),
		"a leading zero":      strings.Replace(good, "m=8", "m=08", 1),
		"no salt":             strings.Replace(good, salt, "", 1),
		"a short salt":        strings.Replace(good, salt, salt[:8], 1),
		"salt not base64":     strings.Replace(good, salt, "!"+salt[1:], 1),
		"no key":              strings.Replace(good, key, "", 1),
		"a short key":         strings.Replace(good, key, key[:40], 1),
		"key not base64":      strings.Replace(good, key, "!"+key[1:], 1),
	}
	for name, hash := range cases {
		t.Run(name, func(t *testing.T) {
			if ok, err := credential.CheckPassword(t.Context(), hash, "x"); ok || !errors.Is(err, credential.ErrHash) {
				t.Errorf("%q: %v, %v", hash, ok, err)
			}
		})
	}
}

func FuzzCheckPassword(f *testing.F) {
	f.Add("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$wX3VRxhJI6nCgPzTcoFI0IyBvwFVdRxKcJQzbWEyrJk")
	f.Add("$argon2id$v=19$m=0,t=0,p=0$$")
	f.Add("$$$$$")
	f.Fuzz(func(t *testing.T, hash string) {
		if ok, err := credential.CheckPassword(t.Context(), hash, "a password that no seed was made of"); ok || err != nil && !errors.Is(err, credential.ErrHash) {
			t.Errorf("%q: %v, %v", hash, ok, err)
		}
	})
}

func TestTokensAreLongAndUnique(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		token := credential.NewToken()
		b, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil || len(b) != 32 {
			t.Fatalf("%q is not 256 bits in the URL alphabet: %v", token, err)
		}
		if seen[token] {
			t.Fatalf("%q came twice", token)
		}
		seen[token] = true
	}
}

func TestHashToken(t *testing.T) {
	// SHA-256 of "abc", FIPS 180-2 appendix B.1.
	if got := credential.HashToken("abc"); got != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("it is %s", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		if (credential.HashToken(a) == credential.HashToken(b)) != (a == b) {
			t.Errorf("%q and %q", a, b)
		}
	})
}

func TestNewPasswordCanBeReadOut(t *testing.T) {
	form := regexp.MustCompile(`^[a-hjkmnp-z2-9]{5}(-[a-hjkmnp-z2-9]{5}){3}$`) // no i, l, o, 0, 1
	seen, letters := map[string]bool{}, map[rune]bool{}
	for range 500 {
		p := credential.NewPassword()
		if !form.MatchString(p) {
			t.Fatalf("%q is not four groups of five plain letters or digits", p)
		}
		if seen[p] {
			t.Fatalf("%q came twice", p)
		}
		seen[p] = true
		for _, r := range p {
			letters[r] = true
		}
	}
	if len(letters) != 31+1 {
		t.Errorf("10,000 characters show %d of the 31 letters and the dash", len(letters))
	}
}

// What an account that does not exist costs must not differ from a check, whatever
// the password: the memory of argon2id is what its time goes into.
func TestWasteTimeTakesAnyPassword(t *testing.T) {
	hash := credential.HashPassword("secret")
	credential.WasteTime(t.Context(), "") // the first call also makes the hash that it checks
	check := allocated(func() { _, _ = credential.CheckPassword(t.Context(), hash, "wrong") })
	if check < 64<<20 {
		t.Fatalf("a check takes %d bytes, want 64 MiB", check)
	}
	for _, password := range []string{"", "secret", strings.Repeat("长", 1000)} {
		wasted := allocated(func() { credential.WasteTime(t.Context(), password) })
		if difference := max(wasted, check) - min(wasted, check); difference > check/100 {
			t.Errorf("a password of %d bytes takes %d bytes of memory, a check %d", len(password), wasted, check)
		}
	}
}

// allocated is how many bytes f takes from the heap.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestCheckPasswordGivesUpWaiting(t *testing.T) {
	hash := credential.HashPassword("secret")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if ok, err := credential.CheckPassword(ctx, hash, "secret"); ok || !errors.Is(err, context.Canceled) {
		t.Errorf("got %t, %v", ok, err)
	}
}
