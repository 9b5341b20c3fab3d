package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/cleargrid/cleargrid/internal/e2e/program"
	"github.com/cleargrid/cleargrid/internal/id"
)

// TestThePlansMonth plays testdata/plan_month.txtar on each kind of storage: the
// plan's own text, and the steps that carry each of its sentences out.
func TestThePlansMonth(t *testing.T) {
	t.Parallel()
	playOnEach(t, "plan_month.txtar")
}

// planWords are the words of a story that speaks to the API in its own terms.
// @NAME in a query and NAME where an id stands is a record of the story, or the
// person of an account; @day+5 is a date.
func planWords(c *cast) map[string]func(*testscript.TestScript, []string) error {
	return map[string]func(*testscript.TestScript, []string) error{
		// do MUTATION FIELD=VALUE…: the mutation with its input. Of a date day+5 is five
		// days from today, of a time now-30h was 30 hours ago. a,b is a list;
		// field:value,field:value an object, several of them with ; between.
		"do": func(_ *testscript.TestScript, args []string) error { return c.doMutation(args) },
		// ask QUERY: the answer is for the words expect and save that follow.
		"ask": func(_ *testscript.TestScript, args []string) error { return c.askFor(args) },
		// expect PATH VALUE: a.0.b is a member, a.count how many there are, a.*.b any of them;
		// @NAME is the id of a record or a person.
		"expect": func(_ *testscript.TestScript, args []string) error { return c.expect(args) },
		// save NAME PATH: for what follows, as @NAME in a query and as $NAME in a word.
		"save": c.save,
		// at SCHOOL: whose evidence is handed from here on.
		"at": func(_ *testscript.TestScript, args []string) error {
			return with(1, args, func() (err error) { c.IDs["school"], err = c.idOf(args[0]); return err })
		},
		// cover REPORT PHOTO: COMPLIANT for every grid and item that nobody has looked at,
		// NOT_APPLICABLE for a heading that concerns no grid of the school.
		"cover": func(_ *testscript.TestScript, args []string) error { return c.cover(args) },
		// cover-visit REPORT PHOTO: COMPLIANT for every heading that a visit has not looked at.
		"cover-visit": func(_ *testscript.TestScript, args []string) error { return c.coverVisit(args) },
		// visit-the-rest: the account that acts goes to every school of the plan that is not yet
		// visited, with check-in, photo, video and all headings.
		"visit-the-rest": func(*testscript.TestScript, []string) error { return c.visitTheRest() },
		// page PATH TEXT…: a page that anybody may open says so, in Chinese.
		"page": func(_ *testscript.TestScript, args []string) error { return c.page(args) },
	}
}

// contract is the schema as the API publishes it: it says what a word's value is.
func contract() (*ast.Schema, error) {
	const file = "graph/testdata/schema.golden.graphqls"
	text, err := os.ReadFile(filepath.Join(program.Root, file))
	if err != nil {
		return nil, err
	}
	return gqlparser.LoadSchema(&ast.Source{Name: file, Input: string(text)})
}

func (c *cast) doMutation(args []string) error {
	if len(args) == 0 {
		return errors.New("needs a mutation")
	}
	if c.schema == nil {
		var err error
		if c.schema, err = contract(); err != nil {
			return err
		}
	}
	mutation := c.schema.Mutation.Fields.ForName(args[0])
	if mutation == nil {
		return fmt.Errorf("no mutation is called %q", args[0])
	}
	kind := mutation.Arguments.ForName("input").Type
	input, err := c.object(c.schema.Types[kind.Name()], args[1:], "=")
	if err != nil {
		return err
	}
	var out map[string]any
	return c.Do(fmt.Sprintf("mutation($input: %s) { %s(input: $input) { __typename } }", kind, args[0]), program.Variables{"input": input}, &out)
}

// madeByClient finds the noun in the description of an id that clients make.
var madeByClient = regexp.MustCompile("made by the client: `([a-z_]+)_<uuid>`")

