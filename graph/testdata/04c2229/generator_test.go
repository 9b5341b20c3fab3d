package graph_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent/migrate"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// request is what a client sent, and the answer.
type request struct {
	Account   string          `json:"account"`
	Query     string          `json:"query"`
	Variables map[string]any  `json:"variables"`
	Data      json.RawMessage `json:"data,omitempty"`
}

// queued is a command as the phone of that build keeps it.
type queued struct {
	Owner    string         `json:"owner"`
	Entry    string         `json:"entry"`
	Name     string         `json:"name"`
	Input    map[string]any `json:"input"`
	Instants map[string]any `json:"instants"`
	Frozen   bool           `json:"frozen"`
	State    string         `json:"state"`
	Queued   int64          `json:"queued"`
}

type phone struct {
	Account  string   `json:"account"`
	Commands []queued `json:"commands"`
}

type figures struct {
	At        string          `json:"at"`
	Dashboard json.RawMessage `json:"dashboard"`
}

type facts struct {
	End       string                     `json:"end"`
	Counts    map[string]int             `json:"counts"`
	Dashboard []figures                  `json:"dashboard"`
	Records   map[string]json.RawMessage `json:"records"`
}

type generator struct {
	*api
	random   *rand.Rand
	requests []request
	facts    facts
	photo    int
}

func (g *generator) newID(noun id.Noun) string {
	var u uuid.UUID
	for i := range u {
		u[i] = byte(g.random.UintN(256))
	}
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	return id.Of(noun, u).String()
}

func (g *generator) send(account, query string, variables map[string]any) map[string]any {
	g.T.Helper()
	data := g.must(account, query, variables)
	text, err := json.Marshal(data)
	if err != nil {
		g.T.Fatal(err)
	}
	g.requests = append(g.requests, request{Account: account, Query: query, Variables: variables, Data: text})
	g.Work()
	g.Clock.Advance(time.Minute)
	return data
}

// do sends one mutation in the form of the pages' operations.
func (g *generator) do(account, name, inputType, selection string, input map[string]any) map[string]any {
	g.T.Helper()
	title := strings.ToUpper(name[:1]) + name[1:]
	query := fmt.Sprintf("mutation %s($input: %s!) { %s(input: $input) { %s } }", title, inputType, name, selection)
	return g.send(account, query, map[string]any{"input": input})
}

func with(base map[string]any, more map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range base {
		out[k] = v
	}
	for k, v := range more {
		out[k] = v
	}
	return out
}

func (g *generator) onHazard(account, name, hazard string, more map[string]any) {
	g.T.Helper()
	inputType := map[string]string{"approveRectificationPlan": "DecidePlanInput", "returnRectificationPlan": "DecidePlanInput"}[name]
	if inputType == "" {
		inputType = strings.ToUpper(name[:1]) + name[1:] + "Input"
	}
	g.do(account, name, inputType, "hazard { id version }", with(map[string]any{"commandId": g.newID(id.Command), "hazardId": hazard}, more))
}

func (g *generator) onNotice(account, name, notice string, more map[string]any) {
	g.T.Helper()
	g.do(account, name, strings.ToUpper(name[:1])+name[1:]+"Input", "notice { id version }", with(map[string]any{"commandId": g.newID(id.Command), "noticeId": notice}, more))
}

func (g *generator) promise() []any { return []any{g.newID(id.Evidence)} }

func (g *generator) now(ago time.Duration) string {
	return g.Clock.Now().Add(-ago).Format(time.RFC3339)
}
func (g *generator) day(n int) string           { return string(g.Today().AddDays(n)) }
func (g *generator) user(account string) string { return g.User(account).PublicID().String() }

