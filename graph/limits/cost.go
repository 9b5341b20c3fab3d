package limits

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/cleargrid/cleargrid/internal/fault"
)

// cost walks a validated operation with its variables. The expanded size is
// already known to be within the limits.
type cost struct {
	limits      Limits
	schema      *ast.Schema
	variables   map[string]any
	faults      fault.Input
	path        []string // response keys down to the field at hand
	introspects bool
}

func (c *cost) bad(path, reason string, text fault.Text) { c.faults.Add(path, reason, text) }

// selections estimates how many fields a set will answer with. rows is the page
// size of the field that the set belongs to: its lists hold as many.
func (c *cost) selections(set ast.SelectionSet, rows int) int {
	fields := 0
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.Field:
			c.conditions(sel.Directives)
			fields = add(fields, c.field(sel, rows))
		case *ast.InlineFragment:
			c.conditions(sel.Directives)
			fields = add(fields, c.selections(sel.SelectionSet, rows))
		case *ast.FragmentSpread:
			c.conditions(sel.Directives)
			fields = add(fields, c.selections(sel.Definition.SelectionSet, rows))
		}
	}
	return fields
}

func (c *cost) field(f *ast.Field, rows int) int {
	if f.Name == "__schema" || f.Name == "__type" {
		c.introspects = true
		return 1
	}
	c.path = append(c.path, f.Alias)
	defer func() { c.path = c.path[:len(c.path)-1] }()

	page := c.page(f)
	for _, a := range f.Arguments {
		if a.Name != "first" && a.Name != "last" {
			c.literal(c.at(a.Name), a.Value)
		}
	}

	// A list holds as many items as its own page, or as the page of the
	// connection around it; one that has no page is taken to be short.
	if f.Definition.Type.Elem == nil {
		return add(1, c.selections(f.SelectionSet, page))
	}
	times := unpagedRows
	switch {
	case page > 0:
		times = page
	case rows > 0:
		times = rows
	}
	below := c.selections(f.SelectionSet, 0)
	return add(1, min(below, math.MaxInt32/times)*times)
}

// at is the place of an argument as the client wrote it.
func (c *cost) at(argument string) string { return strings.Join(c.path, ".") + "." + argument }

// page checks first and last of a field and gives its page size, 0 for none.
func (c *cost) page(f *ast.Field) int {
	args := f.Definition.Arguments
	if args.ForName("commands") != nil { // each is answered on its own
		return c.length(f, "commands")
	}
	if args.ForName("first") == nil && args.ForName("last") == nil {
		return 0
	}
	first, hasFirst := c.size(f, "first")
	last, hasLast := c.size(f, "last")
	switch {
	case hasFirst && hasLast:
		c.bad(c.at("first"), "exclusive", fault.T("first 与 last 只能给出一个。", "Give either first or last, not both."))
	case !hasFirst && !hasLast && strings.HasSuffix(f.Definition.Type.Name(), "Connection"):
		c.bad(c.at("first"), "required", fault.Tf("必须给出 first 或 last（1 至 %d）。", "Give first or last, 1 to %d.", c.limits.PageSize))
	}
	return max(first, last)
}

// length is the number of items that an argument will have.
func (c *cost) length(f *ast.Field, argument string) int {
	if v := reflect.ValueOf(c.value(f, argument)); v.Kind() == reflect.Slice {
		return v.Len()
	}
	return 1
}

// size reads one page size; a bad one counts as the largest.
func (c *cost) size(f *ast.Field, argument string) (size int, given bool) {
	v := c.value(f, argument)
	if v == nil {
		return 0, false
	}
	n, whole := v.(int64)
	if !whole || n < 1 || n > int64(c.limits.PageSize) {
		c.bad(c.at(argument), "out_of_range", fault.Tf("每页条数必须是 1 至 %d 的整数。", "A page size is a whole number from 1 to %d.", c.limits.PageSize))
		return c.limits.PageSize, true
	}
	return int(n), true
}

// value is what an argument will be at execution: the literal, the variable, or
// the default of the schema.
func (c *cost) value(f *ast.Field, argument string) any {
	literal := func(v *ast.Value) any {
		got, _ := v.Value(c.variables) // validated, so it has a value
		return got
	}
	if a := f.Arguments.ForName(argument); a != nil {
		if a.Value.Kind != ast.Variable {
			return literal(a.Value)
		}
		if v, ok := c.variables[a.Value.Raw]; ok {
			return v
		}
	}
	if d := f.Definition.Arguments.ForName(argument); d != nil && d.DefaultValue != nil {
		return literal(d.DefaultValue)
	}
	return nil
}

// conditions refuses a null condition of @skip or @include, on which gqlgen
// would panic.
func (c *cost) conditions(list ast.DirectiveList) {
	for _, d := range list {
		a := d.Arguments.ForName("if")
		if a == nil || a.Value.Kind != ast.Variable {
			continue
		}
		if _, ok := c.variables[a.Value.Raw].(bool); !ok {
			c.bad(a.Value.Raw, "null", TextNull)
		}
	}
}

