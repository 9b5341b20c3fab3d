package seed

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/authz"
)

// person is a drafted user with one membership. People have no names: a user is
// called by the place and the post.
type person struct {
	id, membershipID uuid.UUID
	account, name    string
	role             authz.Role
	// regionID or schoolID says where the role is held; the other is zero.
	regionID, schoolID uuid.UUID
	path               string // of the region, or of the school's township
	place              string
}

// team is a drafted supervision team (督查组).
type team struct {
	id        uuid.UUID
	number    int
	members   []person // the leader first
	memberIDs []uuid.UUID
	areas     []*township
	areaIDs   []uuid.UUID
}

// staff appoints a school's people and hands out its grids. The whole school is
// led by the school leader and looked after by the safety officer; every other
// grid is led by the safety officer and looked after by a grid member, who has
// two or more neighbouring grids.
func (s *school) staff(ids *sequence, number int) {
	post := func(account, title string, role authz.Role) person {
		return person{
			id: ids.next(), membershipID: ids.next(), account: fmt.Sprintf("s%04d.%s", number, account), name: s.name + " " + title,
			role: role, schoolID: s.id, path: s.township.path, place: s.name,
		}
	}
	s.leader = post("principal", s.kind.head, authz.SchoolLeader)
	s.officer = post("officer", "安全主任", authz.SchoolSafetyOfficer)
	parts := len(s.grids) - 1
	for n := range parts / 2 {
		s.members = append(s.members, post(fmt.Sprintf("grid%02d", n+1), fmt.Sprintf("网格员%02d", n+1), authz.GridMember))
	}

	for i := range s.grids {
		g := &s.grids[i]
		g.leader, g.member = s.officer.id, s.leader.id
		if i == 0 {
			g.leader, g.member = s.leader.id, s.officer.id
		} else {
			g.member = s.members[(i-1)*len(s.members)/parts].id
		}
		g.leadingID, g.memberingID = ids.next(), ids.next()
	}
}

// people lists everybody of the school.
func (s *school) people() []person {
	return append([]person{s.leader, s.officer}, s.members...)
}
