package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/cleargrid/cleargrid/internal/fault"
)

// Limits bound what one request may ask for. A zero value means the default.
type Limits struct {
	// BodyBytes is the largest request: the body of a POST, the query string of
	// a GET. Default 256 KiB.
	BodyBytes int64
	// Tokens is the most lexical tokens in a document. Default 5,000.
	Tokens int
	// Depth is how deep fields may nest, fragments expanded. Default 12.
	// Introspection has its own, introspectionDepth.
	Depth int
	// Width is the most fields in one selection set, fragments expanded.
	// Default 200.
	Width int
	// Selections is the most fields in a whole document, fragments expanded.
	// Default 1,000.
	Selections int
	// Aliases is the most renamed fields in a document, fragments expanded.
	// Default 50.
	Aliases int
	// PageSize is the largest first or last. Default 200.
	PageSize int
	// ListLength is the most items in any list of the input. Default 200.
	ListLength int
	// Cost is the most fields that the answer may hold, as estimated from the
	// page sizes. Default 50,000, about 150 ms of CPU.
	Cost int
	// Errors is the most errors in one answer. Default 20.
	Errors int
	// Deadline is the time that a request may take. Default 15 s.
	Deadline time.Duration
}

func (l Limits) withDefaults() Limits {
	set := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	set(&l.Tokens, 5000)
	set(&l.Depth, 12)
	set(&l.Width, 200)
	set(&l.Selections, 1000)
	set(&l.Aliases, 50)
	set(&l.PageSize, 200)
	set(&l.ListLength, 200)
	set(&l.Cost, 50_000)
	set(&l.Errors, 20)
	if l.BodyBytes == 0 {
		l.BodyBytes = 256 << 10
	}
	if l.Deadline == 0 {
		l.Deadline = 15 * time.Second
	}
	return l
}

// Bounds that no honest client comes near. They keep validation, which is
// quadratic in most of them, cheap, and answers from echoing long names.
const (
	maxOperations = 20
	maxFragments  = 100
	maxVariables  = 100
	maxDirectives = 100
	maxArguments  = 500 // in the whole document
	maxNameBytes  = 100
	maxNesting    = 50 // of fields and fragments
	// introspectionDepth lets the query of the usual tools through: 15 levels.
	introspectionDepth = 20
	// unpagedRows is the length assumed of a list that has no page size.
	unpagedRows = 10
	// maxCachedBytes keeps large documents out of the cache of parsed ones.
	maxCachedBytes = 8 << 10
)

// guard refuses an operation that would cost too much, before the work that it
// would cost. It must be the first extension of a server, but for one that puts
// the text of a persisted query in its place.
//
// It works in two steps. Before validation it measures the shape of the parsed
// document, each fragment once, so that fragments which double each other cost
// nothing. After validation, with types and variables known, it checks page
// sizes, the estimated cost and every value of the input.
type guard struct {
	limits Limits
	schema *ast.Schema
	cache  *documentCache
	// introspect reports whether the caller may read the schema.
	introspect func(context.Context) bool
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationParameterMutator
	graphql.OperationContextMutator
} = guard{}

// ExtensionName implements graphql.HandlerExtension.
func (guard) ExtensionName() string { return "Guard" }

// Validate implements graphql.HandlerExtension.
func (guard) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters implements graphql.OperationParameterMutator: the
// step before validation.
func (g guard) MutateOperationParameters(ctx context.Context, params *graphql.RawParams) *gqlerror.Error {
	doc, seen := g.cache.Get(ctx, params.Query)
	if !seen {
		var err error
		if doc, err = g.parse(params.Query); err != nil {
			return gqlerror.WrapIfUnwrapped(err)
		}
		if err := g.shape(doc); err != nil {
			return gqlerror.Wrap(err)
		}
	}
	if err := operationOf(doc, params.OperationName); err != nil {
		return gqlerror.Wrap(err)
	}
	return nil
}

