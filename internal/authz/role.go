package authz

// Role is what a person is in a region or a school (domain: roles). Roles are
// held by dated memberships.
type Role string

// The roles.
const (
	PlatformAdmin       Role = "PLATFORM_ADMIN"        // 平台管理员
	BureauLeader        Role = "BUREAU_LEADER"         // 局领导
	SafetySection       Role = "SAFETY_SECTION"        // 法规安全科
	Inspector           Role = "INSPECTOR"             // 督查组成员
	SchoolLeader        Role = "SCHOOL_LEADER"         // 校长
	SchoolSafetyOfficer Role = "SCHOOL_SAFETY_OFFICER" // 安全主任
	GridMember          Role = "GRID_MEMBER"           // 网格员
	StatisticsViewer    Role = "VIEWER"                // 查看
)

// Roles lists every role.
func Roles() []Role {
	return []Role{PlatformAdmin, BureauLeader, SafetySection, Inspector, SchoolLeader, SchoolSafetyOfficer, GridMember, StatisticsViewer}
}

// Values implements ent's enum interface.
func (Role) Values() []string {
	out := make([]string, 0, len(Roles()))
	for _, r := range Roles() {
		out = append(out, string(r))
	}
	return out
}

// OfSchool reports whether the role is held in a school; the others are held in
// a region subtree.
func (r Role) OfSchool() bool {
	return r == SchoolLeader || r == SchoolSafetyOfficer || r == GridMember
}

// OfBureau reports whether the role does the bureau's casework: it sees what a
// school may not know yet, as a draft of a notice or a planned visit.
func (r Role) OfBureau() bool {
	return r == Inspector || r == SafetySection || r == BureauLeader
}

// InspectingRoles are the roles with which a person may be put on a supervision
// team (plan: 局领导班子成员为组长，各有关科室负责人为成员).
func InspectingRoles() []Role { return []Role{Inspector, BureauLeader} }
