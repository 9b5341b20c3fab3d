package evidence

import (
	"context"
	"encoding/hex"
	"math/bits"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/evidence"
	"github.com/cleargrid/cleargrid/ent/evidencematch"
	"github.com/cleargrid/cleargrid/ent/evidenceuse"
	"github.com/cleargrid/cleargrid/ent/pictureband"
	"github.com/cleargrid/cleargrid/ent/region"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/geo"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/job"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// candidateDistance is how many bits of 64 the hashes of two pictures may differ
// in to be compared by their fingerprints: what probing quarters of the hash
// with two flipped bits finds for certain.
const candidateDistance = 11

// maxMatches bounds what is noted for one file: somebody who sends a picture a
// thousand times is known after the first hundred.
const maxMatches = 100

// slots are the places in the index where hashes near to this one are found:
// each quarter, and what it becomes when up to flips (0 to 2) of its bits change.
func slots(hash int64, flips int) []int {
	var out []int
	for quarter := range 4 {
		bits16 := int(uint64(hash)>>(16*quarter)) & 0xffff //nolint:gosec // the bits are meant, not the number
		base := quarter << 16
		out = append(out, base|bits16)
		for i := range 16 {
			if flips > 0 {
				out = append(out, base|bits16^1<<i)
			}
			for j := range i {
				if flips > 1 {
					out = append(out, base|bits16^1<<i^1<<j)
				}
			}
		}
	}
	return out
}

// addBands enters a verified picture into the index of its county.
func addBands(ctx context.Context, tx *ent.Tx, county uuid.UUID, evidenceID uuid.UUID, hash int64, now time.Time) error {
	own := slots(hash, 0)
	rows := make([]*ent.PictureBandCreate, len(own))
	for i, slot := range own {
		rows[i] = tx.PictureBand.Create().SetCountyID(county).SetSlot(slot).SetHash(hash).SetEvidenceID(evidenceID).SetCreatedAt(now)
	}
	return tx.PictureBand.CreateBulk(rows...).Exec(ctx)
}

// countyOf is the region within which pictures are compared: the school's county,
// or its township where nobody has entered a county.
func countyOf(ctx context.Context, client *ent.Client, schoolID uuid.UUID) (uuid.UUID, error) {
	s, err := client.School.Get(ctx, schoolID)
	if err != nil {
		return uuid.Nil, err
	}
	c, err := client.Region.Query().Where(region.PathIn(rule.RegionAncestors(s.RegionPath)...), region.LevelEQ(rule.County)).FirstID(ctx)
	if ent.IsNotFound(err) {
		return s.RegionID, nil
	}
	return c, err
}

// near finds the other pictures of a county whose hash is near: one statement
// that touches the slots' entries only, however many pictures there are.
func near(ctx context.Context, client *ent.Client, county uuid.UUID, e *ent.Evidence) ([]uuid.UUID, error) {
	var found []struct {
		EvidenceID uuid.UUID `json:"evidence_id"`
		Hash       int64     `json:"hash"`
	}
	err := client.PictureBand.Query().
		Where(pictureband.CountyID(county), pictureband.SlotIn(slots(*e.PictureHash, 2)...), pictureband.EvidenceIDNEQ(e.ID)).
		Select(pictureband.FieldEvidenceID, pictureband.FieldHash).Scan(ctx, &found)
	if err != nil {
		return nil, err
	}
	var out []uuid.UUID
	seen := map[uuid.UUID]bool{}
	for _, c := range found {
		if !seen[c.EvidenceID] && bits.OnesCount64(uint64(c.Hash^*e.PictureHash)) <= candidateDistance { //nolint:gosec // the bits are meant
			seen[c.EvidenceID] = true
			out = append(out, c.EvidenceID)
		}
	}
	return out, nil
}

// assessEvidence is the background job that compares a verified file with those
// before it and grades how far it can be trusted. It runs again whenever a step
// names the file, and may run any number of times.
func (fs *Files) assessEvidence(ctx context.Context, i uuid.UUID) error {
	e, err := fs.store.Ent.Evidence.Get(ctx, i)
	if err != nil {
		return store.Fault(err)
	}
	if e.Status != rule.Verified || e.DestructionApprovedAt != nil {
		return nil
	}
	matches, err := fs.findMatches(ctx, e)
	if err != nil {
		return err
	}
	return fs.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
		if err := store.Lock(ctx, tx, store.Files, e.ID); err != nil {
			return err
		}
		if err := fs.noteMatches(ctx, tx, e, matches); err != nil {
			return err
		}
		return fs.grade(ctx, tx, e.ID)
	})
}

