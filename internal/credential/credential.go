// Package credential makes and checks secrets: passwords and session tokens.
//
// It decides their strength and the form in which they are kept. It never
// decides who may sign in, and it never logs or returns a secret that is kept.
package credential

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/crypto/argon2"
)

// Parameters of argon2id (RFC 9106 section 4, second recommended option with
// fewer lanes): 64 MiB, 3 passes; for passwords of NewPassword 2 MiB.
const (
	memory  = 64 * 1024
	little  = 2 * 1024
	passes  = 3
	lanes   = 2
	keySize = 32

	saltSize = 16
	minSalt  = 8 // RFC 9106 section 3.1
)

// ErrHash is returned for a kept hash that this package did not make.
var ErrHash = errors.New("credential: unknown password hash")

// hashing bounds how many passwords are hashed at once: each takes 64 MiB.
var hashing = make(chan struct{}, 2)

// HashPassword gives the PHC form of argon2id with a fresh salt.
func HashPassword(password string) string { return hash(password, memory) }

// HashGenerated is HashPassword for a password that NewPassword has made. Its 99
// random bits are out of reach of guessing, however cheap a guess is, so it does
// without most of the memory that protects a password which a person has thought of.
func HashGenerated(password string) string { return hash(password, little) }

func hash(password string, memory uint32) string {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt)                                                        // never fails (crypto/rand)
	key, _ := derive(context.Background(), password, salt, passes, memory, lanes) // waits for a place to hash in, then cannot fail
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// CheckPassword compares in constant time. ErrHash when the kept form is unknown,
// the context's error when it ends before it is this password's turn.
func CheckPassword(ctx context.Context, hash, password string) (bool, error) {
	k, ok := parse(hash)
	if !ok {
		return false, ErrHash
	}
	key, err := derive(ctx, password, k.salt, k.passes, k.memory, k.lanes)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(k.key, key) == 1, nil
}

// kept is what a kept hash says of itself.
type kept struct {
	memory, passes uint32
	lanes          uint8
	salt, key      []byte
}

// parse reads the PHC form that HashPassword writes, with the parameters of any
// year, but none that argon2 would refuse or that would exhaust the machine.
func parse(hash string) (kept, bool) {
	var k kept
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return k, false
	}
	_, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &k.memory, &k.passes, &k.lanes)
	if err != nil || parts[3] != fmt.Sprintf("m=%d,t=%d,p=%d", k.memory, k.passes, k.lanes) { // Sscanf ignores what follows
		return k, false
	}
	if k.memory < 1 || k.memory > 1<<20 || k.passes < 1 || k.passes > 16 || k.lanes < 1 {
		return k, false
	}
	var saltErr, keyErr error
	k.salt, saltErr = base64.RawStdEncoding.DecodeString(parts[4])
	k.key, keyErr = base64.RawStdEncoding.DecodeString(parts[5])
	return k, saltErr == nil && keyErr == nil && len(k.salt) >= minSalt && len(k.key) == keySize
}

// acquire waits for one of the places to hash in, unless the context has ended.
func acquire(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case hashing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func derive(ctx context.Context, password string, salt []byte, t, m uint32, p uint8) ([]byte, error) {
	if err := acquire(ctx); err != nil {
		return nil, fmt.Errorf("credential: too many passwords at once: %w", err)
	}
	defer func() { <-hashing }()
	return argon2.IDKey([]byte(password), salt, t, m, p, keySize), nil
}

// dummy is checked when an account does not exist, so that the answer takes as
// long as for one that does.
var dummy = sync.OnceValue(func() string { return HashPassword("no account has this password") })

// WasteTime spends what a check costs.
func WasteTime(ctx context.Context, password string) { _, _ = CheckPassword(ctx, dummy(), password) }

// NewToken makes an opaque token with 256 random bits.
func NewToken() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// HashToken is the form in which a token is kept. A token is random, so a plain
// SHA-256 is enough.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// NewPassword makes a password that a person can read out and type: 20
// characters of 31, about 99 bits.
func NewPassword() string {
	const letters = "abcdefghjkmnpqrstuvwxyz23456789"
	var out strings.Builder
	for i := range 20 {
		if i > 0 && i%5 == 0 {
			out.WriteByte('-')
		}
		out.WriteByte(letters[pick(len(letters))])
	}
	return out.String()
}

// pick is uniform in [0, n).
func pick(n int) int {
	b := make([]byte, 1)
	for {
		_, _ = rand.Read(b)
		if int(b[0]) < 256-256%n {
			return int(b[0]) % n
		}
	}
}
