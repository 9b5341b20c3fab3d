package places

import (
	"context"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/leadinggroup"
	"github.com/cleargrid/cleargrid/ent/leadinggroupmember"
	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/ent/predicate"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// FormLeadingGroupInput forms the leading group of a school, or of the bureau of
// a region: one of the two.
type FormLeadingGroupInput struct {
	ID             id.ID
	CampaignID     id.ID
	SchoolID       *id.ID
	RegionID       *id.ID
	HeadID         id.ID
	MemberIDs      []id.ID
	FormedOn       clock.Date
	DocumentNumber *string
}

// DissolveLeadingGroupInput ends a leading group.
type DissolveLeadingGroupInput struct {
	CommandID      id.ID
	LeadingGroupID id.ID
	Reason         string
}

const maxGroupMembers = 100

func (pl *Places) checkGroup(in FormLeadingGroupInput) *fault.Input {
	var bad fault.Input
	command.RequiredID(&bad, "input.id", in.ID, id.LeadingGroup)
	command.RequiredID(&bad, "input.campaignId", in.CampaignID, id.Campaign)
	command.OptionalID(&bad, "input.schoolId", in.SchoolID, id.School)
	command.OptionalID(&bad, "input.regionId", in.RegionID, id.Region)
	command.RequiredID(&bad, "input.headId", in.HeadID, id.User)
	command.Day(&bad, "input.formedOn", in.FormedOn)
	if in.FormedOn > command.Today(pl.clock.Now()) {
		bad.Add("input.formedOn", "in_future", fault.T("日期不能晚于今天。", "This day lies in the future."))
	}
	command.OptionalText(&bad, "input.documentNumber", in.DocumentNumber)
	if (in.SchoolID == nil) == (in.RegionID == nil) {
		bad.Add("input.schoolId", "one_of", fault.T("请给出学校或教育局所在地区之一。", "Give either a school or the bureau's region."))
	}
	if len(in.MemberIDs) > maxGroupMembers {
		bad.Add("input.memberIds", "too_many", fault.Tf("最多 %d 人。", "At most %d people.", maxGroupMembers))
	}
	seen := map[uuid.UUID]bool{in.HeadID.UUID: true}
	for i, m := range in.MemberIDs {
		command.RequiredID(&bad, command.Index("input.memberIds", i), m, id.User)
		if seen[m.UUID] {
			bad.Add(command.Index("input.memberIds", i), "repeated", fault.T("同一人重复。", "The same person is there twice."))
		}
		seen[m.UUID] = true
	}
	return &bad
}

// FormLeadingGroup forms the group that leads a campaign (活动领导小组): a school's
// by its leader or safety officer, the bureau's by the section. CONFLICT when
// there is one already.
func (pl *Places) FormLeadingGroup(ctx context.Context, in FormLeadingGroupInput) (*ent.LeadingGroup, error) {
	return command.Run(ctx, pl.commands, command.Spec[*groupPlace, *ent.LeadingGroup]{
		Action: authz.FormLeadingGroup, Key: in.ID, Subject: in.ID, Input: in, Invalid: pl.checkGroup(in),
		Load: func(ctx context.Context, tx *command.Tx) (*groupPlace, error) { return pl.placeOfGroup(ctx, tx, in) },
		May:  func(_ context.Context, _ *command.Tx, p *groupPlace) (authz.Facts, error) { return p.facts(), nil },
		Decide: func(ctx context.Context, tx *command.Tx, p *groupPlace) error {
			if err := rule.CheckSchoolOpen(p.closed); err != nil {
				return err
			}
			if err := p.free(ctx, tx.Tx, in.CampaignID.UUID); err != nil {
				return err
			}
			return pl.belongTo(ctx, tx.Tx, p, in.people())
		},
		Write:  func(ctx context.Context, tx *command.Tx, p *groupPlace) error { return p.form(ctx, tx, in) },
		Answer: func(ctx context.Context) (*ent.LeadingGroup, error) { return pl.LeadingGroup(ctx, in.ID) },
	})
}

// people are those of the group, who leads it first.
func (in FormLeadingGroupInput) people() []id.ID { return append([]id.ID{in.HeadID}, in.MemberIDs...) }

// groupPlace is where a leading group leads: a school, or the bureau of a region.
type groupPlace struct {
	school   *uuid.UUID
	closed   bool // the school
	regionID uuid.UUID
	path     string
}

func (p groupPlace) facts() authz.Facts {
	f := authz.Facts{RegionPath: p.path}
	if p.school != nil {
		f.SchoolID = *p.school
	}
	return f
}

func (pl *Places) placeOfGroup(ctx context.Context, tx *command.Tx, in FormLeadingGroupInput) (*groupPlace, error) {
	if in.SchoolID != nil {
		s, _, err := command.SchoolInCampaign(ctx, tx, *in.SchoolID, in.CampaignID)
		if err != nil {
			return nil, err
		}
		return &groupPlace{school: &s.ID, closed: s.ClosedAt != nil, regionID: s.RegionID, path: s.RegionPath}, nil
	}
	r, err := tx.Region.Get(ctx, in.RegionID.UUID)
	if _, err := command.NotFoundAs(r, err, id.Region); err != nil {
		return nil, command.AtField("input.regionId", id.Region, err)
	}
	c, err := tx.Campaign.Get(ctx, in.CampaignID.UUID)
	if _, err := command.NotFoundAs(c, err, id.Campaign); err != nil {
		return nil, command.AtField("input.campaignId", id.Campaign, err)
	}
	if !(authz.Grant{RegionPath: c.RegionPath}).Covers(uuid.Nil, r.Path) {
		return nil, fault.Bad("input.campaignId", "other_region", fault.T("该活动不包含这个地区。", "The campaign does not cover this region."))
	}
	return &groupPlace{regionID: r.ID, path: r.Path}, nil
}

// free refuses a second group; the unique index decides between two at once.
func (p *groupPlace) free(ctx context.Context, tx *ent.Tx, campaignID uuid.UUID) error {
	here := leadinggroup.And(leadinggroup.SchoolIDIsNil(), leadinggroup.RegionID(p.regionID))
	if p.school != nil {
		here = leadinggroup.SchoolID(*p.school)
	}
	g, err := tx.LeadingGroup.Query().Where(leadinggroup.CampaignID(campaignID), leadinggroup.DissolvedAtIsNil(), here).Only(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "leadingGroup.exists", fault.T("已有活动领导小组。", "There is a leading group already.")).With("leadingGroupId", g.PublicID().String())
}

// belongTo checks that everybody belongs to the place today.
func (pl *Places) belongTo(ctx context.Context, tx *ent.Tx, p *groupPlace, people []id.ID) error {
	today := command.Today(pl.clock.Now())
	where := []predicate.Membership{
		membership.UserIDIn(id.UUIDs(people)...), membership.ValidFromLTE(today), membership.Or(membership.ValidUntilIsNil(), membership.ValidUntilGTE(today)),
	}
	if p.school != nil {
		where = append(where, membership.SchoolID(*p.school))
	} else {
		where = append(where, membership.SchoolIDIsNil(), membership.RegionPathGTE(p.path), membership.RegionPathLT(rule.RegionPathEnd(p.path)))
	}
	rows, err := tx.Membership.Query().Where(where...).All(authz.AsSystem(ctx))
	if err != nil {
		return err
	}
	belongs := map[uuid.UUID]bool{}
	for _, m := range rows {
		belongs[m.UserID] = true
	}
	for i, x := range people {
		switch {
		case belongs[x.UUID]:
		case i == 0:
			return command.MissingAt("input.headId", id.User)
		default:
			return command.MissingAt(command.Index("input.memberIds", i-1), id.User)
		}
	}
	return nil
}

// form writes the group and its people.
func (p *groupPlace) form(ctx context.Context, tx *command.Tx, in FormLeadingGroupInput) error {
	err := tx.LeadingGroup.Create().SetID(in.ID.UUID).SetCreatedAt(tx.Now).SetCampaignID(in.CampaignID.UUID).SetRegionID(p.regionID).
		SetNillableSchoolID(p.school).SetRegionPath(p.path).SetFormedByID(tx.Viewer.UserID).SetFormedOn(in.FormedOn).
		SetDocumentNumber(command.TextOf(in.DocumentNumber)).Exec(ctx)
	if err != nil {
		return err
	}
	people := in.people()
	rows := make([]*ent.LeadingGroupMemberCreate, len(people))
	for i, x := range people {
		rows[i] = tx.LeadingGroupMember.Create().SetCreatedAt(tx.Now).SetGroupID(in.ID.UUID).SetUserID(x.UUID).SetPosition(i)
	}
	return tx.LeadingGroupMember.CreateBulk(rows...).Exec(ctx)
}

// DissolveLeadingGroup ends a leading group, so that another can be formed; it
// stays on record. Those who may form one may dissolve it. INVALID_TRANSITION when
// it is dissolved already.
func (pl *Places) DissolveLeadingGroup(ctx context.Context, in DissolveLeadingGroupInput) (*ent.LeadingGroup, error) {
	var bad fault.Input
	command.RequiredID(&bad, "input.commandId", in.CommandID, id.Command)
	command.RequiredID(&bad, "input.leadingGroupId", in.LeadingGroupID, id.LeadingGroup)
	command.RequiredText(&bad, "input.reason", in.Reason)
	return command.Run(ctx, pl.commands, command.Spec[*ent.LeadingGroup, *ent.LeadingGroup]{
		Action: authz.DissolveLeadingGroup, Key: in.CommandID, Subject: in.LeadingGroupID, Input: in, Invalid: &bad,
		Load: func(ctx context.Context, tx *command.Tx) (*ent.LeadingGroup, error) {
			g, err := tx.LeadingGroup.Get(ctx, in.LeadingGroupID.UUID)
			_, err = command.NotFoundAs(g, err, id.LeadingGroup)
			return g, command.AtField("input.leadingGroupId", id.LeadingGroup, err)
		},
		May: func(_ context.Context, _ *command.Tx, g *ent.LeadingGroup) (authz.Facts, error) {
			return groupPlace{school: g.SchoolID, path: g.RegionPath}.facts(), nil
		},
		Decide: func(_ context.Context, _ *command.Tx, g *ent.LeadingGroup) error {
			if g.DissolvedAt != nil {
				return errDissolved()
			}
			return nil
		},
		Write: func(ctx context.Context, tx *command.Tx, g *ent.LeadingGroup) error {
			n, err := tx.LeadingGroup.Update().Where(leadinggroup.ID(g.ID), leadinggroup.DissolvedAtIsNil()).SetDissolvedAt(tx.Now).
				SetDissolvedReason(in.Reason).Save(ctx)
			if err == nil && n == 0 { // somebody else was faster
				return errDissolved()
			}
			return err
		},
		Answer: func(ctx context.Context) (*ent.LeadingGroup, error) { return pl.LeadingGroup(ctx, in.LeadingGroupID) },
	})
}

func errDissolved() error {
	return fault.New(fault.InvalidTransition, "leadingGroup.dissolved", fault.T("该领导小组已撤销。", "The leading group is dissolved."))
}

// LeadingGroup is one leading group in sight.
func (pl *Places) LeadingGroup(ctx context.Context, i id.ID) (*ent.LeadingGroup, error) {
	g, err := pl.store.Ent.LeadingGroup.Get(ctx, i.UUID)
	return command.NotFoundAs(g, err, id.LeadingGroup)
}

// LeadingGroupsByID reads the leading groups in sight among these.
func (pl *Places) LeadingGroupsByID(ctx context.Context, ids []uuid.UUID) ([]*ent.LeadingGroup, error) {
	rows, err := pl.store.Ent.LeadingGroup.Query().Where(leadinggroup.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// LeadingGroupsOfSchools gives the lister of the groups that lead a campaign in
// some schools.
func (pl *Places) LeadingGroupsOfSchools(campaignID id.ID) func(ctx context.Context, schools []uuid.UUID) ([]*ent.LeadingGroup, error) {
	return func(ctx context.Context, schools []uuid.UUID) ([]*ent.LeadingGroup, error) {
		rows, err := pl.store.Ent.LeadingGroup.Query().Where(leadinggroup.CampaignID(campaignID.UUID), leadinggroup.SchoolIDIn(schools...), leadinggroup.DissolvedAtIsNil()).All(ctx)
		return rows, store.Fault(err)
	}
}

// BureauGroupsOfCampaigns lists the groups that lead these campaigns in the
// bureaus of their own regions.
func (pl *Places) BureauGroupsOfCampaigns(ctx context.Context, campaigns []uuid.UUID) ([]*ent.LeadingGroup, error) {
	rows, err := pl.store.Ent.LeadingGroup.Query().Where(leadinggroup.CampaignIDIn(campaigns...), leadinggroup.SchoolIDIsNil(), leadinggroup.DissolvedAtIsNil()).
		WithCampaign().All(ctx)
	var out []*ent.LeadingGroup
	for _, g := range rows {
		if c := g.Edges.Campaign; c != nil && c.RegionID == g.RegionID {
			out = append(out, g)
		}
	}
	return out, store.Fault(err)
}

// MembersOfLeadingGroups lists the people of these groups, who leads first.
func (pl *Places) MembersOfLeadingGroups(ctx context.Context, groups []uuid.UUID) ([]*ent.LeadingGroupMember, error) {
	rows, err := pl.store.Ent.LeadingGroupMember.Query().Where(leadinggroupmember.GroupIDIn(groups...)).Order(leadinggroupmember.ByPosition()).All(ctx)
	return rows, store.Fault(err)
}
