package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/cleargrid/cleargrid/internal/e2e/program"
	"github.com/cleargrid/cleargrid/internal/id"
)

// TestTheHazardMonth plays testdata/hazard_month.txtar on each kind of storage.
func TestTheHazardMonth(t *testing.T) {
	t.Parallel()
	playOnEach(t, "hazard_month.txtar")
}

// cast is everybody and everything that a story speaks of.
type cast struct {
	*program.Cast
	refusal program.ReplyError // the last one that was expected
	answer  any                // to the last question of a script
	schema  *ast.Schema        // read when first needed
}

func newCast(s *program.Server, m *program.Media) *cast { return &cast{Cast: program.NewCast(s, m)} }

// playOnEach plays a script of testdata on an installation of each kind of storage.
func playOnEach(t *testing.T, script string) {
	t.Helper()
	m := program.NewMedia(t)
	t.Run("embedded", func(t *testing.T) { t.Parallel(); play(t, m, program.New(t, ""), script) })
	t.Run("PostgreSQL", func(t *testing.T) { t.Parallel(); play(t, m, program.New(t, program.NewDatabase(t)), script) })
}

// play plays a script of testdata on an installation.
func play(t *testing.T, m *program.Media, s *program.Server, script string) {
	c := newCast(s, m)
	testscript.Run(t, testscript.Params{
		Files: []string{filepath.Join("testdata", script)},
		Cmds:  words(c),
		Setup: func(e *testscript.Env) error {
			e.Vars = append(e.Vars, s.Settings()...)
			e.Setenv("PATH", filepath.Dir(program.Path())+string(os.PathListSeparator)+e.Getenv("PATH"))
			return nil
		},
		Condition: func(condition string) (bool, error) {
			switch condition {
			case "embedded":
				return s.Database == "", nil
			case "postgres":
				return s.Database != "", nil
			default:
				return false, fmt.Errorf("unknown condition %q", condition)
			}
		},
	})
}

// words are the commands of the stories. NAME is a name of the story's own for
// a record that it makes; FIELD=VALUE is compared with the API's field.
func words(c *cast) map[string]func(*testscript.TestScript, bool, []string) {
	list := map[string]func([]string) error{
		// start-server; kill-server as a power cut would; stop-server as an operator would.
		"start-server": func([]string) error { return c.Start() },
		"kill-server":  func([]string) error { c.Kill(); return nil },
		"stop-server":  func([]string) error { return c.Stop() },

		// as ACCOUNT: who acts from here on; signs in the first time.
		"as": func(args []string) error { return with(1, args, func() error { return c.As(args[0]) }) },
		// look-around: read the grid and school of the account, the campaign and its 15 items.
		"look-around": func([]string) error { return c.LookAround() },

		// start-inspection NAME: a self-inspection of the grid of the account.
		"start-inspection": c.startInspection,
		// find REPORT FROM-TO RESULT PHOTO: the same result for some items, each with the photo.
		"find": c.find,
		// submit REPORT
		"submit": c.submit,
		// expect-report REPORT FIELD=VALUE…: missing=15 lists the items with a gap.
		"expect-report": c.expectReport,

		// announce NAME photo|film|large-film STAGE: take a file and announce it.
		"announce": c.announceFile,
		// send FILE: in one request. send-parts FILE NUMBER…: some parts, in this order.
		"send":       c.each(c.Send),
		"send-parts": c.sendParts,
		// expect-parts FILE received=1,3 missing=2: what the server has, asked with a new ticket.
		"expect-parts": c.expectParts,
		// complete FILE: say that all bytes were sent.
		"complete": c.each(c.Complete),
		// hand NAME KIND STAGE: announce, send and complete in one go.
		"hand": func(args []string) error {
			return with(3, args, func() error { return c.Hand(args[0], args[1], args[2]) })
		},
		// expect-verified FILE…: wait until the server has verified them.
		"expect-verified": func(args []string) error { return c.Prove(args...) },

		// report-hazard NAME REPORT CATEGORY DESCRIPTION FILE…
		"report-hazard": c.reportHazard,
		// expect-hazard NAME FIELD=VALUE…
		"expect-hazard": c.expectHazard,
		// expect-history NAME EVENT…: every step so far.
		"expect-history": c.expectHistory,
		// refused CODE: why the command before, marked with "!", was refused.
		"refused": func(args []string) error {
			return with(1, args, func() error {
				return compare(map[string]any{"code": c.refusal.Extensions.Code}, []string{"code=" + args[0]})
			})
		},
		// repeat: the last command once more, as a phone does that saw no answer.
		"repeat": func([]string) error { return c.repeat() },

		// dashboard FIELD=VALUE…: the county's figures as the bureau's section sees them.
		"dashboard": c.expectDashboard,
	}
	// place-under-oversight NAME FIELD=VALUE… and so on; files=A,B names evidence.
	for word, s := range steps {
		list[word] = func(args []string) error { return c.step(s, args) }
	}

	all := planWords(c)
	for word, f := range list {
		all[word] = func(_ *testscript.TestScript, args []string) error { return f(args) }
	}
	words := map[string]func(*testscript.TestScript, bool, []string){}
	for word, f := range all {
		words[word] = func(ts *testscript.TestScript, neg bool, args []string) {
			err := f(ts, args)
			if neg {
				err = c.refused(err)
			}
			if err != nil {
				ts.Fatalf("%s: %v", word, err)
			}
		}
	}
	return words
}

