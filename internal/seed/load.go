package seed

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/campaign"
	"github.com/cleargrid/cleargrid/ent/checklist"
	"github.com/cleargrid/cleargrid/ent/checklistitem"
	"github.com/cleargrid/cleargrid/ent/codedvalue"
	"github.com/cleargrid/cleargrid/ent/phase"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// LoadCampaign stores a campaign file for a region and returns the stored
// campaign. It may be repeated: the code decides which campaign is meant. The
// same content changes nothing; other titles, dates, phases and policy replace
// the stored ones. Coded values are added or relabelled, never removed, because
// hazards and grids refer to them.
//
// Refusals: BAD_USER_INPUT from Validate; NOT_FOUND without a region; CONFLICT
// when the checklist's code and version are stored with other content, when the
// campaign belongs to another region, when it is pinned to another checklist, or
// when a campaign of this region, or of one above or below it, runs on some of
// its days. Nothing has been written then.
func LoadCampaign(ctx context.Context, tx *ent.Tx, file *CampaignFile, region *ent.Region) (*ent.Campaign, error) {
	l := loader{tx: tx, newID: func() uuid.UUID { return id.New(id.Campaign).UUID }, now: clock.System{}.Now()}
	return l.load(ctx, file, region)
}

// loader writes one campaign. Ids and the instant of writing are given, so that
// the demo county comes out the same on every run.
type loader struct {
	tx    *ent.Tx
	newID func() uuid.UUID
	now   time.Time
}

func (l loader) load(ctx context.Context, file *CampaignFile, region *ent.Region) (*ent.Campaign, error) {
	if region == nil {
		return nil, fault.Missing("region")
	}
	if err := file.Validate(); err != nil {
		return nil, err
	}

	// Everything that may be refused is read before anything is written.
	list, err := l.storedChecklist(ctx, file.Checklist)
	if err != nil {
		return nil, err
	}
	stored, err := l.storedCampaign(ctx, file, region, list)
	if err != nil {
		return nil, err
	}

	if err := l.alone(ctx, file, region); err != nil {
		return nil, err
	}

	if list == nil {
		if list, err = l.createChecklist(ctx, file.Checklist); err != nil {
			return nil, err
		}
	}
	if stored, err = l.writeCampaign(ctx, stored, file, region, list); err != nil {
		return nil, err
	}
	if err := l.writePhases(ctx, stored, file.Phases); err != nil {
		return nil, err
	}
	if err := l.writeCoded(ctx, rule.HazardCategorySet, file.HazardCategories); err != nil {
		return nil, err
	}
	if err := l.writeCoded(ctx, rule.GridKindSet, file.GridKinds); err != nil {
		return nil, err
	}
	return stored, nil
}

// alone refuses a second campaign at once: a school must never have to ask which
// one it is in.
func (l loader) alone(ctx context.Context, file *CampaignFile, region *ent.Region) error {
	others, err := l.tx.Campaign.Query().Where(campaign.CodeNEQ(file.Code), campaign.Or(
		campaign.RegionPathIn(rule.RegionAncestors(region.Path)...),
		campaign.And(campaign.RegionPathGTE(region.Path), campaign.RegionPathLT(rule.RegionPathEnd(region.Path))),
	)).All(ctx)
	if err != nil {
		return fmt.Errorf("seed: read campaigns: %w", err)
	}
	days := rule.Days{From: file.StartsOn, Until: file.EndsOn}
	for _, c := range others {
		if days.Overlap(rule.Days{From: c.StartsOn, Until: c.EndsOn}) {
			return fault.New(fault.Conflict, "campaign.overlap", fault.Tf("活动 %s（%s 至 %s）与之时间重叠。",
				"The campaign %s runs at the same time (%s to %s).", c.Code, string(c.StartsOn), string(c.EndsOn)))
		}
	}
	return nil
}

