package app_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// TestReceiptHashes: the hashes of an example of each mutation's input are those of
// the golden file, in both formats. Those of format 1 follow from the names of Go
// fields: a field that is renamed changes them, and receipts of earlier builds would
// no longer be recognised. Give such a field the old name in its JSON tag. A new field
// changes the example with all fields, but never the one with none: -update refuses
// that.
func TestReceiptHashes(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("mutation example format1 format2\n")
	for _, action := range authz.Actions() {
		if _, not := notRepeated[action]; not {
			continue
		}
		method, ok := reflect.TypeFor[*app.App]().MethodByName(strings.ToUpper(string(action[0])) + string(action[1:]))
		if !ok { // a view
			continue
		}
		for name, filled := range map[string]bool{"all": true, "none": false} {
			input := reflect.New(method.Type.In(2)).Elem()
			fill(input, filled)
			one, err := command.Format1(input.Interface())
			if err != nil {
				t.Fatal(err)
			}
			two, err := command.Format2(command.Named(input.Interface()))
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "%s %s %s %s\n", action, name, one, two)
		}
	}
	lines := strings.SplitAfter(b.String(), "\n")
	slices.Sort(lines[1:])
	got := []byte(strings.Join(lines, ""))
	file := filepath.Join("testdata", "receipts.golden")
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	old := strings.Split(string(want), "\n")
	for line := range strings.SplitSeq(string(got), "\n") {
		mutation, hashes, _ := strings.Cut(line, " none ")
		if hashes != "" && !slices.Contains(old, line) && slices.ContainsFunc(old, func(l string) bool { return strings.HasPrefix(l, mutation+" none ") }) {
			t.Fatalf("an empty input of %s has another hash: a new field is a pointer or a slice with `json:\",omitempty\"`, a renamed one keeps its name in the JSON tag", mutation)
		}
	}
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(got, want) {
		for line := range strings.SplitSeq(string(got), "\n") {
			if !slices.Contains(old, line) {
				t.Errorf("not in %s: %s", file, line)
			}
		}
		if !t.Failed() {
			t.Errorf("%s names commands that are none", file)
		}
	}
}

// TestReceiptOfAnEarlierStep: a receipt of format 1 that holds the step by its earlier
// name is recognised when the command is sent again.
func TestReceiptOfAnEarlierStep(t *testing.T) {
	in := app.SupplementEvidenceInput{Step: new(rule.StepOversight)}
	sent := app.SupplementEvidenceInput{Step: new(rule.EvidenceStep("LISTING"))}
	other := app.SupplementEvidenceInput{Step: new(rule.StepRectify)}
	if hash := testkit.Must(command.Format1(in))(t); hash != testkit.Must(command.Format1(sent))(t) || hash == testkit.Must(command.Format1(other))(t) {
		t.Errorf("the hash of format 1 is %s", hash)
	}
}

// fill gives a value an example: every field, or only those that can't be nil.
func fill(v reflect.Value, all bool) {
	switch v.Interface().(type) {
	case id.ID:
		v.Set(reflect.ValueOf(id.Of(id.Hazard, uuid.MustParse("01939c1e-7a4e-7c7b-b1ba-2f6f4f7c0001"))))
		return
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2026, 3, 10, 1, 2, 3, 4_000_000, time.UTC)))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if all {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), all)
		}
	case reflect.Slice:
		if all {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fill(v.Index(0), all)
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			fill(field, all)
		}
	case reflect.String:
		v.SetString("文字 text")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Float64:
		v.SetFloat(26.5)
	default:
		panic(v.Type().String())
	}
}

// receiptOf replaces what the receipt of a command holds.
func receiptOf(t *testing.T, e *testkit.Env, key id.ID, fingerprint string) {
	t.Helper()
	r := testkit.Must(e.Store.Ent.CommandReceipt.Get(e.System(), key.UUID))(t)
	if err := e.Store.Ent.CommandReceipt.DeleteOne(r).Exec(e.System()); err != nil {
		t.Fatal(err)
	}
	err := e.Store.Ent.CommandReceipt.Create().SetID(r.ID).SetUserID(r.UserID).SetAction(r.Action).SetFingerprint(fingerprint).
		SetResultID(r.ResultID).SetCreatedAt(r.CreatedAt).Exec(e.System())
	if err != nil {
		t.Fatal(err)
	}
}

// TestReceiptsOfFormat1: a command whose receipt was kept by an earlier build is
// still recognised, and other content under its id refused.
func TestReceiptsOfFormat1(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		ctx, in := e.As("officer1"), e.HazardInput()
		testkit.Must(e.App.ReportHazard(ctx, in))(t)
		old, err := command.Format1(in)
		if err != nil || len(old) != 64 {
			t.Fatalf("format 1: %q, %v", old, err)
		}
		receiptOf(t, e, in.ID, old)
		testkit.Must(e.App.ReportHazard(ctx, in))(t)
		in.Description += "。"
		_, err = e.App.ReportHazard(ctx, in)
		testkit.Refused(t, err, fault.IdempotencyMismatch, "")
	})
}

// TestReceiptsEnd: after receiptDays a repeat is no longer recognised, and its id is
// taken all the same.
func TestReceiptsEnd(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		in := e.HazardInput()
		testkit.Must(e.App.ReportHazard(e.As("officer1"), in))(t)
		days := time.Duration(e.Campaign.Policy.WithDefaults().ReceiptDays) * 24 * time.Hour
		e.Clock.Advance(days)
		testkit.Must(e.App.ReportHazard(e.As("officer1"), in))(t)
		e.Clock.Advance(time.Hour)
		_, err := e.App.ReportHazard(e.As("officer1"), in)
		testkit.Refused(t, err, fault.IdempotencyMismatch, "")
	})
}