// MutateOperationContext implements graphql.OperationContextMutator: the step
// after validation.
func (g guard) MutateOperationContext(ctx context.Context, oc *graphql.OperationContext) *gqlerror.Error {
	s := survey{limits: g.limits, schema: g.schema, variables: oc.Variables}
	s.variablesOf(oc)
	cost := s.selections(oc.Operation.SelectionSet, 0)

	allowed := g.introspect(ctx)
	oc.DisableIntrospection = !allowed
	if s.introspects && !allowed {
		return gqlerror.Wrap(errNoIntrospection)
	}
	if err := s.faults.Err(); err != nil {
		return gqlerror.Wrap(err)
	}
	if cost > g.limits.Cost {
		return gqlerror.Wrap(tooComplex("cost", g.limits.Cost, "预计返回的字段数", "the estimated number of fields in the answer"))
	}
	return nil
}

var (
	errNoIntrospection = fault.New(fault.Forbidden, "introspection.off",
		fault.T("只有平台管理员可以读取接口定义。", "Only platform administrators may read the schema here."))
	errNoOperation = fault.Bad("query", "no_operation",
		fault.T("请求中没有可执行的操作。", "The document holds no operation to run."))
	errUnknownOperation = fault.Bad("operationName", "unknown",
		fault.T("文档中没有该名称的操作；文档含多个操作时必须给出 operationName。", "The document has no operation of this name. A document with several operations needs operationName."))
	errFragmentCycle = fault.Bad("query", "fragment_cycle",
		fault.T("片段之间循环引用。", "Fragments spread each other in a circle."))
	errNoDefer = fault.Bad("query", "defer",
		fault.T("不支持 @defer 和 @stream。", "@defer and @stream are not supported."))
)

// tooComplex is the QUERY_TOO_COMPLEX about one limit, named in the details.
func tooComplex(limit string, most int, zh, en string) *fault.Error {
	return fault.New(fault.QueryTooComplex, "query."+limit, fault.Tf(
		"查询过于复杂：%[1]s超过上限 %[3]d。请减少字段或分批查询。",
		"The query is too complex: %[2]s is over the limit of %[3]d. Ask for less, or in several queries.", zh, en, most,
	)).With("limit", limit).With("most", most)
}

// operationOf reports a document without the operation asked for.
func operationOf(doc *ast.QueryDocument, name string) error {
	switch {
	case len(doc.Operations) == 0:
		return errNoOperation
	case doc.Operations.ForName(name) == nil:
		return errUnknownOperation
	default:
		return nil
	}
}

// parse reads a document within the limit of tokens. A syntax error is returned
// as the parser gives it, for the presenter.
func (g guard) parse(query string) (*ast.QueryDocument, error) {
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: query}, g.limits.Tokens)
	if err == nil {
		return doc, nil
	}
	switch text := err.Error(); {
	case strings.Contains(text, "exceeded token limit"):
		return nil, tooComplex("tokens", g.limits.Tokens, "词元数", "its number of tokens")
	case strings.Contains(text, "exceeded maximum nesting depth"):
		return nil, tooComplex("nesting", parser.MaxNestingDepth, "嵌套层数", "its nesting")
	default:
		errcode.Set(err, errcode.ParseFailed)
		return nil, err
	}
}

// shape measures a document that is not yet validated.
func (g guard) shape(doc *ast.QueryDocument) error {
	m := measurement{fragments: make(map[string]*ast.FragmentDefinition, len(doc.Fragments)), known: map[string]extent{}}
	for _, f := range doc.Fragments {
		if _, ok := m.fragments[f.Name]; !ok {
			m.fragments[f.Name] = f
		}
	}

	// Every operation counts, because every operation is validated.
	var total extent
	for _, op := range doc.Operations {
		m.name(op.Name)
		m.directives(op.Directives)
		for _, v := range op.VariableDefinitions {
			m.name(v.Variable)
			m.variables++
			m.directives(v.Directives)
		}
		e := m.set(op.SelectionSet)
		total = total.beside(e)
		total.width = max(total.width, e.width)
	}
	// So does a fragment that no operation uses.
	for _, f := range doc.Fragments {
		m.directives(f.Directives)
		e := m.fragment(f.Name)
		if strings.HasPrefix(f.TypeCondition, "__") {
			e = e.introspective()
		}
		total.deepen(e)
		total.width = max(total.width, e.width)
		total.selections = max(total.selections, e.selections)
		total.aliases = max(total.aliases, e.aliases)
	}

	switch {
	case m.cycle:
		return errFragmentCycle
	case m.deferred:
		return errNoDefer
	}
	return g.within(total, &m, doc)
}