// storedChecklist is nil when this code and version are new.
func (l loader) storedChecklist(ctx context.Context, want ChecklistFile) (*ent.Checklist, error) {
	list, err := l.tx.Checklist.Query().Where(checklist.Code(want.Code), checklist.Version(want.Version)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("seed: read checklist: %w", err)
	}
	items, err := l.tx.ChecklistItem.Query().Where(checklistitem.ChecklistID(list.ID)).Order(checklistitem.ByNumber()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("seed: read checklist items: %w", err)
	}

	same := slices.EqualFunc(items, want.Items, func(a *ent.ChecklistItem, b ItemFile) bool {
		return a.Number == b.Number && a.Text == b.Text && a.TextEn == b.TextEn && slices.Equal(a.GridKinds, b.GridKinds)
	})
	if !same || list.Title != want.Title || list.TitleEn != want.TitleEn {
		return nil, fault.New(fault.Conflict, "checklist.changed", fault.Tf(
			"清单 %s 第 %d 版已载入，内容不能更改。请提高 checklist.version，并使用新的活动编码。",
			"Version %[2]d of the checklist %[1]s is loaded and cannot change. Raise checklist.version and give the campaign a new code.",
			want.Code, want.Version))
	}
	return list, nil
}

// storedCampaign is nil when the code is new. A nil list is a new checklist.
func (l loader) storedCampaign(ctx context.Context, file *CampaignFile, region *ent.Region, list *ent.Checklist) (*ent.Campaign, error) {
	stored, err := l.tx.Campaign.Query().Where(campaign.Code(file.Code)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("seed: read campaign: %w", err)
	}
	if stored.RegionID != region.ID {
		return nil, fault.New(fault.Conflict, "campaign.other_region", fault.Tf(
			"活动编码 %s 已用于另一地区，请换一个编码。", "The campaign code %s is taken by another region. Choose another code.", file.Code))
	}
	if list == nil || stored.ChecklistID != list.ID {
		return nil, fault.New(fault.Conflict, "campaign.other_checklist", fault.Tf(
			"活动 %s 已采用另一份清单，不能更换。请使用新的活动编码。",
			"The campaign %s is pinned to another checklist. Give the campaign a new code.", file.Code))
	}
	return stored, nil
}

func (l loader) createChecklist(ctx context.Context, f ChecklistFile) (*ent.Checklist, error) {
	list, err := l.tx.Checklist.Create().SetID(l.newID()).SetCreatedAt(l.now).
		SetCode(f.Code).SetVersion(f.Version).SetTitle(f.Title).SetTitleEn(f.TitleEn).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("seed: create checklist: %w", err)
	}
	items := make([]*ent.ChecklistItemCreate, len(f.Items))
	for i, item := range f.Items {
		items[i] = l.tx.ChecklistItem.Create().SetID(l.newID()).SetCreatedAt(l.now).
			SetChecklistID(list.ID).SetNumber(item.Number).SetText(item.Text).SetTextEn(item.TextEn).SetGridKinds(item.GridKinds)
	}
	if err := insert(ctx, "checklist items", items, l.tx.ChecklistItem.CreateBulk); err != nil {
		return nil, err
	}
	return list, nil
}

func (l loader) writeCampaign(ctx context.Context, stored *ent.Campaign, f *CampaignFile, region *ent.Region, list *ent.Checklist) (*ent.Campaign, error) {
	if stored == nil {
		created, err := l.tx.Campaign.Create().SetID(l.newID()).SetCreatedAt(l.now).
			SetCode(f.Code).SetTitle(f.Title).SetTitleEn(f.TitleEn).
			SetRegionID(region.ID).SetRegionPath(region.Path).SetChecklistID(list.ID).
			SetStartsOn(f.StartsOn).SetEndsOn(f.EndsOn).SetPolicy(f.Policy).Save(ctx)
		if err != nil {
			return nil, fmt.Errorf("seed: create campaign: %w", err)
		}
		return created, nil
	}

	same, err := samePolicy(stored.Policy, f.Policy)
	if err != nil {
		return nil, err
	}
	if same && stored.Title == f.Title && stored.TitleEn == f.TitleEn && stored.StartsOn == f.StartsOn &&
		stored.EndsOn == f.EndsOn && stored.RegionPath == region.Path {
		return stored, nil
	}
	updated, err := stored.Update().SetTitle(f.Title).SetTitleEn(f.TitleEn).SetRegionPath(region.Path).
		SetStartsOn(f.StartsOn).SetEndsOn(f.EndsOn).SetPolicy(f.Policy).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("seed: update campaign: %w", err)
	}
	return updated, nil
}

