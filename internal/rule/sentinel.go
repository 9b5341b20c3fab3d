package rule

import (
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/clock"
)

// The values below stand in rows and facts where nothing is set: a nullable column
// would lose rows from lists ordered by it, and two NULLs never meet in a unique
// index. They are stored, so they never change; every package takes them from here.

// NoDeadline is the deadline of a hazard that has none; it sorts after every other.
const NoDeadline clock.Date = "9999-12-31"

// Forever is the end of a state that still holds.
func Forever() time.Time { return time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC) }

// WholeSchool is the grid of what counts for no single grid.
var WholeSchool = uuid.Nil
