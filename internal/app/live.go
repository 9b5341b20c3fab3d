package app

import "time"

// DashboardChange says that the figures of a board may have changed.
type DashboardChange struct {
	At time.Time
	// Input asks for the figures.
	Input DashboardInput
}
