package rollup

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/hazardstate"
	"github.com/cleargrid/cleargrid/ent/inspectionreport"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// Owned is something of a school in a campaign.
type Owned[T comparable] struct {
	Owner
	Of T
}

// Kept is what is kept of one school, or what should be.
type Kept struct {
	Counts map[Owner]Counts
	// Open counts the open hazards by their deadline.
	Open map[Owned[clock.Date]]int
	// Days says by how much the counts of hazards changed on a day.
	Days map[Owned[clock.Date]]Counts
	// Breakdown counts the hazards by what they are told apart by.
	Breakdown map[Owned[Dimensions]]int
	// Hours counts the closed hazards by the whole hours from report to close.
	Hours map[Owned[int]]int
	Cells map[Owned[rule.Cell]]CellState

	parts  map[Owned[part]]partCounts
	states map[uuid.UUID]present
}

func newKept() Kept {
	return Kept{
		Counts: map[Owner]Counts{}, Open: map[Owned[clock.Date]]int{}, Days: map[Owned[clock.Date]]Counts{}, Breakdown: map[Owned[Dimensions]]int{},
		Hours: map[Owned[int]]int{}, Cells: map[Owned[rule.Cell]]CellState{}, parts: map[Owned[part]]partCounts{}, states: map[uuid.UUID]present{},
	}
}

// EachSchool calls f for every school, in the order of their ids, a page of ids in
// memory at a time.
func EachSchool(ctx context.Context, client *ent.Client, f func(school uuid.UUID) error) error {
	after := uuid.Nil
	for {
		ids, err := client.School.Query().Where(school.IDGT(after)).Order(school.ByID()).Limit(rowsAtOnce).IDs(ctx)
		if err != nil {
			return fmt.Errorf("read schools: %w", err)
		}
		for _, id := range ids {
			if err := f(id); err != nil {
				return err
			}
			after = id
		}
		if len(ids) < rowsAtOnce {
			return nil
		}
	}
}

// Compare is CompareSchool for every school. Run it as the system.
func Compare(ctx context.Context, client *ent.Client) ([]string, error) {
	var out []string
	err := EachSchool(ctx, client, func(school uuid.UUID) error {
		lines, err := CompareSchool(ctx, client, school)
		out = append(out, lines...)
		return err
	})
	return out, err
}

// CompareSchool rebuilds the figures of a school from its rows and lists what differs
// from the figures kept, one line each; nothing when they agree. The client must
// read one snapshot while others write. Run it as the system.
func CompareSchool(ctx context.Context, client *ent.Client, school uuid.UUID) ([]string, error) {
	want, err := Rebuilt(ctx, client, school)
	if err != nil {
		return nil, err
	}
	got, err := Read(ctx, client, school)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, t := range tables {
		out = append(out, t.differ(got, want)...)
	}
	return append(out, differ("present state of hazard", got.states, want.states)...), nil
}

// Rebuilt is what should be kept of a school, as its hazards, reports and findings
// say; days, categories and hours as the states of its hazards say.
func Rebuilt(ctx context.Context, client *ent.Client, school uuid.UUID) (Kept, error) {
	out := newKept()
	hazards, err := client.Hazard.Query().Where(hazard.SchoolID(school)).WithCampaign().All(ctx)
	if err != nil {
		return out, fmt.Errorf("read hazards: %w", err)
	}
	for _, h := range hazards {
		o := Owner{h.CampaignID, h.SchoolID}
		out.count(o, OfHazard(h).counts())
		if h.Status.Open() {
			out.Open[Owned[clock.Date]{o, h.DeadlineOn}]++
		}
		out.states[h.ID] = present{Hazard: OfHazard(h), whole: true}
	}
	if err := out.fromReports(ctx, client, school); err != nil {
		return out, err
	}
	if err := out.fromStates(ctx, client, school, hazards); err != nil {
		return out, err
	}
	return out, out.fromFindings(ctx, client, school)
}

func (k Kept) count(o Owner, d Counts) {
	c := k.Counts[o]
	c.add(d, 1)
	k.Counts[o] = c
}

