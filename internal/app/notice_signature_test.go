package app_test

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/evidenceuse"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// TestSignatureIsReplaced: an acknowledgement whose picture was rejected is proven
// by another one, and the notice's history says so.
func TestSignatureIsReplaced(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		n, unsigned := issued(t, e, "inspector1", e.Reported()), issued(t, e, "inspector1", e.Reported())
		broken := testkit.File{
			ID: testkit.Promise(), Kind: rule.Photo, Stage: rule.Signature, Name: "1.jpg", Type: "image/jpeg", Bytes: []byte("no photo, signature " + e.Store.Name()),
		}
		signed := testkit.Must(e.App.AcknowledgeNotice(e.As("principal1"), app.AcknowledgeNoticeInput{
			NoticeCommand: onNotice(n), Opinion: "无异议", EvidenceIDs: []id.ID{broken.ID},
		}))(t)
		e.Upload("principal1", broken)
		missing := func() []rule.Gap { return testkit.Must(e.App.GapsOfNotices(e.As("section"), ids(n.ID)))(t)[n.ID] }
		if l := missing(); len(l) != 1 || len(l[0].Rejected) != 1 {
			t.Fatalf("with a rejected picture it misses %+v", l)
		}

		whole := e.PhotoFile(rule.Signature, 26)
		whole.ID = testkit.Promise()
		before := e.Rows()
		for account, kind := range map[string]fault.Kind{
			"grid1": fault.Forbidden, "inspector1": fault.Forbidden, "section": fault.Forbidden, "leader1": fault.Forbidden,
			"officer2": fault.NotFound, "viewer1": fault.NotFound, "admin": fault.NotFound,
		} {
			testkit.Refused(t, e.App.SupplementEvidence(e.As(account), addition(n, whole.ID)), kind, "")
		}
		testkit.Refused(t, e.App.SupplementEvidence(e.As("principal1"), addition(unsigned, whole.ID)), fault.InvalidTransition, "")
		testkit.Refused(t, e.App.SupplementEvidence(e.As("principal1"), addition(&ent.Notice{ID: id.New(id.Notice).UUID}, whole.ID)), fault.NotFound, "input.subjectId")
		testkit.Unchanged(t, e, before)

		var p phone
		p.sync(e.As("inspector1"), t, e, 200)
		in := addition(n, whole.ID)
		for range 2 { // the second time it is a repeat, which adds nothing
			if err := e.App.SupplementEvidence(e.As("principal1"), in); err != nil {
				t.Fatal(err)
			}
		}
		in.EvidenceIDs = []id.ID{testkit.Promise()}
		testkit.Refused(t, e.App.SupplementEvidence(e.As("principal1"), in), fault.IdempotencyMismatch, "")
		if l := missing(); len(l) != 1 || len(l[0].Waiting) != 1 {
			t.Errorf("before the picture arrives it misses %+v", l)
		}
		if now := noticeNow(t, e, n); now.Status != rule.NoticeAcknowledged || now.Version != signed.Version+1 || now.Sequence != signed.Sequence+1 {
			t.Errorf("it is %+v", now)
		}
		if got := kindsOf(t, e, n); got != "DRAFTED ISSUED ACKNOWLEDGED EVIDENCE_ADDED" {
			t.Errorf("its history is %s", got)
		}
		last := testkit.Must(e.App.EventsOfNotices(e.As("inspector1"), ids(n.ID)))(t)[3]
		want := map[string]any{"step": "NOTICE_ACKNOWLEDGEMENT", "round": float64(signed.Sequence), "evidenceIds": []any{whole.ID.String()}}
		if last.ActorID != e.User("principal1").ID || !last.HappenedAt.Equal(e.Clock.Now()) || !reflect.DeepEqual(last.Payload, want) {
			t.Errorf("the last event is %+v", last)
		}
		p.sync(e.As("inspector1"), t, e, 200)
		if told, ok := p.records[n.PublicID()].(*ent.Notice); !ok || told.Version != signed.Version+1 {
			t.Errorf("the changes tell of %+v", told)
		}
		e.Upload("principal1", whole)
		if l := missing(); len(l) != 0 {
			t.Errorf("it misses %+v", l)
		}
		testkit.NoDifference(t, e)
	})
}

