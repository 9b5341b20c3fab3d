package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/graph/model"
	"github.com/cleargrid/cleargrid/graph/transport"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/evidence"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/feed"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/geo"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/people"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// firstOf is the first of a list, or null.
func firstOf[V any](rows []*V) *V {
	if len(rows) == 0 {
		return nil
	}
	return rows[0]
}

// orNull is null for the empty value that stands for "none" in a row.
func orNull[T comparable](v T) *T {
	var none T
	if v == none {
		return nil
	}
	return &v
}

// point joins the two columns of a position; nil when either is missing.
func point(latitude, longitude *float64) *geo.Point {
	if latitude == nil || longitude == nil {
		return nil
	}
	return &geo.Point{Latitude: *latitude, Longitude: *longitude}
}

func milliseconds(d *time.Duration) *int64 {
	if d == nil {
		return nil
	}
	n := d.Milliseconds()
	return &n
}

// casePayload answers a command on a case.
func casePayload(c *ent.AccountabilityCase, err error) (*model.CasePayload, error) {
	if err != nil {
		return nil, err
	}
	return &model.CasePayload{Case: c}, nil
}

// evidencePayload answers a command on a file.
func evidencePayload(e *ent.Evidence, err error) (*model.EvidencePayload, error) {
	if err != nil {
		return nil, err
	}
	return &model.EvidencePayload{Evidence: e}, nil
}

// noticePayload answers a command on a notice.
func noticePayload(n *ent.Notice, err error) (*model.NoticePayload, error) {
	if err != nil {
		return nil, err
	}
	return &model.NoticePayload{Notice: n}, nil
}

func teamsOf(list []figures.HandIn) []*ent.InspectionTeam {
	out := make([]*ent.InspectionTeam, len(list))
	for i, h := range list {
		out[i] = h.Team
	}
	return out
}

// onlyOne is the row of a list that has at most one; nil for none.
func onlyOne[T any](list []*T, err error) (*T, error) {
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

func pointers[T any](values []T) []*T {
	out := make([]*T, len(values))
	for i := range values {
		out[i] = &values[i]
	}
	return out
}

func evidenceGap(l rule.Gap) *model.EvidenceGap {
	return &model.EvidenceGap{
		Step: l.Step, Kind: l.Kind, Stage: orNull(l.Stage), Count: l.Count,
		WaitingIds: evidenceIDs(l.Waiting), RejectedIds: evidenceIDs(l.Rejected),
	}
}

func evidenceIDs(keys []rowID) []*id.ID {
	out := make([]id.ID, len(keys))
	for i, k := range keys {
		out[i] = id.Of(id.Evidence, k)
	}
	return pointers(out)
}

func (r *Resolver) gapsOfHazards(ctx context.Context, hazards []rowID) (map[rowID][]*model.EvidenceGap, error) {
	missing, err := r.App.GapsOfHazards(ctx, hazards)
	out := make(map[rowID][]*model.EvidenceGap, len(missing))
	for hazard, list := range missing {
		for _, l := range list {
			out[hazard] = append(out[hazard], evidenceGap(l))
		}
	}
	return out, err
}

func (r *Resolver) gapsOfNotices(ctx context.Context, notices []rowID) (map[rowID][]*model.EvidenceGap, error) {
	missing, err := r.App.GapsOfNotices(ctx, notices)
	out := make(map[rowID][]*model.EvidenceGap, len(missing))
	for notice, list := range missing {
		for _, l := range list {
			out[notice] = append(out[notice], evidenceGap(l))
		}
	}
	return out, err
}

func (r *Resolver) gapsOfReports(ctx context.Context, reports []rowID) (map[rowID][]*rule.ReportGap, error) {
	missing, err := r.App.GapsOfReports(ctx, reports)
	out := make(map[rowID][]*rule.ReportGap, len(missing))
	for report, list := range missing {
		out[report] = pointers(list)
	}
	return out, err
}

// coverageOf reads the coverage of schools. Their cells are noted at the place of
// the coverage, so that what they link to is read for all schools at once.
func (r *Resolver) coverageOf(ctx context.Context, campaignID id.ID, asOf *time.Time) func(context.Context, []rowID) (map[rowID][]*app.Coverage, error) {
	l, at := loadersOf(ctx), pathOf(ctx)
	return func(ctx context.Context, schools []rowID) (map[rowID][]*app.Coverage, error) {
		all, err := r.App.CoverageOfSchools(ctx, campaignID, schools, asOf)
		out := make(map[rowID][]*app.Coverage, len(all))
		for school, c := range all {
			out[school] = []*app.Coverage{c}
			primeAt(l, at, c.Cells)
		}
		return out, err
	}
}

// first is the only one of a list, or none.
func first[V any](list []V, err error) (V, error) {
	if err != nil || len(list) == 0 {
		var none V
		return none, err
	}
	return list[0], nil
}

// eventDetails lists what was said with an event, by name, leaving out what was
// not said.
func eventDetails(payload map[string]any) []*model.EventDetail {
	out := []*model.EventDetail{}
	for _, name := range slices.Sorted(maps.Keys(payload)) {
		if text := detailText(payload[name]); text != "" {
			out = append(out, &model.EventDetail{Name: name, Value: text})
		}
	}
	return out
}

func detailText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64: // JSON's only number: amounts stay whole
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool, int, int64, json.Number:
		return fmt.Sprint(v)
	default:
		b, _ := json.Marshal(v) // it came from JSON
		return string(b)
	}
}

