package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	gql "github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

func TestEveryMutationHasItsUseCaseAndItsAction(t *testing.T) {
	need(t, "graph/schema")
	need(t, "internal/app")
	need(t, "internal/authz")
	names := mutations(sdl(t))
	if len(names) == 0 {
		t.Fatal("the schema has no mutation: the law has nothing to look at")
	}
	report(t, mutationBreaches(names, methods(useCases(t)), actions(sources(t, "internal/authz"))))
}

func mutationBreaches(names []string, useCases, actions map[string]bool) []string {
	var out []string
	for _, n := range names {
		if method := strings.ToUpper(n[:1]) + n[1:]; !useCases[method] {
			out = append(out, fmt.Sprintf("mutation %s has no method %s on *App or a room of it", n, method))
		}
		if !actions[n] {
			out = append(out, fmt.Sprintf("mutation %s has no Action of the value %q in internal/authz", n, n))
		}
	}
	return out
}

// sdl reads every file of the schema, without validating it.
func sdl(t *testing.T) *gql.SchemaDocument {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, "graph/schema/*.graphqls"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("graph/schema holds no *.graphqls (%v)", err)
	}
	var in []*gql.Source
	for _, p := range paths {
		text, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		in = append(in, &gql.Source{Name: filepath.Base(p), Input: string(text)})
	}
	doc, err := parser.ParseSchemas(in...)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func mutations(doc *gql.SchemaDocument) []string {
	var out []string
	for _, list := range []gql.DefinitionList{doc.Definitions, doc.Extensions} {
		for _, d := range list {
			if d.Name != "Mutation" {
				continue
			}
			for _, f := range d.Fields {
				out = append(out, f.Name)
			}
		}
	}
	return out
}

// useCases are the files of the packages of use cases.
func useCases(t *testing.T) []file {
	t.Helper()
	var out []file
	for _, p := range app {
		out = append(out, sources(t, p)...)
	}
	return out
}

// roomTypes are the types whose methods are use cases: App, and what it is made of.
var roomTypes = []string{"App", "Files", "Places", "People", "Supervision", "Feed"}

// methods are the exported methods on those types.
func methods(files []file) map[string]bool {
	out := map[string]bool{}
	for _, f := range files {
		if f.test() {
			continue
		}
		for _, d := range f.tree.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || !fn.Name.IsExported() {
				continue
			}
			if star, ok := fn.Recv.List[0].Type.(*ast.StarExpr); ok && slices.ContainsFunc(roomTypes, func(name string) bool { return isIdent(star.X, name) }) {
				out[fn.Name.Name] = true
			}
		}
	}
	return out
}

// actions are the values of the constants of type Action.
func actions(files []file) map[string]bool {
	out := map[string]bool{}
	for _, f := range files {
		if f.test() {
			continue
		}
		for _, d := range f.tree.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				spec := s.(*ast.ValueSpec)
				for _, v := range spec.Values {
					call, converted := v.(*ast.CallExpr) // Action("x")
					if converted && isIdent(call.Fun, "Action") && len(call.Args) == 1 {
						v = call.Args[0]
					} else if !isIdent(spec.Type, "Action") {
						continue
					}
					if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING {
						text, _ := strconv.Unquote(lit.Value)
						out[text] = true
					}
				}
			}
		}
	}
	return out
}

func isIdent(e ast.Expr, name string) bool {
	i, ok := e.(*ast.Ident)
	return ok && i.Name == name
}

func TestMutationCheckBites(t *testing.T) {
	doc, err := parser.ParseSchemas(
		&gql.Source{Input: "type Mutation { signIn: Boolean }"},
		&gql.Source{Input: "extend type Mutation { reportHazard: Boolean voidHazard: Boolean }"},
	)
	if err != nil {
		t.Fatal(err)
	}
	app, err := parse("app.go", "package app\nfunc (a *App) SignIn() {}\nfunc (a *App) voidHazard() {}\nfunc (o *Other) ReportHazard() {}\n")
	if err != nil {
		t.Fatal(err)
	}
	authz, err := parse("authz.go", "package authz\nconst (\n\tSignIn Action = \"signIn\"\n\tVoid = Action(\"voidHazard\")\n\tOther Role = \"reportHazard\"\n)\n")
	if err != nil {
		t.Fatal(err)
	}
	bites(t, mutationBreaches(mutations(doc), methods([]file{app}), actions([]file{authz})),
		"no method ReportHazard", `no Action of the value "reportHazard"`, "no method VoidHazard")
}

