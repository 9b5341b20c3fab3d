package app

import (
	"context"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/figures"
)

// What a figure counts is defined in figures; these are the names of its types here,
// where resolvers and tests ask for them.

// Figures is figures.Figures.
type Figures = figures.Figures

// RegionFigures is figures.RegionFigures.
type RegionFigures = figures.RegionFigures

// Dashboard is figures.Dashboard.
type Dashboard = figures.Dashboard

// BreakdownBy is figures.BreakdownBy.
type BreakdownBy = figures.BreakdownBy

// Breakdown is figures.Breakdown.
type Breakdown = figures.Breakdown

// RegionBreakdown is figures.RegionBreakdown.
type RegionBreakdown = figures.RegionBreakdown

// DailyFigures is figures.DailyFigures.
type DailyFigures = figures.DailyFigures

// PlanFigures is figures.PlanFigures.
type PlanFigures = figures.PlanFigures

// CoverageFigures is figures.CoverageFigures.
type CoverageFigures = figures.CoverageFigures

// NoticeFigures is figures.NoticeFigures.
type NoticeFigures = figures.NoticeFigures

// NoticeFigure is figures.NoticeFigure.
type NoticeFigure = figures.NoticeFigure

// HandIn is figures.HandIn.
type HandIn = figures.HandIn

// HandInFigures is figures.HandInFigures.
type HandInFigures = figures.HandInFigures

// AccountabilityFigures is figures.AccountabilityFigures.
type AccountabilityFigures = figures.AccountabilityFigures

// SamplingFigures is figures.SamplingFigures.
type SamplingFigures = figures.SamplingFigures

// TeamFigures is figures.TeamFigures.
type TeamFigures = figures.TeamFigures

// TeamLoad is figures.TeamLoad.
type TeamLoad = figures.TeamLoad

// TownshipProof is figures.TownshipProof.
type TownshipProof = figures.TownshipProof

// SlotProof is figures.SlotProof.
type SlotProof = figures.SlotProof

// ExemptionProof is figures.ExemptionProof.
type ExemptionProof = figures.ExemptionProof

// SamplingLack is figures.SamplingLack.
type SamplingLack = figures.SamplingLack

// VisitedFilter is figures.VisitedFilter.
type VisitedFilter = figures.VisitedFilter

// SelfInspectionFilter is figures.SelfInspectionFilter.
type SelfInspectionFilter = figures.SelfInspectionFilter

// The values of BreakdownBy.
const (
	ByCategory = figures.ByCategory
	ByGrade    = figures.ByGrade
	BySource   = figures.BySource
	ByStatus   = figures.ByStatus
)

// The values of NoticeFigure.
const (
	NoticesIssued       = figures.NoticesIssued
	NoticesAcknowledged = figures.NoticesAcknowledged
	NoticesRefused      = figures.NoticesRefused
	NoticesReplied      = figures.NoticesReplied
	NoticesClosed       = figures.NoticesClosed
	NoticesOverdue      = figures.NoticesOverdue
)

// The values of VisitedFilter.
const (
	SchoolsVisited          = figures.SchoolsVisited
	SchoolsNotVisited       = figures.SchoolsNotVisited
	SchoolsVisitedProven    = figures.SchoolsVisitedProven
	SchoolsNotVisitedProven = figures.SchoolsNotVisitedProven
)

// The values of SelfInspectionFilter.
const (
	SchoolsClaimed      = figures.SchoolsClaimed
	SchoolsNotClaimed   = figures.SchoolsNotClaimed
	SchoolsProven       = figures.SchoolsProven
	SchoolsNotProven    = figures.SchoolsNotProven
	SchoolsCovered      = figures.SchoolsCovered
	SchoolsNotCovered   = figures.SchoolsNotCovered
	SchoolsSubmitted    = figures.SchoolsSubmitted
	SchoolsNotSubmitted = figures.SchoolsNotSubmitted
)

// Breakdown counts a dashboard's hazards by one of their properties.
func (a *App) Breakdown(ctx context.Context, d *Dashboard, by BreakdownBy) ([]*Breakdown, error) {
	return a.figures().Breakdown(ctx, d, by)
}

// BreakdownByRegion counts the same for each region directly below the
// dashboard's; those without a hazard are left out.
func (a *App) BreakdownByRegion(ctx context.Context, d *Dashboard, by BreakdownBy) ([]*RegionBreakdown, error) {
	return a.figures().BreakdownByRegion(ctx, d, by)
}

// Days gives the figures at the end of each day; BAD_USER_INPUT for more than 400.
func (a *App) Days(ctx context.Context, d *Dashboard, from, until *clock.Date) ([]*DailyFigures, error) {
	return a.figures().Days(ctx, d, from, until)
}

// PlanFigures gives a dashboard's figures of coverage, notices, leading groups,
// cases and the gap before listing.
func (a *App) PlanFigures(ctx context.Context, d *Dashboard) (*PlanFigures, error) {
	return a.figures().PlanFigures(ctx, d.Scope())
}

// SupervisionFigures gives a dashboard's figures of supervision; nil for a viewer
// who may not see those of the whole region.
func (a *App) SupervisionFigures(ctx context.Context, d *Dashboard) (*SamplingFigures, error) {
	return a.figures().Sampling(ctx, d.Scope())
}

// Plan gives the same group by group, each read when it is asked for.
func (a *App) Plan(d *Dashboard) *figures.Plan { return a.figures().Plan(d.Scope()) }

// Supervision gives a dashboard's figures of supervision group by group; nil for a
// viewer who may not see those of the whole region.
func (a *App) Supervision(ctx context.Context, d *Dashboard) *figures.Supervision {
	return a.figures().Supervision(ctx, d.Scope())
}
