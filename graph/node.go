package graph

import (
	"context"

	"github.com/cleargrid/cleargrid/graph/model"
	"github.com/cleargrid/cleargrid/internal/evidence"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
)

// node finds any record by its id. Relay asks for null, not for an error, when
// there is none; so does a noun whose records are only found through others.
func (r *Resolver) node(ctx context.Context, key id.ID) (model.Node, error) {
	switch key.Noun {
	case id.Region:
		return refetch(ctx, key, r.App.RegionsByID)
	case id.School:
		return refetch(ctx, key, r.App.SchoolsByID)
	case id.Grid:
		return refetch(ctx, key, r.App.GridsByID)
	case id.User:
		return refetch(ctx, key, r.App.UsersByID)
	case id.Campaign:
		return refetch(ctx, key, r.App.CampaignsByID)
	case id.Checklist:
		return refetch(ctx, key, r.App.ChecklistsByID)
	case id.ChecklistItem:
		return refetch(ctx, key, r.App.ChecklistItemsByID)
	case id.Team:
		return refetch(ctx, key, r.App.TeamsByID)
	case id.VisitPlan:
		return refetch(ctx, key, r.App.VisitPlansByID)
	case id.PlannedVisit:
		return refetch(ctx, key, r.App.PlannedVisitsByID)
	case id.SamplingExemption:
		return refetch(ctx, key, r.App.ExemptionsByID)
	case id.Report:
		return refetch(ctx, key, r.App.ReportsByID)
	case id.Finding:
		return refetch(ctx, key, r.App.FindingsByID)
	case id.Hazard:
		return refetch(ctx, key, r.App.HazardsByID)
	case id.Notice:
		return refetch(ctx, key, r.App.NoticesByID)
	case id.RiskPoint:
		return refetch(ctx, key, r.App.RiskPointsByID)
	case id.LeadingGroup:
		return refetch(ctx, key, r.App.LeadingGroupsByID)
	case id.Evidence:
		return refetch(ctx, key, r.App.EvidenceByID)
	case id.Discrepancy:
		return refetch(ctx, key, r.App.DiscrepanciesByID)
	case id.Case:
		return refetch(ctx, key, r.App.CasesByID)
	default:
		return nil, nil //nolint:nilnil // no such node is an answer
	}
}

func refetch[V model.Node](ctx context.Context, key id.ID, byID func(context.Context, []rowID) ([]V, error)) (model.Node, error) {
	rows, err := byID(ctx, []rowID{key.UUID})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// single reads one row by an id. An id of another noun names no such row.
func single[V model.Node](ctx context.Context, key id.ID, read func(context.Context, id.ID) (V, error)) (V, error) {
	row, err := read(ctx, key)
	if err == nil && row.PublicID() != key {
		var none V
		return none, fault.Missing(row.PublicID().Noun.First())
	}
	return row, err
}

// upload is single for a file's upload, which is no row of its own.
func (r *Resolver) upload(ctx context.Context, key id.ID) (*evidence.Upload, error) {
	if key.Noun != id.Evidence {
		return nil, fault.Missing(id.Evidence.First())
	}
	return r.App.EvidenceUpload(ctx, key)
}

// ofNoun checks that the argument of a query, when it is given, is an id of the
// noun that it asks for.
func ofNoun(argument string, got *id.ID, want id.Noun) error {
	if got == nil || got.Noun == want {
		return nil
	}
	return fault.Bad(argument, "wrong_noun", fault.Tf("此处应为 %s_… 标识。", "This must be an id of the form %s_….", want))
}
