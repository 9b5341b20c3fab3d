// Package limits bounds what one GraphQL document may ask for: its size and depth
// before it is validated, and then its page sizes, its estimated cost and the
// values of its input.
//
// It knows the types of a schema and nothing of what they mean. Package graph puts
// a Guard before everything that a server does with a document.
package limits

import (
	"cmp"
	"context"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/cleargrid/cleargrid/internal/fault"
)

// Limits bound what one document may ask for, and its answer hold. A zero value
// means the default.
type Limits struct {
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
}

// WithDefaults puts the default in the place of every zero.
func (l Limits) WithDefaults() Limits {
	return Limits{
		Tokens: cmp.Or(l.Tokens, 5000), Depth: cmp.Or(l.Depth, 12), Width: cmp.Or(l.Width, 200),
		Selections: cmp.Or(l.Selections, 1000), Aliases: cmp.Or(l.Aliases, 50), PageSize: cmp.Or(l.PageSize, 200),
		ListLength: cmp.Or(l.ListLength, 200), Cost: cmp.Or(l.Cost, 50_000), Errors: cmp.Or(l.Errors, 20),
	}
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

// Guard refuses an operation that would cost too much, before the work that it
// would cost. It must be the first extension of a server, but for one that puts
// the text of a persisted query in its place.
//
// It works in two steps. Before validation it measures the size of the parsed
// document, each fragment once, so that fragments which double each other cost
// nothing. After validation, with types and variables known, it checks page
// sizes, the estimated cost and every value of the input.
type Guard struct {
	limits     Limits
	schema     *ast.Schema
	cache      *documentCache
	introspect func(context.Context) bool
}

// NewGuard makes the guard of a server of this schema. Introspection is refused to
// callers of whom introspect says that they may not read the schema.
func NewGuard(l Limits, schema *ast.Schema, introspect func(context.Context) bool) Guard {
	return Guard{limits: l.WithDefaults(), schema: schema, cache: newDocumentCache(), introspect: introspect}
}

// Cache keeps parsed documents. The server must use it, because the guard looks
// there for what it has measured before.
func (g Guard) Cache() graphql.Cache[*ast.QueryDocument] { return g.cache }

var _ interface {
	graphql.HandlerExtension
	graphql.OperationParameterMutator
	graphql.OperationContextMutator
} = Guard{}

// ExtensionName implements graphql.HandlerExtension.
func (Guard) ExtensionName() string { return "Guard" }

// Validate implements graphql.HandlerExtension.
func (Guard) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters implements graphql.OperationParameterMutator: the
// step before validation.
func (g Guard) MutateOperationParameters(ctx context.Context, params *graphql.RawParams) *gqlerror.Error {
	doc, seen := g.cache.Get(ctx, params.Query)
	if !seen {
		var err error
		if doc, err = g.parse(params.Query); err != nil {
			return gqlerror.WrapIfUnwrapped(err)
		}
		if err := g.measure(doc); err != nil {
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
func (g Guard) MutateOperationContext(ctx context.Context, oc *graphql.OperationContext) *gqlerror.Error {
	c := cost{limits: g.limits, schema: g.schema, variables: oc.Variables}
	c.variablesOf(oc)
	fields := c.selections(oc.Operation.SelectionSet, 0)

	allowed := g.introspect(ctx)
	oc.DisableIntrospection = !allowed
	if c.introspects && !allowed {
		return gqlerror.Wrap(errNoIntrospection)
	}
	if err := c.faults.Err(); err != nil {
		return gqlerror.Wrap(err)
	}
	if fields > g.limits.Cost {
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
func (g Guard) parse(query string) (*ast.QueryDocument, error) {
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

// measure bounds a document that is not yet validated.
func (g Guard) measure(doc *ast.QueryDocument) error {
	m := measurement{fragments: make(map[string]*ast.FragmentDefinition, len(doc.Fragments)), known: map[string]size{}}
	for _, f := range doc.Fragments {
		if _, ok := m.fragments[f.Name]; !ok {
			m.fragments[f.Name] = f
		}
	}

	// Every operation counts, because every operation is validated.
	var total size
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
func (g Guard) within(total size, m *measurement, doc *ast.QueryDocument) error {
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
