package graph

import (
	"context"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/cleargrid/cleargrid/graph/transport"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
)

// inputField names a field of an input type of the present schema, or a value of an
// enum; a command of a batch is a field of BatchCommand.
type inputField struct{ typ, field string }

// names are the names of earlier releases, with those that they have now. They are
// not in the schema. A phone may have queued a command, and a program may have kept a
// document, under the old name; it is translated before it is validated. A field
// without a present name is gone: what says nothing, null or an empty list, is left
// out, anything else stays for the validator to refuse.
type names struct {
	mutations map[string]string
	inputs    map[string]string // types of inputs
	fields    map[inputField]string
	values    map[inputField]string // of enums
}

var oldNames = names{
	mutations: map[string]string{
		"listHazard":         "placeUnderOversight",
		"raiseListing":       "escalateOversight",
		"dropNotice":         "discardNotice",
		"dropVisit":          "cancelVisit",
		"changeSchoolGround": "changeSchoolBoundary",
	},
	inputs: map[string]string{
		"ListHazardInput":         "PlaceUnderOversightInput",
		"RaiseListingInput":       "EscalateOversightInput",
		"DropNoticeInput":         "DiscardNoticeInput",
		"DropVisitInput":          "CancelVisitInput",
		"ChangeSchoolGroundInput": "ChangeSchoolBoundaryInput",
	},
	fields: map[inputField]string{
		{batchCommand, "listHazard"}: "placeUnderOversight",

		// These commands never took files.
		{"GradeHazardInput", "evidenceIds"}:             "",
		{"DecideDowngradeInput", "evidenceIds"}:         "",
		{"AddHazardSignsInput", "evidenceIds"}:          "",
		{"EscalateOversightInput", "evidenceIds"}:       "",
		{"SubmitRectificationPlanInput", "evidenceIds"}: "",
		{"DecidePlanInput", "evidenceIds"}:              "",
		{"RequestExtensionInput", "evidenceIds"}:        "",
		{"DecideExtensionInput", "evidenceIds"}:         "",
		{"RequestVoidInput", "evidenceIds"}:             "",
		{"VoidHazardInput", "evidenceIds"}:              "",
	},
	values: map[inputField]string{
		{"EvidenceStep", "LISTING"}: "OVERSIGHT",
	},
}

// commands is the extension that prepares mutations: it translates old names,
// answers a command that this release does not know with a fault that may be
// retried, and notes each input as it was sent, for its receipt.
type commands struct {
	schema *ast.Schema
	old    names
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationParameterMutator
	graphql.RootFieldInterceptor
} = commands{}

// ExtensionName implements graphql.HandlerExtension.
func (commands) ExtensionName() string { return "Commands" }

// Validate implements graphql.HandlerExtension.
func (commands) Validate(graphql.ExecutableSchema) error { return nil }

// batchCommand is the input type whose fields are commands.
const batchCommand = "BatchCommand"

// unknownCommand is the fault for a command of another release: the page updates
// itself and sends it again.
func unknownCommand(name string) error {
	return fault.New(fault.RetryLater, "command.unknown",
		fault.Tf("服务器不识别命令 %s，请更新页面后重试。", "The server does not know the command %s. Update the page, then send it again.", name))
}

// MutateOperationParameters implements graphql.OperationParameterMutator: the step
// before validation. The document's size was checked by the guard.
func (c commands) MutateOperationParameters(_ context.Context, params *graphql.RawParams) *gqlerror.Error {
	if c.schema.Mutation == nil || !strings.Contains(params.Query, "mutation") {
		return nil
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: params.Query})
	if err != nil {
		return nil //nolint:nilerr // the guard reports it
	}
	op := doc.Operations.ForName(params.OperationName)
	if op == nil || op.Operation != ast.Mutation {
		return nil
	}
	if c.rename(op) {
		var text strings.Builder
		formatter.NewFormatter(&text).FormatQueryDocument(doc)
		params.Query = text.String()
	}
	for _, s := range op.SelectionSet {
		if f, ok := s.(*ast.Field); ok && !strings.HasPrefix(f.Name, "__") && c.schema.Mutation.Fields.ForName(f.Name) == nil {
			return gqlerror.Wrap(unknownCommand(short(f.Name)))
		}
	}
	variables := make(map[string]any, len(params.Variables))
	for name, value := range params.Variables {
		variables[name] = value
		if v := op.VariableDefinitions.ForName(name); v != nil {
			if variables[name], err = c.translate(v.Type, value); err != nil {
				return gqlerror.Wrap(err)
			}
		}
	}
	if params.Variables != nil {
		params.Variables = variables
	}
	return nil
}

// rename gives an operation the present names of its mutations and of its variables'
// types, and reports whether it had an old one. The answer keeps the names that the
// document asks for: the parser has made them the aliases of its fields.
func (c commands) rename(op *ast.OperationDefinition) (renamed bool) {
	for _, s := range op.SelectionSet {
		if f, ok := s.(*ast.Field); ok {
			if now, old := c.old.mutations[f.Name]; old {
				f.Name, renamed = now, true
			}
		}
	}
	for _, v := range op.VariableDefinitions {
		t := v.Type
		for t.Elem != nil {
			t = t.Elem
		}
		if now, old := c.old.inputs[t.NamedType]; old {
			t.NamedType, renamed = now, true
		}
	}
	return renamed
}

// maxNameShown is how many bytes of a name that a client made up an answer repeats.
const maxNameShown = 100

// short keeps long names out of answers.
func short(name string) string {
	if len(name) > maxNameShown {
		return name[:maxNameShown]
	}
	return name
}

// translate copies a value of a type with the present names of its fields and enum
// values. What is given under both names stays, for the validator to refuse.
func (c commands) translate(t *ast.Type, value any) (any, error) {
	switch value := value.(type) {
	case string:
		if now, old := c.old.values[inputField{t.Name(), value}]; old {
			return now, nil
		}
	case []any:
		elem := t.Elem
		if elem == nil {
			return value, nil
		}
		out := make([]any, len(value))
		for i, x := range value {
			var err error
			if out[i], err = c.translate(elem, x); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		def := c.schema.Types[t.Name()]
		if def == nil || def.Kind != ast.InputObject {
			return value, nil
		}
		out := make(map[string]any, len(value))
		for name, x := range value {
			now, old := c.old.fields[inputField{def.Name, name}]
			if old && now == "" && saysNothing(x) {
				continue
			}
			if old && now != "" && value[now] == nil {
				name = now
			}
			f := def.Fields.ForName(name)
			if f == nil {
				if def.Name == batchCommand && x != nil {
					return nil, unknownCommand(short(name))
				}
				out[name] = x
				continue
			}
			var err error
			if out[name], err = c.translate(f.Type, x); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return value, nil
}

func saysNothing(value any) bool {
	list, ok := value.([]any)
	return value == nil || ok && len(list) == 0
}

// InterceptRootField implements graphql.RootFieldInterceptor: it notes the input of
// a mutation as it was sent, after substitution of variables and before defaults.
func (commands) InterceptRootField(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	oc := graphql.GetOperationContext(ctx)
	if oc.Operation.Operation != ast.Mutation {
		return next(ctx)
	}
	variables := transport.OperationOf(ctx).Variables // not yet translated
	if variables == nil {
		variables = oc.Variables
	}
	for _, a := range graphql.GetRootFieldContext(ctx).Field.Arguments {
		if a.Name != "input" && a.Name != "commands" {
			continue
		}
		if sent, err := a.Value.Value(variables); err == nil {
			ctx = command.WithSent(ctx, sent)
		}
	}
	return next(ctx)
}