// file announces a photo, and sends it unless it is to stay announced.
func (g *generator) file(account string, stage rule.EvidenceStage, send bool) string {
	g.T.Helper()
	g.photo++
	content := testkit.Photo(g.T, 30+g.photo)
	sum := sha256.Sum256(content)
	key := g.newID(id.Evidence)
	g.do(account, "announceEvidence", "AnnounceEvidenceInput", "upload { evidence { id status } }", map[string]any{
		"id": key, "schoolId": g.School.PublicID().String(), "kind": "PHOTO", "stage": string(stage), "source": "CAMERA",
		"fileName": fmt.Sprintf("photo-%d.jpg", g.photo), "mediaType": "image/jpeg", "size": len(content), "sha256": hex.EncodeToString(sum[:]),
		"capturedAt": g.now(time.Minute), "deviceTime": g.now(0),
	})
	if !send {
		return key
	}
	parsed, err := id.Parse(key)
	if err != nil {
		g.T.Fatal(err)
	}
	upload, err := g.App.EvidenceUpload(g.As(account), parsed)
	if err != nil {
		g.T.Fatal(err)
	}
	g.Send(upload, content)
	g.do(account, "completeEvidence", "CompleteEvidenceInput", "evidence { id status }", map[string]any{"id": key})
	return key
}

func (g *generator) hazardInput(description string, more map[string]any) map[string]any {
	return with(map[string]any{
		"id": g.newID(id.Hazard), "campaignId": g.Campaign.PublicID().String(), "schoolId": g.School.PublicID().String(),
		"gridId": g.Grid.PublicID().String(), "category": "FIRE", "description": description, "discoveredAt": g.now(time.Hour), "evidenceIds": g.promise(),
	}, more)
}

func (g *generator) hazard(account, description string, more map[string]any) string {
	g.T.Helper()
	if account == "inspector1" { // who also owes a video
		more = with(map[string]any{"evidenceIds": append(g.promise(), g.promise()...)}, more)
	}
	in := g.hazardInput(description, more)
	g.do(account, "reportHazard", "ReportHazardInput", "hazard { id version }", in)
	return in["id"].(string)
}

func (g *generator) listInput(days int) map[string]any {
	return map[string]any{"evidenceIds": g.promise(), "protectiveMeasures": "停用并围挡", "deadlineOn": g.day(days), "responsibleId": g.user("officer1")}
}

func (g *generator) listed(description string, days int) string {
	g.T.Helper()
	h := g.hazard("officer1", description, nil)
	g.onHazard("officer1", "listHazard", h, g.listInput(days))
	return h
}

func (g *generator) plan(days int) map[string]any {
	return map[string]any{
		"planId": g.newID(id.RectificationPlan), "responsibleId": g.user("officer1"), "measures": "更换阀门", "fundsFen": 120_000,
		"completeBy": g.day(days), "contingencyPlan": "备用灭火器就位",
	}
}

func (g *generator) approved(description string, days int) string {
	g.T.Helper()
	h := g.listed(description, days)
	g.onHazard("officer1", "submitRectificationPlan", h, g.plan(days-1))
	g.onHazard("section", "approveRectificationPlan", h, map[string]any{"note": "同意"})
	return h
}

func (g *generator) rectified(description string, days int) string {
	g.T.Helper()
	h := g.approved(description, days)
	g.onHazard("officer1", "markRectified", h, map[string]any{"measuresTaken": "阀门已更换", "fundsSpentFen": 80_000, "evidenceIds": []any{g.file("officer1", rule.After, true)}})
	return h
}

func (g *generator) notice(hazards ...string) string {
	g.T.Helper()
	key := g.newID(id.Notice)
	items := []any{}
	for _, h := range hazards {
		items = append(items, map[string]any{"hazardId": h, "basis": "消防法"})
	}
	g.do("inspector1", "draftNotice", "DraftNoticeInput", "notice { id }", map[string]any{
		"id": key, "campaignId": g.Campaign.PublicID().String(), "schoolId": g.School.PublicID().String(), "deadlineOn": g.day(12),
		"requirements": "限期整改，举一反三", "items": items,
	})
	return key
}

func (g *generator) issued(hazards ...string) string {
	g.T.Helper()
	n := g.notice(hazards...)
	g.onNotice("inspector1", "issueNotice", n, nil)
	return n
}

