package people

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/ent/plannedvisit"
	"github.com/cleargrid/cleargrid/ent/session"
	"github.com/cleargrid/cleargrid/ent/signinthrottle"
	"github.com/cleargrid/cleargrid/ent/teamarea"
	"github.com/cleargrid/cleargrid/ent/teammember"
	"github.com/cleargrid/cleargrid/ent/user"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/credential"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

const (
	accessLifetime  = 12 * time.Hour
	refreshLifetime = 30 * 24 * time.Hour

	// Sign-in throttle: accountFailures within the window block the account, and
	// addressFailures the address, which many people behind one school's router share.
	throttleWindow  = 15 * time.Minute
	accountFailures = 8
	addressFailures = 60
)

// SignInInput is a local account's credentials.
type SignInInput struct {
	Account  string
	Password string
}

// Tokens are what a client needs for its next requests.
type Tokens struct {
	AccessToken  string
	RefreshToken string
	ExpiresAt    time.Time
	User         *ent.User
}

// SignIn opens a session. A wrong account and a wrong password are the same
// UNAUTHENTICATED; too many failures are RATE_LIMITED until a time told in the
// details. address is the caller's, for the throttle.
func (pe *People) SignIn(ctx context.Context, in SignInInput, address string) (*Tokens, error) {
	if len(in.Account) > 200 || len(in.Password) > 1000 || !command.Storable(in.Account) {
		return nil, wrongCredentials()
	}
	sys := authz.AsSystem(ctx)
	account := strings.ToLower(strings.TrimSpace(in.Account))
	subjects := map[string]int{subject("account:" + account): accountFailures, subject("address:" + address): addressFailures}
	if err := pe.countAttempt(sys, subjects); err != nil {
		return nil, err
	}
	u, err := pe.store.Ent.User.Query().Where(user.Account(account)).Only(sys)
	if err != nil && !ent.IsNotFound(err) {
		return nil, store.Fault(err)
	}
	if u == nil || u.PasswordHash == "" || u.DisabledAt != nil {
		credential.WasteTime(ctx, in.Password)
		return nil, wrongCredentials()
	}
	ok, err := credential.CheckPassword(ctx, u.PasswordHash, in.Password)
	if err != nil {
		return nil, fault.Of(err)
	}
	if !ok {
		return nil, wrongCredentials()
	}
	return pe.openSession(sys, u, subjects)
}

func wrongCredentials() error {
	return fault.New(fault.Unauthenticated, "session.wrong_credentials", fault.T("账号或密码错误。", "Wrong account or password."))
}

