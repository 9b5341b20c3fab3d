package scope_test

import (
	"context"
	"reflect"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
)

// kind is one entity type of a client, reached by reflection: a test that walks
// the client's types can't forget one.
type kind struct {
	name   string
	client reflect.Value // of the type's own client
}

func kinds(c *ent.Client) []kind {
	var out []kind
	v := reflect.ValueOf(c).Elem()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.IsExported() && f.Type.String() == "*ent."+f.Name+"Client" {
			out = append(out, kind{f.Name, v.Field(i)})
		}
	}
	return out
}

// hasField reports whether the entity has a field of a name.
func (k kind) hasField(name string) bool {
	entity := k.client.MethodByName("GetX").Type().Out(0).Elem()
	_, ok := entity.FieldByName(name)
	return ok
}

func call(v reflect.Value, method string, args ...any) []reflect.Value {
	in := make([]reflect.Value, len(args))
	for i, a := range args {
		in[i] = reflect.ValueOf(a)
	}
	return v.MethodByName(method).Call(in)
}

func failure(v reflect.Value) error {
	err, _ := v.Interface().(error)
	return err
}

// filter is a condition on rows; nil is none.
type filter func(*sql.Selector)

func byID(ids ...uuid.UUID) filter {
	args := make([]any, len(ids))
	for i, x := range ids {
		args[i] = x
	}
	return func(s *sql.Selector) { s.Where(sql.In(s.C("id"), args...)) }
}

func writtenAt(t time.Time) filter {
	return func(s *sql.Selector) { s.Where(sql.EQ(s.C("created_at"), t)) }
}

func where(builder reflect.Value, f filter) reflect.Value {
	if f == nil {
		return builder
	}
	m := builder.MethodByName("Where")
	predicate := reflect.ValueOf(f).Convert(m.Type().In(0).Elem())
	return m.Call([]reflect.Value{predicate})[0]
}

func (k kind) query(f filter) reflect.Value { return where(call(k.client, "Query")[0], f) }

func (k kind) ids(ctx context.Context, f filter) ([]uuid.UUID, error) {
	out := call(k.query(f), "IDs", ctx)
	ids, _ := out[0].Interface().([]uuid.UUID)
	return ids, failure(out[1])
}

func (k kind) count(ctx context.Context) (int, error) {
	out := call(k.query(nil), "Count", ctx)
	return int(out[0].Int()), failure(out[1])
}

func (k kind) exist(ctx context.Context) (bool, error) {
	out := call(k.query(nil), "Exist", ctx)
	return out[0].Bool(), failure(out[1])
}

func (k kind) get(ctx context.Context, id uuid.UUID) error {
	return failure(call(k.client, "Get", ctx, id)[1])
}

func mark(t time.Time) func(*sql.UpdateBuilder) {
	return func(u *sql.UpdateBuilder) { u.Set("created_at", t) }
}

func (k kind) update(ctx context.Context, f filter, t time.Time) (int, error) {
	b := call(where(call(k.client, "Update")[0], f), "Modify", mark(t))[0]
	out := call(b, "Save", ctx)
	return int(out[0].Int()), failure(out[1])
}

func (k kind) updateOne(ctx context.Context, id uuid.UUID, t time.Time) error {
	b := call(call(k.client, "UpdateOneID", id)[0], "Modify", mark(t))[0]
	m, _ := call(b, "Mutation")[0].Interface().(ent.Mutation)
	if err := m.SetField("created_at", t); err != nil { // the column is immutable: the modifier writes it
		return err
	}
	return failure(call(b, "Exec", ctx)[0])
}

func (k kind) delete(ctx context.Context, f filter) (int, error) {
	out := call(where(call(k.client, "Delete")[0], f), "Exec", ctx)
	return int(out[0].Int()), failure(out[1])
}

func (k kind) deleteOne(ctx context.Context, id uuid.UUID) error {
	return failure(call(call(k.client, "DeleteOneID", id)[0], "Exec", ctx)[0])
}

func (k kind) create(ctx context.Context) error {
	return failure(call(call(k.client, "Create")[0], "Exec", ctx)[0])
}

func labels(text string) []string { return strings.Fields(text) }