// within compares a measured document with the limits.
func (g guard) within(total extent, m *measurement, doc *ast.QueryDocument) error {
	for _, l := range []struct {
		name       string
		have, most int
		zh, en     string
	}{
		{"depth", total.depth, g.limits.Depth, "字段嵌套层数", "its depth"},
		{"introspection", total.introspection, introspectionDepth, "内省嵌套层数", "the depth of its introspection"},
		{"nesting", total.nesting, maxNesting, "嵌套层数", "its nesting"},
		{"width", total.width, g.limits.Width, "单层字段数", "the number of fields on one level"},
		{"selections", total.selections, g.limits.Selections, "字段总数", "its number of fields"},
		{"aliases", total.aliases, g.limits.Aliases, "别名数", "its number of aliases"},
		{"operations", len(doc.Operations), maxOperations, "操作数", "its number of operations"},
		{"fragments", len(doc.Fragments), maxFragments, "片段数", "its number of fragments"},
		{"variables", m.variables, maxVariables, "变量数", "its number of variables"},
		{"directives", m.directiveCount, maxDirectives, "指令数", "its number of directives"},
		{"arguments", m.arguments, maxArguments, "参数数", "its number of arguments"},
		{"name", m.longestName, maxNameBytes, "名称长度", "the length of a name"},
	} {
		if l.have > l.most {
			return tooComplex(l.name, l.most, l.zh, l.en)
		}
	}
	return nil
}

// extent is the size of a selection set with its fragments expanded.
type extent struct {
	selections, aliases int
	width               int // fields of the set itself
	depth               int // levels of fields
	introspection       int // levels below __schema or __type
	nesting             int // levels of fields and fragments
}

// add is a sum that stays far from overflow: a hundred fragments that double
// each other stand for 2^100 fields.
func add(a, b int) int { return min(a+b, math.MaxInt32) }

// beside is the extent of two parts of the same set.
func (e extent) beside(o extent) extent {
	return extent{
		selections:    add(e.selections, o.selections),
		aliases:       add(e.aliases, o.aliases),
		width:         add(e.width, o.width),
		depth:         max(e.depth, o.depth),
		introspection: max(e.introspection, o.introspection),
		nesting:       max(e.nesting, o.nesting),
	}
}

// spread is the extent of a fragment where it is used. It costs a visit even
// when it is empty, and a level: validation is cubic in those.
func (e extent) spread() extent {
	e.selections = add(e.selections, 1)
	e.nesting++
	return e
}

// introspective is the extent of a part that only introspection reaches.
func (e extent) introspective() extent {
	e.introspection, e.depth = max(e.introspection, e.depth), 0
	return e
}

func (e *extent) deepen(o extent) {
	e.depth = max(e.depth, o.depth)
	e.introspection = max(e.introspection, o.introspection)
	e.nesting = max(e.nesting, o.nesting)
}

// measurement computes extents, those of fragments once each.
type measurement struct {
	fragments map[string]*ast.FragmentDefinition
	known     map[string]extent
	open      []string // fragments being measured

	cycle, deferred                      bool
	variables, directiveCount, arguments int
	longestName                          int
}

func (m *measurement) name(n string) { m.longestName = max(m.longestName, len(n)) }

