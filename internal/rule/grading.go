package rule

// GradingLayer is whose grading rules they are. Layers add up: none takes back what another says.
type GradingLayer string

// The values of GradingLayer.
const (
	GradingNational GradingLayer = "NATIONAL" // 国家
	GradingProvince GradingLayer = "PROVINCE" // 省
	GradingCounty   GradingLayer = "COUNTY"   // 县
)

// GradingLayers lists the layers, the widest first.
func GradingLayers() []GradingLayer {
	return []GradingLayer{GradingNational, GradingProvince, GradingCounty}
}

// Values implements ent's enum interface.
func (GradingLayer) Values() []string { return values(GradingLayers()) }

// GradingCondition says when a grading rule hits: everything that is given must
// hold of the hazard. An empty condition never hits.
type GradingCondition struct {
	// Signs are what was seen, by their codes of the set HAZARD_SIGN: one suffices.
	Signs []string `json:"signs,omitempty" yaml:"signs"`
	// Categories are hazard categories: one suffices.
	Categories []string `json:"categories,omitempty" yaml:"categories"`
	// GridKinds are kinds of grids: one suffices.
	GridKinds []string `json:"gridKinds,omitempty" yaml:"gridKinds"`
	// Items are numbers of checklist items whose finding the hazard came from.
	Items []int `json:"items,omitempty" yaml:"items"`
	// Boarding asks for a boarding school.
	Boarding bool `json:"boarding,omitempty" yaml:"boarding"`
	// Stages are stages that the school teaches: one suffices.
	Stages []SchoolStage `json:"stages,omitempty" yaml:"stages"`
}