// likeness is another file that shows the same.
type likeness struct {
	other    *ent.Evidence
	kind     rule.MatchKind
	distance int
}

// findMatches looks for the same bytes and for near duplicates within the county.
func (fs *Files) findMatches(ctx context.Context, e *ent.Evidence) ([]likeness, error) {
	client := fs.store.Ent
	county, err := countyOf(ctx, client, e.SchoolID)
	if err != nil {
		return nil, store.Fault(err)
	}
	same, err := client.Evidence.Query().
		Where(evidence.Sha256(e.Sha256), evidence.IDNEQ(e.ID), evidence.StatusEQ(rule.Verified), inCounty(county)).
		Order(evidence.ByAnnouncedAt(), evidence.ByID()).Limit(maxMatches).All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	var out []likeness
	for _, o := range same {
		out = append(out, likeness{o, rule.SameFile, 0})
	}
	if e.PictureHash == nil {
		return out, nil
	}
	ids, err := near(ctx, client, county, e)
	if err != nil {
		return nil, store.Fault(err)
	}
	var alike []likeness
	for chunk := range slices.Chunk(ids, 500) {
		rows, err := client.Evidence.Query().Where(evidence.IDIn(chunk...)).All(ctx)
		if err != nil {
			return nil, store.Fault(err)
		}
		for _, o := range rows {
			distance := printDistance(e.PicturePrint, o.PicturePrint)
			if kind, ok := rule.MatchOf(distance); ok && o.Sha256 != e.Sha256 {
				alike = append(alike, likeness{o, kind, distance})
			}
		}
	}
	slices.SortFunc(alike, func(x, y likeness) int { return x.distance - y.distance })
	return slices.Concat(out, alike[:min(len(alike), maxMatches-len(out))]), nil
}

// inCounty keeps the files of the schools below a region.
func inCounty(county uuid.UUID) func(*sql.Selector) {
	return func(s *sql.Selector) {
		d := sql.Dialect(s.Dialect())
		r, c := sql.Table(school.Table), sql.Table(region.Table).As("county")
		below := d.Select(r.C(school.FieldID)).From(r).Join(c).OnP(sql.P(func(b *sql.Builder) {
			b.Ident(r.C(school.FieldRegionPath)).WriteString(" >= ").Ident(c.C(region.FieldPath)).
				WriteString(" AND ").Ident(r.C(school.FieldRegionPath)).WriteString(" < ").Ident(c.C(region.FieldPath)).WriteString(" || 'z'")
		})).Where(sql.EQ(c.C(region.FieldID), county))
		s.Where(sql.In(s.C(evidence.FieldSchoolID), below))
	}
}

// printDistance counts the bits in which two fingerprints differ; 256 when one
// is missing.
func printDistance(x, y string) int {
	p, errP := hex.DecodeString(x)
	q, errQ := hex.DecodeString(y)
	if errP != nil || errQ != nil || len(p) != 32 || len(q) != 32 {
		return 256
	}
	n := 0
	for i := range p {
		n += bits.OnesCount8(p[i] ^ q[i])
	}
	return n
}