func (m *measurement) directives(list ast.DirectiveList) {
	m.directiveCount += len(list)
	for _, d := range list {
		m.name(d.Name)
		m.argumentsOf(d.Arguments)
		if d.Name == "defer" || d.Name == "stream" {
			m.deferred = true
		}
	}
}

func (m *measurement) argumentsOf(list ast.ArgumentList) {
	m.arguments += len(list)
	for _, a := range list {
		m.name(a.Name)
	}
}

func (m *measurement) set(set ast.SelectionSet) extent {
	var e extent
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.Field:
			e = e.beside(m.field(sel))
		case *ast.InlineFragment:
			m.name(sel.TypeCondition)
			m.directives(sel.Directives)
			e = e.beside(m.set(sel.SelectionSet).spread())
		case *ast.FragmentSpread:
			m.name(sel.Name)
			m.directives(sel.Directives)
			e = e.beside(m.fragment(sel.Name).spread())
		}
	}
	return e
}

func (m *measurement) field(f *ast.Field) extent {
	m.name(f.Name)
	m.name(f.Alias)
	m.directives(f.Directives)
	m.argumentsOf(f.Arguments)

	e := m.set(f.SelectionSet)
	e.selections = add(e.selections, 1)
	e.width = 1
	if f.Alias != f.Name {
		e.aliases = add(e.aliases, 1)
	}
	if f.Name == "__schema" || f.Name == "__type" {
		e = e.introspective()
	}
	e.depth++
	e.nesting++
	return e
}

// fragment is the extent of a named fragment. One that does not exist counts
// nothing here: validation refuses it.
func (m *measurement) fragment(name string) extent {
	if e, ok := m.known[name]; ok {
		return e
	}
	f, ok := m.fragments[name]
	if !ok {
		return extent{}
	}
	if slices.Contains(m.open, name) {
		m.cycle = true
		return extent{}
	}
	m.name(name)
	m.name(f.TypeCondition)

	m.open = append(m.open, name)
	e := m.set(f.SelectionSet)
	m.open = m.open[:len(m.open)-1]
	m.known[name] = e
	return e
}

// survey walks a validated operation with its variables. The expanded size is
// already known to be within the limits.
type survey struct {
	limits      Limits
	schema      *ast.Schema
	variables   map[string]any
	faults      fault.Input
	path        []string // response keys down to the field at hand
	introspects bool
}

func (s *survey) bad(path, reason string, text fault.Text) { s.faults.Add(path, reason, text) }

// selections estimates how many fields a set will answer with. rows is the page
// size of the field that the set belongs to: its lists hold as many.
func (s *survey) selections(set ast.SelectionSet, rows int) int {
	cost := 0
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.Field:
			s.conditions(sel.Directives)
			cost = add(cost, s.field(sel, rows))
		case *ast.InlineFragment:
			s.conditions(sel.Directives)
			cost = add(cost, s.selections(sel.SelectionSet, rows))
		case *ast.FragmentSpread:
			s.conditions(sel.Directives)
			cost = add(cost, s.selections(sel.Definition.SelectionSet, rows))
		}
	}
	return cost
}

func (s *survey) field(f *ast.Field, rows int) int {
	if f.Name == "__schema" || f.Name == "__type" {
		s.introspects = true
		return 1
	}
	s.path = append(s.path, f.Alias)
	defer func() { s.path = s.path[:len(s.path)-1] }()

	page := s.page(f)
	for _, a := range f.Arguments {
		if a.Name != "first" && a.Name != "last" {
			s.literal(s.at(a.Name), a.Value)
		}
	}

	// A list holds as many items as its own page, or as the page of the
	// connection around it; one that has no page is taken to be short.
	if f.Definition.Type.Elem == nil {
		return add(1, s.selections(f.SelectionSet, page))
	}
	times := unpagedRows
	switch {
	case page > 0:
		times = page
	case rows > 0:
		times = rows
	}
	below := s.selections(f.SelectionSet, 0)
	return add(1, min(below, math.MaxInt32/times)*times)
}

