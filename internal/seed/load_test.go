package seed_test

import (
	"database/sql"
	"encoding/json"
	"slices"
	"testing"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	_ "modernc.org/sqlite"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/codedvalue"
	"github.com/cleargrid/cleargrid/ent/phase"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/seed"
)

// database is an empty SQLite database in memory with today's tables.
func database(t testing.TB) *ent.Client {
	t.Helper()
	db, err := sql.Open("sqlite", ":memory:?_pragma=foreign_keys(1)&_time_format=sqlite&_timezone=UTC")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1) // each connection would be a database of its own
	client := ent.NewClient(ent.Driver(entsql.OpenDB(dialect.SQLite, db)))
	t.Cleanup(func() { client.Close() })
	if err := client.Schema.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	return client
}

// inTx runs f in a transaction that is committed unless f fails.
func inTx(t testing.TB, client *ent.Client, f func(tx *ent.Tx) error) error {
	t.Helper()
	tx, err := client.Tx(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := f(tx); err != nil {
		if back := tx.Rollback(); back != nil {
			t.Fatal(back)
		}
		return err
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return nil
}

func region(t *testing.T, client *ent.Client, code string) *ent.Region {
	t.Helper()
	return client.Region.Create().SetCode(code).SetName(code).SetLevel(rule.County).SetPath(rule.RegionPath("", code)).SaveX(t.Context())
}

func load(t *testing.T, client *ent.Client, file *seed.CampaignFile, region *ent.Region) (*ent.Campaign, error) {
	t.Helper()
	var out *ent.Campaign
	err := inTx(t, client, func(tx *ent.Tx) error {
		c, err := seed.LoadCampaign(t.Context(), tx, file, region)
		out = c
		return err
	})
	return out, err
}

// contents is every row that a campaign file makes.
func contents(t *testing.T, client *ent.Client) string {
	t.Helper()
	ctx := t.Context()
	return asJSON(t, []any{
		client.Campaign.Query().Order(ent.Asc("id")).AllX(ctx), client.Phase.Query().Order(ent.Asc("id")).AllX(ctx),
		client.Checklist.Query().Order(ent.Asc("id")).AllX(ctx), client.ChecklistItem.Query().Order(ent.Asc("id")).AllX(ctx),
		client.CodedValue.Query().Order(ent.Asc("id")).AllX(ctx),
	})
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestLoadCampaignStoresTheFile(t *testing.T) {
	client := database(t)
	county, file := region(t, client, "990121"), seed.PlanCampaign()
	c, err := load(t, client, file, county)
	if err != nil {
		t.Fatal(err)
	}

	stored := client.Campaign.GetX(t.Context(), c.ID)
	if stored.Code != file.Code || stored.Title != file.Title || stored.RegionID != county.ID || stored.RegionPath != county.Path ||
		stored.StartsOn != file.StartsOn || stored.EndsOn != file.EndsOn {
		t.Errorf("stored %v", stored)
	}
	if got, want := asJSON(t, stored.Policy), asJSON(t, file.Policy); got != want {
		t.Errorf("policy %s", got)
	}
	if n := client.Phase.Query().Where(phase.CampaignID(c.ID)).CountX(t.Context()); n != 2 {
		t.Errorf("%d phases", n)
	}
	items := client.ChecklistItem.Query().Order(ent.Asc("number")).AllX(t.Context())
	if len(items) != 15 || items[14].Text != "其它学校安全工作情况。" || items[14].ChecklistID != stored.ChecklistID {
		t.Errorf("items %v", items)
	}
	gate := client.CodedValue.Query().Where(codedvalue.Set("GRID_KIND"), codedvalue.Code("GATE")).OnlyX(t.Context())
	if gate.Label != "校门" || gate.LabelEn != "Gate" || gate.Position != 8 {
		t.Errorf("gate %v", gate)
	}
	if n := client.CodedValue.Query().Where(codedvalue.Set("HAZARD_CATEGORY")).CountX(t.Context()); n != 17 {
		t.Errorf("%d hazard categories", n)
	}
}

func TestLoadCampaignAgainChangesNothing(t *testing.T) {
	client := database(t)
	county := region(t, client, "990121")
	first, err := load(t, client, seed.PlanCampaign(), county)
	if err != nil {
		t.Fatal(err)
	}
	before := contents(t, client)
	second, err := load(t, client, seed.PlanCampaign(), county)
	if err != nil {
		t.Fatal(err)
	}
	if second.ID != first.ID || contents(t, client) != before {
		t.Error("the second loading changed what was stored")
	}
}

func TestLoadCampaignUpdates(t *testing.T) {
	client := database(t)
	county := region(t, client, "990121")
	first, err := load(t, client, seed.PlanCampaign(), county)
	if err != nil {
		t.Fatal(err)
	}

	file := seed.PlanCampaign().Shifted("2022-04-06")
	file.Title = "安全隐患排查整治活动月（延长）"
	file.Policy.ImmediateWithinHours = 48
	file.Phases = file.Phases[:1]
	file.HazardCategories[0].Label = "校舍"
	file.GridKinds = append(file.GridKinds[:len(file.GridKinds)-1], seed.CodedFile{Code: "POOL", Label: "游泳池", LabelEn: "Pool"})
	if _, err := load(t, client, file, county); err != nil {
		t.Fatal(err)
	}

	c := client.Campaign.GetX(t.Context(), first.ID)
	if c.Title != file.Title || c.StartsOn != "2022-04-06" || c.Policy.ImmediateWithinHours != 48 || c.ChecklistID != first.ChecklistID {
		t.Errorf("campaign %v", c)
	}
	phases := client.Phase.Query().AllX(t.Context())
	if len(phases) != 1 || phases[0].Kind != rule.SelfInspection || phases[0].StartsOn != "2022-04-06" {
		t.Errorf("phases %v", phases)
	}
	if v := client.CodedValue.Query().Where(codedvalue.Set("HAZARD_CATEGORY"), codedvalue.Code("BUILDING")).OnlyX(t.Context()); v.Label != "校舍" {
		t.Errorf("label %q", v.Label)
	}
	kinds := client.CodedValue.Query().Where(codedvalue.Set("GRID_KIND")).Select(codedvalue.FieldCode).StringsX(t.Context())
	if len(kinds) != 15 || !slices.Contains(kinds, "POOL") || !slices.Contains(kinds, "OTHER") {
		t.Errorf("grid kinds %v: one is added and none taken away", kinds)
	}
}

func TestLoadCampaignRefuses(t *testing.T) {
	client := database(t)
	county, other := region(t, client, "990121"), region(t, client, "990122")
	township := client.Region.Create().SetCode("990121100").SetName("镇").SetLevel(rule.Township).SetPath(rule.RegionPath(county.Path, "990121100")).SaveX(t.Context())
	if _, err := load(t, client, seed.PlanCampaign(), county); err != nil {
		t.Fatal(err)
	}
	before := contents(t, client)

	cases := []struct {
		name   string
		change func(f *seed.CampaignFile)
		region *ent.Region
		kind   fault.Kind
		code   string
	}{
		{"an item's text under the same version", func(f *seed.CampaignFile) { f.Checklist.Items[3].Text += "！" }, county, fault.Conflict, "checklist.changed"},
		{"an item more under the same version", func(f *seed.CampaignFile) {
			f.Checklist.Items = append(f.Checklist.Items, seed.ItemFile{Number: 16, Text: "新增"})
		}, county, fault.Conflict, "checklist.changed"},
		{"the checklist's title", func(f *seed.CampaignFile) { f.Checklist.Title = "清单" }, county, fault.Conflict, "checklist.changed"},
		{"other kinds of grids under the same version", func(f *seed.CampaignFile) { f.Checklist.Items[8].GridKinds = nil }, county, fault.Conflict, "checklist.changed"},
		{"another version under the same campaign", func(f *seed.CampaignFile) { f.Checklist.Version++ }, county, fault.Conflict, "campaign.other_checklist"},
		{"a second campaign at once", func(f *seed.CampaignFile) { f.Code = "2021-second" }, county, fault.Conflict, "campaign.overlap"},
		{"a second campaign from its last day on", func(f *seed.CampaignFile) { *f = *f.Shifted(f.EndsOn); f.Code = "2021-second" }, county, fault.Conflict, "campaign.overlap"},
		{"a second campaign at once in a township", func(f *seed.CampaignFile) { f.Code = "2021-second" }, township, fault.Conflict, "campaign.overlap"},
		{"another region", func(*seed.CampaignFile) {}, other, fault.Conflict, "campaign.other_region"},
		{"no region", func(*seed.CampaignFile) {}, nil, fault.NotFound, "region.not_found"},
		{"a file that is wrong", func(f *seed.CampaignFile) { f.EndsOn = "2020-01-01" }, county, fault.BadUserInput, "input.invalid"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			file := seed.PlanCampaign()
			file.Title = "不应写入"
			c.change(file)
			_, err := load(t, client, file, c.region)
			if !fault.Is(err, c.kind) || fault.Of(err).Code != c.code {
				t.Errorf("got %v, want %s %s", err, c.kind, c.code)
			}
			if contents(t, client) != before {
				t.Error("something was written")
			}
		})
	}
}

func TestChecklistIsSharedByCampaigns(t *testing.T) {
	client := database(t)
	first, err := load(t, client, seed.PlanCampaign(), region(t, client, "990121"))
	if err != nil {
		t.Fatal(err)
	}
	file := seed.PlanCampaign().Shifted("2023-09-01")
	file.Code = "2023-autumn"
	second, err := load(t, client, file, region(t, client, "990122"))
	if err != nil {
		t.Fatal(err)
	}
	if first.ID == second.ID || first.ChecklistID != second.ChecklistID || client.ChecklistItem.Query().CountX(t.Context()) != 15 {
		t.Error("two campaigns with the same checklist should share it")
	}
}