func subject(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// countAttempt counts a sign-in before its password is looked at, so that guesses
// sent side by side are counted too; a sign-in that succeeds takes its own back.
func (pe *People) countAttempt(ctx context.Context, subjects map[string]int) error {
	var refusal error
	err := pe.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
		refusal = nil
		for _, s := range slices.Sorted(maps.Keys(subjects)) { // one order, so that no two wait for each other
			until, err := pe.countOne(ctx, tx, s, subjects[s])
			if err != nil {
				return err
			}
			if until != nil {
				refusal = fault.New(fault.RateLimited, "session.throttled", fault.T("登录失败次数过多，请稍后再试。", "Too many failed sign-ins. Try again later.")).
					With("retryAt", until.Format(time.RFC3339))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return refusal
}

// countOne counts for one account or address and says until when it is blocked.
func (pe *People) countOne(ctx context.Context, tx *ent.Tx, s string, limit int) (*time.Time, error) {
	now := pe.clock.Now()
	err := tx.SignInThrottle.Create().SetSubject(s).SetFailureCount(1).SetWindowStartedAt(now).
		OnConflictColumns(signinthrottle.FieldSubject).
		Update(func(u *ent.SignInThrottleUpsert) { u.AddFailureCount(1) }).Exec(ctx)
	if err != nil {
		return nil, err
	}
	t, err := tx.SignInThrottle.Query().Where(signinthrottle.Subject(s)).Only(ctx)
	if err != nil {
		return nil, err
	}
	blocked := t.BlockedUntil != nil && now.Before(*t.BlockedUntil)
	switch {
	case blocked:
		return t.BlockedUntil, nil
	case t.BlockedUntil != nil || now.Sub(t.WindowStartedAt) > throttleWindow:
		return nil, t.Update().SetFailureCount(1).SetWindowStartedAt(now).ClearBlockedUntil().Exec(ctx)
	case t.FailureCount > limit:
		until := now.Add(throttleWindow)
		return &until, t.Update().SetBlockedUntil(until).Exec(ctx)
	}
	return nil, nil //nolint:nilnil // not blocked
}

func (pe *People) openSession(ctx context.Context, u *ent.User, attempts map[string]int) (*Tokens, error) {
	now := pe.clock.Now()
	t := &Tokens{AccessToken: credential.NewToken(), RefreshToken: credential.NewToken(), ExpiresAt: now.Add(accessLifetime), User: u}
	err := pe.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
		for _, s := range slices.Sorted(maps.Keys(attempts)) { // this was no guess
			if err := tx.SignInThrottle.Update().Where(signinthrottle.Subject(s)).AddFailureCount(-1).Exec(ctx); err != nil {
				return err
			}
		}
		return tx.Session.Create().SetUserID(u.ID).SetAccessHash(credential.HashToken(t.AccessToken)).
			SetRefreshHash(credential.HashToken(t.RefreshToken)).SetAccessExpiresAt(t.ExpiresAt).
			SetRefreshExpiresAt(now.Add(refreshLifetime)).SetCreatedAt(now).Exec(ctx)
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// RefreshSessionInput carries a refresh token.
type RefreshSessionInput struct{ RefreshToken string }

// RefreshSession gives new tokens for a refresh token, which is used up. A stale
// or unknown one is UNAUTHENTICATED.
func (pe *People) RefreshSession(ctx context.Context, in RefreshSessionInput) (*Tokens, error) {
	ctx = authz.AsSystem(ctx)
	now := pe.clock.Now()
	t := &Tokens{AccessToken: credential.NewToken(), RefreshToken: credential.NewToken(), ExpiresAt: now.Add(accessLifetime)}
	err := pe.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
		s, err := tx.Session.Query().Where(session.RefreshHash(credential.HashToken(in.RefreshToken)), session.RevokedAtIsNil(),
			session.RefreshExpiresAtGT(now)).WithUser().Only(ctx)
		if ent.IsNotFound(err) || err == nil && s.Edges.User.DisabledAt != nil {
			return stale()
		}
		if err != nil {
			return err
		}
		t.User = s.Edges.User
		n, err := tx.Session.Update().Where(session.ID(s.ID), session.RefreshHash(s.RefreshHash)).
			SetAccessHash(credential.HashToken(t.AccessToken)).SetRefreshHash(credential.HashToken(t.RefreshToken)).
			SetAccessExpiresAt(t.ExpiresAt).SetRefreshExpiresAt(now.Add(refreshLifetime)).Save(ctx)
		if err == nil && n == 0 {
			return stale()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

func stale() error {
	return fault.New(fault.Unauthenticated, "session.stale", fault.T("登录已失效，请重新登录。", "The session has ended. Sign in again."))
}

// SignOut ends the session that the request came with; its tokens are dead at
// once.
func (pe *People) SignOut(ctx context.Context) error {
	v, err := command.SignedIn(ctx)
	if err != nil {
		return err
	}
	return pe.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
		return tx.Session.Update().Where(session.ID(v.SessionID)).SetRevokedAt(pe.clock.Now()).Exec(ctx)
	})
}

// ViewerByToken gives the viewer behind an access token, with the grants that
// hold today; UNAUTHENTICATED for an unknown, expired or revoked one.
func (pe *People) ViewerByToken(ctx context.Context, token string) (authz.Viewer, error) {
	ctx = authz.AsSystem(ctx)
	now := pe.clock.Now()
	s, err := pe.store.Ent.Session.Query().Where(session.AccessHash(credential.HashToken(token)), session.RevokedAtIsNil(),
		session.AccessExpiresAtGT(now)).WithUser().Only(ctx)
	if ent.IsNotFound(err) || err == nil && s.Edges.User.DisabledAt != nil {
		return authz.Viewer{}, stale()
	}
	if err != nil {
		return authz.Viewer{}, store.Fault(err)
	}
	v, err := pe.ViewerOf(ctx, s.UserID)
	v.SessionID = s.ID
	return v, err
}

// ViewerOf is a user as a viewer, with the grants that hold today.
func (pe *People) ViewerOf(ctx context.Context, userID uuid.UUID) (authz.Viewer, error) {
	ctx = authz.AsSystem(ctx)
	u, err := pe.store.Ent.User.Get(ctx, userID)
	if err != nil {
		return authz.Viewer{}, store.Fault(err)
	}
	grants, err := pe.grants(ctx, userID, pe.clock.Now())
	if err != nil {
		return authz.Viewer{}, err
	}
	return authz.Viewer{UserID: userID, Name: u.Name, Grants: grants}, nil
}

// grants are the roles that hold today: the memberships, and INSPECTOR in the
// areas of the teams of campaigns that run or are wound up. An INSPECTOR membership itself opens
// nothing: it only says that the person may be put on a team.
func (pe *People) grants(ctx context.Context, userID uuid.UUID, now time.Time) ([]authz.Grant, error) {
	today := rule.DefaultPolicy().Today(now)
	rows, err := pe.store.Ent.Membership.Query().Where(membership.UserID(userID), membership.ValidFromLTE(today),
		membership.Or(membership.ValidUntilIsNil(), membership.ValidUntilGTE(today))).All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	var out []authz.Grant
	inspects := false
	for _, m := range rows {
		g := authz.Grant{Role: m.Role, RegionPath: m.RegionPath}
		switch {
		case m.Role == authz.Inspector:
			inspects = true
			continue
		case m.SchoolID != nil:
			g.SchoolID = *m.SchoolID
		case m.Role.OfSchool():
			continue // a school's role without a school opens nothing
		}
		if m.Role == authz.BureauLeader {
			inspects = true
		}
		out = append(out, g)
	}
	if !inspects {
		return out, nil
	}
	areas, err := pe.teamAreas(ctx, userID, now)
	return append(out, areas...), err
}

// teamAreas are the areas of the teams that a person is on, while the team's
// campaign runs and for its wind-up after it.
func (pe *People) teamAreas(ctx context.Context, userID uuid.UUID, now time.Time) ([]authz.Grant, error) {
	places, err := pe.store.Ent.TeamMember.Query().Where(teammember.UserID(userID), teammember.LeftOnIsNil()).
		WithTeam(func(q *ent.InspectionTeamQuery) { q.WithCampaign() }).All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	var teams []uuid.UUID
	for _, p := range places {
		c := p.Edges.Team.Edges.Campaign
		if policy := command.PolicyOf(c); policy.Supervising(c.StartsOn, c.EndsOn, policy.Today(now)) {
			teams = append(teams, p.TeamID)
		}
	}
	if len(teams) == 0 {
		return nil, nil
	}
	areas, err := pe.store.Ent.TeamArea.Query().Where(teamarea.TeamIDIn(teams...)).WithRegion().WithSchool().All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	var out []authz.Grant
	for _, area := range areas {
		switch {
		case area.Edges.School != nil:
			out = append(out, authz.Grant{Role: authz.Inspector, SchoolID: area.Edges.School.ID, RegionPath: area.Edges.School.RegionPath})
		case area.Edges.Region != nil:
			out = append(out, authz.Grant{Role: authz.Inspector, RegionPath: area.Edges.Region.Path})
		}
	}
	return pe.visitGrants(ctx, teams, out)
}

// visitGrants adds the schools outside of the areas that the teams were sent to: a
// confirmed visit opens its school to the team.
func (pe *People) visitGrants(ctx context.Context, teams []uuid.UUID, areas []authz.Grant) ([]authz.Grant, error) {
	visits, err := pe.store.Ent.PlannedVisit.Query().Where(plannedvisit.TeamIDIn(teams...), plannedvisit.StatusEQ(rule.VisitConfirmed)).
		WithSchool().All(ctx)
	out := areas
	for _, v := range visits {
		s := v.Edges.School
		if !slices.ContainsFunc(areas, func(g authz.Grant) bool { return g.Covers(s.ID, s.RegionPath) }) {
			out = append(out, authz.Grant{Role: authz.Inspector, SchoolID: s.ID, RegionPath: s.RegionPath})
		}
	}
	return out, store.Fault(err)
}

// Viewer is the signed-in user; UNAUTHENTICATED for nobody.
func (pe *People) Viewer(ctx context.Context) (*ent.User, error) {
	v, err := command.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	u, err := pe.store.Ent.User.Get(ctx, v.UserID)
	return command.NotFoundAs(u, err, "user")
}

// ViewerMemberships lists the viewer's own memberships, present and past.
func (pe *People) ViewerMemberships(ctx context.Context) ([]*ent.Membership, error) {
	v, err := command.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := pe.store.Ent.Membership.Query().Where(membership.UserID(v.UserID)).Order(membership.ByValidFrom(), membership.ByID()).
		Limit(command.MaxPage).All(ctx)
	return rows, store.Fault(err)
}

// SetPassword gives a user a password, as package credential keeps it, inside the
// transaction that makes or changes the user.
func SetPassword(ctx context.Context, tx *ent.Tx, userID uuid.UUID, hash string) error {
	return tx.User.UpdateOneID(userID).SetPasswordHash(hash).Exec(ctx)
}
