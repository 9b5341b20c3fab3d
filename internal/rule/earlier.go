package rule

// Frozen documents and files that counties keep hold values of enums as they were
// called when they were written: policies and the facts of cases as JSON, campaign
// files as YAML. They are read for ever; what is written has the present values.

// UnmarshalText implements encoding.TextUnmarshaler: LISTING is OVERSIGHT now.
func (s *EvidenceStep) UnmarshalText(text []byte) error {
	if *s = EvidenceStep(text); *s == "LISTING" {
		*s = StepOversight
	}
	return nil
}

// UnmarshalText implements encoding.TextUnmarshaler: EXPLAINS is NEUTRAL now.
func (w *Weight) UnmarshalText(text []byte) error {
	if *w = Weight(text); *w == "EXPLAINS" {
		*w = Neutral
	}
	return nil
}