// fromReports counts a school's reports.
func (k Kept) fromReports(ctx context.Context, client *ent.Client, school uuid.UUID) error {
	reports, err := client.InspectionReport.Query().Where(inspectionreport.SchoolID(school)).All(ctx)
	if err != nil {
		return fmt.Errorf("read reports: %w", err)
	}
	for _, r := range reports {
		k.count(Owner{r.CampaignID, r.SchoolID}, OfReport(r).counts())
	}
	return nil
}

// fromStates adds what follows from the states of a school's hazards.
func (k Kept) fromStates(ctx context.Context, client *ent.Client, school uuid.UUID, hazards []*ent.Hazard) error {
	campaigns := map[uuid.UUID]*ent.Campaign{}
	for _, h := range hazards {
		campaigns[h.CampaignID] = h.Edges.Campaign
	}
	return eachState(ctx, client, school, func(before, s *ent.HazardState) {
		if c := campaigns[s.CampaignID]; c != nil {
			k.fold(before, s, c.Policy.WithDefaults().Zone())
		}
	})
}

// eachState calls f for the states of a school's hazards, each hazard's in their
// order, with the state before; nil for the first of a hazard.
func eachState(ctx context.Context, client *ent.Client, school uuid.UUID, f func(before, s *ent.HazardState)) error {
	states, err := client.HazardState.Query().Where(hazardstate.SchoolID(school)).All(ctx)
	if err != nil {
		return fmt.Errorf("read states: %w", err)
	}
	slices.SortFunc(states, func(x, y *ent.HazardState) int {
		return cmp.Or(slices.Compare(x.HazardID[:], y.HazardID[:]), x.ValidFrom.Compare(y.ValidFrom), x.ValidUntil.Compare(y.ValidUntil))
	})
	var before *ent.HazardState
	for _, s := range states {
		if before != nil && before.HazardID != s.HazardID {
			before = nil
		}
		f(before, s)
		before = s
	}
	return nil
}

// fromFindings adds the cells that a school's findings cover.
func (k Kept) fromFindings(ctx context.Context, client *ent.Client, school uuid.UUID) error {
	of, err := CellsOfSchool(ctx, client, school)
	if err != nil {
		return err
	}
	found, err := cellsFromFindings(ctx, client, of, school)
	if err != nil {
		return err
	}
	for o, cells := range found {
		for c, state := range cells {
			k.Cells[Owned[rule.Cell]{o, c}] = state
			p := Owned[part]{o, of.part(c)}
			k.parts[p] = k.parts[p].plus(state, 1)
		}
	}
	return nil
}

// Read is what is kept of a school.
func Read(ctx context.Context, client *ent.Client, school uuid.UUID) (Kept, error) {
	out := newKept()
	for _, t := range tables {
		if err := t.read(ctx, client, school, out); err != nil {
			return out, err
		}
	}
	return out, out.readStates(ctx, client, school)
}

// present is the present state of a hazard, and whether its states follow one upon
// the other without a gap.
type present struct {
	Hazard
	whole bool
}

// readStates takes each hazard's present state; that a hazard was reported is not
// said by its states.
func (k Kept) readStates(ctx context.Context, client *ent.Client, school uuid.UUID) error {
	hazards, err := client.Hazard.Query().Where(hazard.SchoolID(school)).Select(hazard.FieldID, hazard.FieldReportedAt).All(ctx)
	if err != nil {
		return fmt.Errorf("read hazards: %w", err)
	}
	reported := map[uuid.UUID]Hazard{}
	for _, h := range hazards {
		reported[h.ID] = OfHazard(h)
	}
	return eachState(ctx, client, school, func(before, s *ent.HazardState) {
		n := present{Hazard: ofState(s), whole: before == nil || k.states[s.HazardID].whole && before.ValidUntil.Equal(s.ValidFrom)}
		n.ReportedAt = reported[s.HazardID].ReportedAt
		k.states[s.HazardID] = n
	})
}
