package rule

// Sets of coded values: open lists that a bureau may extend.
const (
	HazardCategorySet = "HAZARD_CATEGORY"
	GridKindSet       = "GRID_KIND"
)