// at is the place of an argument as the client wrote it.
func (s *survey) at(argument string) string { return strings.Join(s.path, ".") + "." + argument }

// page checks first and last of a field and gives its page size, 0 for none.
func (s *survey) page(f *ast.Field) int {
	args := f.Definition.Arguments
	if args.ForName("first") == nil && args.ForName("last") == nil {
		return 0
	}
	first, hasFirst := s.size(f, "first")
	last, hasLast := s.size(f, "last")
	switch {
	case hasFirst && hasLast:
		s.bad(s.at("first"), "exclusive", fault.T("first 与 last 只能给出一个。", "Give either first or last, not both."))
	case !hasFirst && !hasLast && strings.HasSuffix(f.Definition.Type.Name(), "Connection"):
		s.bad(s.at("first"), "required", fault.Tf("必须给出 first 或 last（1 至 %d）。", "Give first or last, 1 to %d.", s.limits.PageSize))
	}
	return max(first, last)
}

// size reads one page size; a bad one counts as the largest.
func (s *survey) size(f *ast.Field, argument string) (size int, given bool) {
	v := s.value(f, argument)
	if v == nil {
		return 0, false
	}
	n, whole := v.(int64)
	if !whole || n < 1 || n > int64(s.limits.PageSize) {
		s.bad(s.at(argument), "out_of_range", fault.Tf("每页条数必须是 1 至 %d 的整数。", "A page size is a whole number from 1 to %d.", s.limits.PageSize))
		return s.limits.PageSize, true
	}
	return int(n), true
}

