package command

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	"github.com/gowebpki/jcs"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/commandreceipt"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// format2 stands before the hash of a receipt of format 2. A receipt of format 1
// is the bare hash, see Format1.
const format2 = "2:"

// receipt is what a command says of itself.
type receipt struct {
	key     id.ID
	action  authz.Action
	subject uuid.UUID
	content content
}

func (s Spec[T, R]) receipt(c content) receipt {
	action := s.ReceiptOf
	if action == "" {
		action = s.Action
	}
	return receipt{key: s.Key, action: action, subject: s.Subject.UUID, content: c}
}

// keepReceipt writes the receipt of a command, in one statement for a new one. It
// reports true when the command was done before: by the same person, with the same
// content. Two at once: the receipt's key lets one through, the other waits and then
// finds the receipt.
func (r *Runner) keepReceipt(ctx context.Context, tx *ent.Tx, v authz.Viewer, c receipt) (done bool, err error) {
	now := r.clock.Now()
	err = tx.CommandReceipt.Create().SetID(c.key.UUID).SetUserID(v.UserID).SetAction(string(c.action)).SetFingerprint(c.content.kept()).
		SetResultID(c.subject).SetCreatedAt(now).OnConflictColumns(commandreceipt.FieldID).DoNothing().Exec(ctx)
	if !errors.Is(err, sql.ErrNoRows) { // which says that the id is taken
		return false, err
	}
	prior, err := tx.CommandReceipt.Get(authz.AsSystem(ctx), c.key.UUID) // whose it is decides below
	if err != nil {
		return false, err
	}
	days, err := r.receiptDays(ctx, tx, v)
	if err != nil {
		return false, err
	}
	same := prior.UserID == v.UserID && prior.Action == string(c.action) && c.content.is(prior.Fingerprint)
	if !same || now.Sub(prior.CreatedAt) > time.Duration(days)*24*time.Hour {
		return false, fault.New(fault.IdempotencyMismatch, "command.other_content",
			fault.Tf("标识 %s 已用于另一项内容，请使用新的标识。", "The id %s was used for something else. Use a new one.", c.key))
	}
	return true, nil
}

// receiptDays is for how many days a repeat is recognised: what the newest campaign
// over the viewer's first place says.
func (r *Runner) receiptDays(ctx context.Context, tx *ent.Tx, v authz.Viewer) (int, error) {
	if len(v.Grants) == 0 {
		return rule.DefaultPolicy().ReceiptDays, nil
	}
	p, err := PolicyAt(ctx, tx.Client(), v.Grants[0].RegionPath)
	return p.ReceiptDays, err
}

// content is what is compared of a command: the value that was sent, and the Go
// value that came of it.
type content struct {
	hash   string   // of format 2, as it is stored
	others []string // what an earlier receipt of the same content may hold
}

func (c content) kept() string { return c.hash }

func (c content) is(fingerprint string) bool {
	return fingerprint == c.hash || slices.Contains(c.others, fingerprint)
}

// contentOf gives the content of a command: of the input as it was sent where the
// context has it, or else of the Go value under its names in the API.
func contentOf(ctx context.Context, input any) (content, error) {
	derived, err := Format2(Named(input))
	if err != nil {
		return content{}, err
	}
	old, err := Format1(input)
	if err != nil {
		return content{}, err
	}
	c := content{hash: derived, others: []string{old}}
	if sent, ok := sentInput(ctx); ok {
		if c.hash, err = Format2(sent); err != nil {
			return content{}, err
		}
		c.others = append(c.others, derived)
	}
	return c, nil
}

// Format2 hashes an input as it was sent: SHA-256 over its canonical JSON (RFC
// 8785: keys sorted), null being absent, with the number of the format in front.
func Format2(input any) (string, error) {
	text, err := json.Marshal(withoutNulls(input))
	if err != nil {
		return "", fmt.Errorf("%w: %w", errNoContent, err)
	}
	canonical, err := jcs.Transform(text)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errNoContent, err)
	}
	return format2 + hexSum(canonical), nil
}

// Format1 is the hash of receipts until format 2: SHA-256 over the JSON of the Go
// value, with the names that its fields and the nouns that its ids had then. It is
// only compared, never stored; a golden file keeps the names.
func Format1(input any) (string, error) {
	text, err := json.Marshal(input)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errNoContent, err)
	}
	text = quotedID.ReplaceAllFunc(text, func(quoted []byte) []byte {
		i, err := id.Parse(strings.Trim(string(quoted), `"`))
		if err != nil {
			return quoted
		}
		return []byte(`"` + i.First() + `"`)
	})
	return hexSum(text), nil
}

var quotedID = regexp.MustCompile(`"[a-z_]+_[0-9a-f-]{36}"`)

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// withoutNulls copies a JSON value without the entries of objects that are null.
func withoutNulls(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, x := range v {
			if x != nil {
				out[key] = withoutNulls(x)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = withoutNulls(x)
		}
		return out
	}
	return v
}

// Named gives an input under the names that its fields have in the API, for
// commands that did not come by GraphQL; its ids have the nouns of the first
// release, whichever were sent. What is nil is absent; a field that the
// JSON of format 1 leaves out is no part of the content.
func Named(input any) any { return named(reflect.ValueOf(input)) }

func named(v reflect.Value) any {
	switch x := v.Interface().(type) {
	case id.ID:
		return x.First()
	case time.Time:
		return x.UTC().Format(time.RFC3339Nano)
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return named(v.Elem())
	case reflect.Slice:
		if v.IsNil() {
			return nil
		}
		out := make([]any, v.Len())
		for i := range out {
			out[i] = named(v.Index(i))
		}
		return out
	case reflect.Struct:
		out := map[string]any{}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.Tag.Get("json") == "-" {
				continue
			}
			value := named(v.Field(i))
			if inner, ok := value.(map[string]any); ok && f.Anonymous {
				maps.Copy(out, inner)
				continue
			}
			if value != nil {
				out[apiName(f.Name)] = value
			}
		}
		return out
	default:
		return v.Interface()
	}
}

// apiName is a Go field's name in the API: EvidenceIDs is evidenceIds.
func apiName(field string) string {
	field = strings.ReplaceAll(field, "ID", "Id")
	return string(unicode.ToLower(rune(field[0]))) + field[1:]
}

type sentKey struct{}

// WithSent notes the value of a mutation's input as it was sent, after substitution
// of variables and before defaults: an object, or the list of a batch. Nil forgets
// it, so that the Go value counts.
func WithSent(ctx context.Context, input any) context.Context {
	return context.WithValue(ctx, sentKey{}, input)
}

// SentAt gives the context of one command of a batch: of what was sent it keeps the
// value of the only field at that place.
func SentAt(ctx context.Context, place int) context.Context {
	list, _ := ctx.Value(sentKey{}).([]any)
	if place < len(list) {
		if one, ok := withoutNulls(list[place]).(map[string]any); ok && len(one) == 1 {
			for _, input := range one {
				return WithSent(ctx, input)
			}
		}
	}
	return WithSent(ctx, nil)
}

// sentInput is the input that WithSent has noted, if there is one.
func sentInput(ctx context.Context) (any, bool) {
	in, ok := ctx.Value(sentKey{}).(map[string]any)
	return in, ok
}
