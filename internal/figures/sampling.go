package figures

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/google/uuid"

	"entgo.io/ent/dialect/sql"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/inspectionreport"
	"github.com/cleargrid/cleargrid/ent/inspectionteam"
	"github.com/cleargrid/cleargrid/ent/region"
	"github.com/cleargrid/cleargrid/ent/samplingexemption"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/sampling"
	"github.com/cleargrid/cleargrid/internal/store"
)

// Tract is some townships: those of a region's subtree, or certain ones.
type Tract struct {
	Path    string
	Regions []any // uuid.UUID; nil for the subtree
}

// Schools keeps a query of schools to the tract.
func (t Tract) Schools(s *sql.Selector) {
	if t.Regions != nil {
		s.Where(sql.In(s.C(school.FieldRegionID), t.Regions...))
		return
	}
	Subtree(s, s.C(school.FieldRegionPath), t.Path)
}

// Rows keeps a query of rows with a school to the tract.
func (t Tract) Rows() func(*sql.Selector) {
	return func(s *sql.Selector) {
		there := sql.Dialect(s.Dialect()).Select(school.FieldID).From(sql.Table(school.Table))
		t.Schools(there)
		s.Where(sql.In(s.C(schoolID), there))
	}
}

// Sample is the schools of some townships, and which of them were visited.
type Sample struct {
	Townships []*ent.Region
	Schools   map[uuid.UUID][]*ent.School         // by township
	Visits    map[uuid.UUID]*ent.InspectionReport // by school: its first proven visit in the campaign
}

// SampleOf reads the schools of townships that were open or visited in the
// campaign, and the visits proven by then: two statements.
func SampleOf(ctx context.Context, client *ent.Client, w AsOf, c *ent.Campaign, townships []*ent.Region, t Tract) (Sample, error) {
	out := Sample{Townships: townships, Schools: map[uuid.UUID][]*ent.School{}, Visits: map[uuid.UUID]*ent.InspectionReport{}}
	reports, err := client.InspectionReport.Query().Where(inspectionreport.CampaignID(c.ID), inspectionreport.KindEQ(rule.Supervision),
		inspectionreport.ProvenAtLTE(w.Until()), t.Rows()).
		Order(inspectionreport.ByProvenAt(), inspectionreport.ByID()).All(ctx)
	if err != nil {
		return out, store.Fault(err)
	}
	for _, r := range reports {
		if out.Visits[r.SchoolID] == nil {
			out.Visits[r.SchoolID] = r
		}
	}
	schools, err := client.School.Query().Where(t.Schools).Order(school.ByID()).All(ctx)
	for _, s := range schools {
		if w.SchoolWasInUse(s) || out.Visits[s.ID] != nil {
			out.Schools[s.RegionID] = append(out.Schools[s.RegionID], s)
		}
	}
	return out, store.Fault(err)
}

// Township is a township as the planner takes it, without what schools are
// preferred for.
func (s Sample) Township(r *ent.Region) sampling.Township {
	out := sampling.Township{ID: r.PublicID().String()}
	for _, x := range s.Schools[r.ID] {
		out.Schools = append(out.Schools, sampling.School{
			ID: x.PublicID().String(), Middle: slices.Contains(x.Stages, rule.Middle), Primary: slices.Contains(x.Stages, rule.Primary),
			Private: x.Ownership == rule.Private,
		})
	}
	return out
}

// TownshipsBelow lists the townships of a subtree by path.
func TownshipsBelow(ctx context.Context, client *ent.Client, path string) ([]*ent.Region, error) {
	rows, err := client.Region.Query().Where(region.LevelEQ(rule.Township), region.PathGTE(path), region.PathLT(rule.RegionPathEnd(path))).
		Order(region.ByPath()).All(ctx)
	return rows, store.Fault(err)
}

