package scope_test

import (
	"slices"
	"testing"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/notice"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// TestDraftsAreTheBureausOwn: a notice, its problems and its history are out of a
// school's sight while it is a draft and when it was given up, for every role;
// also for an inspector of another place.
func TestDraftsAreTheBureausOwn(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		w := newWorld(t, e)
		system, key := authz.AsSystem(t.Context()), w.rows[ent.TypeNotice]["A"]
		for _, status := range rule.NoticeStatuses() {
			if err := w.client.Notice.Update().Where(notice.ID(key)).SetStatus(status).Exec(system); err != nil {
				t.Fatal(err)
			}
			for name, c := range map[string]struct {
				grants []authz.Grant
				bureau bool
			}{
				"head":                        {[]authz.Grant{w.grant(authz.SchoolLeader, "A")}, false},
				"safety officer":              {[]authz.Grant{w.grant(authz.SchoolSafetyOfficer, "A")}, false},
				"grid member":                 {[]authz.Grant{w.grant(authz.GridMember, "A")}, false},
				"officer, inspects elsewhere": {[]authz.Grant{w.grant(authz.SchoolSafetyOfficer, "A"), w.grant(authz.Inspector, "T2")}, false},
				"team":                        {[]authz.Grant{w.grant(authz.Inspector, "T1")}, true},
				"team of the one school":      {[]authz.Grant{w.grant(authz.Inspector, "A")}, true},
				"section":                     {[]authz.Grant{w.grant(authz.SafetySection, "K1")}, true},
				"bureau leader":               {[]authz.Grant{w.grant(authz.BureauLeader, "K1")}, true},
			} {
				ctx := authz.NewContext(t.Context(), authz.Viewer{UserID: w.users["outsider"].ID, Grants: c.grants})
				want := c.bureau || status != rule.NoticeDraft && status != rule.NoticeDropped
				for _, k := range kinds(w.client) {
					if k.name != ent.TypeNotice && k.name != ent.TypeNoticeItem && k.name != ent.TypeNoticeEvent {
						continue
					}
					ids, err := k.ids(ctx, nil)
					if got := slices.Contains(ids, w.rows[k.name]["A"]); err != nil || got != want {
						t.Errorf("%s of a notice that is %s, in sight of the %s: %v, %v", k.name, status, name, got, err)
					}
				}
			}
		}
	})
}