// refused keeps the refusal by the server that a story expects with "!", for
// the command `refused`. Any other failure stays one.
func (c *cast) refused(err error) error {
	if err == nil {
		return errors.New("it was not refused")
	}
	if !errors.As(err, &c.refusal) {
		return err
	}
	return nil
}

// with checks the number of arguments.
func with(n int, args []string, f func() error) error {
	if len(args) != n {
		return fmt.Errorf("needs %d arguments, got %q", n, args)
	}
	return f()
}

func (c *cast) startInspection(args []string) error {
	return with(1, args, func() error {
		var out struct {
			StartInspection struct{ Report struct{ Status string } }
		}
		return c.Do(`mutation($input: StartInspectionInput!) { startInspection(input: $input) { report { status } } }`,
			program.Variables{"input": program.Variables{
				"id": c.Named(args[0], id.Report), "campaignId": c.IDs["campaign"], "schoolId": c.IDs["school"],
				"gridId": c.IDs["grid"], "kind": "SELF_INSPECTION",
			}}, &out)
	})
}

func (c *cast) find(args []string) error {
	if len(args) != 4 {
		return fmt.Errorf("needs REPORT FROM-TO RESULT PHOTO, got %q", args)
	}
	report, err := c.Known(args[0])
	if err != nil {
		return err
	}
	photo, err := c.Known(args[3])
	if err != nil {
		return err
	}
	first, final, ranged := strings.Cut(args[1], "-")
	from, err := strconv.Atoi(first)
	if err != nil {
		return err
	}
	to := from
	if ranged {
		if to, err = strconv.Atoi(final); err != nil {
			return err
		}
	}
	var findings []program.Variables
	for n := from; n <= to; n++ {
		findings = append(findings, program.Variables{
			"id": c.Named(fmt.Sprintf("%s/%d", args[0], n), id.Finding), "itemId": c.Items[n-1],
			"result": args[2], "evidenceIds": []string{photo},
		})
	}
	var out struct {
		RecordFindings struct{ Report struct{ Version int } }
	}
	return c.Do(`mutation($input: RecordFindingsInput!) { recordFindings(input: $input) { report { version } } }`,
		program.Variables{"input": program.Variables{"commandId": program.NewCommand(), "reportId": report, "findings": findings}}, &out)
}

func (c *cast) submit(args []string) error {
	return with(1, args, func() error {
		report, err := c.Known(args[0])
		if err != nil {
			return err
		}
		var out struct {
			SubmitInspectionReport struct{ Report struct{ Claimed bool } }
		}
		return c.Do(`mutation($input: SubmitInspectionReportInput!) { submitInspectionReport(input: $input) { report { claimed } } }`,
			program.Variables{"input": program.Variables{"commandId": program.NewCommand(), "reportId": report}}, &out)
	})
}