// TownshipProof is how far a township's proven visits satisfy the sampling rule.
type TownshipProof struct {
	Region *ent.Region
	// Required and Visited are numbers of different schools.
	Required, Visited int
	Slots             []*SlotProof
	Exemptions        []*ExemptionProof
	Gaps              []*SamplingGap
	// MeetsRule: nothing is missing, and each exemption is confirmed.
	MeetsRule bool
}

// SlotProof is one place of a township's Sample, and the proven visit that fills it.
type SlotProof struct {
	Slot   rule.SamplingSlot
	Number int         // from 1, among the places of its kind
	School *ent.School // nil while it is empty
	Report *ent.InspectionReport
}

// ExemptionProof is a kind of school that a township does not have.
type ExemptionProof struct {
	Slot  rule.SamplingSlot
	Count int // of places
	Why   sampling.Why
	// Schools are those of that kind that stand for other places.
	Schools []*ent.School
	// Confirmed is the section's word; nil while it is due.
	Confirmed *ent.SamplingExemption
}

// SamplingGap is something that is still to be done.
type SamplingGap struct {
	Slot  *rule.SamplingSlot // nil: the number of schools
	Count int
	Why   sampling.Why
}

// Prove holds the proven visits of some townships against the rule.
func (rd Reader) Prove(ctx context.Context, w AsOf, c *ent.Campaign, townships []*ent.Region, t Tract) ([]*TownshipProof, error) {
	s, err := SampleOf(ctx, rd.Ent, w, c, townships, t)
	if err != nil {
		return nil, err
	}
	q := rd.Ent.SamplingExemption.Query().Where(samplingexemption.CampaignID(c.ID), samplingexemption.ConfirmedAtLTE(w.Until()))
	if t.Regions != nil {
		q.Where(func(s *sql.Selector) { s.Where(sql.In(s.C(samplingexemption.FieldRegionID), t.Regions...)) })
	} else {
		q.Where(samplingexemption.RegionPathGTE(t.Path), samplingexemption.RegionPathLT(rule.RegionPathEnd(t.Path)))
	}
	exemptions, err := q.All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	confirmed := map[uuid.UUID][]*ent.SamplingExemption{}
	for _, e := range exemptions {
		confirmed[e.RegionID] = append(confirmed[e.RegionID], e)
	}
	drawn := c.Policy.WithDefaults().Sampling.Draw()
	out := make([]*TownshipProof, len(townships))
	for i, r := range townships {
		out[i] = s.Prove(drawn, r, confirmed[r.ID])
	}
	return out, nil
}

// Prove holds one township's visits against the rule.
func (s Sample) Prove(drawn sampling.Rule, r *ent.Region, confirmed []*ent.SamplingExemption) *TownshipProof {
	schools := map[string]*ent.School{}
	var visited []string
	for _, x := range s.Schools[r.ID] {
		schools[x.PublicID().String()] = x
		if s.Visits[x.ID] != nil {
			visited = append(visited, x.PublicID().String())
		}
	}
	var kinds []sampling.Kind
	words := map[sampling.Kind]*ent.SamplingExemption{}
	for _, e := range confirmed {
		kinds = append(kinds, sampling.Kind(e.Slot))
		words[sampling.Kind(e.Slot)] = e
	}
	standing := sampling.Prove(drawn, s.Township(r), visited, kinds)
	out := &TownshipProof{Region: r, Required: standing.Required, Visited: standing.Visited, MeetsRule: standing.Meets()}
	for _, x := range standing.Slots {
		slot := &SlotProof{Slot: rule.SamplingSlot(x.Kind), Number: x.Number}
		if school := schools[x.School]; school != nil {
			slot.School, slot.Report = school, s.Visits[school.ID]
		}
		out.Slots = append(out.Slots, slot)
	}
	for _, e := range standing.Exemptions {
		x := &ExemptionProof{Slot: rule.SamplingSlot(e.Kind), Count: e.Count, Why: e.Why, Confirmed: words[e.Kind]}
		for _, i := range e.Schools {
			x.Schools = append(x.Schools, schools[i])
		}
		out.Exemptions = append(out.Exemptions, x)
	}
	for _, l := range standing.Gaps {
		x := &SamplingGap{Count: l.Count, Why: l.Why}
		if l.Kind != "" {
			x.Slot = new(rule.SamplingSlot(l.Kind))
		}
		out.Gaps = append(out.Gaps, x)
	}
	return out
}