// noteMatches writes each pair once, under the file that was announced later;
// the other one is graded again when it is the later.
func (fs *Files) noteMatches(ctx context.Context, tx *ent.Tx, e *ent.Evidence, matches []likeness) error {
	known, err := tx.EvidenceMatch.Query().
		Where(evidencematch.Or(evidencematch.EvidenceID(e.ID), evidencematch.EarlierID(e.ID))).All(ctx)
	if err != nil {
		return err
	}
	noted := map[[2]uuid.UUID]bool{}
	for _, m := range known {
		noted[[2]uuid.UUID{m.EvidenceID, m.EarlierID}] = true
	}
	var pairs []*ent.EvidenceMatchCreate
	for _, m := range matches {
		later, earlier := e, m.other
		if laterThan(m.other, e) {
			later, earlier = m.other, e
		}
		if noted[[2]uuid.UUID{later.ID, earlier.ID}] {
			continue
		}
		pairs = append(pairs, tx.EvidenceMatch.Create().SetEvidenceID(later.ID).SetEarlierID(earlier.ID).SetSchoolID(later.SchoolID).
			SetKind(m.kind).SetDistance(m.distance).SetCreatedAt(fs.clock.Now()))
		if later != e {
			if err := fs.queue.Enqueue(ctx, tx, job.EvidenceAssess{EvidenceID: later.ID}); err != nil {
				return err
			}
		}
	}
	// The job of the other file may be noting the same pair at this moment.
	return tx.EvidenceMatch.CreateBulk(pairs...).OnConflictColumns(evidencematch.FieldEvidenceID, evidencematch.FieldEarlierID).DoNothing().Exec(ctx)
}

func laterThan(x, y *ent.Evidence) bool {
	if !x.AnnouncedAt.Equal(y.AnnouncedAt) {
		return x.AnnouncedAt.After(y.AnnouncedAt)
	}
	return slices.Compare(x.ID[:], y.ID[:]) > 0
}

// grade gathers the facts, asks the rule and writes its verdict.
func (fs *Files) grade(ctx context.Context, tx *ent.Tx, i uuid.UUID) error {
	e, err := tx.Evidence.Query().Where(evidence.ID(i)).WithSchool().Only(ctx)
	if err != nil {
		return err
	}
	facts, err := fs.trustFacts(ctx, tx, e)
	if err != nil {
		return err
	}
	trust, reasons := rule.Trust(facts)
	review := rule.Review(e.Review, e.TrustReasons, reasons)
	if err := tx.Evidence.UpdateOneID(e.ID).SetTrust(trust).SetTrustReasons(reasons).SetReview(review).Exec(ctx); err != nil {
		return err
	}
	return fs.observer.TrustDoubted(ctx, tx, e, reasons, review)
}

func (fs *Files) trustFacts(ctx context.Context, tx *ent.Tx, e *ent.Evidence) (rule.TrustFacts, error) {
	s := e.Edges.School
	policy, err := command.PolicyAt(ctx, tx.Client(), s.RegionPath)
	if err != nil {
		return rule.TrustFacts{}, err
	}
	f := rule.TrustFacts{
		Source: e.Source, ClockOffset: clockOffset(e), CapturedAt: e.CapturedAt, TakenAt: takenAt(e, policy.Zone()),
		DeviceAt: geo.PointOf(e.Latitude, e.Longitude), FileAt: geo.PointOf(e.FileLatitude, e.FileLongitude),
		School: geo.PointOf(s.Latitude, s.Longitude), BoundaryMeters: s.BoundaryMeters, Boundary: s.Boundary,
	}
	uses, err := tx.EvidenceUse.Query().Where(evidenceuse.EvidenceID(e.ID)).WithHazard().WithReport().WithFinding(func(q *ent.FindingQuery) { q.WithReport() }).All(ctx)
	if err != nil {
		return f, err
	}
	for _, u := range uses {
		f.Uses = append(f.Uses, trustUse(e, u))
	}
	f.Matches, err = trustMatches(ctx, tx, e, uses)
	return f, err
}

func clockOffset(e *ent.Evidence) *time.Duration {
	if e.ClockOffsetMs == nil {
		return nil
	}
	d := time.Duration(*e.ClockOffsetMs) * time.Millisecond
	return &d
}

// takenAt is the instant that the file names; without an offset in the file, as
// a clock on the wall of the campaign's zone.
func takenAt(e *ent.Evidence, zone *time.Location) *time.Time {
	if e.TakenAt == nil || e.TakenZoned {
		return e.TakenAt
	}
	t := e.TakenAt.UTC()
	at := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone)
	return &at
}