func (c *cast) expectReport(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("needs REPORT FIELD=VALUE…, got %q", args)
	}
	report, err := c.Known(args[0])
	if err != nil {
		return err
	}
	var out struct {
		Report struct {
			Status          string
			Claimed, Proven bool
			Findings        []struct{ Result string }
			Missing         []struct{ Item struct{ Number int } }
		}
	}
	err = c.Do(`query($id: ID!) { report(id: $id) { status claimed proven findings { result } missing { item { number } } } }`,
		program.Variables{"id": report}, &out)
	if err != nil {
		return err
	}
	r := out.Report
	missing := []string{}
	for _, m := range r.Missing {
		missing = append(missing, strconv.Itoa(m.Item.Number))
	}
	return compare(map[string]any{
		"status": r.Status, "claimed": r.Claimed, "proven": r.Proven, "findings": len(r.Findings), "missing": strings.Join(missing, ","),
	}, args[1:])
}

// compare checks FIELD=VALUE against what there is.
func compare(is map[string]any, want []string) error {
	for _, w := range want {
		field, value, _ := strings.Cut(w, "=")
		got, ok := is[field]
		if !ok {
			return fmt.Errorf("there is no field %q", field)
		}
		if fmt.Sprint(got) != value {
			return fmt.Errorf("%s is %v, want %s", field, got, value)
		}
	}
	return nil
}

// each makes a command of something that is done with files.
func (c *cast) each(f func(*program.File) error) func([]string) error {
	return func(names []string) error {
		for _, name := range names {
			if c.Files[name] == nil {
				return fmt.Errorf("no file %q", name)
			}
			if err := f(c.Files[name]); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	}
}

func (c *cast) announceFile(args []string) error {
	return with(3, args, func() error {
		f, err := c.Take(args[0], args[1], args[2])
		if err != nil {
			return err
		}
		u, err := c.Announce(f)
		if err == nil && (u.Evidence.Status != "ANNOUNCED" || u.Ticket == nil) {
			err = fmt.Errorf("an announced file is %s, with ticket %v", u.Evidence.Status, u.Ticket)
		}
		return err
	})
}

func (c *cast) sendParts(args []string) error {
	if len(args) < 2 || c.Files[args[0]] == nil {
		return fmt.Errorf("needs a FILE and NUMBERs, got %q", args)
	}
	for _, n := range args[1:] {
		number, err := strconv.Atoi(n)
		if err != nil {
			return err
		}
		if err := c.SendPart(c.Files[args[0]], number); err != nil {
			return fmt.Errorf("part %d: %w", number, err)
		}
	}
	return nil
}

func (c *cast) expectParts(args []string) error {
	if len(args) < 2 || c.Files[args[0]] == nil {
		return fmt.Errorf("needs a FILE and FIELD=VALUE…, got %q", args)
	}
	u, err := c.Progress(c.Files[args[0]])
	if err != nil {
		return err
	}
	if u.Ticket == nil {
		return fmt.Errorf("the server gives no ticket")
	}
	var received, missing []string
	for _, n := range u.ReceivedParts {
		received = append(received, strconv.Itoa(n))
	}
	for _, p := range u.Ticket.Parts {
		missing = append(missing, strconv.Itoa(p.Number))
	}
	return compare(map[string]any{"received": strings.Join(received, ","), "missing": strings.Join(missing, ",")}, args[1:])
}

func (c *cast) reportHazard(args []string) error {
	if len(args) < 4 {
		return fmt.Errorf("needs NAME REPORT CATEGORY DESCRIPTION FILE…, got %q", args)
	}
	report, err := c.Known(args[1])
	if err != nil {
		return err
	}
	evidence, err := c.evidence(args[4:])
	if err != nil {
		return err
	}
	var out struct {
		ReportHazard struct{ Hazard struct{ Status string } }
	}
	err = c.Do(program.ReportHazard, program.Variables{"input": program.Variables{
		"id": c.Named(args[0], id.Hazard), "campaignId": c.IDs["campaign"], "schoolId": c.IDs["school"], "gridId": c.IDs["grid"],
		"reportId": report, "category": args[2], "description": args[3],
		"discoveredAt": time.Now().UTC().Format(time.RFC3339), "evidenceIds": evidence,
	}}, &out)
	if err == nil && out.ReportHazard.Hazard.Status != "REPORTED" {
		err = fmt.Errorf("a reported hazard is %q", out.ReportHazard.Hazard.Status)
	}
	return err
}

func (c *cast) evidence(names []string) ([]string, error) {
	var ids []string
	for _, name := range names {
		i, err := c.Known(name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, i)
	}
	return ids, nil
}

const hazardFields = `{ id status grade underOversight overdue proven deadlineOn planStatus extensionPending version
	responsible { name } missingEvidence { step } events { sequence kind } evidence { status } }`

type hazard struct {
	ID, Status, Grade, DeadlineOn, PlanStatus string
	UnderOversight, Overdue, Proven           bool
	Version                                   int
	MissingEvidence                           []struct{ Step string }
	Events                                    []struct {
		Sequence int
		Kind     string
	}
	Evidence []struct{ Status string }
}

func (c *cast) hazard(name string) (hazard, error) {
	var out struct{ Hazard hazard }
	i, err := c.Known(name)
	if err != nil {
		return hazard{}, err
	}
	err = c.Do(`query($id: ID!) { hazard(id: $id) `+hazardFields+` }`, program.Variables{"id": i}, &out)
	return out.Hazard, err
}

func (c *cast) expectHazard(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("needs NAME FIELD=VALUE…, got %q", args)
	}
	h, err := c.hazard(args[0])
	if err != nil {
		return err
	}
	missing := []string{}
	for _, m := range h.MissingEvidence {
		missing = append(missing, m.Step)
	}
	return compare(map[string]any{
		"status": h.Status, "grade": h.Grade, "underOversight": h.UnderOversight, "overdue": h.Overdue, "proven": h.Proven,
		"plan": h.PlanStatus, "missing": strings.Join(missing, ","), "files": len(h.Evidence),
	}, args[1:])
}

