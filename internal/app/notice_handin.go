package app

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/teammember"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// HandInNotices hands a team's notices to the section (plan: 于4月30日前向法规安全科反馈):
// by the team's contact or leader, each notice once. Late ones are taken and
// marked.
func (a *App) HandInNotices(ctx context.Context, in HandInNoticesInput) ([]*ent.Notice, error) {
	var bad fault.Input
	command.RequiredID(&bad, "input.commandId", in.CommandID, id.Command)
	command.RequiredID(&bad, "input.teamId", in.TeamID, id.Team)
	if n := len(in.NoticeIDs); n < 1 || n > command.MaxPage {
		bad.Add("input.noticeIds", "count", fault.Tf("一次报送 1 至 %d 份通知书。", "Hand in 1 to %d notices at a time.", command.MaxPage))
	}
	for i, n := range in.NoticeIDs {
		command.RequiredID(&bad, command.Index("input.noticeIds", i), n, id.Notice)
		if slices.Contains(in.NoticeIDs[:i], n) {
			bad.Add(command.Index("input.noticeIds", i), "repeated", fault.T("同一通知书重复。", "The same notice is named twice."))
		}
	}
	return command.Run(ctx, a.commands, command.Spec[*handIn, []*ent.Notice]{
		Action: authz.HandInNotices, Key: in.CommandID, Subject: in.TeamID, Input: in, Invalid: &bad,
		Load: func(ctx context.Context, tx *command.Tx) (*handIn, error) { return a.loadHandIn(ctx, tx, in) },
		May: func(_ context.Context, _ *command.Tx, h *handIn) (authz.Facts, error) {
			return h.facts(h.notices[0]), nil
		},
		AlsoMay: func(_ context.Context, _ *command.Tx, h *handIn) ([]authz.Facts, error) {
			var out []authz.Facts
			for _, c := range h.notices[1:] {
				out = append(out, h.facts(c))
			}
			return out, nil
		},
		Decide: func(_ context.Context, _ *command.Tx, h *handIn) error { return h.decide() },
		Write: func(ctx context.Context, _ *command.Tx, h *handIn) error {
			for _, c := range h.notices {
				c.ctx = ctx
				if err := c.save(nil); err != nil {
					return err
				}
			}
			return nil
		},
		Answer: func(ctx context.Context) ([]*ent.Notice, error) {
			rows, err := a.NoticesByID(ctx, id.UUIDs(in.NoticeIDs))
			slices.SortFunc(rows, func(x, y *ent.Notice) int {
				return slices.Index(in.NoticeIDs, x.PublicID()) - slices.Index(in.NoticeIDs, y.PublicID())
			})
			return rows, err
		},
	})
}

// handIn is a team's notices on their way to the section, in the order of ids.
type handIn struct {
	in      HandInNoticesInput
	team    *ent.InspectionTeam
	notices []*noticeChange
	contact map[clock.Date]bool // whether the viewer speaks for the team, by the day in the zone of a campaign
}

func (a *App) loadHandIn(ctx context.Context, tx *command.Tx, in HandInNoticesInput) (*handIn, error) {
	h := &handIn{in: in, contact: map[clock.Date]bool{}}
	var err error
	h.team, err = tx.InspectionTeam.Get(ctx, in.TeamID.UUID)
	if _, err := command.NotFoundAs(h.team, err, id.Team); err != nil {
		return nil, command.AtField("input.teamId", id.Team, err)
	}
	keys := map[uuid.UUID]bool{}
	for _, n := range in.NoticeIDs {
		keys[n.UUID] = true
	}
	for _, key := range sorted(keys) {
		c, err := a.loadNotice(ctx, tx.Tx, tx.Viewer, key, rule.NoticeEventHandedIn)
		if err != nil {
			return nil, command.AtField(h.field(key), id.Notice, err)
		}
		if _, asked := h.contact[c.today]; !asked {
			if h.contact[c.today], err = speaksFor(ctx, tx.Tx, tx.Viewer.UserID, h.team.ID, c.today); err != nil {
				return nil, err
			}
		}
		h.notices = append(h.notices, c)
	}
	return h, nil
}

// field is where the input names a notice.
func (h *handIn) field(key uuid.UUID) string {
	return command.Index("input.noticeIds", slices.Index(h.in.NoticeIDs, id.Of(id.Notice, key)))
}

func (h *handIn) facts(c *noticeChange) authz.Facts {
	f := command.SchoolAlone(c.notice.Edges.School)
	f.Contact = h.contact[c.today]
	return f
}

func (h *handIn) decide() error {
	for _, c := range h.notices {
		if c.notice.TeamID == nil || *c.notice.TeamID != h.team.ID {
			return fault.Bad(h.field(c.notice.ID), "other_team", fault.T("该通知书不是本组下发的。", "This notice was not issued by the team."))
		}
		err := c.decide(func(c *noticeChange) error {
			c.payload["late"] = rule.HandedInLate(c.today, c.notice.Edges.Campaign.EndsOn)
			c.update.SetHandedInAt(c.now).SetHandedInByID(c.viewer.UserID)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// speaksFor reports whether a person is the contact of a team on a day, or leads
// it (plan: 各检查组第一个成员为本组的联系人).
func speaksFor(ctx context.Context, tx *ent.Tx, userID, teamID uuid.UUID, today clock.Date) (bool, error) {
	return tx.TeamMember.Query().Where(teammember.TeamID(teamID), teammember.UserID(userID), teammember.PositionLTE(1),
		teammember.JoinedOnLTE(today), teammember.Or(teammember.LeftOnIsNil(), teammember.LeftOnGTE(today))).Exist(ctx)
}
