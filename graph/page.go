package graph

import (
	"context"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/graph/model"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/figures"
)

func hazardPage(p command.Page[*ent.Hazard]) *model.HazardConnection {
	return &model.HazardConnection{PageInfo: pageInfo(p), Edges: edges(p, func(cursor string, h *ent.Hazard) *model.HazardEdge {
		return &model.HazardEdge{Cursor: cursor, Node: h}
	})}
}

func reportPage(p command.Page[*ent.InspectionReport]) *model.ReportConnection {
	return &model.ReportConnection{PageInfo: pageInfo(p), Edges: edges(p, func(cursor string, r *ent.InspectionReport) *model.ReportEdge {
		return &model.ReportEdge{Cursor: cursor, Node: r}
	})}
}

func noticePage(p command.Page[*ent.Notice]) *model.NoticeConnection {
	return &model.NoticeConnection{PageInfo: pageInfo(p), Edges: edges(p, func(cursor string, n *ent.Notice) *model.NoticeEdge {
		return &model.NoticeEdge{Cursor: cursor, Node: n}
	})}
}

func schoolPage(p command.Page[*ent.School]) *model.SchoolConnection {
	return &model.SchoolConnection{PageInfo: pageInfo(p), Edges: edges(p, func(cursor string, s *ent.School) *model.SchoolEdge {
		return &model.SchoolEdge{Cursor: cursor, Node: s}
	})}
}

func teamPage(p command.Page[*ent.InspectionTeam]) *model.TeamConnection {
	return &model.TeamConnection{PageInfo: pageInfo(p), Edges: edges(p, func(cursor string, t *ent.InspectionTeam) *model.TeamEdge {
		return &model.TeamEdge{Cursor: cursor, Node: t}
	})}
}

func visitPlanPage(p command.Page[*ent.VisitPlan]) *model.VisitPlanConnection {
	return &model.VisitPlanConnection{PageInfo: pageInfo(p), Edges: edges(p, func(cursor string, v *ent.VisitPlan) *model.VisitPlanEdge {
		return &model.VisitPlanEdge{Cursor: cursor, Node: v}
	})}
}

func plannedVisitPage(p command.Page[*ent.PlannedVisit]) *model.PlannedVisitConnection {
	return &model.PlannedVisitConnection{PageInfo: pageInfo(p), Edges: edges(p, func(cursor string, v *ent.PlannedVisit) *model.PlannedVisitEdge {
		return &model.PlannedVisitEdge{Cursor: cursor, Node: v}
	})}
}

func proofPage(p command.Page[*figures.TownshipProof]) *model.TownshipProofConnection {
	return &model.TownshipProofConnection{PageInfo: pageInfo(p), Edges: edges(p, func(cursor string, t *figures.TownshipProof) *model.TownshipProofEdge {
		return &model.TownshipProofEdge{Cursor: cursor, Node: t}
	})}
}

// primeProofs notes the rows inside of the townships' proofs, so that their
// links are followed in batches too.
func primeProofs(ctx context.Context, proofs []*figures.TownshipProof) {
	var regions []*ent.Region
	var schools []*ent.School
	var reports []*ent.InspectionReport
	var exemptions []*ent.SamplingExemption
	for _, p := range proofs {
		regions = append(regions, p.Region)
		for _, s := range p.Slots {
			if s.School != nil {
				schools, reports = append(schools, s.School), append(reports, s.Report)
			}
		}
		for _, e := range p.Exemptions {
			schools = append(schools, e.Schools...)
			if e.Confirmed != nil {
				exemptions = append(exemptions, e.Confirmed)
			}
		}
	}
	prime(ctx, regions)
	prime(ctx, schools)
	prime(ctx, reports)
	prime(ctx, exemptions)
}

func gridPage(p command.Page[*ent.Grid]) *model.GridConnection {
	return &model.GridConnection{PageInfo: pageInfo(p), Edges: edges(p, func(cursor string, g *ent.Grid) *model.GridEdge {
		return &model.GridEdge{Cursor: cursor, Node: g}
	})}
}

func riskPointPage(p command.Page[*ent.RiskPoint]) *model.RiskPointConnection {
	return &model.RiskPointConnection{PageInfo: pageInfo(p), Edges: edges(p, func(cursor string, x *ent.RiskPoint) *model.RiskPointEdge {
		return &model.RiskPointEdge{Cursor: cursor, Node: x}
	})}
}

func evidencePage(p command.Page[*ent.Evidence]) *model.EvidenceConnection {
	return &model.EvidenceConnection{PageInfo: pageInfo(p), Edges: edges(p, func(cursor string, e *ent.Evidence) *model.EvidenceEdge {
		return &model.EvidenceEdge{Cursor: cursor, Node: e}
	})}
}

func evidenceEventPage(p command.Page[*ent.EvidenceEvent]) *model.EvidenceEventConnection {
	return &model.EvidenceEventConnection{PageInfo: pageInfo(p), Edges: edges(p, func(cursor string, e *ent.EvidenceEvent) *model.EvidenceEventEdge {
		return &model.EvidenceEventEdge{Cursor: cursor, Node: e}
	})}
}

func discrepancyPage(p command.Page[*ent.Discrepancy]) *model.DiscrepancyConnection {
	return &model.DiscrepancyConnection{PageInfo: pageInfo(p), Edges: edges(p, func(cursor string, d *ent.Discrepancy) *model.DiscrepancyEdge {
		return &model.DiscrepancyEdge{Cursor: cursor, Node: d}
	})}
}

func casePage(p command.Page[*ent.AccountabilityCase]) *model.CaseConnection {
	return &model.CaseConnection{PageInfo: pageInfo(p), Edges: edges(p, func(cursor string, c *ent.AccountabilityCase) *model.CaseEdge {
		return &model.CaseEdge{Cursor: cursor, Node: c}
	})}
}

func oversightOrderPage(p command.Page[*ent.OversightOrder]) *model.OversightOrderConnection {
	return &model.OversightOrderConnection{PageInfo: pageInfo(p), Edges: edges(p, func(cursor string, l *ent.OversightOrder) *model.OversightOrderEdge {
		return &model.OversightOrderEdge{Cursor: cursor, Node: l}
	})}
}

func reminderPage(p command.Page[*ent.Reminder]) *model.ReminderConnection {
	return &model.ReminderConnection{PageInfo: pageInfo(p), Edges: edges(p, func(cursor string, r *ent.Reminder) *model.ReminderEdge {
		return &model.ReminderEdge{Cursor: cursor, Node: r}
	})}
}

func hazardChangePage(p command.Page[*app.HazardChange]) *model.HazardChangeConnection {
	return &model.HazardChangeConnection{PageInfo: pageInfo(p), Edges: edges(p, func(cursor string, c *app.HazardChange) *model.HazardChangeEdge {
		return &model.HazardChangeEdge{Cursor: cursor, Node: c}
	})}
}

func edges[T, E any](p command.Page[T], edge func(string, T) E) []E {
	out := make([]E, len(p.Rows))
	for i, row := range p.Rows {
		out[i] = edge(p.Cursors[i], row)
	}
	return out
}

func pageInfo[T any](p command.Page[T]) *model.PageInfo {
	info := &model.PageInfo{HasNextPage: p.HasNext, HasPreviousPage: p.HasPrevious}
	if n := len(p.Cursors); n > 0 {
		info.StartCursor, info.EndCursor = &p.Cursors[0], &p.Cursors[n-1]
	}
	return info
}