// offTheRoad are the mutations that are no command.Run, and why.
var offTheRoad = map[string]string{
	"signIn":           "there is no viewer yet",
	"refreshSession":   "there is no viewer yet",
	"signOut":          "ends the session that it came with",
	"completeEvidence": "says what is true of the store; it has no content to repeat",
	"openOriginal":     "each opening is noted: a repeat is another one",
	"submitBatch":      "its commands are run one by one",
}

// ownTransactions are the functions of use cases that open a transaction of their
// own, and why: everything else that writes is the step of a command.
var ownTransactions = map[string]string{
	"countAttempt": "signing in", "openSession": "signing in", "RefreshSession": "signing in", "SignOut": "signing in",
	"receive": "what a file's bytes say", "VerifyNow": "a job", "assessEvidence": "a job", "destroyEvidence": "a job",
	"ResumeVerification": "a job", "raiseOverdueOf": "a job", "raiseNotCarriedOut": "a job", "write": "a job", "IndexSearch": "a job",
	"advance": "a job", "next": "a job", "begin": "a job", "cursorKey": "the key of cursors is made once",
	"logAttempt": "the transaction of the command was rolled back",
}

func TestEveryMutationIsACommand(t *testing.T) {
	report(t, roadBreaches(mutations(sdl(t)), useCases(t)))
}

func roadBreaches(names []string, files []file) []string {
	calls, runs, opens := map[string][]string{}, map[string]bool{}, map[string]bool{}
	for _, f := range files {
		if f.test() {
			continue
		}
		for _, d := range f.tree.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			ast.Inspect(fn.Body, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				switch f := call.Fun.(type) {
				case *ast.Ident:
					calls[fn.Name.Name] = append(calls[fn.Name.Name], f.Name)
				case *ast.SelectorExpr:
					calls[fn.Name.Name] = append(calls[fn.Name.Name], f.Sel.Name)
					runs[fn.Name.Name] = runs[fn.Name.Name] || isIdent(f.X, "command") && f.Sel.Name == "Run"
					opens[fn.Name.Name] = opens[fn.Name.Name] || f.Sel.Name == "InTx"
				}
				return true
			})
		}
	}
	var out []string
	for _, n := range names {
		_, off := offTheRoad[n]
		if on := reaches(strings.ToUpper(n[:1])+n[1:], calls, runs, map[string]bool{}); on == off {
			out = append(out, fmt.Sprintf("mutation %s: on the road of command.Run %v, said to be off it %v", n, on, off))
		}
	}
	for _, fn := range slices.Sorted(maps.Keys(opens)) {
		if opens[fn] && ownTransactions[fn] == "" {
			out = append(out, fmt.Sprintf("%s opens a transaction of its own; a use case is a command.Run", fn))
		}
	}
	return out
}

// reaches reports whether a function or one that it calls calls command.Run.
func reaches(fn string, calls map[string][]string, runs, seen map[string]bool) bool {
	if runs[fn] || seen[fn] {
		return runs[fn]
	}
	seen[fn] = true
	for _, called := range calls[fn] {
		if unicode.IsLower(rune(called[0])) && reaches(called, calls, runs, seen) {
			return true
		}
	}
	return false
}

func TestRoadCheckBites(t *testing.T) {
	app, err := parse("app.go", `package app
func (a *App) ReportHazard() { a.onHazard() }
func (a *App) onHazard() { command.Run() }
func (a *App) VoidHazard() { a.store.InTx() }
func (a *App) SignIn() { command.Run() }
`)
	if err != nil {
		t.Fatal(err)
	}
	bites(t, roadBreaches([]string{"reportHazard", "voidHazard", "signIn"}, []file{app}),
		"mutation voidHazard: on the road of command.Run false", "mutation signIn: on the road of command.Run true", "VoidHazard opens")
}