func (c *cast) expectHistory(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("needs NAME EVENT…, got %q", args)
	}
	h, err := c.hazard(args[0])
	if err != nil {
		return err
	}
	var kinds []string
	for i, e := range h.Events {
		if e.Sequence != i+1 {
			return fmt.Errorf("event %d of the history has number %d", i+1, e.Sequence)
		}
		kinds = append(kinds, e.Kind)
	}
	if !slices.Equal(kinds, args[1:]) {
		return fmt.Errorf("the history is %q, want %q", kinds, args[1:])
	}
	return nil
}

// repeat sends the last command once more; the answer must be the same.
func (c *cast) repeat() error {
	before := c.Last.Data
	var again any
	if err := c.Do(c.Last.Query, c.Last.Variables, &again); err != nil {
		return err
	}
	var first any
	if err := json.Unmarshal(before, &first); err != nil {
		return err
	}
	if !reflect.DeepEqual(first, again) {
		return fmt.Errorf("the repeat answers %s, want %s", c.Last.Data, before)
	}
	return nil
}

// step is a command on a hazard: its mutation, its input type, what the input
// calls the words of the story, and the record that it makes.
type step struct {
	mutation, input string
	makes           string
	noun            id.Noun
	words           map[string]string
}

// steps are the commands on hazards that stories use. deadline=+5 and
// complete=+5 are days from today.
var steps = map[string]step{
	"place-under-oversight": {mutation: "placeUnderOversight", input: "PlaceUnderOversightInput", words: map[string]string{
		"responsible": "responsibleId", "deadline": "deadlineOn", "measures": "protectiveMeasures",
	}},
	"submit-plan": {mutation: "submitRectificationPlan", input: "SubmitRectificationPlanInput", makes: "planId", noun: id.RectificationPlan,
		words: map[string]string{
			"responsible": "responsibleId", "measures": "measures", "funds": "fundsFen", "complete": "completeBy", "contingency": "contingencyPlan",
		}},
	"approve-plan": {mutation: "approveRectificationPlan", input: "DecidePlanInput", words: map[string]string{"note": "note"}},
	"mark-rectified": {mutation: "markRectified", input: "MarkRectifiedInput", words: map[string]string{
		"measures": "measuresTaken", "spent": "fundsSpentFen",
	}},
	"accept-rectification": {mutation: "acceptRectification", input: "AcceptRectificationInput", makes: "recheckId", noun: id.Recheck,
		words: map[string]string{"note": "note"}},
	"reject-rectification": {mutation: "rejectRectification", input: "RejectRectificationInput", makes: "recheckId", noun: id.Recheck,
		words: map[string]string{"reason": "reason", "deadline": "newDeadlineOn"}},
}