func trustUse(e *ent.Evidence, u *ent.EvidenceUse) rule.TrustUse {
	out := rule.TrustUse{Stage: e.Stage}
	if h := u.Edges.Hazard; h != nil {
		out.FoundAt = h.DiscoveredAt
	}
	r := u.Edges.Report
	if f := u.Edges.Finding; r == nil && f != nil {
		r = f.Edges.Report
	}
	if r != nil {
		out.VisitFrom = r.StartedAt
		if r.SubmittedAt != nil {
			out.VisitUntil = *r.SubmittedAt
		}
	}
	return out
}

// trustMatches says of each earlier file whether it was used, and whether it is
// the before picture of the hazard that this one closes.
func trustMatches(ctx context.Context, tx *ent.Tx, e *ent.Evidence, uses []*ent.EvidenceUse) ([]rule.TrustMatch, error) {
	rows, err := tx.EvidenceMatch.Query().Where(evidencematch.EvidenceID(e.ID)).WithEarlier().Order(evidencematch.ByDistance(), evidencematch.ByID()).All(ctx)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := make([]uuid.UUID, len(rows))
	for i, m := range rows {
		ids[i] = m.EarlierID
	}
	earlier, err := tx.EvidenceUse.Query().Where(evidenceuse.EvidenceIDIn(ids...)).All(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]rule.TrustMatch, len(rows))
	for i, m := range rows {
		o := m.Edges.Earlier
		out[i] = rule.TrustMatch{Kind: m.Kind, Distance: m.Distance, Used: o.SchoolID != e.SchoolID}
		for _, u := range earlier {
			if u.EvidenceID != o.ID {
				continue
			}
			out[i].Used = true
			sameHazard := u.HazardID != nil && slices.ContainsFunc(uses, func(x *ent.EvidenceUse) bool { return x.HazardID != nil && *x.HazardID == *u.HazardID })
			out[i].BeforeOfSame = out[i].BeforeOfSame || sameHazard && e.Stage == rule.After && o.Stage == rule.Before
		}
	}
	return out, nil
}

// EvidenceReviewFilter narrows the queue of reviews.
type EvidenceReviewFilter struct {
	// Status is OPEN when nil, or any with DestructionRequested.
	Status   *rule.ReviewStatus
	SchoolID *id.ID
	// DestructionRequested keeps the files whose destruction waits for approval.
	DestructionRequested *bool
}

// EvidenceReviews lists the files in sight that raise doubts, those that waited
// longest first.
func (fs *Files) EvidenceReviews(ctx context.Context, p command.PageArgs, f *EvidenceReviewFilter) (command.Page[*ent.Evidence], error) {
	ord := command.Order{Field: "ANNOUNCED_AT", Column: evidence.FieldAnnouncedAt, IsTime: true}
	pq, err := command.NewPageQuery(p, ord)
	if err != nil {
		return command.Page[*ent.Evidence]{}, err
	}
	if f == nil {
		f = &EvidenceReviewFilter{}
	}
	var bad fault.Input
	command.OptionalID(&bad, "filter.schoolId", f.SchoolID, id.School)
	if err := bad.Err(); err != nil {
		return command.Page[*ent.Evidence]{}, err
	}
	q := fs.store.Ent.Evidence.Query()
	destruction := f.DestructionRequested != nil && *f.DestructionRequested
	if destruction {
		q.Where(evidence.DestructionByIDNotNil(), evidence.DestructionApprovedAtIsNil())
	}
	switch {
	case f.Status != nil:
		q.Where(evidence.ReviewEQ(*f.Status))
	case !destruction:
		q.Where(evidence.ReviewEQ(rule.ReviewOpen))
	}
	if f.SchoolID != nil {
		q.Where(evidence.SchoolID(f.SchoolID.UUID))
	}
	q.Modify(pq.Apply)
	rows, err := q.All(ctx)
	if err != nil {
		return command.Page[*ent.Evidence]{}, store.Fault(err)
	}
	return command.PageOf(pq, rows, func(e *ent.Evidence) (string, uuid.UUID) { return command.TimeKey(e.AnnouncedAt), e.ID }), nil
}