const batch = `
  mutation CaptureBatch($commands: [BatchCommand!]!) {
    submitBatch(commands: $commands) { results { index error { code message retryable fields { path message } } } }
  }
`

func (g *generator) batch(account string, commands ...map[string]any) {
	g.T.Helper()
	data := g.send(account, batch, map[string]any{"commands": commands})
	for _, r := range data["submitBatch"].(map[string]any)["results"].([]any) {
		if e := r.(map[string]any)["error"]; e != nil {
			g.T.Fatalf("batch: %v", e)
		}
	}
}

func (g *generator) findings(from, to int, result string, evidence func() []any) []any {
	out := []any{}
	for _, item := range g.Items()[from:to] {
		out = append(out, map[string]any{"id": g.newID(id.Finding), "itemId": item.PublicID().String(), "result": result, "evidenceIds": evidence()})
	}
	return out
}

func (g *generator) inspection(kind string) map[string]any {
	in := map[string]any{
		"id": g.newID(id.Report), "campaignId": g.Campaign.PublicID().String(), "schoolId": g.School.PublicID().String(), "kind": kind, "startedAt": g.now(time.Minute),
	}
	if kind == "SUPERVISION" {
		in["checkIn"] = map[string]any{"latitude": *g.School.Latitude, "longitude": *g.School.Longitude}
	}
	return in
}

// instant notes a moment whose figures are asked for at the end, when all is known
// that had happened by then.
func (g *generator) instant() {
	g.T.Helper()
	g.facts.Dashboard = append(g.facts.Dashboard, figures{At: g.Clock.Now().Format("2006-01-02T15:04:05.000Z07:00")})
	g.Clock.Advance(time.Second)
}

func (g *generator) dashboards() {
	g.T.Helper()
	for i := range g.facts.Dashboard {
		d := &g.facts.Dashboard[i]
		data := g.must("section", `query($c: ID!, $at: DateTime) { dashboard(campaignId: $c, asOf: $at) { `+figuresOf, map[string]any{"c": g.Campaign.PublicID().String(), "at": d.At})
		text, err := json.Marshal(data["dashboard"])
		if err != nil {
			g.T.Fatal(err)
		}
		d.Dashboard = text
	}
}

const (
	figuresOf = `total { ...F } children { region { id } figures { ...F } } } } fragment F on Figures {
  schoolsDue schoolsSelfClaimed schoolsSelfProven schoolsVisitedClaimed schoolsVisitedProven found voided closed closedProven open overdue
  underOversight: listed majorOpen clearRate clearRateProven }`
	hazardOf = `id status grade category description place deadlineOn firstDeadlineOn overdue version underOversight: listed planStatus extensionPending
  downgradePending closedAt proven school { id } grid { id } reporter { id } responsible { id } notice { id } report { id } finding { id } duplicateOf { id }
  orders: listings { level deadlineOn measures placedAt: listedAt endedAt: delistedAt } plans { id number status measures }
  extensions { id status fromOn untilOn reason } rechecks { id result newDeadlineOn } events { sequence happenedAt } evidence { id status } reminders { kind days dueOn }`
	noticeOf = `id status number deadlineOn requirements opinion refusalReason witness reply closedAt version
  school { id } items { position problem basis hazard { id } } supersedes { id } supersededBy { id } events { sequence happenedAt } evidence { id }`
	reportOf = `id kind status startedAt submittedAt claimed proven version inspector { id } findings { id result note item { id } evidence { id } } discrepancies { major }`
	fileOf   = `id kind stage status fileName size sha256 verifiedAt uploader { id } trust`
	riskOf   = `id name level version controls { id kind text } assessments { level reason }`
)

func (g *generator) record(key, onType, selection string) {
	g.T.Helper()
	data := g.must("section", `query($id: ID!) { node(id: $id) { ... on `+onType+` { `+selection+` } } }`, map[string]any{"id": key})
	text, err := json.Marshal(data["node"])
	if err != nil || string(text) == "null" || string(text) == "{}" {
		g.T.Fatalf("%s: %s %v", key, text, err)
	}
	g.facts.Records[key] = text
}