// requirements lists the evidence policy by step, in the order of the steps.
func requirements(p *rule.Policy) []*model.EvidenceRequirement {
	out := []*model.EvidenceRequirement{}
	for _, step := range rule.EvidenceSteps() {
		for _, n := range p.Evidence[step] {
			out = append(out, &model.EvidenceRequirement{
				Step: step, Kind: n.Kind, Stage: orNull(n.Stage), Count: n.Count, DifferentFrom: orNull(n.DifferentFrom), ByActor: n.ByActor,
			})
		}
	}
	return out
}

func sizeLimits(p *rule.Policy) []*model.EvidenceSizeLimit {
	out := []*model.EvidenceSizeLimit{}
	for _, kind := range slices.Sorted(maps.Keys(p.MaxBytes)) {
		out = append(out, &model.EvidenceSizeLimit{Kind: kind, Bytes: p.MaxBytes[kind]})
	}
	return out
}

func uploadTicket(t *evidence.Ticket) *model.EvidenceUploadTicket {
	if t == nil {
		return nil
	}
	out := &model.EvidenceUploadTicket{PartSize: orNull(t.PartSize), Parts: make([]*model.EvidenceUploadPart, len(t.Parts))}
	if s := t.Single; s != nil {
		out.Request = uploadRequest(s.Method, s.URL, s.Headers, s.ExpiresAt)
	}
	for i, p := range t.Parts {
		q := p.Request
		out.Parts[i] = &model.EvidenceUploadPart{Number: p.Number, Size: p.Size, Request: uploadRequest(q.Method, q.URL, q.Headers, q.ExpiresAt)}
	}
	return out
}

func uploadRequest(method, url string, headers map[string]string, expires time.Time) *model.EvidenceUploadRequest {
	out := &model.EvidenceUploadRequest{Method: method, URL: url, Headers: []*model.EvidenceUploadHeader{}, ExpiresAt: expires}
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		out.Headers = append(out.Headers, &model.EvidenceUploadHeader{Name: name, Value: headers[name]})
	}
	return out
}

// regionsOf lists the regions whose figures are shown.
func regionsOf(children []*figures.RegionFigures) []*ent.Region {
	out := make([]*ent.Region, len(children))
	for i, c := range children {
		out[i] = c.Region
	}
	return out
}

