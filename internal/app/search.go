package app

import (
	"context"
	"strings"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/oversightorder"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/store"
)

// searchHazards keeps the hazards that hold every word: in their own text, or in the
// name of their school.
func searchHazards(words []string) func(*sql.Selector) {
	return func(s *sql.Selector) {
		for _, w := range words {
			t := sql.Dialect(s.Dialect()).Select(school.FieldID).From(sql.Table(school.Table))
			t.Where(command.HoldsWord(t, id.School, w))
			s.Where(sql.Or(command.HoldsWord(s, id.Hazard, w), sql.In(s.C(hazard.FieldSchoolID), t)))
		}
	}
}

// reindexed is how many rows one transaction makes findable.
const reindexed = 100

// IndexSearch makes the rows findable that were written before there was a search,
// or by the seeding. It runs at the start and ends when there are none; two at once
// only repeat each other's work.
func (a *App) IndexSearch(ctx context.Context) error {
	ctx = authz.AsSystem(ctx)
	for _, some := range []func(context.Context, *ent.Tx) (int, error){indexSchools, indexHazards} {
		for {
			n := 0
			err := a.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) (err error) {
				n, err = some(ctx, tx)
				return err
			})
			if err != nil {
				return err
			}
			if n == 0 {
				break
			}
		}
	}
	return nil
}

func indexSchools(ctx context.Context, tx *ent.Tx) (int, error) {
	rows, err := tx.School.Query().Where(school.SearchTextIsNil()).Order(school.ByID()).Limit(reindexed).All(ctx)
	if err != nil {
		return 0, err
	}
	texts := map[uuid.UUID]string{}
	for _, s := range rows {
		texts[s.ID] = command.SearchText(s.Name, s.Code)
		if err := tx.School.Update().Where(school.ID(s.ID)).SetSearchText(texts[s.ID]).Exec(ctx); err != nil {
			return 0, err
		}
	}
	return len(rows), command.IndexTexts(ctx, tx, id.School, texts)
}

func indexHazards(ctx context.Context, tx *ent.Tx) (int, error) {
	rows, err := tx.Hazard.Query().Where(hazard.SearchTextIsNil()).Order(hazard.ByID()).Limit(reindexed).All(ctx)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	ids := make([]uuid.UUID, len(rows))
	for i, h := range rows {
		ids[i] = h.ID
	}
	if err := store.Lock(ctx, tx, store.Hazards, ids...); err != nil { // nobody lists one meanwhile
		return 0, err
	}
	documents := map[uuid.UUID][]string{}
	oversightOrders, err := tx.OversightOrder.Query().Where(oversightorder.HazardIDIn(ids...)).Order(oversightorder.ByPlacedAt()).All(ctx)
	if err != nil {
		return 0, err
	}
	for _, l := range oversightOrders {
		documents[l.HazardID] = append(documents[l.HazardID], l.DocumentNumber)
	}
	texts := map[uuid.UUID]string{}
	for _, h := range rows {
		texts[h.ID] = command.SearchText(append([]string{h.Description, h.Place}, documents[h.ID]...)...)
		if err := tx.Hazard.Update().Where(hazard.ID(h.ID)).SetSearchText(texts[h.ID]).Exec(ctx); err != nil {
			return 0, err
		}
	}
	return len(rows), command.IndexTexts(ctx, tx, id.Hazard, texts)
}

// findableBy adds the number of a document to what a hazard is found by. A hazard
// that is not indexed yet gets it with the rest.
func (c *hazardChange) findableBy(document string) {
	text, before := command.NormalText(document), c.hazard.SearchText
	if text == "" || before == nil || strings.Contains(*before, text) {
		return
	}
	c.update.SetSearchText(*before + "\n" + text)
	c.write(command.WriteFunc(func(ctx context.Context) error { return command.IndexText(ctx, c.tx.Tx, id.Hazard, c.hazard.ID, text) }))
}