// TextNull tells that a value is null where it may not be.
var TextNull = fault.T("此项不能为空值。", "This value can't be null.")

var (
	textType   = fault.T("此项的类型不对。", "This value has the wrong type.")
	textChoice = fault.T("此项不是允许的取值之一。", "This value is not one of the allowed ones.")
	textNumber = fault.T("此数超出允许范围。", "This number is out of range.")
	textNUL    = fault.T("文本不能包含 NUL 字符。", "A text can't hold the NUL character.")
)

func (c *cost) tooLong(path string) {
	c.bad(path, "too_long", fault.Tf("列表最多 %d 项。", "A list has at most %d items.", c.limits.ListLength))
}

// literal checks a value written in the document. Its type is validated; its
// size is not.
func (c *cost) literal(path string, v *ast.Value) {
	switch v.Kind {
	case ast.IntValue:
		bits := 64
		if v.Definition != nil && v.Definition.Name == "Int" {
			bits = 32
		}
		if _, err := strconv.ParseInt(v.Raw, 10, bits); err != nil {
			c.bad(path, "out_of_range", textNumber)
		}
	case ast.FloatValue:
		if _, err := strconv.ParseFloat(v.Raw, 64); err != nil {
			c.bad(path, "out_of_range", textNumber)
		}
	case ast.StringValue, ast.BlockValue:
		if strings.ContainsRune(v.Raw, 0) {
			c.bad(path, "nul", textNUL)
		}
	case ast.ListValue:
		if len(v.Children) > c.limits.ListLength {
			c.tooLong(path)
			return
		}
		for i, child := range v.Children {
			c.literal(fmt.Sprintf("%s[%d]", path, i), child.Value)
		}
	case ast.ObjectValue:
		for _, child := range v.Children {
			c.literal(path+"."+child.Name, child.Value)
		}
	default: // a variable is checked where it is declared; the rest has no size
	}
}

// variablesOf checks the variables that an operation declares.
func (c *cost) variablesOf(oc *graphql.OperationContext) {
	for _, d := range oc.Operation.VariableDefinitions {
		if v, ok := oc.Variables[d.Variable]; ok {
			c.input(d.Variable, d.Type, d.Definition, v)
		}
	}
}

// input checks one value of a variable against its type. gqlparser is laxer
// than the GraphQL specification: it takes "2" for an Int, 2 for a String and
// enum values in any case.
func (c *cost) input(path string, typ *ast.Type, def *ast.Definition, value any) {
	v := reflect.ValueOf(value)
	switch {
	case !v.IsValid():
	case v.Kind() == reflect.Slice:
		if v.Len() > c.limits.ListLength {
			c.tooLong(path)
			return
		}
		item := typ
		if typ != nil && typ.Elem != nil {
			item = typ.Elem
		}
		for i := range v.Len() {
			c.input(fmt.Sprintf("%s[%d]", path, i), item, def, v.Index(i).Interface())
		}
	case v.Kind() == reflect.Map:
		c.object(path, def, value)
	default:
		c.leaf(path, def, value)
	}
}

// object checks the fields of an input object, or of a scalar that takes
// objects, whose fields have no type.
func (c *cost) object(path string, def *ast.Definition, value any) {
	fields, _ := value.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		var typ *ast.Type
		var d *ast.Definition
		if def != nil {
			if f := def.Fields.ForName(name); f != nil {
				typ, d = f.Type, c.schema.Types[f.Type.Name()]
			}
		}
		c.input(path+"."+name, typ, d, fields[name])
	}
}

// leaf checks a scalar or enum. Scalars of our own check themselves when they
// are read.
func (c *cost) leaf(path string, def *ast.Definition, value any) {
	text, isText := value.(string)
	if strings.ContainsRune(text, 0) {
		c.bad(path, "nul", textNUL)
		return
	}
	switch {
	case def == nil:
	case def.Kind == ast.Enum:
		if !isText || def.EnumValues.ForName(text) == nil {
			c.bad(path, "not_a_choice", textChoice)
		}
	case def.Name == "String":
		if !isText {
			c.bad(path, "type", textType)
		}
	case def.Name == "Float":
		if isText {
			c.bad(path, "type", textType)
		}
	case def.Name == "Int":
		c.whole(path, value)
	}
}

// whole checks an Int, which has 32 bits.
func (c *cost) whole(path string, value any) {
	var digits string
	switch v := value.(type) {
	case json.Number:
		digits = v.String()
	case int64:
		digits = strconv.FormatInt(v, 10)
	default:
		c.bad(path, "type", textType)
		return
	}
	if _, err := strconv.ParseInt(digits, 10, 32); err != nil {
		c.bad(path, "out_of_range", textNumber)
	}
}
