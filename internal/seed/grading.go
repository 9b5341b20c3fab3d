package seed

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/codedvalue"
	"github.com/cleargrid/cleargrid/ent/gradingrule"
	"github.com/cleargrid/cleargrid/ent/gradingruleset"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
)

const hazardSignSet = "HAZARD_SIGN"

// GradingFile is one version of a document that says which hazards are MAJOR
// (重大事故隐患判定标准), as a bureau writes it: one YAML document. The comments of
// the shipped file say what each key means.
type GradingFile struct {
	// Code and Version name the set of rules for good: other rules need another
	// version.
	Code    string            `yaml:"code"`
	Version int               `yaml:"version"`
	Layer   rule.GradingLayer `yaml:"layer"`
	Title   string            `yaml:"title"`
	TitleEn string            `yaml:"titleEn"`
	// Source is the document, by its number.
	Source      string      `yaml:"source"`
	EffectiveOn clock.Date  `yaml:"effectiveOn"`
	RetiredOn   *clock.Date `yaml:"retiredOn"` // last day
	// Signs are added to the coded list HAZARD_SIGN.
	Signs []CodedFile       `yaml:"signs"`
	Rules []GradingRuleFile `yaml:"rules"`
}

// GradingRuleFile is one rule of the set.
type GradingRuleFile struct {
	Number    int                   `yaml:"number"` // from 1, without gaps
	Text      string                `yaml:"text"`
	TextEn    string                `yaml:"textEn"`
	Article   string                `yaml:"article"` // where in the document
	Condition rule.GradingCondition `yaml:"condition"`
}

//go:embed data/grading-fire-safety.yaml
var fireSafety []byte

// FireSafety is the set of grading rules that ships with the product. Each call
// gives a copy of its own.
func FireSafety() *GradingFile {
	f, err := ParseGrading(bytes.NewReader(fireSafety))
	if err != nil {
		panic(fmt.Sprintf("seed: the shipped grading rules are broken: %v", err)) // a test parses them
	}
	return f
}

// ParseGrading reads a file of grading rules strictly and validates it, as
// ParseCampaign does. Every refusal is a BAD_USER_INPUT with fields.
func ParseGrading(r io.Reader) (*GradingFile, error) {
	var f GradingFile
	if err := readFile(r, &f); err != nil {
		return nil, err
	}
	if err := f.Validate(); err != nil {
		return nil, err
	}
	return &f, nil
}

// Validate collects every fault of the content in one BAD_USER_INPUT; nil when
// there is none. An empty condition is one: it would never hit.
func (f *GradingFile) Validate() error {
	var in fault.Input
	checkCode(&in, "code", f.Code, nameCode)
	if f.Version < 1 {
		in.Add("version", "too_small", fault.T("版本从 1 起。", "A version is 1 or more."))
	}
	if !slices.Contains(rule.GradingLayers(), f.Layer) {
		in.Add("layer", "unknown", fault.Tf("没有 %q 这个层级。", "%q is no layer.", string(f.Layer)))
	}
	checkText(&in, "title", f.Title)
	checkText(&in, "source", f.Source)
	if !isDate(f.EffectiveOn) {
		in.Add("effectiveOn", "not_a_date", fault.Tf("%q 不是 2006-01-02 形式的日期。", "%q is not a date of the form 2006-01-02.", string(f.EffectiveOn)))
	}
	if f.RetiredOn != nil && (!isDate(*f.RetiredOn) || *f.RetiredOn < f.EffectiveOn) {
		in.Add("retiredOn", "not_a_date", fault.T("须为生效日期之后的日期。", "This must be a date not before effectiveOn."))
	}
	if len(f.Signs) > 0 {
		checkCoded(&in, "signs", f.Signs)
	}
	if len(f.Rules) == 0 {
		in.Add("rules", "required", fault.T("至少要有一条规则。", "At least one rule is needed."))
	}
	for i, r := range f.Rules {
		at := fmt.Sprintf("rules[%d].", i)
		if r.Number != i+1 {
			in.Add(at+"number", "gap", fault.Tf("编号须从 1 起连续，此处应为 %d。", "Rules are numbered from 1 without gaps: this one is %d.", i+1))
		}
		checkText(&in, at+"text", r.Text)
		for _, wrong := range r.Condition.Validate() {
			path, _, _ := strings.Cut(wrong.Error(), " ")
			in.Add(at+path, "invalid", fault.Tf("规则有误：%s", "The rule is wrong: %s.", wrong))
		}
	}
	return in.Err()
}

