package people_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/credential"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/people"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

const password = "秋天的操场 42"

// withPassword gives an account its password.
func withPassword(t *testing.T, e *testkit.Env, accounts ...string) {
	t.Helper()
	err := e.Store.InTx(e.System(), func(ctx context.Context, tx *ent.Tx) error {
		for _, a := range accounts {
			if err := people.SetPassword(ctx, tx, e.User(a).ID, credential.HashPassword(password)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func signIn(e *testkit.Env, account, password string) (*people.Tokens, error) {
	return e.App.SignIn(e.Nobody(), people.SignInInput{Account: account, Password: password}, "192.0.2.7")
}

func TestSignIn(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		withPassword(t, e, "officer1", "officer2")
		tokens := testkit.Must(signIn(e, " Officer1", password))(t)
		v := testkit.Must(e.App.ViewerByToken(e.Nobody(), tokens.AccessToken))(t)
		if v.UserID != e.User("officer1").ID || !v.Has(authz.SchoolSafetyOfficer) {
			t.Errorf("signed in as %+v", v)
		}
		neverInClear(t, e, tokens)

		if err := e.Store.Ent.User.UpdateOneID(e.User("officer2").ID).SetDisabledAt(e.Clock.Now()).Exec(e.System()); err != nil {
			t.Fatal(err)
		}
		for name, try := range map[string][2]string{
			"a wrong password":            {"officer1", password + "!"},
			"an empty password":           {"officer1", ""},
			"an unknown account":          {"officer99", password},
			"a disabled account":          {"officer2", password},
			"an account of no password":   {"grid1", ""},
			"an account with NUL":         {"officer1\x00", password},
			"an account of 5,000 letters": {strings.Repeat("x", 5000), password},
		} {
			_, err := signIn(e, try[0], try[1])
			if f := fault.Of(err); f == nil || f.Kind != fault.Unauthenticated || f.Code != "session.wrong_credentials" {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// neverInClear looks for the tokens in the table of sessions.
func neverInClear(t *testing.T, e *testkit.Env, tokens *people.Tokens) {
	t.Helper()
	rows := testkit.Must(e.Store.Ent.Session.Query().All(e.System()))(t)
	if len(rows) != 1 {
		t.Fatalf("%d sessions", len(rows))
	}
	kept := fmt.Sprint(rows[0].AccessHash, rows[0].RefreshHash)
	if strings.Contains(kept, tokens.AccessToken) || strings.Contains(kept, tokens.RefreshToken) || len(kept) < 64 {
		t.Errorf("kept: %s", kept)
	}
}

func TestThrottle(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		withPassword(t, e, "officer1")
		for i := range 8 {
			if _, err := signIn(e, "officer1", "wrong"); !fault.Is(err, fault.Unauthenticated) {
				t.Fatalf("failure %d: %v", i+1, err)
			}
		}
		_, err := signIn(e, "OFFICER1", password)
		testkit.Refused(t, err, fault.RateLimited, "")
		at, parseErr := time.Parse(time.RFC3339, fmt.Sprint(fault.Of(err).Detail["retryAt"]))
		if parseErr != nil || !at.After(e.Clock.Now()) {
			t.Fatalf("retryAt: %v, %v", at, parseErr)
		}
		if _, err := signIn(e, "principal1", "wrong"); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("another account behind the same address: %v", err)
		}
		e.Clock.Set(at.Add(-time.Second))
		if _, err := signIn(e, "officer1", password); !fault.Is(err, fault.RateLimited) {
			t.Errorf("a second too early: %v", err)
		}
		e.Clock.Set(at)
		if _, err := signIn(e, "officer1", password); err != nil {
			t.Errorf("when the window has passed: %v", err)
		}
	})
}

func TestSessionEnds(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		withPassword(t, e, "officer1")
		works := func(token string) bool {
			_, err := e.App.ViewerByToken(e.Nobody(), token)
			if err != nil && !fault.Is(err, fault.Unauthenticated) {
				t.Fatal(err)
			}
			return err == nil
		}
		refresh := func(token string) (*people.Tokens, error) {
			return e.App.RefreshSession(e.Nobody(), people.RefreshSessionInput{RefreshToken: token})
		}
		first := testkit.Must(signIn(e, "officer1", password))(t)
		if works("") || works(first.RefreshToken) || works(first.AccessToken+"x") {
			t.Error("a token that is none works")
		}
		e.Clock.Set(first.ExpiresAt)
		if works(first.AccessToken) {
			t.Error("an expired token works")
		}

		second := testkit.Must(refresh(first.RefreshToken))(t)
		if works(first.AccessToken) || !works(second.AccessToken) || !second.ExpiresAt.After(e.Clock.Now()) {
			t.Error("after the refresh the old token works, or the new one does not")
		}
		if _, err := refresh(first.RefreshToken); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("a used refresh token: %v", err)
		}

		v := testkit.Must(e.App.ViewerByToken(e.Nobody(), second.AccessToken))(t)
		if err := e.App.SignOut(authz.NewContext(e.Nobody(), v)); err != nil {
			t.Fatal(err)
		}
		if works(second.AccessToken) {
			t.Error("a token works after the sign-out")
		}
		if _, err := refresh(second.RefreshToken); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("a refresh after the sign-out: %v", err)
		}
		if err := e.App.SignOut(e.Nobody()); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("nobody signs out: %v", err)
		}

		third := testkit.Must(signIn(e, "officer1", password))(t)
		if err := e.Store.Ent.User.UpdateOneID(e.User("officer1").ID).SetDisabledAt(e.Clock.Now()).Exec(e.System()); err != nil {
			t.Fatal(err)
		}
		if _, err := refresh(third.RefreshToken); works(third.AccessToken) || !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("a disabled account goes on: %v", err)
		}
	})
}

func TestGrantsEnd(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h := e.Reported()
		sees := func(account string) bool {
			_, err := e.App.Hazard(e.As(account), h.PublicID())
			if err != nil && !fault.Is(err, fault.NotFound) {
				t.Fatal(err)
			}
			return err == nil
		}
		until := func(days int) {
			err := e.Store.Ent.Membership.Update().Where(membership.UserID(e.User("officer1").ID)).
				SetValidUntil(e.Today().AddDays(days)).Exec(e.System())
			if err != nil {
				t.Fatal(err)
			}
		}
		if until(0); !sees("officer1") {
			t.Error("a membership does not last to the end of its last day")
		}
		if until(-1); sees("officer1") {
			t.Error("a membership that ended yesterday still opens the school")
		}

		zone := e.Campaign.Policy.WithDefaults().Zone()
		e.Clock.Set(e.Campaign.EndsOn.AddDays(e.Campaign.Policy.WithDefaults().WindUpDays).End(zone).Add(-time.Second))
		if !sees("inspector1") {
			t.Error("an inspector is blind on the last day of the campaign's wind-up")
		}
		e.Clock.Advance(time.Second)
		if sees("inspector1") {
			t.Error("an inspector sees the school after the campaign's wind-up")
		}
		if !sees("section") || !sees("leader1") {
			t.Error("the bureau lost sight with the campaign")
		}
	})
}
