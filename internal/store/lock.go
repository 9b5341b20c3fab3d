package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/campaign"
	"github.com/cleargrid/cleargrid/ent/evidence"
	"github.com/cleargrid/cleargrid/ent/finding"
	"github.com/cleargrid/cleargrid/ent/grid"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/inspectionreport"
	"github.com/cleargrid/cleargrid/ent/notice"
	"github.com/cleargrid/cleargrid/ent/riskpoint"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/fault"
)

// Rank names what can be locked. Within a transaction locks are taken in ascending
// rank, and within a rank in ascending id, so that two transactions never wait for
// each other in a circle. The updates of counters take their own locks.
type Rank int

// The ranks, lowest first.
const (
	Campaigns Rank = iota + 1
	Schools
	Grids
	RiskPoints
	Files // rows of evidence
	Reports
	Hazards
	Findings
	Notices
	Figures // of a school in a campaign; an update of them takes the lock by itself
	ChangeHead
)

var rankNames = map[Rank]string{
	Campaigns: "campaigns", Schools: "schools", Grids: "grids", RiskPoints: "risk points", Files: "files", Reports: "reports",
	Hazards: "hazards", Findings: "findings", Notices: "notices",
	Figures: "figures", ChangeHead: "the change head",
}

// String names the rank in errors.
func (r Rank) String() string { return rankNames[r] }

// Lock locks rows of one rank until the transaction of ctx ends; what is locked
// already costs no statement. On PostgreSQL it is FOR NO KEY UPDATE, as the updates
// that follow would take; on SQLite the transaction is the only writer already.
// A lock is about order and not about sight: rows out of the viewer's scope are
// locked too. INTERNAL when a lock of a higher rank, or of the same rank and a
// greater id, is held, and outside of InTx.
func Lock(ctx context.Context, tx *ent.Tx, r Rank, ids ...uuid.UUID) error {
	fresh, err := acquire(ctx, r, ids)
	if err != nil || len(fresh) == 0 || heldBy(ctx).dialect != dialect.Postgres {
		return err
	}
	ctx = authz.AsSystem(ctx) // a lock is about order, not about sight
	switch r {
	case Campaigns:
		_, err = tx.Campaign.Query().Where(campaign.IDIn(fresh...), noKeyUpdate).Order(campaign.ByID()).IDs(ctx)
	case Schools:
		_, err = tx.School.Query().Where(school.IDIn(fresh...), noKeyUpdate).Order(school.ByID()).IDs(ctx)
	case Grids:
		_, err = tx.Grid.Query().Where(grid.IDIn(fresh...), noKeyUpdate).Order(grid.ByID()).IDs(ctx)
	case RiskPoints:
		_, err = tx.RiskPoint.Query().Where(riskpoint.IDIn(fresh...), noKeyUpdate).Order(riskpoint.ByID()).IDs(ctx)
	case Files:
		_, err = tx.Evidence.Query().Where(evidence.IDIn(fresh...), noKeyUpdate).Order(evidence.ByID()).IDs(ctx)
	case Reports:
		_, err = tx.InspectionReport.Query().Where(inspectionreport.IDIn(fresh...), noKeyUpdate).Order(inspectionreport.ByID()).IDs(ctx)
	case Hazards:
		_, err = tx.Hazard.Query().Where(hazard.IDIn(fresh...), noKeyUpdate).Order(hazard.ByID()).IDs(ctx)
	case Findings:
		_, err = tx.Finding.Query().Where(finding.IDIn(fresh...), noKeyUpdate).Order(finding.ByID()).IDs(ctx)
	case Notices:
		_, err = tx.Notice.Query().Where(notice.IDIn(fresh...), noKeyUpdate).Order(notice.ByID()).IDs(ctx)
	default:
		return fault.Of(fmt.Errorf("store: %s can be locked by a query only", r))
	}
	return err
}

// Locking makes a query lock the rows that it reads, in the same statement; it goes
// among the predicates of a query of a transaction. The ids are those that the
// query names. Order and errors are those of Lock; the error comes from the query.
func Locking(ctx context.Context, r Rank, ids ...uuid.UUID) func(*sql.Selector) {
	_, err := acquire(ctx, r, ids)
	return func(s *sql.Selector) {
		if err != nil {
			s.AddError(err)
			return
		}
		noKeyUpdate(s)
		if len(ids) > 1 {
			s.OrderBy(s.C("id"))
		}
	}
}

// noKeyUpdate locks what a query reads, as an update of other columns than its key
// would: rows that refer to it may still be inserted.
func noKeyUpdate(s *sql.Selector) {
	if s.Dialect() == dialect.Postgres {
		s.For(sql.LockNoKeyUpdate)
	}
}

// locks are those that one run of a transaction holds.
type locks struct {
	dialect string
	highest Rank
	held    map[Rank][]uuid.UUID // sorted
}

type locksKey struct{}

// withLocks begins to note the locks of a transaction.
func withLocks(ctx context.Context, dialect string) context.Context {
	return context.WithValue(ctx, locksKey{}, &locks{dialect: dialect, held: map[Rank][]uuid.UUID{}})
}

// heldBy gives the locks of the transaction of ctx; nil outside of one.
func heldBy(ctx context.Context) *locks {
	l, _ := ctx.Value(locksKey{}).(*locks)
	return l
}

// acquire notes locks and gives those that are not held yet, in order.
func acquire(ctx context.Context, r Rank, ids []uuid.UUID) ([]uuid.UUID, error) {
	l := heldBy(ctx)
	if l == nil {
		return nil, fault.Of(fmt.Errorf("store: a lock of %s outside of a transaction", r))
	}
	held := l.held[r]
	var fresh []uuid.UUID
	for _, i := range ids {
		if _, has := slices.BinarySearchFunc(held, i, byBytes); !has {
			fresh = append(fresh, i)
		}
	}
	slices.SortFunc(fresh, byBytes)
	fresh = slices.Compact(fresh)
	if len(fresh) == 0 && len(ids) > 0 {
		return nil, nil
	}
	if r < l.highest {
		return nil, fault.Of(fmt.Errorf("store: a lock of %s after one of %s", r, l.highest))
	}
	if len(held) > 0 && len(fresh) > 0 && byBytes(fresh[0], held[len(held)-1]) < 0 {
		return nil, fault.Of(fmt.Errorf("store: a lock of %s %s after one of %s", r, fresh[0], held[len(held)-1]))
	}
	l.highest, l.held[r] = r, append(held, fresh...)
	return fresh, nil
}

func byBytes(x, y uuid.UUID) int { return bytes.Compare(x[:], y[:]) }
