package rule

// RiskLevel is the colour of a risk point (风险等级, 双控机制).
type RiskLevel string

// The values of RiskLevel.
const (
	RiskRed    RiskLevel = "RED"    // 重大风险
	RiskOrange RiskLevel = "ORANGE" // 较大风险
	RiskYellow RiskLevel = "YELLOW" // 一般风险
	RiskBlue   RiskLevel = "BLUE"   // 低风险
)

// RiskLevels lists the colours, the gravest first.
func RiskLevels() []RiskLevel {
	return []RiskLevel{RiskRed, RiskOrange, RiskYellow, RiskBlue}
}

// Values implements ent's enum interface.
func (RiskLevel) Values() []string { return values(RiskLevels()) }

// ControlKind is how a control keeps a risk in check (管控措施类别).
type ControlKind string

// The values of ControlKind.
const (
	ControlEngineering ControlKind = "ENGINEERING" // 工程技术措施
	ControlManagement  ControlKind = "MANAGEMENT"  // 管理措施
	ControlTraining    ControlKind = "TRAINING"    // 培训教育措施
	ControlProtection  ControlKind = "PROTECTION"  // 个体防护措施
	ControlEmergency   ControlKind = "EMERGENCY"   // 应急处置措施
)

// ControlKinds lists the kinds of controls.
func ControlKinds() []ControlKind {
	return []ControlKind{ControlEngineering, ControlManagement, ControlTraining, ControlProtection, ControlEmergency}
}

// Values implements ent's enum interface.
func (ControlKind) Values() []string { return values(ControlKinds()) }