// TestSignatureIsSupplementedLater: a signature is supplemented whatever has become
// of its notice since; where the school did not sign there is none.
func TestSignatureIsSupplementedLater(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		void := func(h *ent.Hazard) {
			testkit.Must(e.App.VoidHazard(e.As("section"), app.VoidHazardInput{HazardCommand: testkit.Command(h), Reason: "重复"}))(t)
		}
		refuse := func(n *ent.Notice) *ent.Notice {
			return testkit.Must(e.App.RefuseNotice(e.As("inspector1"), app.RefuseNoticeInput{NoticeCommand: onNotice(n), Reason: "拒绝签字", Witness: "门卫"}))(t)
		}
		supersede := func(n *ent.Notice) {
			next := testkit.Must(e.App.SupersedeNotice(e.As("section"), app.SupersedeNoticeInput{ID: id.New(id.Notice), NoticeID: n.PublicID()}))(t)
			testkit.Must(issue(e, "section", next))(t)
		}
		fresh := func() *ent.Notice { return issued(t, e, "inspector1", e.Reported()) }
		done := e.Reported()
		closed, replaced, unsigned := acknowledged(t, e, issued(t, e, "inspector1", done)), acknowledged(t, e, fresh()), fresh()
		void(done)
		supersede(replaced)
		supersede(unsigned)
		for name, c := range map[string]struct {
			notice *ent.Notice
			status rule.NoticeStatus
			signed bool
		}{
			"replied":                  {replied(t, e, acknowledged(t, e, fresh())), rule.NoticeReplied, true},
			"closed":                   {replied(t, e, closed), rule.NoticeClosed, true},
			"superseded":               {replaced, rule.NoticeSuperseded, true},
			"superseded, never signed": {unsigned, rule.NoticeSuperseded, false},
			"refused":                  {refuse(fresh()), rule.NoticeRefused, false},
			"refused and replied":      {replied(t, e, refuse(fresh())), rule.NoticeReplied, false},
		} {
			t.Run(name, func(t *testing.T) {
				was, history := noticeNow(t, e, c.notice), kindsOf(t, e, c.notice)
				err := e.App.SupplementEvidence(e.As("officer1"), addition(c.notice, testkit.Promise()))
				switch {
				case !c.signed:
					testkit.Refused(t, err, fault.InvalidTransition, "")
				case err != nil:
					t.Fatal(err)
				default:
					history += " EVIDENCE_ADDED"
				}
				now := noticeNow(t, e, c.notice)
				if now.Status != c.status || c.signed != (now.Version == was.Version+1) {
					t.Errorf("it is %+v", now)
				}
				if got := kindsOf(t, e, c.notice); got != history {
					t.Errorf("its history is %s, want %s", got, history)
				}
				if got := slices.Contains(app.AllowedNoticeEvents(now), rule.NoticeEventEvidenceAdded); got != c.signed {
					t.Errorf("a client hears that it may be supplemented: %t", got)
				}
			})
		}
		testkit.NoDifference(t, e)
	})
}

// TestSignatureSupplementedAtOnce: of several people at once each either adds a line
// of its own to the history, or gets CONFLICT and has added nothing.
func TestSignatureSupplementedAtOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		n := acknowledged(t, e, issued(t, e, "inspector1", e.Reported()))
		var all sync.WaitGroup
		var added atomic.Int64
		for _, account := range []string{"principal1", "officer1", "principal1", "officer1"} {
			all.Go(func() {
				switch err := e.App.SupplementEvidence(e.As(account), addition(n, testkit.Promise())); {
				case err == nil:
					added.Add(1)
				case !fault.Is(err, fault.Conflict):
					t.Error(err)
				}
			})
		}
		all.Wait()
		got, want := kindsOf(t, e, n), "DRAFTED ISSUED ACKNOWLEDGED"+strings.Repeat(" EVIDENCE_ADDED", int(added.Load()))
		if added.Load() == 0 || got != want {
			t.Errorf("its history is %s, want %s", got, want)
		}
		uses := testkit.Must(e.Store.Ent.EvidenceUse.Query().Where(evidenceuse.NoticeID(n.ID)).Count(e.System()))(t)
		if uses != 1+int(added.Load()) {
			t.Errorf("%d files are under the signature", uses)
		}
	})
}

// addition adds files to a notice's signature.
func addition(n *ent.Notice, files ...id.ID) app.SupplementEvidenceInput {
	return app.SupplementEvidenceInput{CommandID: id.New(id.Command), SubjectID: n.PublicID(), EvidenceIDs: files}
}
