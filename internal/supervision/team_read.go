package supervision

import (
	"context"
	"strconv"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/inspectionteam"
	"github.com/cleargrid/cleargrid/ent/teamarea"
	"github.com/cleargrid/cleargrid/ent/teammember"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/store"
)

// Team is one supervision team in sight.
func (sv *Supervision) Team(ctx context.Context, i id.ID) (*ent.InspectionTeam, error) {
	t, err := sv.store.Ent.InspectionTeam.Get(ctx, i.UUID)
	return command.NotFoundAs(t, err, id.Team)
}

// Teams lists the teams of a campaign in sight, by number.
func (sv *Supervision) Teams(ctx context.Context, campaignID id.ID, p command.PageArgs) (command.Page[*ent.InspectionTeam], error) {
	var bad fault.Input
	command.RequiredID(&bad, "campaignId", campaignID, id.Campaign)
	if err := bad.Err(); err != nil {
		return command.Page[*ent.InspectionTeam]{}, err
	}
	pq, err := command.NewPageQuery(p, command.Order{Field: "NUMBER", Column: inspectionteam.FieldNumber, IsNumber: true})
	if err != nil {
		return command.Page[*ent.InspectionTeam]{}, err
	}
	q := sv.store.Ent.InspectionTeam.Query().Where(inspectionteam.CampaignID(campaignID.UUID))
	q.Modify(pq.Apply)
	rows, err := q.All(ctx)
	if err != nil {
		return command.Page[*ent.InspectionTeam]{}, store.Fault(err)
	}
	return command.PageOf(pq, rows, func(t *ent.InspectionTeam) (string, uuid.UUID) { return strconv.Itoa(t.Number), t.ID }), nil
}

// MembersOfTeams lists the present members of these teams by position.
func (sv *Supervision) MembersOfTeams(ctx context.Context, teams []uuid.UUID) ([]*ent.TeamMember, error) {
	rows, err := sv.store.Ent.TeamMember.Query().Where(teammember.TeamIDIn(teams...), teammember.LeftOnIsNil()).Order(teammember.ByPosition(), teammember.ByID()).All(ctx)
	return rows, store.Fault(err)
}

// AreasOfTeams lists the areas of these teams.
func (sv *Supervision) AreasOfTeams(ctx context.Context, teams []uuid.UUID) ([]*ent.TeamArea, error) {
	rows, err := sv.store.Ent.TeamArea.Query().Where(teamarea.TeamIDIn(teams...)).Order(teamarea.ByID()).All(ctx)
	return rows, store.Fault(err)
}

// ContactsOfTeams gives each team's contact: the member at position 1, or the only
// one.
func (sv *Supervision) ContactsOfTeams(ctx context.Context, teams []uuid.UUID) (map[uuid.UUID][]*ent.User, error) {
	rows, err := sv.store.Ent.TeamMember.Query().Where(teammember.TeamIDIn(teams...), teammember.LeftOnIsNil(), teammember.PositionLTE(1)).
		Order(ent.Desc(teammember.FieldPosition)).WithUser().All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	out := map[uuid.UUID][]*ent.User{}
	for _, m := range rows {
		if u := m.Edges.User; u != nil && len(out[m.TeamID]) == 0 {
			out[m.TeamID] = []*ent.User{u}
		}
	}
	return out, nil
}

// TeamsByID reads the inspection teams in sight among these.
func (sv *Supervision) TeamsByID(ctx context.Context, ids []uuid.UUID) ([]*ent.InspectionTeam, error) {
	rows, err := sv.store.Ent.InspectionTeam.Query().Where(inspectionteam.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}