// samePolicy compares the stored form: JSON, with the keys of maps in order.
func samePolicy(a, b rule.Policy) (bool, error) {
	x, err := json.Marshal(a)
	if err != nil {
		return false, fmt.Errorf("seed: write policy: %w", err)
	}
	y, err := json.Marshal(b)
	if err != nil {
		return false, fmt.Errorf("seed: write policy: %w", err)
	}
	return bytes.Equal(x, y), nil
}

// writePhases makes the stored phases those of the file. Nothing refers to a
// phase, so one that the file no longer has is deleted.
func (l loader) writePhases(ctx context.Context, c *ent.Campaign, want []PhaseFile) error {
	stored, err := l.tx.Phase.Query().Where(phase.CampaignID(c.ID)).All(ctx)
	if err != nil {
		return fmt.Errorf("seed: read phases: %w", err)
	}
	old := map[rule.ReportKind]*ent.Phase{}
	for _, p := range stored {
		old[p.Kind] = p
	}
	for _, p := range want {
		if err := l.writePhase(ctx, c, old[p.Kind], p); err != nil {
			return fmt.Errorf("seed: write phase %s: %w", p.Kind, err)
		}
		delete(old, p.Kind)
	}
	for kind, p := range old {
		if err := l.tx.Phase.DeleteOne(p).Exec(ctx); err != nil {
			return fmt.Errorf("seed: delete phase %s: %w", kind, err)
		}
	}
	return nil
}

func (l loader) writePhase(ctx context.Context, c *ent.Campaign, old *ent.Phase, p PhaseFile) error {
	if old == nil {
		return l.tx.Phase.Create().SetID(l.newID()).SetCreatedAt(l.now).SetCampaignID(c.ID).SetKind(p.Kind).
			SetTitle(p.Title).SetTitleEn(p.TitleEn).SetStartsOn(p.StartsOn).SetEndsOn(p.EndsOn).Exec(ctx)
	}
	if p == (PhaseFile{Kind: old.Kind, Title: old.Title, TitleEn: old.TitleEn, StartsOn: old.StartsOn, EndsOn: old.EndsOn}) {
		return nil
	}
	return old.Update().SetTitle(p.Title).SetTitleEn(p.TitleEn).SetStartsOn(p.StartsOn).SetEndsOn(p.EndsOn).Exec(ctx)
}

func (l loader) writeCoded(ctx context.Context, set string, want []CodedFile) error {
	stored, err := l.tx.CodedValue.Query().Where(codedvalue.Set(set)).All(ctx)
	if err != nil {
		return fmt.Errorf("seed: read %s: %w", set, err)
	}
	old := map[string]*ent.CodedValue{}
	for _, v := range stored {
		old[v.Code] = v
	}

	var added []*ent.CodedValueCreate
	for i, v := range want {
		was := old[v.Code]
		switch {
		case was == nil:
			added = append(added, l.tx.CodedValue.Create().SetID(l.newID()).SetCreatedAt(l.now).
				SetSet(set).SetCode(v.Code).SetLabel(v.Label).SetLabelEn(v.LabelEn).SetPosition(i))
		case was.Label != v.Label || was.LabelEn != v.LabelEn || was.Position != i:
			if err := was.Update().SetLabel(v.Label).SetLabelEn(v.LabelEn).SetPosition(i).Exec(ctx); err != nil {
				return fmt.Errorf("seed: update %s %s: %w", set, v.Code, err)
			}
		}
	}
	return insert(ctx, set, added, l.tx.CodedValue.CreateBulk)
}