func (s step) query() string {
	return fmt.Sprintf("mutation($input: %s!) { %s(input: $input) { hazard { id status version } } }", s.input, s.mutation)
}

func (c *cast) step(s step, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("needs a hazard")
	}
	input, err := c.stepInput(s, args[0], args[1:])
	if err != nil {
		return err
	}
	var out map[string]any
	return c.Do(s.query(), program.Variables{"input": input}, &out)
}

// stepInput puts a step's input together from the words of a story.
func (c *cast) stepInput(s step, name string, words []string) (program.Variables, error) {
	h, err := c.Known(name)
	if err != nil {
		return nil, err
	}
	input := program.Variables{"commandId": program.NewCommand(), "hazardId": h}
	if s.makes != "" {
		input[s.makes] = id.New(s.noun).String()
	}
	for _, w := range words {
		word, value, _ := strings.Cut(w, "=")
		if word == "files" {
			if input["evidenceIds"], err = c.evidence(strings.Split(value, ",")); err != nil {
				return nil, err
			}
			continue
		}
		field := s.words[word]
		if field == "" {
			return nil, fmt.Errorf("this step has no %q but %q", word, slices.Sorted(maps.Keys(s.words)))
		}
		if input[field], err = c.value(word, value); err != nil {
			return nil, err
		}
	}
	return input, nil
}

// value turns a word's value into what the API wants.
func (c *cast) value(word, value string) (any, error) {
	switch word {
	case "responsible":
		_, err := c.Token(value)
		if err != nil {
			return nil, err
		}
		return c.People[value].UserID, nil
	case "deadline", "complete":
		days, err := strconv.Atoi(value)
		return day(days), err
	case "funds", "spent":
		return strconv.Atoi(value)
	default:
		return value, nil
	}
}

// shanghai is the zone in which the campaign's days end.
var shanghai = time.FixedZone("UTC+8", 8*60*60)

// day is a date some days from today, in the campaign's zone.
func day(fromToday int) string {
	return time.Now().In(shanghai).AddDate(0, 0, fromToday).Format(time.DateOnly)
}

// figures asks for a dashboard as somebody: the total, and the sums over the
// regions below.
func (c *cast) figures(account string) (total map[string]any, sums map[string]float64, err error) {
	token, err := c.Token(account)
	if err != nil {
		return nil, nil, err
	}
	const fields = `{ schoolsDue schoolsSelfClaimed schoolsSelfProven found voided closed closedProven open overdue underOversight majorOpen clearRate }`
	r, err := c.Ask(token, `query($c: ID!) { dashboard(campaignId: $c) { total `+fields+` children { figures `+fields+` } } }`,
		program.Variables{"c": c.IDs["campaign"]})
	if err != nil {
		return nil, nil, err
	}
	var out struct {
		Dashboard struct {
			Total    map[string]any
			Children []struct{ Figures map[string]float64 }
		}
	}
	if err := r.Into(&out); err != nil {
		return nil, nil, err
	}
	sums = map[string]float64{}
	for _, child := range out.Dashboard.Children {
		for name, n := range child.Figures {
			sums[name] += n
		}
	}
	return out.Dashboard.Total, sums, nil
}

func (c *cast) expectDashboard(args []string) error {
	total, sums, err := c.figures("section")
	if err != nil {
		return err
	}
	is := map[string]any{}
	for name, n := range total {
		is[name] = n
		if n == nil {
			is[name] = "null"
		}
		if name != "clearRate" && sums[name] != n {
			return fmt.Errorf("%s is %v, but %v in the townships together", name, n, sums[name])
		}
	}
	return compare(is, args)
}