// object reads the fields of an input. Commands get an id of their own.
func (c *cast) object(t *ast.Definition, words []string, sign string) (program.Variables, error) {
	out := program.Variables{}
	if t.Fields.ForName("commandId") != nil {
		out["commandId"] = program.NewCommand()
	}
	for _, w := range words {
		name, text, _ := strings.Cut(w, sign)
		field := t.Fields.ForName(name)
		if field == nil {
			return nil, fmt.Errorf("%s has no field %q", t.Name, name)
		}
		if m := madeByClient.FindStringSubmatch(field.Description); m != nil {
			out[name] = c.Named(text, id.Noun(m[1]))
			continue
		}
		var err error
		if out[name], err = c.read(field.Type, text); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return out, nil
}

// read makes of a text what the contract asks for.
func (c *cast) read(t *ast.Type, text string) (any, error) {
	named := c.schema.Types[t.Name()]
	if t.Elem != nil {
		between := ","
		if named.Kind == ast.InputObject {
			between = ";"
		}
		list := []any{}
		for part := range strings.SplitSeq(text, between) {
			if part == "" {
				continue
			}
			v, err := c.read(t.Elem, part)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	}
	switch {
	case named.Kind == ast.InputObject:
		return c.object(named, strings.Split(text, ","), ":")
	case named.Name == "ID":
		return c.idOf(text)
	case named.Name == "Date":
		return date(text), nil
	case named.Name == "DateTime":
		ago, err := time.ParseDuration(strings.TrimPrefix(text, "now"))
		return time.Now().UTC().Add(ago).Format(time.RFC3339), err
	case named.Name == "Int" || named.Name == "Int64" || named.Name == "Float" || named.Name == "Boolean":
		return json.RawMessage(text), nil
	}
	return text, nil
}

// date is day+5 as a date; any other text is itself.
func date(text string) string {
	if n, err := strconv.Atoi(strings.TrimPrefix(text, "day")); err == nil && strings.HasPrefix(text, "day") {
		return day(n)
	}
	return text
}

// idOf is a record of the story, or a person.
func (c *cast) idOf(name string) (string, error) {
	if i := c.IDs[name]; i != "" {
		return i, nil
	}
	if _, err := c.Token(name); err != nil {
		return "", fmt.Errorf("nothing and nobody is called %q: %w", name, err)
	}
	return c.People[name].UserID, nil
}

var mention = regexp.MustCompile(`@[a-z][A-Za-z0-9]*([+-][0-9]+)?`)

func (c *cast) askFor(args []string) error {
	return with(1, args, func() error {
		var unknown error
		query := mention.ReplaceAllStringFunc(args[0], func(m string) string {
			text := date(m[1:])
			if text == m[1:] {
				i, err := c.idOf(text)
				unknown, text = errors.Join(unknown, err), i
			}
			return strconv.Quote(text)
		})
		if unknown != nil {
			return unknown
		}
		c.answer = nil
		return c.Do(query, nil, &c.answer)
	})
}

// look follows a path in an answer; with * there may be several ends, or none.
func look(in any, path []string) []any {
	if len(path) == 0 {
		return []any{in}
	}
	list, _ := in.([]any)
	object, _ := in.(map[string]any)
	switch n, err := strconv.Atoi(path[0]); {
	case path[0] == "count":
		return look(len(list), path[1:])
	case path[0] == "*":
		var all []any
		for _, x := range list {
			all = append(all, look(x, path[1:])...)
		}
		return all
	case err == nil && n < len(list):
		return look(list[n], path[1:])
	}
	if v, ok := object[path[0]]; ok {
		return look(v, path[1:])
	}
	return nil
}

func (c *cast) expect(args []string) error {
	return with(2, args, func() error {
		want := date(args[1])
		if strings.HasPrefix(want, "@") {
			var err error
			if want, err = c.idOf(want[1:]); err != nil {
				return err
			}
		}
		ends := look(c.answer, strings.Split(args[0], "."))
		for _, x := range ends {
			if fmt.Sprint(x) == want {
				return nil
			}
		}
		text, _ := json.Marshal(c.answer)
		return fmt.Errorf("%s is %v, want %s; the answer is %s", args[0], ends, want, text)
	})
}

func (c *cast) save(ts *testscript.TestScript, args []string) error {
	return with(2, args, func() error {
		ends := look(c.answer, strings.Split(args[1], "."))
		if len(ends) != 1 || ends[0] == nil {
			return fmt.Errorf("%s is %v", args[1], ends)
		}
		text := fmt.Sprint(ends[0])
		c.IDs[args[0]] = text
		ts.Setenv(args[0], text)
		return nil
	})
}

// cell is a checklist item, in a grid or once for the whole school.
type cell struct {
	Item struct{ ID string }
	Grid *struct{ ID string }
}

func (c cell) key() string {
	if c.Grid == nil {
		return c.Item.ID
	}
	return c.Item.ID + c.Grid.ID
}

// cover records what is left of a school's coverage as compliant.
func (c *cast) cover(args []string) error {
	return with(2, args, func() error {
		var out struct{ Coverage struct{ Gaps []cell } }
		err := c.Do(`query($s: ID!, $c: ID!) { coverage(schoolId: $s, campaignId: $c) { gaps { item { id } grid { id } } } }`,
			program.Variables{"s": c.IDs["school"], "c": c.IDs["campaign"]}, &out)
		if err := errors.Join(err, c.comply(args[0], args[1], "COMPLIANT", out.Coverage.Gaps)); err != nil {
			return err
		}
		var report struct{ Report struct{ Findings []cell } }
		if err := c.Do(findingsOf, program.Variables{"id": c.IDs[args[0]]}, &report); err != nil {
			return err
		}
		var rest []cell
		for _, item := range c.Items {
			if !slices.ContainsFunc(report.Report.Findings, func(x cell) bool { return x.Item.ID == item }) {
				rest = append(rest, cell{Item: struct{ ID string }{item}})
			}
		}
		return c.comply(args[0], args[1], "NOT_APPLICABLE", rest)
	})
}

// coverVisit records the headings that a visit has not looked at as compliant.
func (c *cast) coverVisit(args []string) error {
	return with(2, args, func() error {
		headings := make([]cell, len(c.Items))
		for i, item := range c.Items {
			headings[i].Item.ID = item
		}
		return c.comply(args[0], args[1], "COMPLIANT", headings)
	})
}

const findingsOf = `query($id: ID!) { report(id: $id) { findings { item { id } grid { id } } } }`

// comply records the same result for cells, but for those that the report says
// something about already.
func (c *cast) comply(report, photo, result string, cells []cell) error {
	var out struct{ Report struct{ Findings []cell } }
	if err := c.Do(findingsOf, program.Variables{"id": c.IDs[report]}, &out); err != nil {
		return err
	}
	recorded := map[string]bool{}
	for _, f := range out.Report.Findings {
		recorded[f.key()] = true
	}
	var findings []program.Variables
	for _, x := range cells {
		if recorded[x.key()] {
			continue
		}
		f := program.Variables{"id": id.New(id.Finding).String(), "itemId": x.Item.ID, "result": result, "evidenceIds": []string{c.IDs[photo]}}
		if x.Grid != nil {
			f["gridId"] = x.Grid.ID
		}
		findings = append(findings, f)
	}
	if len(findings) == 0 {
		return nil
	}
	return c.record(c.IDs[report], findings)
}

func (c *cast) record(report string, findings []program.Variables) error {
	var out map[string]any
	return c.Do(`mutation($input: RecordFindingsInput!) { recordFindings(input: $input) { __typename } }`,
		program.Variables{"input": program.Variables{"commandId": program.NewCommand(), "reportId": report, "findings": findings}}, &out)
}

// visitTheRest makes the visits of the plan that are not done.
func (c *cast) visitTheRest() error {
	var out struct {
		PlannedVisits struct {
			Edges []struct {
				Node struct {
					Status string
					Done   bool
					School struct {
						ID       string
						Position map[string]float64
					}
				}
			}
		}
	}
	err := c.Do(`query($c: ID!) { plannedVisits(campaignId: $c, first: 100) { edges { node { status done school { id position { latitude longitude } } } } } }`,
		program.Variables{"c": c.IDs["campaign"]}, &out)
	if err != nil {
		return err
	}
	home := c.IDs["school"]
	defer func() { c.IDs["school"] = home }()
	for i, e := range out.PlannedVisits.Edges {
		if e.Node.Done || e.Node.Status != "CONFIRMED" {
			continue
		}
		c.IDs["school"] = e.Node.School.ID
		if err := c.visit(fmt.Sprintf("rest%d", i), program.Variables{"latitude": e.Node.School.Position["latitude"], "longitude": e.Node.School.Position["longitude"]}); err != nil {
			return fmt.Errorf("visit of %s: %w", e.Node.School.ID, err)
		}
	}
	return nil
}

// visit is one visit of a supervision that finds everything in order.
func (c *cast) visit(name string, at program.Variables) error {
	var out map[string]any
	err := c.Do(`mutation($input: StartInspectionInput!) { startInspection(input: $input) { __typename } }`, program.Variables{"input": program.Variables{
		"id": c.Named(name, id.Report), "campaignId": c.IDs["campaign"], "schoolId": c.IDs["school"], "kind": "SUPERVISION", "checkIn": at,
	}}, &out)
	if err != nil {
		return err
	}
	photo, film := name+"/photo", name+"/film"
	if err := errors.Join(c.Hand(photo, "photo", "SITE"), c.Hand(film, "film", "SITE")); err != nil {
		return err
	}
	if err := c.coverVisit([]string{name, photo}); err != nil {
		return err
	}
	err = c.Do(`mutation($input: SubmitInspectionReportInput!) { submitInspectionReport(input: $input) { __typename } }`, program.Variables{"input": program.Variables{
		"commandId": program.NewCommand(), "reportId": c.IDs[name], "evidenceIds": []string{c.IDs[photo], c.IDs[film]},
	}}, &out)
	return errors.Join(err, c.Prove(photo, film))
}

func (c *cast) page(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("needs PATH TEXT…, got %q", args)
	}
	r, err := http.NewRequest(http.MethodGet, c.URL+args[0], nil)
	if err != nil {
		return err
	}
	r.Header.Set("Accept-Language", "zh-CN")
	answer, err := program.Requests.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	text := string(page)
	for _, want := range args[1:] {
		if !strings.Contains(text, want) {
			return fmt.Errorf("%s answers %s without %q:\n%s", args[0], answer.Status, want, text)
		}
	}
	return nil
}