func TestGenerate(t *testing.T) {
	folder := os.Getenv("FIXTURE")
	if folder == "" {
		t.Fatal("FIXTURE names no folder")
	}
	testkit.EachInTurn(t, func(t *testing.T, e *testkit.Env) {
		g := &generator{api: newAPI(e, false), random: rand.New(rand.NewPCG(4, 2229)), facts: facts{Records: map[string]json.RawMessage{}, Counts: map[string]int{}}}
		var hazards, notices, reports, files, risks []string
		keep := func(list *[]string, key string) string { *list = append(*list, key); return key }
		hz := func(key string) string { return keep(&hazards, key) }

		// The phone of a grid member: one batch with a whole self-inspection.
		site := keep(&files, g.file("grid1", rule.Site, true))
		keep(&files, g.file("grid1", rule.Before, false))
		self := g.inspection("SELF_INSPECTION")
		keep(&reports, self["id"].(string))
		good := g.findings(0, 10, "COMPLIANT", func() []any { return []any{site} })
		poor := g.findings(10, 11, "NON_COMPLIANT", g.promise)
		rest := g.findings(11, 15, "COMPLIANT", g.promise)
		first := g.hazardInput("疏散通道堵塞", map[string]any{"reportId": self["id"], "findingId": poor[0].(map[string]any)["id"], "queuedAt": g.now(30 * time.Minute)})
		h1 := hz(first["id"].(string))
		g.batch("grid1",
			map[string]any{"startInspection": self},
			map[string]any{"recordFindings": map[string]any{"commandId": g.newID(id.Command), "reportId": self["id"], "findings": append(good, poor...)}},
			map[string]any{"reportHazard": first},
			map[string]any{"recordFindings": map[string]any{"commandId": g.newID(id.Command), "reportId": self["id"], "findings": rest}},
			map[string]any{"submitInspectionReport": map[string]any{"commandId": g.newID(id.Command), "reportId": self["id"], "evidenceIds": []any{site}}},
		)
		g.batch("grid1", map[string]any{"supplementEvidence": map[string]any{"commandId": g.newID(id.Command), "subjectId": h1, "step": "HAZARD_REPORT", "evidenceIds": []any{keep(&files, g.file("grid1", rule.Before, true))}}})
		open := g.inspection("SELF_INSPECTION")
		openID := keep(&reports, open["id"].(string))
		g.batch("officer1", map[string]any{"startInspection": open},
			map[string]any{"recordFindings": map[string]any{"commandId": g.newID(id.Command), "reportId": openID, "findings": g.findings(0, 2, "NOT_APPLICABLE", func() []any { return []any{} })}})

		// The team: a visit that finds what the school did not.
		visit := g.inspection("SUPERVISION")
		keep(&reports, visit["id"].(string))
		g.do("inspector1", "startInspection", "StartInspectionInput", "report { id }", visit)
		g.do("inspector1", "recordFindings", "RecordFindingsInput", "report { id }", map[string]any{"commandId": g.newID(id.Command), "reportId": visit["id"], "findings": append(g.findings(0, 2, "NON_COMPLIANT", g.promise), g.findings(2, 15, "COMPLIANT", g.promise)...)})
		hz(g.hazard("inspector1", "消防栓无水", map[string]any{"reportId": visit["id"]}))
		g.do("inspector1", "submitInspectionReport", "SubmitInspectionReportInput", "report { id }", map[string]any{"commandId": g.newID(id.Command), "reportId": visit["id"]})

		// Hazards in every status.
		graded := hz(g.hazard("officer1", "危房仍在使用", nil))
		g.onHazard("officer1", "gradeHazard", graded, map[string]any{"grade": "MAJOR", "reason": "承重墙开裂"})
		down := hz(g.hazard("officer1", "燃气管道老化", map[string]any{"grade": "MAJOR"}))
		g.onHazard("officer1", "gradeHazard", down, map[string]any{"grade": "GENERAL", "reason": "已停气"})
		wanted := hz(g.hazard("officer1", "重复上报", nil))
		g.onHazard("officer1", "requestVoid", wanted, map[string]any{"reason": "与前一条重复"})
		void := hz(g.hazard("officer1", "疏散通道堵塞（重复）", nil))
		g.onHazard("section", "voidHazard", void, map[string]any{"reason": "重复", "duplicateOfId": h1})
		toList := hz(g.hazard("officer1", "配电箱无门", nil))
		atOnce := hz(g.hazard("officer1", "灭火器过期", nil))
		g.onHazard("officer1", "markRectified", atOnce, map[string]any{"measuresTaken": "已更换", "evidenceIds": []any{keep(&files, g.file("officer1", rule.After, true))}})
		waiting := hz(g.listed("围墙倾斜", 9))
		g.onHazard("officer1", "submitRectificationPlan", waiting, g.plan(8))
		toPlan := hz(g.listed("操场塌陷", 9))
		returned := hz(g.listed("护栏松动", 9))
		g.onHazard("officer1", "submitRectificationPlan", returned, g.plan(8))
		g.onHazard("section", "returnRectificationPlan", returned, map[string]any{"note": "措施不具体"})
		g.onHazard("officer1", "submitRectificationPlan", returned, g.plan(7))
		raised := hz(g.approved("锅炉房违规", 10))
		g.onHazard("section", "raiseListing", raised, map[string]any{"level": "COUNTY", "reason": "整改缓慢", "documentNumber": "教安〔2026〕7号", "supervisorId": g.user("section")})
		ask := func(h string, days int) {
			g.onHazard("officer1", "requestExtension", h, map[string]any{"extensionId": g.newID(id.Extension), "untilOn": g.day(days), "reason": "材料未到"})
		}
		ask(raised, 14)
		g.onHazard("section", "decideExtension", raised, map[string]any{"grant": true, "note": "同意延期"})
		pending := hz(g.approved("食堂排烟道积油", 10))
		ask(pending, 13)
		denied := hz(g.approved("实验室通风不良", 10))
		ask(denied, 15)
		g.onHazard("section", "decideExtension", denied, map[string]any{"grant": false, "note": "不同意"})
		toRectify := hz(g.approved("校车年检过期", 10))
		rectified := hz(g.rectified("天台门锁闭", 10))
		toAccept := hz(g.rectified("应急灯不亮", 10))
		rejected := hz(g.rectified("线路裸露", 10))
		g.onHazard("inspector1", "rejectRectification", rejected, map[string]any{"recheckId": g.newID(id.Recheck), "reason": "未套管", "newDeadlineOn": g.day(11), "evidenceIds": g.promise()})
		check := func(h string) {
			g.onHazard("inspector1", "acceptRectification", h, map[string]any{"recheckId": g.newID(id.Recheck), "note": "合格", "evidenceIds": []any{keep(&files, g.file("inspector1", rule.After, true))}})
		}
		closed := hz(g.rectified("消防水池缺水", 10))
		check(closed)
		reopened := hz(g.rectified("校门路障缺失", 10))
		check(reopened)
		g.onHazard("section", "reopenHazard", reopened, map[string]any{"reason": "复发", "newDeadlineOn": g.day(10), "evidenceIds": g.promise()})
		proven := hz(g.hazard("officer1", "黑板松动", map[string]any{"evidenceIds": []any{keep(&files, g.file("officer1", rule.Before, true))}}))
		g.onHazard("officer1", "markRectified", proven, map[string]any{"measuresTaken": "已加固", "evidenceIds": []any{keep(&files, g.file("officer1", rule.After, true))}})
		check(proven)
		late := hz(g.listed("楼梯扶手断裂", 2))
		g.instant()

		// Notices in every status.
		more := func() string { return hz(g.hazard("inspector1", "督查发现的隐患", nil)) }
		keep(&notices, g.notice(more()))
		revised := keep(&notices, g.notice(more()))
		g.onNotice("inspector1", "reviseNotice", revised, map[string]any{"requirements": "三日内整改"})
		dropped := keep(&notices, g.notice(more()))
		g.onNotice("inspector1", "dropNotice", dropped, nil)
		issued := keep(&notices, g.issued(more()))
		toRefuse := keep(&notices, g.issued(more()))
		refused := keep(&notices, g.issued(more()))
		g.onNotice("inspector1", "refuseNotice", refused, map[string]any{"reason": "校长不在", "witness": "门卫张某"})
		sign := func(n string) {
			g.onNotice("principal1", "acknowledgeNotice", n, map[string]any{"opinion": "无异议", "evidenceIds": g.promise()})
		}
		acknowledged := keep(&notices, g.issued(more()))
		sign(acknowledged)
		replied := keep(&notices, g.issued(more()))
		sign(replied)
		g.onNotice("officer1", "replyToNotice", replied, map[string]any{"reply": "已全部整改"})
		ending := hz(g.rectified("围挡缺失", 10))
		done := keep(&notices, g.issued(ending))
		sign(done)
		g.onNotice("officer1", "replyToNotice", done, map[string]any{"reply": "已全部整改"})
		check(ending)
		old := keep(&notices, g.issued(more()))
		newer := keep(&notices, g.newID(id.Notice))
		g.do("inspector1", "supersedeNotice", "SupersedeNoticeInput", "notice { id }", map[string]any{"id": newer, "noticeId": old, "requirements": "更正"})
		g.onNotice("inspector1", "issueNotice", newer, nil)

		point := g.newID(id.RiskPoint)
		keep(&risks, point)
		g.do("officer1", "recordRiskPoint", "RecordRiskPointInput", "riskPoint { id }", map[string]any{
			"id": point, "gridId": g.Grid.PublicID().String(), "name": "锅炉", "level": "ORANGE", "reason": "压力容器",
			"controls": []any{map[string]any{"id": g.newID(id.RiskControl), "kind": "MANAGEMENT", "text": "每日巡查"}},
		})
		g.do("officer1", "assessRiskPoint", "AssessRiskPointInput", "riskPoint { id }", map[string]any{"commandId": g.newID(id.Command), "riskPointId": point, "level": "YELLOW", "reason": "已加装安全阀"})

		// Days pass: one is overdue, reminders and cases come up.
		for range 4 {
			g.Clock.Advance(24 * time.Hour)
			if err := g.App.RunClocks(g.System()); err != nil {
				t.Fatal(err)
			}
			g.Work()
		}
		g.onHazard("officer1", "submitRectificationPlan", late, g.plan(3))
		g.instant()
		g.dashboards()

		for _, h := range hazards {
			g.record(h, "Hazard", hazardOf)
		}
		for _, n := range notices {
			g.record(n, "Notice", noticeOf)
		}
		for _, r := range reports {
			g.record(r, "InspectionReport", reportOf)
		}
		for _, f := range files {
			g.record(f, "Evidence", fileOf)
		}
		for _, r := range risks {
			g.record(r, "RiskPoint", riskOf)
		}

		// What phones still hold.
		queue := func(account string, commands ...any) phone {
			p := phone{Account: account}
			for i := 0; i < len(commands); i += 2 {
				entry := g.newID(id.Command)
				p.Commands = append(p.Commands, queued{
					Owner: g.user(account), Entry: entry, Name: commands[i].(string), Input: commands[i+1].(map[string]any), Instants: map[string]any{},
					Frozen: true, State: "waiting", Queued: g.Clock.Now().UnixMilli(),
				})
			}
			return p
		}
		on := func(h string, more map[string]any) map[string]any {
			return with(map[string]any{"commandId": g.newID(id.Command), "hazardId": h}, more)
		}
		onNotice := func(n string, more map[string]any) map[string]any {
			return with(map[string]any{"commandId": g.newID(id.Command), "noticeId": n}, more)
		}
		next := g.inspection("SELF_INSPECTION")
		offline := g.hazardInput("断网时发现的隐患", map[string]any{"queuedAt": g.now(20 * time.Minute)})
		phones := []phone{
			queue("grid1",
				"startInspection", next,
				"recordFindings", map[string]any{"commandId": g.newID(id.Command), "reportId": next["id"], "findings": g.findings(0, 3, "COMPLIANT", g.promise)},
				"reportHazard", offline,
				"supplementEvidence", map[string]any{"commandId": g.newID(id.Command), "subjectId": h1, "step": "HAZARD_REPORT", "evidenceIds": g.promise()},
			),
			queue("officer1",
				"recordFindings", map[string]any{"commandId": g.newID(id.Command), "reportId": openID, "findings": g.findings(2, 15, "COMPLIANT", g.promise)},
				"submitInspectionReport", map[string]any{"commandId": g.newID(id.Command), "reportId": openID},
				"gradeHazard", on(wanted, map[string]any{"grade": "MAJOR", "reason": "复核后定级"}),
				"listHazard", on(toList, g.listInput(6)),
				"submitRectificationPlan", on(toPlan, g.plan(3)),
				"requestExtension", on(toRectify, map[string]any{"extensionId": g.newID(id.Extension), "untilOn": g.day(9), "reason": "等待年检"}),
				"markRectified", on(denied, map[string]any{"measuresTaken": "风机已装", "evidenceIds": g.promise()}),
				"replyToNotice", onNotice(acknowledged, map[string]any{"reply": "已整改"}),
				"assessRiskPoint", map[string]any{"commandId": g.newID(id.Command), "riskPointId": point, "level": "BLUE", "reason": "已停用"},
			),
			queue("inspector1",
				"acceptRectification", on(toAccept, map[string]any{"recheckId": g.newID(id.Recheck), "evidenceIds": g.promise()}),
				"rejectRectification", on(rectified, map[string]any{"recheckId": g.newID(id.Recheck), "reason": "仍锁闭", "newDeadlineOn": g.day(8), "evidenceIds": g.promise()}),
				"refuseNotice", onNotice(toRefuse, map[string]any{"reason": "拒绝签字", "witness": "值班教师李某"}),
				"reportHazard", g.hazardInput("离线督查发现", map[string]any{"evidenceIds": append(g.promise(), g.promise()...), "queuedAt": g.now(10 * time.Minute)}),
			),
			queue("principal1", "acknowledgeNotice", onNotice(issued, map[string]any{"opinion": "无异议", "evidenceIds": g.promise()})),
		}

		g.Work()
		g.facts.End = g.Clock.Now().Format(time.RFC3339Nano)
		for _, table := range migrate.Tables {
			if table == migrate.ChangedRowsTable || table == migrate.ChangeHeadsTable {
				continue
			}
			var n int
			if err := g.Store.DB.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table.Name).Scan(&n); err != nil {
				t.Fatal(err)
			}
			g.facts.Counts[table.Name] = n
		}
		write := func(name string, v any) {
			var b bytes.Buffer
			enc := json.NewEncoder(&b)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", " ")
			if err := enc.Encode(v); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, name), b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		database := filepath.Base(t.Name())
		for name, v := range map[string]any{"facts.json": g.facts, "requests.json": g.requests, "phones.json": phones} {
			write(database+"."+name, v)
		}
		if database == "SQLite" {
			if _, err := g.Store.DB.ExecContext(t.Context(), "VACUUM INTO '"+filepath.Join(folder, "cleargrid.db")+"'"); err != nil {
				t.Fatal(err)
			}
			return
		}
		var name string
		if err := g.Store.DB.QueryRowContext(t.Context(), "SELECT current_database()").Scan(&name); err != nil {
			t.Fatal(err)
		}
		server, _, err := testkit.PostgresURL()
		if err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), "pg_dump", "--inserts", "--rows-per-insert=200", "--no-owner", "--no-privileges", "-d", testkit.WithDatabase(server, name)).Output()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "cleargrid.sql"), out, 0o644); err != nil {
			t.Fatal(err)
		}
	})
}