// SamplingFigures are the counts of a region's supervision in a campaign (domain:
// figures).
type SamplingFigures struct {
	Townships        int
	TownshipsMeeting int // the rule, with every exemption confirmed
	// Exemptions are kinds of schools that townships do not have.
	ExemptionsConfirmed, ExemptionsUnconfirmed int
	// Teams are those of the campaign that supervise in the region, by number.
	Teams []TeamFigures
}

// TeamFigures are the visits of a team, in all its areas.
type TeamFigures struct {
	Team *ent.InspectionTeam
	TeamLoad
}

// Supervision are the figures of a region's supervision. Each group is read when it
// is first asked for, and once.
type Supervision struct {
	townships func() ([]*ent.Region, error)
	proof     func() (ProofFigures, error)
	teams     func() ([]TeamFigures, error)
}

// Townships counts the townships of the region: one statement.
func (s *Supervision) Townships(context.Context) (int, error) {
	rows, err := s.townships()
	return len(rows), err
}

// TownshipsMeeting counts those that meet the rule, with every exemption confirmed.
func (s *Supervision) TownshipsMeeting(context.Context) (int, error) {
	f, err := s.proof()
	return f.TownshipsMeeting, err
}

// ExemptionsConfirmed counts the exemptions that the section has confirmed.
func (s *Supervision) ExemptionsConfirmed(context.Context) (int, error) {
	f, err := s.proof()
	return f.ExemptionsConfirmed, err
}

// ExemptionsUnconfirmed counts the exemptions that wait for the section.
func (s *Supervision) ExemptionsUnconfirmed(context.Context) (int, error) {
	f, err := s.proof()
	return f.ExemptionsUnconfirmed, err
}

// Teams lists the teams that supervise in the region, by number: two statements.
func (s *Supervision) Teams(context.Context) ([]*TeamFigures, error) {
	rows, err := s.teams()
	out := make([]*TeamFigures, len(rows))
	for i := range rows {
		out[i] = &rows[i]
	}
	return out, err
}

// ProofFigures count how the townships of a region meet the sampling rule.
type ProofFigures struct {
	TownshipsMeeting                           int
	ExemptionsConfirmed, ExemptionsUnconfirmed int
}

// Supervision gives the figures of a region's supervision: one statement for the
// townships, four for their proof, two for the teams, whatever the size. It gives
// nil to whoever may not see the figures of the whole region: parts of them would
// mislead.
func (rd Reader) Supervision(ctx context.Context, sc Scope) *Supervision {
	if authz.Can(authz.FromContext(ctx), authz.ViewSamplingFigures, authz.Facts{RegionPath: sc.Region.Path}) != nil {
		return nil
	}
	ctx = store.CustomPlan(authz.AsSystem(ctx)) // the figures are told whole to whoever may see them
	out := &Supervision{
		townships: sync.OnceValues(func() ([]*ent.Region, error) { return TownshipsBelow(ctx, rd.Ent, sc.Region.Path) }),
		teams:     sync.OnceValues(func() ([]TeamFigures, error) { return rd.teamFigures(ctx, sc) }),
	}
	out.proof = sync.OnceValues(func() (ProofFigures, error) {
		townships, err := out.townships()
		if err != nil {
			return ProofFigures{}, err
		}
		proofs, err := rd.Prove(ctx, sc.AsOf, sc.Campaign, townships, Tract{Path: sc.Region.Path})
		return proofFigures(proofs), err
	})
	return out
}