// LoadGrading stores a set of grading rules with its signs. Region is whose
// schools it holds for, and nil for the nation. It may be repeated: the same
// content changes nothing, but for retiredOn, which may be set later. A new
// version ends the one before it on the day before it takes effect.
//
// Refusals: BAD_USER_INPUT from Validate, for a region that does not fit the
// layer, and for a sign, category or kind of grid that is not coded; CONFLICT when
// the code and version are stored with other content. Nothing has been written
// then.
func LoadGrading(ctx context.Context, tx *ent.Tx, file *GradingFile, region *ent.Region) (*ent.GradingRuleSet, error) {
	l := loader{tx: tx, newID: func() uuid.UUID { return id.New(id.GradingRuleSet).UUID }, now: clock.System{}.Now()}
	return l.loadGrading(ctx, file, region)
}

func (l loader) loadGrading(ctx context.Context, f *GradingFile, region *ent.Region) (*ent.GradingRuleSet, error) {
	if err := f.Validate(); err != nil {
		return nil, err
	}
	path, err := pathOfLayer(f.Layer, region)
	if err != nil {
		return nil, err
	}
	if err := l.knownCodes(ctx, f); err != nil {
		return nil, err
	}
	stored, err := l.storedGrading(ctx, f, path)
	if err != nil {
		return nil, err
	}

	if err := l.writeSigns(ctx, f.Signs); err != nil {
		return nil, err
	}
	if stored == nil {
		if stored, err = l.createGrading(ctx, f, path); err != nil {
			return nil, err
		}
	} else if f.RetiredOn != nil {
		if err := l.tx.GradingRuleSet.UpdateOne(stored).SetRetiredOn(*f.RetiredOn).Exec(ctx); err != nil {
			return nil, fmt.Errorf("seed: retire grading rules: %w", err)
		}
	}
	return stored, l.endOlder(ctx, f.Code)
}

// pathOfLayer gives the path of a layer's region: none for the nation.
func pathOfLayer(layer rule.GradingLayer, region *ent.Region) (string, error) {
	fits := map[rule.GradingLayer][]rule.RegionLevel{
		rule.GradingProvince: {rule.Province}, rule.GradingCounty: {rule.City, rule.County},
	}[layer]
	switch {
	case region == nil && len(fits) == 0:
		return "", nil
	case region != nil && slices.Contains(fits, region.Level):
		return region.Path, nil
	}
	return "", fault.Bad("layer", "other_region", fault.T(
		"国家级规则不属于任何地区；省级规则须属于省，县级规则须属于市或县。", "National rules belong to no region, those of a province to a province, those of a county to a city or county."))
}

// knownCodes refuses what no list of codes has: such a condition would never hit.
func (l loader) knownCodes(ctx context.Context, f *GradingFile) error {
	rows, err := l.tx.CodedValue.Query().Where(codedvalue.SetIn(hazardSignSet, rule.HazardCategorySet, rule.GridKindSet)).All(ctx)
	if err != nil {
		return fmt.Errorf("seed: read coded values: %w", err)
	}
	known := map[[2]string]bool{}
	for _, v := range rows {
		known[[2]string{v.Set, v.Code}] = true
	}
	for _, s := range f.Signs {
		known[[2]string{hazardSignSet, s.Code}] = true
	}
	var in fault.Input
	for i, r := range f.Rules {
		for _, part := range []struct {
			name, set string
			codes     []string
		}{
			{"signs", hazardSignSet, r.Condition.Signs}, {"categories", rule.HazardCategorySet, r.Condition.Categories},
			{"gridKinds", rule.GridKindSet, r.Condition.GridKinds},
		} {
			for j, code := range part.codes {
				if !known[[2]string{part.set, code}] {
					in.Add(fmt.Sprintf("rules[%d].condition.%s[%d]", i, part.name, j), "unknown", fault.Tf("没有编码 %q。", "There is no code %q.", code))
				}
			}
		}
	}
	return in.Err()
}

