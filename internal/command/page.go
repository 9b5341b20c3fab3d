package command

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/inspectionreport"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/fault"
)

// MaxPage is the largest page of a list.
const MaxPage = 200

// PageArgs are Relay's pagination arguments: first with after, or last with
// before.
type PageArgs struct {
	First, Last   *int
	After, Before *string
}

// Direction of an order.
type Direction string

// The directions of an order.
const (
	Ascending  Direction = "ASC"
	Descending Direction = "DESC"
)

// Page is one page of rows with their cursors.
type Page[T any] struct {
	Rows                 []T
	Cursors              []string
	HasNext, HasPrevious bool
}

// OrderColumns says which column each order field of the API stands for, as
// "table.column". Every one is required, or a list would lose rows.
var OrderColumns = map[string]map[string]string{
	"HazardOrderField": {
		"REPORTED_AT": hazard.Table + "." + hazard.FieldReportedAt,
		"DEADLINE":    hazard.Table + "." + hazard.FieldDeadlineOn,
	},
	"ReportOrderField": {"STARTED_AT": inspectionreport.Table + "." + inspectionreport.FieldStartedAt},
	"SchoolOrderField": {"NAME": school.Table + "." + school.FieldName},
}

// Order is one column with the id as the tie-breaker: a keyset.
type Order struct {
	Field    string // of the API, goes into the cursor
	Column   string
	IsTime   bool
	IsNumber bool
	Desc     bool
}

type cursor struct {
	Field string    `json:"f"`
	Value string    `json:"v"`
	ID    uuid.UUID `json:"i"`
}

// PageQuery is how many rows to read, from where, in which direction.
type PageQuery struct {
	order    Order
	limit    int
	backward bool
	from     *cursor
}

// NewPageQuery reads the arguments of a page. BAD_USER_INPUT names the argument: a size
// outside 1 to MaxPage, first and last at once, a cursor of another list or order.
func NewPageQuery(p PageArgs, o Order) (PageQuery, error) {
	q := PageQuery{order: o}
	n, path := p.First, "first"
	if p.Last != nil {
		n, path, q.backward = p.Last, "last", true
	}
	if (p.First == nil) == (p.Last == nil) {
		return q, fault.Bad("first", "page_size", fault.T("请只给出 first 或 last 之一。", "Give either first or last."))
	}
	if *n < 1 || *n > MaxPage {
		return q, fault.Bad(path, "page_size", fault.Tf("每页 1 至 %d 条。", "A page has 1 to %d rows.", MaxPage))
	}
	q.limit = *n
	text, path, stray, strayPath := p.After, "after", p.Before, "before"
	if q.backward {
		text, path, stray, strayPath = stray, strayPath, text, path
	}
	if stray != nil {
		return q, fault.Bad(strayPath, "cursor", fault.T("first 配 after，last 配 before。", "first goes with after, last with before."))
	}
	if text == nil {
		return q, nil
	}
	c, ok := readCursor(*text, o)
	if !ok {
		return q, fault.Bad(path, "cursor", fault.T("游标无效或与排序方式不符。", "The cursor is not one of this list and order."))
	}
	q.from = c
	return q, nil
}

func readCursor(text string, o Order) (*cursor, bool) {
	if len(text) > 1024 {
		return nil, false
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, false
	}
	var c cursor
	if json.Unmarshal(b, &c) != nil || c.Field != o.Field || c.ID == uuid.Nil || !Storable(c.Value) {
		return nil, false
	}
	if o.IsTime {
		if _, err := time.Parse(time.RFC3339Nano, c.Value); err != nil {
			return nil, false
		}
	}
	if o.IsNumber {
		if _, err := strconv.ParseInt(c.Value, 10, 32); err != nil {
			return nil, false
		}
	}
	return &c, true
}

func writeCursor(o Order, value string, row uuid.UUID) string {
	b, _ := json.Marshal(cursor{Field: o.Field, Value: value, ID: row}) // plain strings: cannot fail
	return base64.RawURLEncoding.EncodeToString(b)
}

// Apply adds the keyset, the order and the limit to a query: one row more than
// asked tells whether there is a next page.
func (q PageQuery) Apply(s *sql.Selector) {
	desc := q.order.Desc != q.backward
	columns := []string{s.C(q.order.Column), s.C("id")}
	if q.from != nil {
		var value any = q.from.Value
		if q.order.IsTime {
			t, _ := time.Parse(time.RFC3339Nano, q.from.Value) // readCursor has parsed it
			value = t
		}
		if q.order.IsNumber {
			value, _ = strconv.Atoi(q.from.Value) // the same
		}
		if desc {
			s.Where(sql.CompositeLT(columns, value, q.from.ID))
		} else {
			s.Where(sql.CompositeGT(columns, value, q.from.ID))
		}
	}
	if desc {
		s.OrderBy(sql.Desc(columns[0]), sql.Desc(columns[1]))
	} else {
		s.OrderBy(sql.Asc(columns[0]), sql.Asc(columns[1]))
	}
	s.Limit(q.limit + 1)
}

// PageOf makes a page of the rows read; key gives a row's order value and id.
func PageOf[T any](q PageQuery, rows []T, key func(T) (string, uuid.UUID)) Page[T] {
	more := len(rows) > q.limit
	if more {
		rows = rows[:q.limit]
	}
	p := Page[T]{HasNext: more, HasPrevious: q.from != nil}
	if q.backward {
		for i, j := 0, len(rows)-1; i < j; i, j = i+1, j-1 {
			rows[i], rows[j] = rows[j], rows[i]
		}
		p.HasNext, p.HasPrevious = q.from != nil, more
	}
	p.Rows = rows
	for _, r := range rows {
		value, row := key(r)
		p.Cursors = append(p.Cursors, writeCursor(q.order, value, row))
	}
	return p
}

// TimeKey is an instant as a cursor holds it.
func TimeKey(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