// EvidenceMatches lists what some files match, the likest first.
func (fs *Files) EvidenceMatches(ctx context.Context, ids []uuid.UUID) ([]*ent.EvidenceMatch, error) {
	rows, err := fs.store.Ent.EvidenceMatch.Query().Where(evidencematch.EvidenceIDIn(ids...)).
		Order(evidencematch.ByDistance(), evidencematch.ByID()).All(ctx)
	return rows, store.Fault(err)
}

// UsesOfEvidence lists for which steps some files stand, in the order in which
// the steps named them. A step of another school that names a file is none.
func (fs *Files) UsesOfEvidence(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID][]*ent.EvidenceUse, error) {
	uses, files, err := UsesWith(ctx, fs.store.Ent, func(q *ent.EvidenceUseQuery) { q.Where(evidenceuse.EvidenceIDIn(ids...)) })
	out := map[uuid.UUID][]*ent.EvidenceUse{}
	for _, u := range uses {
		if e := files[u.EvidenceID]; e != nil && e.SchoolID == u.SchoolID {
			out[e.ID] = append(out[e.ID], u)
		}
	}
	return out, err
}

// ReviewEvidenceInput is what a person decides about the doubts that a file
// raises.
type ReviewEvidenceInput struct {
	CommandID  id.ID
	EvidenceID id.ID
	Uphold     bool
	Note       string
	// ExpectedReview is where the review stood when the person looked; nil asks for
	// no check.
	ExpectedReview *rule.ReviewStatus
}

// ReviewEvidence clears a file of its doubts or upholds them. The section
// decides; the grade and its reasons stay as they are. INVALID_TRANSITION when
// there is nothing to decide, CONFLICT when somebody else has decided since
// ExpectedReview.
func (fs *Files) ReviewEvidence(ctx context.Context, in ReviewEvidenceInput) (*ent.Evidence, error) {
	return fs.onEvidence(ctx, authz.ReviewEvidence, in.CommandID, in.EvidenceID, in.Note, in, func(c *evidenceChange) error {
		if err := rule.CheckReview(c.evidence.Review); err != nil {
			return err
		}
		if now := c.evidence.Review; in.ExpectedReview != nil && *in.ExpectedReview != now {
			return fault.New(fault.Conflict, "evidence.reviewed", fault.T("该佐证材料刚刚已由他人复核，请看过结论再决定。",
				"Somebody else has just reviewed this file. Look at that decision, then decide.")).With("review", string(now))
		}
		status, event := rule.ReviewCleared, rule.EvidenceCleared
		if in.Uphold {
			status, event = rule.ReviewUpheld, rule.EvidenceUpheld
		}
		c.update.SetReview(status).SetReviewNote(in.Note)
		c.note(event)
		return nil
	})
}

// QueuedFor is how long a file waited on the device; nil when nobody can tell.
func QueuedFor(e *ent.Evidence) *time.Duration {
	return rule.QueuedFor(e.CapturedAt, e.AnnouncedAt, clockOffset(e))
}

// TakenAt is when a file says that it was taken, nil when it does not say; false when
// the file names no offset, so that the zone of its school's policy decides.
func TakenAt(e *ent.Evidence) (at *time.Time, known bool) {
	if e.TakenAt == nil || e.TakenZoned {
		return e.TakenAt, true
	}
	return nil, false
}

// TakenAtOf gives when files say that they were taken, for those that say it. A file
// that names no offset is read by the clock of the zone of its school's policy, as
// when it is graded: two statements for any number of files, and one for each
// township that they are of.
func (fs *Files) TakenAtOf(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*time.Time, error) {
	rows, err := fs.store.Ent.Evidence.Query().Where(evidence.IDIn(ids...), evidence.TakenAtNotNil()).WithSchool().All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	zones := map[string]*time.Location{} // by the path of the school's township
	out := make(map[uuid.UUID]*time.Time, len(rows))
	for _, e := range rows {
		path := ""
		if s := e.Edges.School; s != nil {
			path = s.RegionPath
		}
		if zones[path] == nil {
			p, err := command.PolicyAt(ctx, fs.store.Ent, path)
			if err != nil {
				return nil, store.Fault(err)
			}
			zones[path] = p.Zone()
		}
		out[e.ID] = new(clock.Truncate(*takenAt(e, zones[path])))
	}
	return out, nil
}