// storedGrading is nil when this code and version are new.
func (l loader) storedGrading(ctx context.Context, f *GradingFile, path string) (*ent.GradingRuleSet, error) {
	set, err := l.tx.GradingRuleSet.Query().Where(gradingruleset.Code(f.Code), gradingruleset.Version(f.Version)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("seed: read grading rules: %w", err)
	}
	rules, err := l.tx.GradingRule.Query().Where(gradingrule.RuleSetID(set.ID)).Order(gradingrule.ByNumber()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("seed: read grading rules: %w", err)
	}
	same := slices.EqualFunc(rules, f.Rules, func(a *ent.GradingRule, b GradingRuleFile) bool {
		return a.Number == b.Number && a.Text == b.Text && a.TextEn == b.TextEn && a.Article == b.Article && sameCondition(a.Condition, b.Condition)
	})
	if !same || set.Layer != f.Layer || set.RegionPath != path || set.Title != f.Title || set.TitleEn != f.TitleEn ||
		set.Source != f.Source || set.EffectiveOn != f.EffectiveOn {
		return nil, fault.New(fault.Conflict, "grading.changed", fault.Tf(
			"判定规则 %s 第 %d 版已载入，内容不能更改。请提高 version。",
			"Version %[2]d of the grading rules %[1]s is loaded and cannot change. Raise version.", f.Code, f.Version))
	}
	return set, nil
}

// sameCondition takes a part that is left out for one that is empty: a database
// keeps no difference.
func sameCondition(a, b rule.GradingCondition) bool {
	return slices.Equal(a.Signs, b.Signs) && slices.Equal(a.Categories, b.Categories) && slices.Equal(a.GridKinds, b.GridKinds) &&
		slices.Equal(a.Items, b.Items) && slices.Equal(a.Stages, b.Stages) && a.Boarding == b.Boarding
}

func (l loader) createGrading(ctx context.Context, f *GradingFile, path string) (*ent.GradingRuleSet, error) {
	set, err := l.tx.GradingRuleSet.Create().SetID(l.newID()).SetCreatedAt(l.now).SetCode(f.Code).SetVersion(f.Version).SetLayer(f.Layer).
		SetRegionPath(path).SetTitle(f.Title).SetTitleEn(f.TitleEn).SetSource(f.Source).SetEffectiveOn(f.EffectiveOn).
		SetNillableRetiredOn(f.RetiredOn).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("seed: create grading rules: %w", err)
	}
	rules := make([]*ent.GradingRuleCreate, len(f.Rules))
	for i, r := range f.Rules {
		rules[i] = l.tx.GradingRule.Create().SetID(l.newID()).SetCreatedAt(l.now).SetRuleSetID(set.ID).
			SetNumber(r.Number).SetText(r.Text).SetTextEn(r.TextEn).SetArticle(r.Article).SetCondition(r.Condition)
	}
	return set, insert(ctx, "grading rules", rules, l.tx.GradingRule.CreateBulk)
}

// endOlder makes each version of a set end where the next begins, unless it ended
// before.
func (l loader) endOlder(ctx context.Context, code string) error {
	versions, err := l.tx.GradingRuleSet.Query().Where(gradingruleset.Code(code)).Order(gradingruleset.ByVersion()).All(ctx)
	if err != nil {
		return fmt.Errorf("seed: read grading rules: %w", err)
	}
	for i := range len(versions) - 1 {
		last := versions[i+1].EffectiveOn.AddDays(-1)
		if was := versions[i].RetiredOn; was != nil && *was <= last {
			continue
		}
		if err := l.tx.GradingRuleSet.UpdateOne(versions[i]).SetRetiredOn(last).Exec(ctx); err != nil {
			return fmt.Errorf("seed: retire grading rules: %w", err)
		}
	}
	return nil
}

// writeSigns adds signs behind the ones of other files, or relabels them.
func (l loader) writeSigns(ctx context.Context, want []CodedFile) error {
	stored, err := l.tx.CodedValue.Query().Where(codedvalue.Set(hazardSignSet)).Order(codedvalue.ByPosition(), codedvalue.ByCode()).All(ctx)
	if err != nil {
		return fmt.Errorf("seed: read %s: %w", hazardSignSet, err)
	}
	all := make([]CodedFile, 0, len(stored)+len(want))
	for _, v := range stored {
		all = append(all, CodedFile{Code: v.Code, Label: v.Label, LabelEn: v.LabelEn})
	}
	for _, v := range want {
		if i := slices.IndexFunc(all, func(w CodedFile) bool { return w.Code == v.Code }); i >= 0 {
			all[i] = v
		} else {
			all = append(all, v)
		}
	}
	return l.writeCoded(ctx, hazardSignSet, all)
}

// loadShipped stores the grading rules and the holidays that ship.
func (l loader) loadShipped(ctx context.Context) error {
	if _, err := l.loadGrading(ctx, FireSafety(), nil); err != nil {
		return err
	}
	for _, year := range ShippedHolidays() {
		if err := l.loadHolidays(ctx, year); err != nil {
			return err
		}
	}
	return nil
}