// value is what an argument will be at execution: the literal, the variable, or
// the default of the schema.
func (s *survey) value(f *ast.Field, argument string) any {
	literal := func(v *ast.Value) any {
		got, _ := v.Value(s.variables) // validated, so it has a value
		return got
	}
	if a := f.Arguments.ForName(argument); a != nil {
		if a.Value.Kind != ast.Variable {
			return literal(a.Value)
		}
		if v, ok := s.variables[a.Value.Raw]; ok {
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
func (s *survey) conditions(list ast.DirectiveList) {
	for _, d := range list {
		a := d.Arguments.ForName("if")
		if a == nil || a.Value.Kind != ast.Variable {
			continue
		}
		if _, ok := s.variables[a.Value.Raw].(bool); !ok {
			s.bad(a.Value.Raw, "null", textNull)
		}
	}
}

var (
	textNull   = fault.T("此项不能为空值。", "This value can't be null.")
	textType   = fault.T("此项的类型不对。", "This value has the wrong type.")
	textChoice = fault.T("此项不是允许的取值之一。", "This value is not one of the allowed ones.")
	textNumber = fault.T("此数超出允许范围。", "This number is out of range.")
	textNUL    = fault.T("文本不能包含 NUL 字符。", "A text can't hold the NUL character.")
)

func (s *survey) tooLong(path string) {
	s.bad(path, "too_long", fault.Tf("列表最多 %d 项。", "A list has at most %d items.", s.limits.ListLength))
}

// literal checks a value written in the document. Its type is validated; its
// size is not.
func (s *survey) literal(path string, v *ast.Value) {
	switch v.Kind {
	case ast.IntValue:
		bits := 64
		if v.Definition != nil && v.Definition.Name == "Int" {
			bits = 32
		}
		if _, err := strconv.ParseInt(v.Raw, 10, bits); err != nil {
			s.bad(path, "out_of_range", textNumber)
		}
	case ast.FloatValue:
		if _, err := strconv.ParseFloat(v.Raw, 64); err != nil {
			s.bad(path, "out_of_range", textNumber)
		}
	case ast.StringValue, ast.BlockValue:
		if strings.ContainsRune(v.Raw, 0) {
			s.bad(path, "nul", textNUL)
		}
	case ast.ListValue:
		if len(v.Children) > s.limits.ListLength {
			s.tooLong(path)
			return
		}
		for i, c := range v.Children {
			s.literal(fmt.Sprintf("%s[%d]", path, i), c.Value)
		}
	case ast.ObjectValue:
		for _, c := range v.Children {
			s.literal(path+"."+c.Name, c.Value)
		}
	default: // a variable is checked where it is declared; the rest has no size
	}
}

// variablesOf checks the variables that an operation declares.
func (s *survey) variablesOf(oc *graphql.OperationContext) {
	for _, d := range oc.Operation.VariableDefinitions {
		if v, ok := oc.Variables[d.Variable]; ok {
			s.input(d.Variable, d.Type, d.Definition, v)
		}
	}
}

// input checks one value of a variable against its type. gqlparser is laxer
// than the GraphQL specification: it takes "2" for an Int, 2 for a String and
// enum values in any case.
func (s *survey) input(path string, typ *ast.Type, def *ast.Definition, value any) {
	v := reflect.ValueOf(value)
	switch {
	case !v.IsValid():
	case v.Kind() == reflect.Slice:
		if v.Len() > s.limits.ListLength {
			s.tooLong(path)
			return
		}
		item := typ
		if typ != nil && typ.Elem != nil {
			item = typ.Elem
		}
		for i := range v.Len() {
			s.input(fmt.Sprintf("%s[%d]", path, i), item, def, v.Index(i).Interface())
		}
	case v.Kind() == reflect.Map:
		s.object(path, def, value)
	default:
		s.leaf(path, def, value)
	}
}

// object checks the fields of an input object, or of a scalar that takes
// objects, whose fields have no type.
func (s *survey) object(path string, def *ast.Definition, value any) {
	fields, _ := value.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		var typ *ast.Type
		var d *ast.Definition
		if def != nil {
			if f := def.Fields.ForName(name); f != nil {
				typ, d = f.Type, s.schema.Types[f.Type.Name()]
			}
		}
		s.input(path+"."+name, typ, d, fields[name])
	}
}

// leaf checks a scalar or enum. Scalars of our own check themselves when they
// are read.
func (s *survey) leaf(path string, def *ast.Definition, value any) {
	text, isText := value.(string)
	if strings.ContainsRune(text, 0) {
		s.bad(path, "nul", textNUL)
		return
	}
	switch {
	case def == nil:
	case def.Kind == ast.Enum:
		if !isText || def.EnumValues.ForName(text) == nil {
			s.bad(path, "not_a_choice", textChoice)
		}
	case def.Name == "String":
		if !isText {
			s.bad(path, "type", textType)
		}
	case def.Name == "Float":
		if isText {
			s.bad(path, "type", textType)
		}
	case def.Name == "Int":
		s.whole(path, value)
	}
}

// whole checks an Int, which has 32 bits.
func (s *survey) whole(path string, value any) {
	var digits string
	switch v := value.(type) {
	case json.Number:
		digits = v.String()
	case int64:
		digits = strconv.FormatInt(v, 10)
	default:
		s.bad(path, "type", textType)
		return
	}
	if _, err := strconv.ParseInt(digits, 10, 32); err != nil {
		s.bad(path, "out_of_range", textNumber)
	}
}

// documentCache keeps parsed and validated documents, by their text. Only what
// passed the guard gets in, and no long ones: a thousand of those would fill
// the memory.
type documentCache struct{ lru *lru.LRU[*ast.QueryDocument] }

const cachedDocuments = 256

func newDocumentCache() *documentCache {
	return &documentCache{lru: lru.New[*ast.QueryDocument](cachedDocuments)}
}

// Get implements graphql.Cache.
func (c *documentCache) Get(ctx context.Context, query string) (*ast.QueryDocument, bool) {
	return c.lru.Get(ctx, query)
}

// Add implements graphql.Cache.
func (c *documentCache) Add(ctx context.Context, query string, doc *ast.QueryDocument) {
	if len(query) <= maxCachedBytes {
		c.lru.Add(ctx, query, doc)
	}
}
