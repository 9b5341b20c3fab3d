package graph

import (
	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/graph/model"
	"github.com/cleargrid/cleargrid/internal/app"
)

func hazardPage(p app.Page[*ent.Hazard]) *model.HazardConnection {
	return &model.HazardConnection{PageInfo: pageInfo(p), Edges: edges(p, func(cursor string, h *ent.Hazard) *model.HazardEdge {
		return &model.HazardEdge{Cursor: cursor, Node: h}
	})}
}

func reportPage(p app.Page[*ent.InspectionReport]) *model.ReportConnection {
	return &model.ReportConnection{PageInfo: pageInfo(p), Edges: edges(p, func(cursor string, r *ent.InspectionReport) *model.ReportEdge {
		return &model.ReportEdge{Cursor: cursor, Node: r}
	})}
}

func schoolPage(p app.Page[*ent.School]) *model.SchoolConnection {
	return &model.SchoolConnection{PageInfo: pageInfo(p), Edges: edges(p, func(cursor string, s *ent.School) *model.SchoolEdge {
		return &model.SchoolEdge{Cursor: cursor, Node: s}
	})}
}

func gridPage(p app.Page[*ent.Grid]) *model.GridConnection {
	return &model.GridConnection{PageInfo: pageInfo(p), Edges: edges(p, func(cursor string, g *ent.Grid) *model.GridEdge {
		return &model.GridEdge{Cursor: cursor, Node: g}
	})}
}

func riskPointPage(p app.Page[*ent.RiskPoint]) *model.RiskPointConnection {
	return &model.RiskPointConnection{PageInfo: pageInfo(p), Edges: edges(p, func(cursor string, x *ent.RiskPoint) *model.RiskPointEdge {
		return &model.RiskPointEdge{Cursor: cursor, Node: x}
	})}
}

func evidencePage(p app.Page[*ent.Evidence]) *model.EvidenceConnection {
	return &model.EvidenceConnection{PageInfo: pageInfo(p), Edges: edges(p, func(cursor string, e *ent.Evidence) *model.EvidenceEdge {
		return &model.EvidenceEdge{Cursor: cursor, Node: e}
	})}
}

func evidenceEventPage(p app.Page[*ent.EvidenceEvent]) *model.EvidenceEventConnection {
	return &model.EvidenceEventConnection{PageInfo: pageInfo(p), Edges: edges(p, func(cursor string, e *ent.EvidenceEvent) *model.EvidenceEventEdge {
		return &model.EvidenceEventEdge{Cursor: cursor, Node: e}
	})}
}

func edges[T, E any](p app.Page[T], edge func(string, T) E) []E {
	out := make([]E, len(p.Rows))
	for i, row := range p.Rows {
		out[i] = edge(p.Cursors[i], row)
	}
	return out
}

func pageInfo[T any](p app.Page[T]) *model.PageInfo {
	info := &model.PageInfo{HasNextPage: p.HasNext, HasPreviousPage: p.HasPrevious}
	if n := len(p.Cursors); n > 0 {
		info.StartCursor, info.EndCursor = &p.Cursors[0], &p.Cursors[n-1]
	}
	return info
}
