// Package figures defines each figure of the dashboards once: how it is summed
// now, how it is summed for an instant of the past, which rows stand behind it and
// how it is rebuilt.
//
// It decides what a figure counts, and gives the lists their conditions. It never
// decides who may ask (app) and changes nothing. app, the simulation and `cleargrid
// verify --rollup` call it; nothing above it restates what a figure counts.
package figures

import (
	"context"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/rollup"
)

// Reader reads figures through a client, or through a transaction's.
type Reader struct {
	Ent *ent.Client
	// rebuilt are the schools that were rebuilt already; nil: none is remembered.
	rebuilt map[uuid.UUID]rollup.Kept
}

// Remembering is a Reader that rebuilds each school once, for as long as nobody
// writes. One goroutine may use it.
func (rd Reader) Remembering() Reader {
	rd.rebuilt = map[uuid.UUID]rollup.Kept{}
	return rd
}

// rebuild is what should be kept of a school.
func (rd Reader) rebuild(ctx context.Context, school uuid.UUID) (rollup.Kept, error) {
	if k, done := rd.rebuilt[school]; done {
		return k, nil
	}
	k, err := rollup.Rebuilt(ctx, rd.Ent, school)
	if err == nil && rd.rebuilt != nil {
		rd.rebuilt[school] = k
	}
	return k, err
}