func proofFigures(proofs []*TownshipProof) ProofFigures {
	var out ProofFigures
	for _, p := range proofs {
		out.TownshipsMeeting += one(p.MeetsRule)
		for _, kind := range rule.SamplingSlots() {
			at := slices.IndexFunc(p.Exemptions, func(e *ExemptionProof) bool { return e.Slot == kind })
			switch {
			case at < 0:
			case p.Exemptions[at].Confirmed != nil:
				out.ExemptionsConfirmed++
			default:
				out.ExemptionsUnconfirmed++
			}
		}
	}
	return out
}

// Sampling is all of Supervision at once; nil to whoever may not see it.
func (rd Reader) Sampling(ctx context.Context, sc Scope) (*SamplingFigures, error) {
	s := rd.Supervision(ctx, sc)
	if s == nil {
		return nil, nil //nolint:nilnil // no figures is an answer
	}
	townships, err := s.townships()
	if err != nil {
		return nil, err
	}
	proof, err := s.proof()
	if err != nil {
		return nil, err
	}
	teams, err := s.teams()
	return &SamplingFigures{
		Townships: len(townships), TownshipsMeeting: proof.TownshipsMeeting, ExemptionsConfirmed: proof.ExemptionsConfirmed,
		ExemptionsUnconfirmed: proof.ExemptionsUnconfirmed, Teams: teams,
	}, err
}

func (rd Reader) teamFigures(ctx context.Context, sc Scope) ([]TeamFigures, error) {
	teams, err := rd.Ent.InspectionTeam.Query().Where(inspectionteam.CampaignID(sc.Campaign.ID)).All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	var ids []uuid.UUID
	for _, t := range teams {
		ids = append(ids, t.ID)
	}
	loads, err := rd.LoadsOfTeams(ctx, sc.AsOf, ids)
	if err != nil {
		return nil, err
	}
	var out []TeamFigures
	for _, t := range teams {
		if rule.RegionsRelated(t.RegionPath, sc.Region.Path) {
			out = append(out, TeamFigures{Team: t, TeamLoad: *loads[t.ID][0]})
		}
	}
	slices.SortFunc(out, func(x, y TeamFigures) int { return cmp.Compare(x.Team.Number, y.Team.Number) })
	return out, nil
}

func townshipFamily() family {
	of := func(name string, at func(SamplingFigures) int, each func(*TownshipProof) int) member[*SamplingFigures] {
		rows := func(ctx context.Context, rd Reader, sc Scope) (Value, error) {
			townships, err := TownshipsBelow(ctx, rd.Ent, sc.Region.Path)
			if err != nil {
				return Value{}, err
			}
			n := 0
			for _, t := range townships { // each as its page shows it
				proofs, err := rd.Prove(ctx, sc.AsOf, sc.Campaign, []*ent.Region{t}, Tract{Regions: []any{t.ID}})
				if err != nil {
					return Value{}, err
				}
				n += each(proofs[0])
			}
			return count(n), nil
		}
		return member[*SamplingFigures]{
			name, Count, func(f *SamplingFigures) Value {
				if f == nil {
					return Value{}
				}
				return count(at(*f))
			}, rows, rows, // nothing is kept of it: the rows say it each time
		}
	}
	exemptions := func(confirmed bool) func(*TownshipProof) int {
		return func(p *TownshipProof) int {
			f := proofFigures([]*TownshipProof{p})
			if confirmed {
				return f.ExemptionsConfirmed
			}
			return f.ExemptionsUnconfirmed
		}
	}
	return familyOf("supervision", Reader.Sampling,
		of("townships", func(f SamplingFigures) int { return f.Townships }, func(*TownshipProof) int { return 1 }),
		of("townshipsMeeting", func(f SamplingFigures) int { return f.TownshipsMeeting }, func(p *TownshipProof) int { return one(p.MeetsRule) }),
		of("exemptionsConfirmed", func(f SamplingFigures) int { return f.ExemptionsConfirmed }, exemptions(true)),
		of("exemptionsUnconfirmed", func(f SamplingFigures) int { return f.ExemptionsUnconfirmed }, exemptions(false)),
	)
}