// regionsBrokenDown lists the regions whose hazards are shown by one property.
func regionsBrokenDown(rows []*figures.RegionBreakdown) []*ent.Region {
	out := make([]*ent.Region, len(rows))
	for i, r := range rows {
		out[i] = r.Region
	}
	return out
}

// teamsShown lists the teams whose figures are shown.
func teamsShown(teams []*figures.TeamFigures) []*ent.InspectionTeam {
	out := make([]*ent.InspectionTeam, len(teams))
	for i, t := range teams {
		out[i] = t.Team
	}
	return out
}

// session shapes new tokens. The viewer's fields are answered as the person who
// has just signed in, not as nobody, who asked.
func (r *Resolver) session(ctx context.Context, t *people.Tokens) (*model.SessionPayload, error) {
	v, err := r.App.ViewerByToken(ctx, t.AccessToken)
	if err != nil {
		return nil, err
	}
	actAs(ctx, v)
	return &model.SessionPayload{AccessToken: t.AccessToken, RefreshToken: t.RefreshToken, ExpiresAt: t.ExpiresAt, Viewer: &v}, nil
}

// rolesOf lists the roles that a viewer holds, each once, in the order of the
// handbook.
func rolesOf(v authz.Viewer) []authz.Role {
	out := []authz.Role{}
	for _, role := range authz.Roles() {
		if v.Has(role) {
			out = append(out, role)
		}
	}
	return out
}

// primeRecords notes rows of several types, each with its own, so that their
// links are followed in batches.
func primeRecords(ctx context.Context, rows []feed.Record) {
	primeOf[*ent.School](ctx, rows)
	primeOf[*ent.Grid](ctx, rows)
	primeOf[*ent.Campaign](ctx, rows)
	primeOf[*ent.Checklist](ctx, rows)
	primeOf[*ent.Hazard](ctx, rows)
	primeOf[*ent.Evidence](ctx, rows)
	primeOf[*ent.InspectionReport](ctx, rows)
	primeOf[*ent.Finding](ctx, rows)
	primeOf[*ent.Notice](ctx, rows)
	primeOf[*ent.RiskPoint](ctx, rows)
}

func primeOf[P feed.Record](ctx context.Context, rows []feed.Record) {
	var list []P
	for _, r := range rows {
		if row, ok := r.(P); ok {
			list = append(list, row)
		}
	}
	if len(list) > 0 {
		prime(ctx, list)
	}
}

func changed(rows []*feed.Change) []feed.Record {
	out := make([]feed.Record, len(rows))
	for i, c := range rows {
		out[i] = c.Record
	}
	return out
}

func answered(results []*app.BatchResult) []feed.Record {
	out := make([]feed.Record, len(results))
	for i, r := range results {
		out[i] = r.Record
	}
	return out
}

// batchError shapes the refusal of one command, and logs what is ours as for a
// mutation of its own.
func batchError(ctx context.Context, f *fault.Error) *model.BatchError {
	if f == nil {
		return nil
	}
	rec := transport.OperationOf(ctx)
	rec.Admit(f.Kind, math.MaxInt)
	if p := presenterOf(ctx); p != nil {
		p.logCause(ctx, f, rec)
	}
	out := &model.BatchError{
		Code: string(f.Kind), Reason: f.Code, Retryable: f.Kind.Retryable(), Message: f.Text.In(rec.Language), Fields: []*model.BatchErrorField{},
	}
	for _, at := range f.Fields {
		out.Fields = append(out.Fields, &model.BatchErrorField{Path: at.Path, Reason: at.Reason, Message: at.Text.In(rec.Language)})
	}
	if version, ok := f.Detail["currentVersion"].(int); ok {
		out.CurrentVersion = &version
	}
	return out
}

// once is a stream of one event: what a subscription answers with now. The next
// event runs it again, see follow.
func once[T any](v *T, err error) (<-chan *T, error) {
	if err != nil {
		return nil, err
	}
	only := make(chan *T, 1)
	only <- v
	close(only)
	return only, nil
}
